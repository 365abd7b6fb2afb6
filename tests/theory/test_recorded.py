"""Formulas are kept as they are written inside `recording`, and nothing of them is left outside."""

from __future__ import annotations

import gc

import pytest
from sympy import MatrixSymbol, S

import theory.engines.gram as gram
from theory.engines import basis_trace, inner, project, residual, vectors
from theory.recorded import Given, Pairing, is_recorded, is_recording, recording, row_of
from theory.symbols import X, d, n


def test_what_is_zero_is_kept() -> None:
    with recording():
        x, y = vectors("x y", unit="x")
        said = residual(inner(x, project(x, y)))
        assert is_recording() and is_recorded(said)
        assert str(said) == "<x, P_x y>"
    assert not is_recording()
    x, y = vectors("x y", unit="x")
    assert residual(inner(x, project(x, y))) == 0


def test_the_reduction_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gram, "residual", lambda _: S.Zero)
    with recording():
        x, y = vectors("x y")
        assert is_recorded(gram.residual(inner(x, y) - 1))
    assert gram.residual(1) == 0


def test_no_cache_of_ours_outlives_it_though_the_collector_forgot_it() -> None:
    gc.freeze()
    x, y = vectors("x y", unit="x")
    asked = project(x, y)
    own = [f for f in vars(gram).values() if hasattr(f, "cache_info")]
    assert residual(inner(x, asked)) == 0
    assert any(f.cache_info().currsize for f in own)
    with recording():
        assert not any(f.cache_info().currsize for f in own)
    assert not any(f.cache_info().currsize for f in own)


def test_sums_multiples_and_traces_stand_as_written() -> None:
    with recording():
        x, y, z = vectors("x y z")
        assert str(inner(x - y * 2, y / 3)) == "<x + (-1)*((2)*(y)), (1/3)*(y)>"
        assert str(basis_trace(inner(x, z) * inner(z, y), z, d)) == "Σ_z <x, z>*<z, y>"
        assert (x - x).simplify() and (x - x).terms == ()
        assert str(-z + x) == "(-1)*(z) + x"


def test_what_is_put_for_an_inner_product_is_an_assumption() -> None:
    with recording():
        x, y = vectors("x y")
        whole = inner(x + y, x)
        put = whole.subs(inner(x, y), 0)
        assert isinstance(put, Pairing) and put.args[2] == Given(inner(x, y), S.Zero)
        assert whole.xreplace({inner(x, y): S.Zero}) == put
        assert put.subs(inner(x, y), 0) == put  # said once


def test_rows_keep_what_is_known_of_their_matrices() -> None:
    other = MatrixSymbol("A", n, d)
    row = row_of(X + other, (X,), frozenset())
    assert row.node.args[0] == X + other and row.node.args[1].args == (X,)
