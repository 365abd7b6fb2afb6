"""(C.1), E.(C.1): the energy near β = 0, with the factor n/2 of E_0.

Main results
------------
(C.1): (1/2β) Σ_ij (e^{βg_ij} - 1) = (n/2) E_0 + β R with R and its Hessian bounded.
E.(C.1): the leading term is (n/2) E_0, not E_0.

How it is proved
----------------
A pair's energy is expanded by SymPy: its limit at β = 0 is the leading term, and the rest R has
R(0) = R'(0) = 0 and R'' = e^{βg}/2 exactly. So R and R' are at most e^β/2 by the mean value
theorem, and by the chain rule for <x,y> the gradient and Hessian of a pair are bounded. For every
n >= 2 and masses 1/n; no runs. Both labels are one statement.

References
----------
arXiv 2312.10794, Appendix C, (C.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Derivative, Expr, Rational, S, Subs, Symbol, exp, limit, simplify

from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    HOT,
    MEAN_VALUE,
    SCOPE_WARM_EQUAL_MASSES_FROM_TWO,
    TRIANGLE,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    derived,
    gap,
    pair_hessian,
    pair_sum,
)
from proofs_checks.said import say, saying
from theory.bounded import remainder, vanishes
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, n, z

_BELOW = Symbol("s", nonnegative=True)
"""How far a product is below 1."""


@dataclass(frozen=True)
class NearZero:
    """``½ Σ_ij (e^{βg}/β - constant) = factor · (1/n) Σ_ij g + β R`` with R'' = bend.

    Attributes
    ----------
    constant, factor, bend : Expr
        Functions of ``beta``; of ``n``; of ``beta`` and ``z``.
    """

    constant: Expr
    factor: Expr
    bend: Expr


@lru_cache(maxsize=32)
def _limit(pair: Expr) -> Expr:
    return limit(pair, beta, 0)


def _pair(flow: Flow, prediction: NearZero) -> tuple[Expr, Expr, Expr] | None:
    """Return a pair's energy, its predicted leading term, and R; None without a pair energy."""
    if flow.kernel is None:
        return None
    pair, leading = (flow.kernel - prediction.constant) / 2, prediction.factor / n * z
    return pair, leading, (pair - leading) / beta


def refute_near_zero(
    flow: Flow, prediction: NearZero | None, budget: Budget
) -> Counterexample | None:
    """Compare the limit of a pair's energy, and R'', with what is predicted."""
    found = None if prediction is None else _pair(flow, prediction)
    if prediction is None or found is None:
        return None
    pair, leading, rest = found
    value = _limit(pair)
    if value.is_finite is False or vanishes(value - leading) is False:
        at = {z: Rational(1, 2), n: 5}
        return Counterexample(
            f"{flow.name}, n = 5, a pair with g = 1/2: as β -> 0 the energy tends to "
            f"{value.subs(at)}, the predicted term is {leading.subs(at)}"
        )
    left = remainder(rest.diff(z, 2) - prediction.bend)
    if vanishes(left) is False:
        value = left.subs({z: Rational(1, 2), beta: Rational(5, 2)})
        return Counterexample(
            f"{flow.name}: R'' minus the predicted one is {value} at g = 1/2, β = 5/2"
        )
    return None


def decide(flow: Flow, prediction: NearZero) -> Sheet:
    """Expand a pair's energy at β = 0, and bound the rest by its second derivative."""
    found = _pair(flow, prediction)
    if found is None:
        return Sheet((gap("a pair's energy ½ h(g)", "no pair energy"),))
    pair, leading, rest = found
    bend = prediction.bend.subs(beta, HOT)
    top = bend.subs(z, 1)
    text = f"0 < R'' <= {top} on [-1, 1]"
    rises = bend.is_positive and bend.diff(z).is_nonnegative
    second = Step(text, How.DERIVED, evidence="e^{βg} rises") if rises else gap(text, "sign")
    second = saying(second, say(0, "<", bend), say(bend.subs(z, 1 - _BELOW), "<=", top))
    steps = [
        derived(f"a pair's energy tends to {leading} as β -> 0", simplify(_limit(pair) - leading)),
        saying(
            derived(
                f"the rest is β R, R'' = {prediction.bend}",
                simplify(rest.diff(z, 2) - prediction.bend),
            ),
            say(Derivative(rest, (z, 2)), "=", prediction.bend),
        ),
        saying(
            derived("R = 0 at g = 0", simplify(rest.subs(z, 0))),
            say(Subs(rest, z, 0), "=", 0),
        ),
        saying(
            derived("R' = 0 at g = 0", simplify(rest.diff(z).subs(z, 0))),
            say(Subs(Derivative(rest, z), z, 0), "=", 0),
        ),
        second,
    ]
    bounded = apply(MEAN_VALUE, f"|R'|, |R| <= {top} on [-1, 1], from g = 0", *steps)
    chain, pairs = pair_hessian(rest.diff(z), "R")
    text = "n² pairs: R, its gradient and Hessian are O(1), so β R is O(β)"
    summed = apply(TRIANGLE, text, bounded, pairs)
    return Sheet(
        (*steps, bounded, chain, pairs, summed),
        {**SCOPE_WARM_EQUAL_MASSES_FROM_TWO, "beta": "symbolic, near 0"},
        (pair_sum(rest.diff(z, 2)), pair_sum(prediction.bend), prediction.factor),
        "R(0) = R'(0) = 0 and R'' = e^{βg}/2 a pair, so R, its gradient and Hessian are bounded "
        "by e^β/2 a pair: gradients and Hessians differ by O(β)",
    )


def derive_near_zero(flow: Flow) -> NearZero | None:
    """Return the expansion of the paper, for a flow of the paper's energy."""
    return None if flow.kernel is None else _NEAR


EXPANSION: Statement[NearZero] = Statement(
    "",
    "the energy near β = 0 is (n/2) E_0 + β R, R and its Hessian bounded",
    decide,
    derive_near_zero,
    refute_near_zero,
)


_NEAR = NearZero(1 / beta, n / 2, exp(beta * z) / 2)


EQUATION_C_1 = Claim(
    "(C.1)",
    "(1/2β) Σ_ij (e^{βg_ij} - 1) = (n/2) E_0 + β R with R and its Hessian bounded, E_0 = Σ g_ij/n.",
    (SA, USA),
    _NEAR,
    EXPANSION,
    (
        Control("without the -1", prediction=replace(_NEAR, constant=S.Zero)),
        Control("R'' = e^{βg}/2 -> β e^{βg}/2", prediction=replace(_NEAR, bend=beta * _NEAR.bend)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.ENERGY}),
)


ERRATUM_C_1 = Claim(
    "E.(C.1)",
    "The leading term of the energy of App. C is (n/2) E_0, not E_0.",
    (SA, USA),
    _NEAR,
    EXPANSION,
    (
        Control("n/2 -> n", prediction=replace(_NEAR, factor=n)),
        Control("n/2 -> 1/2", prediction=replace(_NEAR, factor=S.Half)),
    ),
    Verdict.PROVED,
    printed=Control("as printed: factor 1", prediction=replace(_NEAR, factor=S.One)),
    origin="erratum",
    kind="formula",
    about=frozenset({Part.ENERGY}),
)


CLAIMS = (EQUATION_C_1, ERRATUM_C_1)
