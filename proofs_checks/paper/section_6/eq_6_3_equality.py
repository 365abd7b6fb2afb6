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

from dataclasses import dataclass, replace

from sympy import Expr, S, Symbol

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.eq_6_2_6_5_heights import INEQUALITY_6_2
from proofs_checks.paper.section_6.eq_6_4_limit_cone import CONE_6_4
from proofs_checks.paper.section_6.lemma_6_6_barbalat import LEMMA_6_6, Barbalat
from proofs_checks.proof import (
    AT_EVERY_BETA,
    AUTONOMOUS,
    CONTINUOUS,
    LIMIT_POINT,
    ON_SPHERE,
    ONLY_SPEED,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    SCOPE_WARM_ANY_MASSES,
    SUM,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apart,
    apply,
    by_statement,
    cited,
    derived,
    gap,
    height_algebra,
    pair_sum,
    parted_groups,
    statement_of,
    subjects,
)
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import z

_HEIGHT, _RISE, _GAP = (Symbol(name, nonnegative=True) for name in ("r", "e", "u"))


@dataclass(frozen=True)
class EqualityCase:
    """Where the least height r stops rising: with r > least, only at ``1 - <x_i,x_j> = gap``."""

    least: Expr = S.Zero
    strict: bool = True
    gap: Expr = S.Zero


def derive_equality(flow: Flow) -> EqualityCase:
    """Return consensus, for any r > 0."""
    return EqualityCase()


_SUMMAND = _RISE + _HEIGHT - _HEIGHT * z
"""Summand of d/dt <x_i,w> over A_ij, at heights r and r + e, as the Gram algebra has it."""


def refute_equality(
    flow: Flow, prediction: EqualityCase | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that never meet, or tokens at which the summand isn't what is said."""
    if groups := parted_groups(flow):
        return groups
    found = apart(flow, budget.rng)
    if found or prediction is None:
        return Counterexample(found, PAIR) if found else None
    summand = _SUMMAND.subs(z, 1 - _GAP)
    if prediction.gap != 0:
        value = summand.subs({_HEIGHT: 1, _RISE: 0, _GAP: prediction.gap})
        return Counterexample(
            f"r = 1, e = 0, 1-g = {prediction.gap}: the summand is {value}, not 0"
        )
    if prediction.strict:
        return None
    value = summand.subs({_HEIGHT: 0, _RISE: 0})
    return Counterexample(
        f"tokens (1, 0), (-1, 0), w = (0, 1): r = 0, the summand is {value}, and <x,y> = -1"
    )


def _bounded(flow: Flow) -> Step:
    """Whether velocities have bounded slopes, so that |x_i''| is bounded."""
    text = "|x_i''| is bounded: the field is smooth on a compact sphere"
    if flow.softmax_head is not None or flow.scores is not None:
        return Step(text, How.DERIVED, evidence="exponentials of smooth scores")
    return replace(flow.analytic, text=text)


def decide(flow: Flow, prediction: EqualityCase) -> Sheet:
    """Derive where (6.2) is an equality, and conclude by Lemma 6.6 and the shrinking cones.

    The summand of d/dt <x_i,w> is ``A_ij (e + r(1-g_ij))`` with e >= 0 the excess height of x_j:
    for A_ij > 0 and r > 0 it vanishes only if e = 0 and x_j = x_i.
    """
    text = "<x_i,w>' = Σ_j A_ij (e_j + r u_ij), e_j >= 0, u_ij = 1-g_ij >= 0"
    rate = derived(text, height_algebra())
    text = f"r {'>' if prediction.strict else '>='} {prediction.least} >= 0"
    above = Step(text, How.DERIVED, evidence="the hypothesis, an open hemisphere")
    if prediction.least < 0 or not prediction.strict:
        above = gap(text, "r may be 0")
    terms = {"A_ij": "> 0", "e_j": ">= 0", "r u_ij": ">= 0"}
    text = f"it is 0 only if u_ij = {prediction.gap} for all j"
    equal = gap(text, "u_ij = 0 is shown, at consensus only")
    if prediction.gap == 0:
        text = f"{text}: at consensus only"
        equal = apply(SUM, text, rate, above, flow.attracts, terms=terms)
    rises = by_statement(statement_of(INEQUALITY_6_2), flow, text="(6.2): r <= 1 never falls")
    bounded = _bounded(flow)
    text = "Lemma 6.6 on r', which is integrable as r <= 1 rises: r' -> 0"
    stops = by_statement(statement_of(LEMMA_6_6), flow, Barbalat(), text)
    points = cited(COMPACT, rises, bounded, stops, equal)
    cones = by_statement(statement_of(CONE_6_4), flow, text="(6.4): the tokens' cones shrink")
    ends = apply(LIMIT_POINT, "limit points are consensus, of one x*: x_i -> x*", points, cones)
    return Sheet(
        (rate, above, equal, rises, bounded, stops, points, cones, ends),
        SCOPE_WARM_ANY_MASSES,
        subjects(flow.model, pair_sum(_SUMMAND)),
        "the summand e + r u, r > 0, vanishes only for e = u = 0: limits of tokens coincide; "
        "the cones of the tokens shrink, so all have the same limit x*",
    )


COMPACT = "compactness: every sequence of times has limit points"


EQUALITY: Statement[EqualityCase] = Statement(
    "(6.3)",
    "r' = 0 at consensus only, so that x_i -> x* from an open hemisphere",
    decide,
    derive_equality,
    refute_equality,
    premises=(ON_SPHERE, OWN_VALUES, CONTINUOUS, AUTONOMOUS, POSITIVE_WEIGHTS),
)


EQUATION_6_3 = Claim(
    "(6.3)",
    "In an open hemisphere (6.2) is an equality at consensus only, hence x_i(t) -> x* for all i.",
    (SA, USA),
    EqualityCase(),
    EQUALITY,
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
