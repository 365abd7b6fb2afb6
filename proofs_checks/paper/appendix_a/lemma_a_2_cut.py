"""Lemma A.2: β = 0: at an equilibrium off consensus some S has Σ_{S×S^c} <x_i,x_j> < 0.

How it is proved
----------------
Both kinds of equilibria in the Gram algebra, for every n, d and all masses: the cut is -pq for
antipodal tokens, and -w² for one token where Σ x = 0. Turning S by a random skew B has E'' =
-(d-1)·cut > 0 on average, so some B has E'' > 0; the averages are also summed over the basis of
so(d), d = 2, 3, 5, 7. All of it is exact.

References
----------
arXiv 2312.10794, Appendix A, Lemma A.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, S, Symbol, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ONLY_SPEED,
    SCOPE_ANY_MASSES,
    SKEW_AVERAGE,
    P,
    PairAverage,
    Q,
    W,
    average_doubt,
    doubt,
    each,
    energy_slope,
    subjects,
)
from theory.energy import pair_kernel, pole_free
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, d, z

SURPLUS = Symbol("s", positive=True)


@dataclass(frozen=True)
class Cut:
    """``<y_S, y_S^c>``, y_S the mass-weighted sum over a subset S, at two kinds of equilibria.

    Attributes
    ----------
    antipodal, balanced : Expr
        S the tokens at one pole; S one token of an equilibrium with barycentre 0.
    average : PairAverage
        Of the matrices B by which S is turned.
    """

    antipodal: Expr
    balanced: Expr
    average: PairAverage


def check_cut(model: Any, prediction: Cut, budget: Budget) -> Evidence:
    """Prove Lemma A.2: the cuts are negative, and turning S by skew B raises the energy."""
    step = Symbol("epsilon", real=True)
    x, rest = vectors("x R", unit="x")
    cuts = {
        "antipodal": residual(inner(x * P, x * -Q)),
        "balanced": residual(inner(x * W, rest).subs(inner(x, rest), -W)),
    }
    # E(ε) = ½|e^{εB} y_S + y_c|² with B skew: y_S keeps its length, so E'' = <B² y_S, y_c>.
    y, b, bb, other = vectors("y b B c")
    moved = y + b * step + bb * (step**2 / 2)
    bend = inner(moved, other).diff(step, 2).subs(step, 0)
    if residual(bend - inner(bb, other)) != 0:
        return Evidence(Verdict.UNDECIDED, f"E'' is {bend}")
    turn = prediction.average.square
    for flow in each(model):
        slope, reason = energy_slope(flow)
        if reason:
            kernel = None if flow.energy is None else pair_kernel(flow.energy)
            cold = None if kernel is None else simplify(pole_free(kernel, beta, 0).diff(z))
            if cold is not None and cold.is_nonpositive:
                bend = -cold * cuts["antipodal"]
                detail = f"{flow.name} at β = 0: E'' = {bend} (d-1), not > 0, at antipodal tokens"
                return Evidence(Verdict.REFUTED, detail)
            return doubt(flow, reason, budget.rng, (S.Zero,))
        slope = simplify(slope.subs(beta, 0))
        if z in slope.free_symbols:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} at β = 0: slope {slope}")
        for name, cut in cuts.items():
            predicted = getattr(prediction, name)
            gap = residual(cut - predicted)
            curvature = simplify((slope * turn * cut).subs(d, 1 + SURPLUS))
            if gap != 0 or not curvature.is_positive:
                at = {P: 2, Q: 3, W: 1}
                detail = (
                    f"{flow.name}, {name}: cut {cut}, predicted {predicted}; averaged second "
                    f"variation {(slope * turn * cut).subs(at)} at p = 2, q = 3, w = 1"
                )
                return Evidence(Verdict.REFUTED, detail)
    unproved = average_doubt(prediction.average, (2, 3, 5, 7))
    if unproved:
        # E|B + B^T|² is a positive multiple of a + b, so B turns no sphere where that isn't 0.
        bent = simplify(prediction.average.a + prediction.average.b) != 0
        return Evidence(Verdict.REFUTED if bent else Verdict.UNDECIDED, unproved)
    return Evidence(
        Verdict.PROVED,
        "cuts -pq and -w²; turning S by random skew B has E'' = -(d-1)·cut > 0 on average, so "
        "some B has E'' > 0",
        {**SCOPE_ANY_MASSES, "beta": "0"},
        identity=subjects(model, prediction.antipodal, prediction.balanced),
    )


_CUT = Cut(-P * Q, -(W**2), SKEW_AVERAGE)


LEMMA_A_2 = Claim(
    "Lemma A.2",
    "β = 0: at an equilibrium off consensus some S has Σ_{S×S^c} <x_i,x_j> < 0; E'' > 0 along it.",
    (SA, USA),
    _CUT,
    check_cut,
    (
        Control("B symmetric", prediction=replace(_CUT, average=PairAverage(S.One, S.One))),
        Control("S all tokens: cut 0", prediction=replace(_CUT, antipodal=S.Zero)),
        Control("balanced cut -w² -> -w", prediction=replace(_CUT, balanced=-W)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(
        ONLY_SPEED,
        AT_BETA_ZERO,
        Equivalent(
            "at β = 0 the energy's slope is a positive constant all the same",
            ("*.energy: × n", "*.energy: e^u -> e^2u", "*.energy: β -> β²"),
        ),
    ),
)


CLAIMS = (LEMMA_A_2,)
