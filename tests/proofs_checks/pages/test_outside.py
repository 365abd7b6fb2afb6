"""Rows that don't apply on a page: below the others, with their reasons, and in no count."""

from __future__ import annotations

import re

from proofs_checks import check_model
from proofs_checks.pages import check_page
from theory import SA


def test_what_does_not_apply_stands_below_with_its_reason():
    report = check_model(SA, only=["Lemma 6.4", "Kuramoto", "moving masses", "circle"])
    page = check_page(report, version="1", command="check", command_of=lambda label: label)
    before, _, after = page.partition('id="outside"')
    assert "its masses don" in after and "moving masses" in after and "Section 7: Kuramoto" in after
    for label in ("Kuramoto", "moving masses"):
        assert f'data-text="{label}' not in page, "no entry, nothing to filter"
    assert re.findall(r'data-verdict="(\w+)"', page) == ["CERTIFIED", "PROVED"]
    assert "1 PROVED, 1 CERTIFIED; 2 don" in before
    assert 'value="doesn' not in page


def test_without_such_rows_there_is_no_such_part():
    report = check_model(SA, only=["Lemma 6.4"])
    page = check_page(report, version="1", command="check", command_of=lambda label: label)
    assert 'id="outside"' not in page
