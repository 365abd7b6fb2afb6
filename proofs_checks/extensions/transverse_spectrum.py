"""Transverse spectrum: where lengths slow directions down, tokens near consensus meet at 1/r.

Main results
------------
- Pre-LN and peri-LN, lengths all r: across the states in which all tokens agree, directions decay
  at the rate 1/r, (n-1)(d-1) times, for every β. Differences of lengths stay, n-1 times; the
  lengths themselves grow, r' = 1.

How it is proved
----------------
P_i x_j is 0 where tokens agree, so its derivative meets the weights as they are there: 1/n each of
a softmax, over the length r, and |A| = 1 there. What is left is (1/r)(J/n - I).

References
----------
The schemes are those of arXiv 2510.22026. No paper states the claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, S, Symbol

from numerics import compile_model
from numerics.sphere import project, random_points
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    PRODUCT_AT_ZERO,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Trial,
    apply,
    derived,
    gap,
    pull_law,
)
from theory.bounded import simplified
from theory.linearize import consensus
from theory.models import PERI_LN, PRE_LN, REPULSIVE, SA
from theory.symbols import beta, d, gamma, n


@dataclass(frozen=True)
class Across:
    """Eigenvalues across the states in which tokens agree.

    Attributes
    ----------
    directions : Expr
        Of differences of directions, (n-1)(d-1) times, in the common length r.
    lengths : Expr
        Of differences of lengths, n-1 times.
    growth : Expr
        r' where tokens agree; 0 without lengths.
    """

    directions: Expr
    lengths: Expr = S.Zero
    growth: Expr = S.One


_R = Symbol("r", positive=True)
"""The length that all tokens have."""


@lru_cache(maxsize=32)
def derive_across(flow: Flow) -> Across | None:
    """Return the eigenvalues that are derived, None where the tokens don't stay together."""
    try:
        found = consensus(flow.model)
    except (ValueError, ArithmeticError, NotImplementedError):
        return None
    counts = {simplified(count - (d - 1) * (n - 1)): value for value, count in found.eigenvalues}
    angles = flow.equal_angles[0]
    if 0 not in counts or angles is None:
        return None
    others = [value for value, count in found.others if count == n - 1]
    growth = next((flow.put(e) for s, e in angles.rhs.items() if s != gamma), S.Zero)
    together = simplified(growth.subs(gamma, 1))
    return Across(flow.put(counts[0]), others[0] if others else S.Zero, together)


_AT = {_R: Rational(5, 4), beta: Rational(3, 2), n: Integer(3)}


def refute_across(flow: Flow, prediction: Across | None, budget: Budget) -> Counterexample | None:
    """Compare rates of three tokens near one point with the prediction."""
    own = derive_across(flow)
    if own is None or prediction is None:
        return None
    pairs = {
        "differences of their directions change": (own.directions, prediction.directions),
        "differences of their lengths change": (own.lengths, prediction.lengths),
        "their lengths grow": (own.growth, prediction.growth),
    }
    for words, (seen, said) in pairs.items():
        left, right = seen.subs(_AT), said.subs(_AT)
        if (
            left.is_number
            and right.is_number
            and abs((left - right).evalf(20)) > Rational(1, 10**9)
        ):
            return Counterexample(
                f"{flow.name}, β = 3/2, three tokens of length r = 5/4 near one point: {words} at "
                f"the rate {left.evalf(6)}, not {right.evalf(6)}",
                {"n": "3", "d": ">= 2", "masses": "1/n"},
            )
    return None


