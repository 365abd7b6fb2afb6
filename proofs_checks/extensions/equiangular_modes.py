"""Equiangular modes: how deviations from equiangular tokens grow, in closed form.

From γ = 0 the mean grows by γ'/γ'(0), pairs by (1-γ)o^{β/(n-1)}, and rows by
(1-γ)o^{a/2+nβ/(2(n-1)²)}e^{aβγ/2}(Z(γ)/Z(0))^{-a/2}: o = (n-1)γ+1, a = (n-2)/(n-1),
Z = e^β+(n-1)e^{βγ} (USA: 1).

How it is proved
----------------
The Gram flow is linearised for symbolic n >= 4; γ' d log(amplitude)/dγ minus the derived rate of
each part is reduced to 0. That permutations act irreducibly on each part is Schur's lemma,
cited. E<x_i,x_j>² = 1/d at the start is exact too. No runs.

References
----------
arXiv 2312.10794, Theorem 6.8, (6.9), (6.10); Schur's lemma.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, log, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import SPEED, ByModel, each, unreached
from theory.derivations import NotClosed
from theory.engines import basis_trace, inner, vectors
from theory.models import SA, USA, Model
from theory.predictions import (
    PARTS,
    EquiangularModes,
    equiangular_modes,
    mode_amplitude,
    normal_form,
)
from theory.symbols import beta, d, gamma, n

CORNER = {n: Rational(7), beta: Rational(5, 4), gamma: Rational(1, 3)}


@dataclass(frozen=True)
class Amplitudes:
    """Growth of the three parts of a deviation, from γ = 0 to γ; functions of γ, β and n.

    Attributes
    ----------
    mean, rows, pairs : ByModel
    variance : Expr
        Of an initial inner product of two uniform tokens, in ``d``.
    """

    mean: ByModel
    rows: ByModel
    pairs: ByModel
    variance: Expr


@lru_cache(maxsize=8)
def _modes(model: Model) -> EquiangularModes:
    return equiangular_modes(model)


def check_modes(model: Any, prediction: Amplitudes, budget: Budget) -> Evidence:
    """Derive the rates of the three parts for symbolic n, and differentiate the amplitudes.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Amplitudes
        Their closed forms, and the variance at the start.
    budget : Budget
        Not used.
    """
    x, y = vectors("x y", unit="y")
    identity: list[Expr] = [basis_trace(inner(x, y) ** 2, x) / d, prediction.variance]
    # x uniform: the mean of <x,y>² is the sum over an orthonormal basis, over d.
    variance = simplify(basis_trace(inner(x, y) ** 2, x) / d - prediction.variance)
    if variance != 0:
        gap = (1 / d - prediction.variance).subs(d, 5)
        return Evidence(Verdict.REFUTED, f"d = 5: E<x,y>² differs by {gap}")
    for flow in each(model):
        try:
            modes = _modes(flow)
        except (ValueError, NotClosed) as error:
            return Evidence(Verdict.UNDECIDED, str(error))
        if not modes.proved:
            return unreached(flow, f"{flow.name}: the parts are not invariant", budget.rng)
        for part in PARTS:
            amplitude = getattr(prediction, part).of(flow)
            start = simplify(amplitude.subs(gamma, 0))
            identity += [amplitude, modes.rate, getattr(modes, part)]
            gap = normal_form(log(amplitude).diff(gamma) * modes.rate - getattr(modes, part))
            if gap != 0 or start != 1:
                return Evidence(
                    Verdict.REFUTED,
                    f"{flow.name}, {part}: at γ = 0 it is {start}; its logarithm moves at "
                    f"{(getattr(modes, part) + gap).subs(CORNER).n(6)}, derived "
                    f"{getattr(modes, part).subs(CORNER).n(6)}, at n = 7, γ = 1/3, β = 5/4",
                )
    return Evidence(
        Verdict.PROVED,
        "the Gram flow linearised at (1-γ)I + γJ multiplies the parts by the derived rates, and "
        "γ' d log(amplitude)/dγ is each: residual 0; E<x_i,x_j>² = 1/d, different pairs "
        "uncorrelated by x -> -x",
        {"n": "symbolic, >= 4", "beta": "symbolic", "gamma": "symbolic", "masses": "1/n"},
        ("Schur's lemma: permutations act irreducibly on each part",),
        identity=tuple(identity),
    )


def _closed(part: str) -> ByModel:
    return ByModel(mode_amplitude(part, model="SA"), mode_amplitude(part, model="USA"))


_AMPLITUDES = Amplitudes(_closed("mean"), _closed("rows"), _closed("pairs"), 1 / d)


_PAIRS = (1 - gamma) * ((n - 1) * gamma + 1) ** (beta / n)


EQUIANGULAR_MODES = Claim(
    "Equiangular modes",
    "Deviations from equiangular grow, from γ = 0, by γ'/γ'(0) (mean), (1-γ)o^{β/(n-1)} (pairs), "
    "(1-γ)o^{a/2+nβ/(2(n-1)²)}e^{aβγ/2}(Z(γ)/Z(0))^{-a/2} (rows); o = (n-1)γ+1, a = (n-2)/(n-1), "
    "Z = e^β+(n-1)e^{βγ} (USA: 1).",
    (SA, USA),
    _AMPLITUDES,
    check_modes,
    (
        Control(
            "((n-1)γ+1)^{β/(n-1)} -> ^{β/n}",
            prediction=replace(_AMPLITUDES, pairs=ByModel(_PAIRS, _PAIRS)),
        ),
        Control(
            "rows of SA as those of USA",
            prediction=replace(
                _AMPLITUDES, rows=ByModel(_AMPLITUDES.rows.plain, _AMPLITUDES.rows.plain)
            ),
        ),
        Control("variance 1/d -> 1/(d-1)", prediction=replace(_AMPLITUDES, variance=1 / (d - 1))),
    ),
    Verdict.PROVED,
    origin="extension",
    equivalents=(
        Equivalent(
            "a constant factor changes the clock only: the amplitudes are functions of γ",
            ("*.velocity: sign", "*.velocity: × β", *SPEED),
        ),
    ),
)


CLAIMS = (EQUIANGULAR_MODES,)
