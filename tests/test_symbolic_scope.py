"""Where a claim says that n or d is symbolic, the identity that it proves holds that symbol."""

import pytest
from sympy import MatrixSymbol

from proofs_checks import CLAIMS
from proofs_checks.claim import Verdict, run_check
from theory.symbols import d, n


def symbols_of(identity):
    """Free symbols of expressions, those in the sizes of their matrices among them."""
    free = set()
    for expression in identity:
        free |= expression.free_symbols
    for symbol in tuple(free):
        if isinstance(symbol, MatrixSymbol):
            for size in symbol.shape:
                free |= size.free_symbols
    return free


def said_symbolic(scope):
    """Return which of n and d a scope says are symbolic."""
    return {name for name in ("n", "d") if scope.get(name, "").startswith("symbolic")}


def test_sizes_count_as_symbols():
    assert {n, d} <= symbols_of((MatrixSymbol("X", n, d),))
    assert n not in symbols_of((MatrixSymbol("X", 3, d) * d,))
    assert said_symbolic({"n": "symbolic, >= 2", "d": "2, 3"}) == {"n"}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)
def test_the_proved_identity_holds_the_symbols(claim):
    evidence, error = run_check(claim, "", None, 0)
    assert error is None
    said = said_symbolic(evidence.scope)
    if evidence.verdict is not Verdict.PROVED or not said:
        assert not evidence.identity or evidence.verdict is Verdict.PROVED
        return
    assert evidence.identity, claim.label
    free = {str(symbol) for symbol in symbols_of(evidence.identity)}
    assert said <= free, (claim.label, evidence.identity)
