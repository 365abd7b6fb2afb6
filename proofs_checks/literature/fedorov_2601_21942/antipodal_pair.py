"""Two tokens under a random value matrix: opposite tokens attract where the noise is strong.

Main results
------------
- SA, dV = dB common to both, a step that is then normalised (Itô): log|1+γ| grows at the rate
  (d-2-cosh 2β)/cosh² β near opposite tokens, which attract iff cosh 2β > d - 2.
- The same noise in Stratonovich's sense: (1+T)(d-2-(d-1)T), T = tanh β; iff T > (d-2)/(d-1).
- In both, log|1-γ| falls at the rate d - 1 near consensus.

How it is proved
----------------
The noise fields of the model are linear in e f^T; their second-order sums over orthonormal bases
are taken exactly, for every d, in the inner products of e, f and the tokens
(`theory.derivations.pair_diffusion`): dγ = a dt + sqrt(v) dB, with a = O(γ - end) and
v = O((γ - end)²) at both ends. Cited: Feller's test of a boundary.

References
----------
- Fedorov, Sander, Elie, Marion, Laurière, arXiv 2601.21942: the phase transition for two tokens is
  the first; the second is ours. Their standard Brownian matrix is κ = 1/2 in dV = sqrt(2κ) dB, and
  V has no mean.
- Feller, The parabolic differential equations and the associated semi-groups (1952).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Dummy, Expr, Identity, N, Rational, S, cosh, exp, simplify, sinh, tanh

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    cited,
    derived,
    gap,
    not_asked,
    subjects,
)
from proofs_checks.said import say, saying
from theory.derivations import PairDiffusion, pair_diffusion
from theory.models import QKV, Model
from theory.noise import Noise
from theory.predictions import common_noise_exponent
from theory.symbols import K, Q, V, beta, d, gamma, n

FELLER = (
    "Feller: an end of a diffusion du = a u dt + sqrt(v) u dB, to leading order at u = 0, attracts "
    "iff a < v/2, and (log u)/t tends to a - v/2 as long as u stays near it"
)

ENDS = (-1, 1)

PLACES = tuple((Rational(*hot), size) for hot in ((1, 3), (5, 4)) for size in (2, 3, 9))
"""β and d at which a wrong exponent is shown."""


@dataclass(frozen=True)
class Ends:
    """Rates of log|γ - end| at opposite tokens and at consensus; what is > 0 iff the first attract.

    Attributes
    ----------
    antipode, consensus : Expr
        In β and d.
    attracts : Expr
    """

    antipode: Expr
    consensus: Expr
    attracts: Expr


@lru_cache(maxsize=64)
def _derived(model: Model) -> PairDiffusion | str:
    """Equation of the inner product, or why there is none."""
    try:
        return pair_diffusion(model)
    except ValueError as error:
        return str(error)


@lru_cache(maxsize=64)
def _exponent(model: Model, end: int) -> Expr | str:
    found = _derived(model)
    if isinstance(found, str):
        return found
    try:
        return found.exponent(end)
    except ValueError as error:
        return str(error)


def refute_ends(flow: Flow, prediction: Ends | None, budget: Budget) -> Counterexample | None:
    """Compare the exponents with those of the model's own equation, at numbers."""
    if prediction is None or isinstance(_derived(flow.model), str):
        return None
    for end, said in zip(ENDS, (prediction.antipode, prediction.consensus), strict=True):
        found = _exponent(flow.model, end)
        if isinstance(found, str):
            return Counterexample(_unkept(flow.model, end), {"n": "2"})
        for hot, size in PLACES:
            at = {beta: hot, d: size, n: 2}
            own, other = (N(e.subs(at), 30) for e in (found, said))
            if abs(own - other) > Rational(1, 10**20):
                text = f"log|γ - ({end})| grows at {float(own):.6g}, not {float(other):.6g}"
                where = f"at β = {hot}, d = {size}"
                return Counterexample(f"{flow.model.noise}: {text} {where}", {"n": "2"})
    for hot, size in PLACES:
        at = {beta: hot, d: size, n: 2}
        rate, sign = (N(e.subs(at), 30) for e in (prediction.antipode, prediction.attracts))
        if (rate < 0) != (sign > 0):
            text = (
                f"the exponent is {float(rate):.6g} and {prediction.attracts} = {float(sign):.6g}"
            )
            return Counterexample(f"{text} at β = {hot}, d = {size}", {"n": "2"})
    return None


def _unkept(model: Model, end: int) -> str:
    """Say with a number that an end isn't kept."""
    law, (hot, size) = _derived(model), PLACES[0]
    assert not isinstance(law, str)  # asked before
    at = {gamma: end, beta: hot, d: size, n: 2}
    rate, variance = (float(N(e.subs(at))) for e in (law.rate, law.variance))
    return (
        f"{model.noise}: at γ = {end}, β = {hot}, d = {size} the rate of γ is {rate:.6g} and its "
        f"variance {variance:.6g}, not 0"
    )


def _same(left: Expr, right: Expr) -> Expr:
    """Reduce a difference of hyperbolic expressions."""
    return simplify((left - right).rewrite(exp))


