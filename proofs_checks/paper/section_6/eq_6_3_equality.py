"""(6.3): (6.2) is an equality at consensus only, hence x_i(t) -> x*.

How it is proved
----------------
The summand of the rate of the least height r, derived in the Gram algebra, is e + r u, with e >=
0 the excess height and u = 1 - g_ij: for r > 0 and positive weights it vanishes only where the
tokens coincide. Then all limit points are consensus, and the shrinking cones leave one x*. No
point is drawn for the proof. Cited: Lemma 6.6 on r', and compactness.

References
----------
arXiv 2312.10794, (6.3); Lemma 6.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Poly, Rational, S, Symbol, expand

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    ONLY_SPEED,
    SCOPE_WARM_ANY_MASSES,
    doubt,
    each,
    pair_sum,
    smallest_weight,
    subjects,
)
from theory.energy import interaction_energy
from theory.engines import inner, project, vectors
from theory.models import REPULSIVE, SA, USA, attention_form, gradient_flow
from theory.symbols import beta, n, z

_HEIGHT, _RISE, _GAP = (Symbol(name, nonnegative=True) for name in ("r", "e", "u"))


@dataclass(frozen=True)
class EqualityCase:
    """Where the least height r stops rising: with r > least, only at ``1 - <x_i,x_j> = gap``."""

    least: Expr = S.Zero
    strict: bool = True
    gap: Expr = S.Zero


def check_equality(model: Any, prediction: EqualityCase, budget: Budget) -> Evidence:
    """Derive where the inequality (6.2) is an equality, and what tokens look like there.

    The summand of d/dt <x_i,w> is ``A_ij (e + r(1-g_ij))`` with e >= 0 the excess height of x_j:
    for A_ij > 0 and r > 0 it vanishes only if e = 0 and x_j = x_i. So all limit points of the
    tokens, where r has stopped rising, are consensus: one x* by Lemma 6.6 and the shrinking cones.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : EqualityCase
        Least height and the claimed equality case.
    budget : Budget
        Not used.
    """
    x, y, w = vectors("x y w", unit="x y w")
    own = inner(project(x, y), w).subs({inner(y, w): _HEIGHT + _RISE, inner(x, w): _HEIGHT})
    summand = expand(expand(own.subs(inner(x, y), z)).subs(z, 1 - _GAP))
    for flow in each(model):
        form = attention_form(flow)
        if form is None:
            return doubt(flow, f"{flow.name}: no scalar attention", budget.rng)
        weight = (form.scale * form.kernel).subs({beta: Rational(3, 4), n: 2})
        for place in (Rational(k, 4) for k in range(-3, 4)):
            if weight.subs(z, place) <= 0:
                value = weight.subs(z, place) * (1 - place)
                return Evidence(
                    Verdict.REFUTED,
                    f"{flow.name}, two tokens at g = {place} with equal heights r over their "
                    f"bisector: r'/r is a positive multiple of {value} <= 0, and they are apart",
                )
        _, reason = smallest_weight(flow)
        if reason:
            return doubt(flow, reason, budget.rng)
    if prediction.gap != 0:
        value = summand.subs({_HEIGHT: 1, _RISE: 0, _GAP: prediction.gap})
        return Evidence(
            Verdict.REFUTED, f"r = 1, e = 0, 1-g = {prediction.gap}: the summand is {value}, not 0"
        )
    if not prediction.strict:
        value = summand.subs({_HEIGHT: 0, _RISE: 0})
        return Evidence(
            Verdict.REFUTED,
            f"tokens (1, 0), (-1, 0), w = (0, 1): r = 0, the summand is {value}, and <x,y> = -1",
        )
    parts = Poly(summand, _HEIGHT, _RISE, _GAP)
    if not all(c >= 0 for c in parts.coeffs()) or parts.coeff_monomial(_HEIGHT * _GAP) <= 0:
        return Evidence(Verdict.UNDECIDED, f"the summand is {summand}")
    if parts.coeff_monomial(_RISE) <= 0 or prediction.least < 0:
        return Evidence(Verdict.UNDECIDED, f"the summand is {summand}")
    return Evidence(
        Verdict.PROVED,
        f"the summand {summand}, r > 0, vanishes only for e = u = 0: limits of tokens coincide; "
        "the cones of the tokens shrink, so all have the same limit x*",
        SCOPE_WARM_ANY_MASSES,
        (
            "Lemma 6.6 on r', which is integrable as r <= 1 rises",
            "compactness: every sequence of times has limit points",
        ),
        identity=subjects(model, pair_sum(own.subs(inner(x, y), z))),
    )


EQUATION_6_3 = Claim(
    "(6.3)",
    "In an open hemisphere (6.2) is an equality at consensus only, hence x_i(t) -> x* for all i.",
    (SA, USA),
    EqualityCase(),
    check_equality,
    (
        Control("r > 0 -> r >= 0, a closed hemisphere", prediction=EqualityCase(strict=False)),
        Control("equality also at g = 1/2", prediction=EqualityCase(gap=S.Half)),
        Control(
            "weights that vanish at g = 0",
            model=gradient_flow(interaction_energy(z**2 / 2), "quadratic"),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("said of fewer r", ("prediction.least: + 1",)),
    ),
)


CLAIMS = (EQUATION_6_3,)
