"""(A.2): β = 0: at an equilibrium off consensus some S has Σ_{S×S^c}<x_i,x_j> < 0.

How it is proved
----------------
The cut is derived in the Gram algebra for every n, d and S: -|y_S|² where Σ x = 0, and by the
numbers at both poles for antipodal tokens. All subsets of exact equilibria (square, rectangle,
3:1, 2:2, octahedron) are enumerated with rational numbers. Nothing is drawn.

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
    How,
    P,
    Q,
    Rows,
    Sheet,
    Statement,
    Step,
    Trial,
    cold_speed,
    derived,
    dot,
    gap,
    pair_cut,
    rest_steps,
    total_of_rows,
)
from theory.engines import inner, residual, vectors
from theory.models import SA, USA, Model
from theory.symbols import X

ORTHOGONAL: Rows = ((1, 0), (0, 1))


@dataclass(frozen=True)
class Cuts:
    """``<y_S, y_c>`` for every S, at equilibria of both kinds, unit masses.

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


def decide(flow: Flow, prediction: Cuts) -> Sheet:
    """Derive the kinds of equilibria, the cut of every S, and its sign."""
    # Balanced: y_c = -y_S. Antipodal: y_S = (a-b) x, the sum of all (p-q) x.
    sum_s, x = vectors("y x", unit="x")
    part, whole = x * (PART_P - PART_Q), x * (P - Q)
    gaps = (
        inner(sum_s, -sum_s).subs(inner(sum_s, sum_s), SQUARE) - prediction.balanced,
        inner(part, whole - part) - prediction.antipodal,
    )
    steps = [
        *rest_steps(flow),
        derived(f"M = 0: cut {prediction.balanced}, s = |y_S|²", residual(gaps[0])),
        derived(f"a, b of S at x, -x: cut {prediction.antipodal}", residual(gaps[1])),
    ]
    pole = expand(prediction.antipodal.subs({PART_P: P, PART_Q: 0}))
    for text, value in (
        (f"M = 0, S one token, s = 1: {prediction.balanced} < 0", prediction.balanced),
        (f"S all tokens at x: {pole} < 0 off consensus", pole),
    ):
        steps.append(Step(text, How.DECIDED) if value.is_negative else gap(text, "sign not shown"))
    found, cases, _ = _enumeration(flow.model, prediction)
    text = "the tokens looked at rest off consensus, and some S has a cut below 0"
    counted = Step(text, How.DECIDED, evidence=f"all {cases} subsets, in rational numbers")
    steps.append(gap(text, found) if found else counted)
    return Sheet(
        tuple(steps),
        {"n": "symbolic", "d": "symbolic", "beta": "0", "masses": "equal"},
        (pair_cut(X * X.T), *gaps),
        f"Σ x = 0: cut -|y_S|² for every S, -1 for one token; antipodal: S one pole has {pole}",
    )


CUT_BELOW_ZERO: Statement[Cuts] = Statement(
    "",
    "β = 0: at an equilibrium off consensus some S has a cut below 0",
    decide,
    derive_cuts,
    refute_cuts,
    enumerate_cuts,
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