def decide_ends(flow: Flow, prediction: Ends) -> Sheet:
    """Derive the equation of γ and its exponents, and the sign of the first."""
    found = _derived(flow.model)
    if isinstance(found, str):
        return Sheet((gap("γ = <x_1,x_2> has an equation of its own", found),))
    law = Step(
        "dγ = a dt + sqrt(v) dB",
        How.DERIVED,
        evidence=f"a = {found.rate.factor()}, v = {found.variance.factor()}",
    )
    steps = [law]
    for end, said in zip(ENDS, (prediction.antipode, prediction.consensus), strict=True):
        exponent = _exponent(flow.model, end)
        text = f"a - v/2, linearised at γ = {end}, is {said}"
        if isinstance(exponent, str):
            steps.append(gap(text, exponent))
        else:
            own = saying(derived(text, _same(exponent, said)), say(exponent, "=", said))
            steps.append(own)
    more, hot = Dummy("k", integer=True, nonnegative=True), Dummy("beta", positive=True)
    ratio = simplify((prediction.antipode / prediction.attracts).rewrite(exp))
    sign = simplify(-ratio.subs({d: 2 + more, beta: hot}))
    text = f"it is negative iff {prediction.attracts} > 0, for d >= 2, β > 0"
    outcome = Outcome.HOLDS if sign.is_positive else Outcome.GAP
    step = Step(text, How.DECIDED, outcome, f"their quotient is -({sign})")
    many = (say(2, "<=", d), say(0, "<", beta))
    steps.append(
        saying(
            step,
            say(prediction.antipode, "=", ratio * prediction.attracts, many),
            say(ratio, "<", 0, many),
        )
    )
    steps.append(cited(FELLER, *steps))
    return Sheet(
        tuple(steps),
        {"n": "2", "d": "symbolic, >= 2", "beta": "> 0", "masses": "1/2"},
        subjects(flow.model, prediction.antipode, prediction.consensus),
        f"exponents {prediction.antipode} at γ = -1, {prediction.consensus} at γ = 1",
    )


ANTIPODAL: Statement[Ends] = Statement(
    "",
    "opposite tokens attract under common noise on V",
    decide_ends,
    not_asked,
    refute_ends,
    noisy=True,
)

_SA_WITH_V = QKV.subs({Q: Identity(d), K: Identity(d)}, "SA with V")


def _driven(
    convention: str, scope: str = "common", strength: Expr = S.Half, hot: Expr = beta
) -> Model:
    noise = Noise(strength, on=V, scope=scope, convention=convention)
    base = _SA_WITH_V if hot == beta else _SA_WITH_V.subs({beta: hot}, "SA with V, other β")
    return replace(base, noise=noise)


ITO = Ends(
    common_noise_exponent(-1), common_noise_exponent(1), cosh(2 * beta) - (d - 2)
)  # the paper's

STRATONOVICH = Ends(
    common_noise_exponent(-1, convention="stratonovich"),
    common_noise_exponent(1, convention="stratonovich"),
    tanh(beta) - (d - 2) / (d - 1),
)


_EQUIVALENTS = (
    Equivalent("-dB has the law of dB", ("*.velocity: sign",)),
    Equivalent("β is positive", ("prediction.attracts: × β",)),
)


PAPER = Claim(
    "Antipodal pair [2601.21942]",
    "Two tokens of SA, dV = dB common, steps then normalised: log|1+γ| grows at "
    "(d-2-cosh 2β)/cosh² β near opposite tokens, which attract iff cosh 2β > d-2; log|1-γ| falls "
    "at d-1 near consensus.",
    _driven("ito"),
    ITO,
    ANTIPODAL,
    (
        Control("Stratonovich noise", model=_driven("stratonovich")),
        Control("Stratonovich exponents", prediction=STRATONOVICH),
        Control("own noise for each token", model=_driven("ito", "independent")),
        Control("κ = 1: sqrt(2) dB", model=_driven("ito", strength=S.One)),
        Control("β -> 2β", model=_driven("ito", hot=2 * beta)),
        Control(
            "attract iff sinh 2β > d-2", prediction=replace(ITO, attracts=sinh(2 * beta) + 2 - d)
        ),
    ),
    Verdict.PROVED,
    equivalents=_EQUIVALENTS,
)


OURS = Claim(
    "Antipodal pair, Stratonovich",
    "The same noise in Stratonovich's sense, T = tanh β: log|1+γ| grows at (1+T)(d-2-(d-1)T), and "
    "opposite tokens attract iff T > (d-2)/(d-1); log|1-γ| falls at d-1.",
    _driven("stratonovich"),
    STRATONOVICH,
    ANTIPODAL,
    (
        Control("Itô noise", model=_driven("ito")),
        Control("Itô exponents", prediction=ITO),
        Control("own noise for each token", model=_driven("stratonovich", "independent")),
        Control("κ = 1: sqrt(2) dB", model=_driven("stratonovich", strength=S.One)),
    ),
    Verdict.PROVED,
    origin="extension",
    equivalents=_EQUIVALENTS,
)


CLAIMS = (PAPER, OURS)
