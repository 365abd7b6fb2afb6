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
from itertools import combinations
from typing import Any

from sympy import Expr, S, expand

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    ALL_ALIKE,
    AT_BETA_ZERO,
    CRITICAL,
    PART_P,
    PART_Q,
    SPEED,
    SQUARE,
    P,
    Q,
    Rows,
    cold_speed,
    dot,
    each,
    pair_cut,
    total_of_rows,
)
from theory.engines import inner, residual, vectors
from theory.models import SA, USA
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


def check_cuts(model: Any, prediction: Cuts, budget: Budget) -> Evidence:
    """Derive the cut of every S, and enumerate all S at exact equilibria.

    Parameters
    ----------
    model : Model or tuple of Model
        Flows whose equilibria at β = 0 are meant.
    prediction : Cuts
        The cuts.
    budget : Budget
        Not used: the equilibria are exact.
    """
    cases, least = 0, S.Infinity
    for flow in each(model):
        if cold_speed(flow, ORTHOGONAL) == 0:
            detail = f"{flow.name}: {ORTHOGONAL} is an equilibrium at β = 0, and both cuts are 0"
            return Evidence(Verdict.REFUTED, detail)
        for tokens in prediction.tokens:
            if cold_speed(flow, tokens) != 0:
                detail = (
                    f"{flow.name}: {tokens} is no equilibrium, speed² {cold_speed(flow, tokens)}"
                )
                return Evidence(Verdict.REFUTED, detail)
            size, width, lowest = len(tokens), len(tokens[0]), S.Zero
            whole = total_of_rows(tokens, width)
            for count in range(1, size):
                for chosen in combinations(range(size), count):
                    cases += 1
                    y = total_of_rows([tokens[i] for i in chosen], width)
                    cut = dot(y, [a - b for a, b in zip(whole, y, strict=True)])
                    lowest = min(lowest, cut)
                    signs = [dot(row, tokens[0]) for row in tokens]
                    put = {SQUARE: dot(y, y), P: signs.count(1), Q: signs.count(-1)}
                    put[PART_P] = sum(signs[i] == 1 for i in chosen)
                    put[PART_Q] = sum(signs[i] == -1 for i in chosen)
                    balanced = dot(whole, whole) == 0
                    said = prediction.balanced if balanced else prediction.antipodal
                    if cut != said.subs(put):
                        detail = f"{tokens}, S = {chosen}: cut {cut}, predicted {said.subs(put)}"
                        return Evidence(Verdict.REFUTED, detail, cases=cases)
            if lowest >= 0:
                detail = f"{tokens}: no S has a negative cut, the least is {lowest}"
                return Evidence(Verdict.REFUTED, detail, cases=cases)
            least = min(least, -lowest)
    # Balanced: y_c = -y_S. Antipodal: y_S = (a-b) x, the sum of all (p-q) x.
    sum_s, x = vectors("y x", unit="x")
    part, whole_sum = x * (PART_P - PART_Q), x * (P - Q)
    gaps = [
        inner(sum_s, -sum_s).subs(inner(sum_s, sum_s), SQUARE) - prediction.balanced,
        inner(part, whole_sum - part) - prediction.antipodal,
    ]
    left = [residual(gap) for gap in gaps]
    pole = expand(prediction.antipodal.subs({PART_P: P, PART_Q: 0}))
    if left != [0, 0] or not (prediction.balanced.is_negative and pole.is_negative):
        return Evidence(Verdict.UNDECIDED, f"derived minus predicted cuts {left}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        f"Σ x = 0: cut -|y_S|² for every S, -1 for one token; antipodal: S one pole has {pole}; "
        "all S enumerated exactly at the square, a rectangle, 3:1, 2:2 and the octahedron",
        {"n": "symbolic", "d": "symbolic", "beta": "0", "masses": "equal"},
        (),
        cases,
        float(least),
        identity=(pair_cut(X * X.T), *gaps),
    )


_CUTS = Cuts(-SQUARE, (PART_P - PART_Q) * (P - Q - PART_P + PART_Q))


EQUATION_A_2 = Claim(
    "(A.2)",
    "β = 0: at an equilibrium off consensus Σ_{S×S^c}<x_i,x_j> < 0 for some S; -|y_S|² if Σ x = 0.",
    (SA, USA),
    _CUTS,
    check_cuts,
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
