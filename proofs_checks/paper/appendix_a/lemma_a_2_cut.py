"""Lemma A.2: β = 0: at an equilibrium off consensus some S has Σ_{S×S^c} <x_i,x_j> < 0.

How it is proved
----------------
A theorem on models with x_i' = c P_i M at β = 0, M = Σ_j m_j x_j, for every n, d and all masses: at
rest M = 0, or tokens are at M/|M| and -M/|M|. The cut is -w² for one token where M = 0, else -pq
for the tokens at one end, which is 0 at consensus alone. Turning S by skew B has E'' of a constant
times <B²y_S,y_c>, and squares of the turns B_kl of two coordinates add up to -(d-1) I: some B_kl
has E'' > 0. Averages over the basis of so(d) refute other matrices.

References
----------
arXiv 2312.10794, Appendix A, Lemma A.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, S, Symbol, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    CLIMBS,
    ON_SPHERE,
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    SKEW_AVERAGE,
    Counterexample,
    Flow,
    P,
    PairAverage,
    Q,
    Statement,
    W,
    apart,
    at_zero,
    average_doubt,
    cold_kernel,
    cold_slope,
    leaves_sphere,
)
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Concludes, Conclusion, Refusal, cut_that_bends
from theory.bounded import simplified
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, d

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


def _cuts() -> dict[str, Expr]:
    """Derive the cuts at the two kinds of equilibria."""
    x, rest = vectors("x R", unit="x")
    return {
        "antipodal": residual(inner(x * P, x * -Q)),
        "balanced": residual(inner(x * W, rest).subs(inner(x, rest), -W)),
    }


def _bend(slope: Expr, average: PairAverage, cut: Expr) -> Expr:
    """Mean of E'' over the B by which S is turned, for d = 1 + s."""
    return simplified((slope * average.square * cut).subs(d, 1 + SURPLUS))


def derive_cut(flow: Flow) -> Cut:
    """Return the cuts, which are those of every flow along P_i M at β = 0."""
    return _CUT


def refute_cut(flow: Flow, prediction: Cut | None, budget: Budget) -> Counterexample | None:
    """Tokens that never meet, an energy that bends down, another cut, or a B that is no turn."""
    said = _CUT if prediction is None else prediction
    slope, cuts = cold_slope(flow), _cuts()
    lost = leaves_sphere(flow.model, budget.rng)
    if lost:
        return Counterexample(lost)
    if not CLIMBS.test(flow.cold).holds:
        if slope is not None and slope.is_nonpositive:
            bend = -slope * cuts["antipodal"]
            return Counterexample(
                f"{flow.name} at β = 0: E'' = {bend} (d-1), not > 0, at antipodal tokens"
            )
        found = apart(flow, budget.rng, (S.Zero,))
        return Counterexample(found, PAIR) if found else None
    for name, cut in cuts.items():
        predicted = getattr(said, name)
        if slope is None:
            continue
        if residual(cut - predicted) != 0 or not _bend(slope, said.average, cut).is_positive:
            at = {P: 2, Q: 3, W: 1}
            return Counterexample(
                f"{flow.name}, {name}: cut {cut}, predicted {predicted}; averaged second "
                f"variation {(slope * said.average.square * cut).subs(at)} at p = 2, q = 3, w = 1"
            )
    if simplify(said.average.a + said.average.b) != 0:
        # E|B + B^T|² is a positive multiple of a + b, so B turns no sphere where that isn't 0.
        return Counterexample(f"{average_doubt(said.average)}: a + b isn't 0")
    return None


def conclude_cut(flow: Flow, prediction: Cut) -> Conclusion | Refusal:
    """Claim the cuts, and that turning S by some turn of two coordinates raises the energy."""
    kernel, slope = cold_kernel(flow.model), cold_slope(flow)
    if kernel is None or slope is None:
        return Refusal("it is no energy of pairs with a constant slope at β = 0")
    average = prediction.average
    cuts = {(W,): prediction.balanced, (P, Q): prediction.antipodal}
    block = ((S.Zero, average.a), (average.b, S.Zero))
    return cut_that_bends(Subject.of(flow.model, {beta: S.Zero}), kernel, slope, cuts, block)


def say_cut(flow: Flow, prediction: Cut) -> str:
    """Say what S is cut off by in both cases, and how the energy bends."""
    return (
        f"at rest Σ x = 0: cut {prediction.balanced} of one token of mass w; or masses p, q are at "
        f"u, -u: cut {prediction.antipodal} of one end, 0 at consensus alone; E'' > 0 along some "
        f"turn of S where its cut is below 0"
    )


SOME_CUT: Statement[Cut] = Statement(
    "",
    "β = 0: at an equilibrium off consensus some S has a cut below 0, and E'' > 0 along it",
    Concludes(conclude_cut, words=(("beta", "0"),)),
    derive_cut,
    refute_cut,
    premises=tuple(map(at_zero, (ON_SPHERE, ATTENTION, PAIR_ENERGY, CLIMBS))),
    says=say_cut,
    typed=True,
)


_CUT = Cut(-P * Q, -(W**2), SKEW_AVERAGE)


LEMMA_A_2 = Claim(
    "Lemma A.2",
    "β = 0: at an equilibrium off consensus some S has Σ_{S×S^c} <x_i,x_j> < 0; E'' > 0 along it.",
    (SA, USA),
    _CUT,
    SOME_CUT,
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
