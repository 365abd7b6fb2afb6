"""Lemma A.2: β = 0: at an equilibrium off consensus some S has Σ_{S×S^c} <x_i,x_j> < 0.

How it is proved
----------------
Both kinds of equilibria in the Gram algebra, for every n, d and all masses: the cut is -pq for
antipodal tokens, and -w² for one token where Σ x = 0. Turning S by a random skew B has E'' =
-(d-1)·cut > 0 on average, so some B has E'' > 0; the averages are also summed over the basis of
so(d). All of it is exact.

References
----------
arXiv 2312.10794, Appendix A, Lemma A.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, S, Symbol, expand, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    CLIMBS,
    ON_SPHERE,
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    SCOPE_ANY_MASSES,
    SKEW_AVERAGE,
    Counterexample,
    Flow,
    How,
    P,
    PairAverage,
    Q,
    Sheet,
    Statement,
    Step,
    W,
    apart,
    at_zero,
    average_doubt,
    cold_slope,
    derived,
    gap,
    leaves_sphere,
    rest_steps,
    some_turn,
    subjects,
    turned_bend,
)
from theory.bounded import simplified
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import d

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


def decide(flow: Flow, prediction: Cut) -> Sheet:
    """Prove Lemma A.2: the cuts are negative, and turning S by skew B raises the energy."""
    slope, cuts = cold_slope(flow), _cuts()
    rest, (_, turned) = rest_steps(flow), turned_bend()
    square = derived("E[B²] = -(d-1) I, B_ij skew", expand(prediction.average.square + d - 1))
    unproved = average_doubt(prediction.average)
    text = "the sums over the basis of so(d) agree, for every d"
    basis = gap(text, unproved) if unproved else Step(text, How.DERIVED)
    steps = [*rest, turned, square, basis]
    if slope is None:
        return Sheet((*steps, gap("E = h'|M|²/2 + const at β = 0", "h' isn't constant")))
    steps.append(Step(f"E = h'|M|²/2 + const at β = 0, h' = {slope}", How.DERIVED))
    for name, words in (("antipodal", "S the p at x"), ("balanced", "M = 0, S one token w")):
        predicted = getattr(prediction, name)
        steps.append(derived(f"{words}: cut {predicted} < 0", residual(cuts[name] - predicted)))
        text = f"{words}: some skew B has E'' = h'<B²y_S,y_c> > 0, {-predicted} (d-1) h' its mean"
        mean = _bend(slope, prediction.average, cuts[name])
        steps.append(some_turn(text, mean, rest[-1], turned, square, steps[-1]))
    return Sheet(
        tuple(steps),
        {**SCOPE_ANY_MASSES, "beta": "0"},
        subjects(flow.model, prediction.antipodal, prediction.balanced),
        "cuts -pq and -w²; turning S by random skew B has E'' = -(d-1)·cut > 0 on average, so "
        "some B has E'' > 0",
    )


SOME_CUT: Statement[Cut] = Statement(
    "",
    "β = 0: at an equilibrium off consensus some S has a cut below 0, and E'' > 0 along it",
    decide,
    derive_cut,
    refute_cut,
    premises=tuple(map(at_zero, (ON_SPHERE, ATTENTION, PAIR_ENERGY, CLIMBS))),
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
