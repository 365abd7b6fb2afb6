"""Rows of Table 1: draws that meet a hypothesis, and the geometric test of their limits."""

from proofs_checks.proof.limit_rows.rows import Row, drawn, looked_at, three_levels, unmet

__all__ = ["Row", "drawn", "looked_at", "three_levels", "unmet"]
