"""(A.2): β = 0: at an equilibrium off consensus some S has Σ_{S×S^c}<x_i,x_j> < 0.

How it is proved
----------------
A theorem on models with x_i' = c P_i M at β = 0, M = Σ_j m_j x_j: at rest M = 0, or tokens are at
M/|M| and -M/|M|. The sum across the cut is derived for every n, d, all masses and every S. All
subsets of exact equilibria (square, rectangle, 3:1, 2:2, octahedron) are enumerated with rational
numbers. Nothing is drawn.

References
----------
arXiv 2312.10794, Appendix A, (A.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

from sympy import Expr, S, expand

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    ALL_ALIKE,
    AT_BETA_ZERO,
    CRITICAL,
    PART_P,
    PART_Q,
    SPEED,
    SQUARE,
    Counterexample,
    Flow,
    P,
    Q,
    Rows,
    Statement,
    Trial,
    cold_speed,
    dot,
    total_of_rows,
)
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Concludes, Conclusion, cuts_at_rest
from theory.models import SA, USA, Model
from theory.symbols import beta

ORTHOGONAL: Rows = ((1, 0), (0, 1))


@dataclass(frozen=True)
class Cuts:
    """``<y_S, y_c>`` for every S, at equilibria of both kinds, y_S of all masses.

    Attributes
    ----------
    balanced : Expr
        In ``SQUARE`` = |y_S|².
    antipodal : Expr
        In ``P``, ``Q`` and the parts ``PART_P``, ``PART_Q`` of S.
    tokens : tuple of rows
        Exact equilibria; each is said to have a negative cut.
    """

    balanced: Expr
    antipodal: Expr
    tokens: tuple[Rows, ...] = CRITICAL


@lru_cache(maxsize=32)
def _enumeration(model: Model, prediction: Cuts) -> tuple[str, int, Expr]:
    """Return what the subsets of exact equilibria show against cuts, their number, least -cut."""
    cases, least = 0, S.Infinity
    if cold_speed(model, ORTHOGONAL) == 0:
        return f"{model.name}: {ORTHOGONAL} rests at β = 0, and both cuts are 0", 0, least
    for tokens in prediction.tokens:
        speed = cold_speed(model, tokens)
        if speed != 0:
            return f"{model.name}: {tokens} is no equilibrium, speed² {speed}", cases, least
        size, width, lowest = len(tokens), len(tokens[0]), S.Zero
        whole = total_of_rows(tokens, width)
        signs = [dot(row, tokens[0]) for row in tokens]
        said = prediction.balanced if dot(whole, whole) == 0 else prediction.antipodal
        for count in range(1, size):
            for chosen in combinations(range(size), count):
                cases += 1
                y = total_of_rows([tokens[i] for i in chosen], width)
                cut = dot(y, [a - b for a, b in zip(whole, y, strict=True)])
                lowest = min(lowest, cut)
                put = {SQUARE: dot(y, y), P: signs.count(1), Q: signs.count(-1)}
                put[PART_P] = sum(signs[i] == 1 for i in chosen)
                put[PART_Q] = sum(signs[i] == -1 for i in chosen)
                if cut != said.subs(put):
                    detail = f"{tokens}, S = {chosen}: cut {cut}, predicted {said.subs(put)}"
                    return detail, cases, least
        if lowest >= 0:
            return f"{tokens}: no S has a negative cut, the least is {lowest}", cases, least
        least = min(least, -lowest)
    return "", cases, least


def derive_cuts(flow: Flow) -> Cuts:
    """Return the cuts, which are those of every flow along P_i M at β = 0."""
    return _CUTS


def refute_cuts(flow: Flow, prediction: Cuts | None, budget: Budget) -> Counterexample | None:
    """Find an equilibrium with another cut, or with none below 0, among all S of exact ones."""
    found, cases, _ = _enumeration(flow.model, _CUTS if prediction is None else prediction)
    return Counterexample(found, cases=cases) if found else None


def enumerate_cuts(flow: Flow, prediction: Cuts, budget: Budget) -> Trial:
    """Count the subsets that were enumerated, and how far below 0 the least cut is."""
    _, cases, least = _enumeration(flow.model, prediction)
    where = "the square, a rectangle, 3:1, 2:2 and the octahedron"
    return Trial("", float(least), cases, seen=f"all S enumerated exactly at {where}")


def conclude_cuts(flow: Flow, prediction: Cuts) -> Conclusion:
    """Claim what every S is cut off by at rest, and that it is negative for some."""
    cold, names = Subject.of(flow.model, {beta: S.Zero}), (SQUARE, P, Q, PART_P, PART_Q)
    return cuts_at_rest(cold, prediction.balanced, prediction.antipodal, names, prediction.tokens)


def say_cuts(flow: Flow, prediction: Cuts) -> str:
    """Say what S is cut off by in both cases."""
    ends = expand(prediction.antipodal.subs({PART_P: P, PART_Q: 0}))
    return (
        f"at rest Σ x = 0: cut {prediction.balanced} of every S, s = |y_S|²; or masses p, q are at "
        f"u, -u: cut {ends} of one end, 0 at consensus alone"
    )


CUT_BELOW_ZERO: Statement[Cuts] = Statement(
    "",
    "β = 0: at an equilibrium off consensus some S has a cut below 0",
    Concludes(conclude_cuts, words=(("beta", "0"),)),
    derive_cuts,
    refute_cuts,
    enumerate_cuts,
    says=say_cuts,
    typed=True,
)


_CUTS = Cuts(-SQUARE, (PART_P - PART_Q) * (P - Q - PART_P + PART_Q))


EQUATION_A_2 = Claim(
    "(A.2)",
    "β = 0: at an equilibrium off consensus Σ_{S×S^c}<x_i,x_j> < 0 for some S; -|y_S|² if Σ x = 0.",
    (SA, USA),
    _CUTS,
    CUT_BELOW_ZERO,
    (
        Control("consensus too", prediction=replace(_CUTS, tokens=(*CRITICAL, ALL_ALIKE))),
        Control(
            "two orthogonal tokens, no equilibrium",
            prediction=replace(_CUTS, tokens=(((1, 0), (0, 1)),)),
        ),
        Control("balanced cut -2|y_S|²", prediction=replace(_CUTS, balanced=-2 * SQUARE)),
        Control("antipodal cut -ab", prediction=replace(_CUTS, antipodal=-PART_P * PART_Q)),
    ),
    Verdict.PROVED,
    equivalents=(
        Equivalent(
            "the equilibria of β = 0 are those of P_i M = 0 for any factor other than 0",
            ("*.velocity: sign", *SPEED),
        ),
        Equivalent(
            "one of three against one turned over: two against two, another equilibrium",
            ("prediction.tokens.2.[012].0: sign",),
        ),
        AT_BETA_ZERO,
    ),
)


CLAIMS = (EQUATION_A_2,)
