"""What is in print and not proved here has one place of record."""

from __future__ import annotations

from proofs_checks.in_print import IN_PRINT


def test_the_widest_range_stands_first():
    assert IN_PRINT[0].low == min(result.low for result in IN_PRINT)
    assert IN_PRINT[0].high == max(result.high for result in IN_PRINT)