def decide(flow: Flow, prediction: Across) -> Sheet:
    """Derive the linearisation across the states in which tokens agree."""
    own = derive_across(flow)
    if own is None:
        return Sheet((gap("tokens that agree stay together", "no spectrum is derived"),))
    zero = derived("P_i x_j = 0 where tokens agree, d(P_i x_j) = v_j - v_i", pull_law())
    text = f"v_i' = λ (v_i - Σ_j v_j/n), λ = {own.directions}"
    law = apply(PRODUCT_AT_ZERO, text, zero)
    text = f"λ = {prediction.directions}, (n-1)(d-1) times"
    same = derived(text, simplified(own.directions - prediction.directions))
    text = f"differences of lengths: {prediction.lengths}, n-1 times"
    kept = derived(text, simplified(own.lengths - prediction.lengths))
    grows = derived(f"r' = {prediction.growth}", simplified(own.growth - prediction.growth))
    return Sheet(
        (zero, law, same, kept, grows),
        {
            "n": "symbolic, >= 2",
            "d": "symbolic, >= 2",
            "beta": "symbolic",
            "masses": "1/n",
            "data": "to first order in the differences, equal lengths",
        },
        (*flow.model.velocities.values(), prediction.directions, d),
        f"directions decay at {prediction.directions}, lengths keep their differences",
    )


_STEP = 1e-5


def watch(flow: Flow, prediction: Across, budget: Budget) -> Trial:
    """Compare velocities of the compiled model close to one point with the rate."""
    lengths = [block.symbol for block in flow.model.blocks[1:]]
    if set(flow.model.parameters) != {beta} or len(lengths) > 1:
        return Trial(silent="it has other parameters or blocks")
    worst, cases = 0.0, max(1, budget.cases // 5)
    for _ in range(cases):
        count, size = int(budget.rng.integers(2, 8)), int(budget.rng.integers(2, 5))
        warm, long = float(budget.rng.uniform(0, 4)), float(budget.rng.uniform(0.3, 3))
        velocity: Any = compile_model(flow.model, beta=warm)
        point = random_points(1, size, budget.rng)
        moves = budget.rng.standard_normal((count, size))
        moves -= moves.mean(axis=0)
        moves -= (moves @ point.T) * point
        ends = []
        for sign in (1, -1):
            points = project(point + sign * _STEP * moves)
            state = {str(s): np.full((count, 1), long) for s in lengths}
            moved: Any = velocity({"X": points, **state} if lengths else points)
            ends.append(moved["X"] if lengths else moved)
        slope = (ends[0] - ends[1]) / (2 * _STEP)
        rate = float(prediction.directions.subs({_R: long, beta: warm, n: count}))
        off = float(np.max(np.abs(slope - rate * moves))) / (1 + abs(rate))
        worst = max(worst, off / 1e-6)
    scope = {"runs": "n in 2..7, d in 2..4, β in [0, 4], r in [0.3, 3]"}
    if worst > 1:
        return Trial(f"slopes are {worst * 1e-6:.1e} off", 1 - worst, cases, scope=scope)
    seen_text = f"slopes of the velocity agree to {worst * 1e-6:.1e}"
    return Trial(margin=1 - worst, cases=cases, seen=seen_text, scope=scope)


ACROSS: Statement[Across] = Statement(
    "",
    "near consensus differences of directions decay, where lengths may move",
    decide,
    derive_across,
    refute_across,
    watch,
    several_blocks=True,
)


TRANSVERSE = Claim(
    "Transverse spectrum",
    "Pre-LN and peri-LN, all lengths r: near agreement differences of directions decay at the rate "
    "1/r, (n-1)(d-1) times, those of lengths stay, and r' = 1; for every n, d, β.",
    (PRE_LN, PERI_LN),
    Across(-1 / _R),
    ACROSS,
    (
        Control("rate r", prediction=Across(-_R)),
        Control("rate 1, as post-LN", prediction=Across(S.NegativeOne)),
        Control("lengths that meet", prediction=Across(-1 / _R, -1 / _R)),
        Control("lengths that stay", prediction=Across(-1 / _R, growth=S.Zero)),
        Control("SA for pre-LN", model=(SA, PERI_LN)),
        Control("tokens that repel", model=(REPULSIVE, PERI_LN)),
    ),
    Verdict.PROVED,
    cases=20,
    origin="extension",
    equivalents=(
        Equivalent(
            "at consensus the weights are those of every β",
            ("*.velocity*: e^u -> e^2u", "*.velocity*: β -> β²"),
        ),
    ),
)


CLAIMS = (TRANSVERSE,)
