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

from sympy import Derivative, Expr, Rational, Subs, expand_log, log, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    SPEED,
    ByModel,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    cited,
    derived,
    gap,
    leaves_sphere,
    lettered,
    not_asked,
)
from proofs_checks.said import say, saying
from theory.bounded import remainder, simplified
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


NOISE = Rational(1, 10**15)
"""Above what rounding makes of 0 in twenty digits."""


@lru_cache(maxsize=32)
def _modes(model: Model) -> tuple[EquiangularModes | None, str]:
    """Return the rates of the three parts, or None with the reason."""
    try:
        found = equiangular_modes(model)
    except (ValueError, NotClosed) as error:
        return None, str(error)
    return (found, "") if found.proved else (None, f"{model.name}: the parts are not invariant")


@lru_cache(maxsize=128)
def _left(model: Model, part: str, amplitude: Expr) -> Expr:
    """``γ' d log(amplitude)/dγ`` minus the derived rate of the part, in normal form."""
    modes, _ = _modes(model)
    assert modes is not None
    return normal_form(log(amplitude).diff(gamma) * modes.rate - getattr(modes, part))


@lru_cache(maxsize=1)
def _mean_square() -> Expr:
    """E<x,y>² of a uniform x: the sum over an orthonormal basis, over d."""
    x, y = vectors("x y", unit="y")
    return basis_trace(inner(x, y) ** 2, x) / d


def refute_modes(
    flow: Flow, prediction: Amplitudes | None, budget: Budget
) -> Counterexample | None:
    """Find another variance, an amplitude that starts elsewhere, or one of another rate."""
    if prediction is None:
        return None
    if remainder(_mean_square() - prediction.variance) != 0:
        off = (1 / d - prediction.variance).subs(d, 5)
        return Counterexample(f"d = 5: E<x,y>² differs by {off}")
    modes, _ = _modes(flow.model)
    if modes is None:
        lost = leaves_sphere(flow.model, budget.rng)
        return Counterexample(lost) if lost else None
    for part in PARTS:
        amplitude = getattr(prediction, part).of(flow.model)
        start = simplified(amplitude.subs(gamma, 0))
        own = getattr(modes, part)
        moves = log(amplitude).diff(gamma) * modes.rate
        left = (moves - own).subs(CORNER).evalf(20)
        if start != 1 or abs(left) > NOISE:
            return Counterexample(
                f"{flow.name}, {part}: at γ = 0 it is {start}; its logarithm moves at "
                f"{moves.subs(CORNER).n(6)}, derived {own.subs(CORNER).n(6)}, "
                "at n = 7, γ = 1/3, β = 5/4"
            )
    return None


SCHUR = "Schur's lemma: permutations act irreducibly on each part"


def decide(flow: Flow, prediction: Amplitudes) -> Sheet:
    """Derive the rates of the three parts for symbolic n, and differentiate the amplitudes."""
    modes, reason = _modes(flow.model)
    text = "the Gram flow at (1-γ)I + γJ, linearised, keeps mean, rows and pairs apart"
    if modes is None:
        return Sheet((gap(text, reason),))
    invariant = Step(text, How.DERIVED, evidence="for symbolic n >= 4")
    steps = [invariant, cited(SCHUR, invariant)]
    identity: list[Expr] = [_mean_square(), prediction.variance]
    for part in PARTS:
        amplitude = getattr(prediction, part).of(flow.model)
        identity += [amplitude, modes.rate, getattr(modes, part)]
        start = derived(f"{part}: 1 at γ = 0", simplify(amplitude.subs(gamma, 0) - 1))
        left = _left(flow.model, part, amplitude)
        grows = derived(f"{part}: γ' d log(amplitude)/dγ is its rate", left)
        logarithm = expand_log(log(amplitude), force=True)
        moves = modes.rate * Derivative(logarithm, gamma)
        if lettered(amplitude) == (amplitude,):  # without powers
            start = saying(start, say(Subs(amplitude, gamma, 0), "=", 1))
        inside = (say(0, "<=", gamma), say(gamma, "<", 1), say(4, "<=", n))
        steps += [
            start,
            saying(grows, say(moves, "=", getattr(modes, part), inside)),
        ]
    text = f"E<x_i,x_j>² = {prediction.variance}"
    steps += [
        derived(text, simplify(_mean_square() - prediction.variance)),
        Step("different pairs are uncorrelated", How.DERIVED, evidence="x -> -x"),
    ]
    return Sheet(
        tuple(steps),
        {"n": "symbolic, >= 4", "beta": "symbolic", "gamma": "symbolic", "masses": "1/n"},
        tuple(identity),
        "the Gram flow linearised at (1-γ)I + γJ multiplies the parts by the derived rates, and "
        "γ' d log(amplitude)/dγ is each: residual 0; E<x_i,x_j>² = 1/d, different pairs "
        "uncorrelated by x -> -x",
    )


MODES: Statement[Amplitudes] = Statement(
    "", "deviations from equiangular grow in closed form", decide, not_asked, refute_modes
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
    MODES,
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
