"""Saddles below zero, Saddles, unequal masses: Problem 3 at β < 0, and for other masses.

Main results
------------
- From at most 5/1000 above the failure on, up to β = 0, every critical point but consensus is a
  strict saddle: n = 3, 4, 5, and 6 in a full run; n = 7 from -3/2 on there.
- The same for three and four tokens of given unequal masses, for every β from one below 0 on.

How it is proved
----------------
Subdivision trees of the angles, replayed by the checker in balls: each box has a cut that can be
turned uphill, or a force. The checker's bounds of g hold for β of either sign, as
g(φ; -β) = -g(π - φ; β). Unequal masses: a tree for each of their orders round the circle. Above the
last slice n - 1 pairs within τ* span less than π, whatever the masses.

References
----------
Continues Problem 3 of arXiv 2312.10794, Section 7. For every n and β >= -13/50 it is "Saddles on
the circle"; "Failure below zero" has the failures.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import acos, pi

import numpy as np
from sympy import Rational, igcd, ilcm

from proofs_checks.certificates import Certificate, certify_strict_saddles
from proofs_checks.claim import IN_THE_PLANE, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    CURVATURE,
    ONLY_SPEED,
    Array,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    accepted,
    climbs_curvature,
    count_boxes,
    gap,
    off_curvature,
    polygon_is_maximum,
    six_digits,
    types_at,
)
from proofs_checks.proof.three_clusters import FAILURES, Failure, balance, balanced
from theory.models import REPULSIVE, USA


@dataclass(frozen=True)
class Below:
    """From ``low`` < 0 up to 0 every critical point but consensus is a strict saddle.

    Attributes
    ----------
    failure : Failure
    low : Rational
    """

    failure: Failure
    low: Rational


BELOW = (
    Below(FAILURES[0], Rational(-6655, 10**4)),
    Below(FAILURES[1], Rational(-22101, 10**4)),
    Below(FAILURES[2], Rational(-14404, 10**4)),
)
_FULL = (Below(FAILURES[3], Rational(-6646, 10**4)), Below(FAILURES[4], Rational(-3, 2)))


@lru_cache(maxsize=8)
def _trees(tokens: int, low: str) -> Certificate:
    return certify_strict_saddles(tokens, low=low, high=0)


def _maximum(failure: Failure, hot: Rational) -> str:
    """Give the three clusters balanced at one β that are a local maximum in balls, or ""."""
    a, b = failure.lone, failure.pair
    for cosine in balanced(balance(a, b, hot)):
        turn = acos(cosine) / (2 * pi)
        turns = (0.0,) * a + (turn,) * b + (1 - turn,) * b
        if types_at(turns, Fraction(int(hot.p), int(hot.q))) == (0, failure.tokens - 1):
            return (
                f"β = {hot}: {a}, {b}, {b} tokens at 0 and ±2π {turn:.6f} are critical "
                "and a local maximum up to rotation, all eigenvalues negative (in balls)"
            )
    return ""


def refute_below(
    flow: Flow, prediction: tuple[Below, ...] | None, budget: Budget
) -> Counterexample | None:
    """Give three clusters that are a local maximum at the lower end."""
    off, sign = off_curvature(flow, CURVATURE), climbs_curvature(flow)
    if off or prediction is None or sign is None:
        return Counterexample(off) if off else None
    for below in prediction:
        tokens = below.failure.tokens
        turned = polygon_is_maximum(tokens, sign, below.low) if sign < 0 else ""
        found = turned or _maximum(below.failure, below.low)
        if found:
            return Counterexample(f"n = {below.failure.tokens}, {found}")
    return None


def decide_below(flow: Flow, prediction: object) -> Sheet:
    """Derive that the energy is the certificates' one."""
    text = "∂²E/∂θ_i∂θ_j of a pair is the g of the certificates, for β of any sign"
    if climbs_curvature(flow) != 1:
        return Sheet((gap(text, f"{flow.name}: another energy"),))
    return Sheet((Step(text, How.DERIVED),))


def certify_below(flow: Flow, prediction: tuple[Below, ...], budget: Budget) -> Sheet:
    """Search trees from the lower ends to 0, and check them; n = 6 and 7 in a full run."""
    steps = []
    for below in (*prediction, *(_FULL if budget.full else ())):
        tokens, failure = below.failure.tokens, below.failure.value
        certificate = _trees(tokens, str(below.low))
        left = six_digits(below.low - failure)
        text = f"n = {tokens}: strict saddles on [{below.low}, 0], {left} above the failure"
        said = {"n": tokens, "beta_from": str(below.low), "beta_to": "0"}
        whole = certificate.parameters == said
        steps.append(
            accepted(text, certificate, f"{count_boxes(certificate)} boxes")
            if whole
            else gap(text, "not reached")
        )
    counts = [below.failure.tokens for below in prediction]
    more = "" if budget.full else "; a full run goes on to n = 6 (-0.6646) and n = 7 (-3/2)"
    return Sheet(
        tuple(steps),
        {"n": f"{min(counts)} to {max(counts)}", "d": "2", "beta": "[low, 0]", "masses": "1/n"},
        summary=f"{'; '.join(step.text for step in steps)}; replayed in balls{more}",
    )


SADDLES: Statement[tuple[Below, ...]] = Statement(
    "",
    "d = 2, few tokens, β < 0: every critical point but consensus is a strict saddle",
    decide_below,
    refute=refute_below,
    search=certify_below,
)

SADDLES_BELOW_ZERO = Claim(
    "Saddles below zero",
    "d = 2, equal masses, n = 3, 4, 5: every critical point but consensus is a strict saddle, for "
    "every β from -0.6655, -2.2101, -1.4404 to 0.",
    USA,
    BELOW,
    SADDLES,
    (
        Control("n = 3: from β = -7/10", prediction=(Below(FAILURES[0], Rational(-7, 10)),)),
        Control("n = 4: from β = -9/4", prediction=(Below(FAILURES[1], Rational(-9, 4)),)),
        Control("n = 5: from β = -3/2", prediction=(Below(FAILURES[2], Rational(-3, 2)),)),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.CERTIFIED,
    (IN_THE_PLANE,),
    origin="extension",
    equivalents=(
        ONLY_SPEED,
        Equivalent("the statement is on the energy alone", ("*.velocity: *",)),
        Equivalent("said of fewer β", ("prediction.?.low: + 1",)),
        Equivalent("the failure's digits are another claim", ("prediction.?.failure.value: *",)),
        Equivalent("and so is its equation", ("prediction.?.failure.hot: *",)),
    ),
)


@dataclass(frozen=True)
class Weighted:
    """From ``low`` < 0 on every critical point but consensus is a strict saddle.

    Attributes
    ----------
    masses : tuple of Rational
        Of the tokens, > 0, in any unit.
    low : Rational
    """

    masses: tuple[Rational, ...]
    low: Rational

    @property
    def shown(self) -> str:
        """The masses, joined."""
        return ", ".join(map(str, self.masses))


def _weighted(low: Rational, *masses: int | Rational) -> Weighted:
    return Weighted(tuple(map(Rational, masses)), low)


WEIGHTED = (
    _weighted(Rational(-11, 5), 2, 1, 1),
    _weighted(Rational(-143, 100), 1, 2, 2),
    _weighted(Rational(-12, 5), 1, 2, Rational(7, 2)),
    _weighted(Rational(-1), 1, 2, 3, 4),
    _weighted(Rational(-13, 20), 1, 1, 2, 2),
)


_BUDGET_S, _STARTS, _MOST_TOKENS = 30.0, 12, 16


@lru_cache(maxsize=16)
def _orders(masses: tuple[Rational, ...], low: Rational) -> Certificate:
    words = [str(mass) for mass in masses]
    return certify_strict_saddles(len(masses), low=str(low), masses=words, budget_s=_BUDGET_S)


def _bends(angles: Array, masses: Array, hot: float) -> tuple[Array, Array]:
    """Gradient and Hessian of ½ ΣΣ m_i m_j e^{β cos(θ_i-θ_j)}/β."""
    phi = np.subtract.outer(angles, angles)
    weights = np.outer(masses, masses) * np.exp(hot * np.cos(phi))
    bend = weights * (np.cos(phi) - hot * np.sin(phi) ** 2)
    np.fill_diagonal(bend, 0.0)
    return -(weights * np.sin(phi)).sum(axis=1), bend - np.diag(bend.sum(axis=1))


def _top(masses: Array, hot: float, rng: np.random.Generator) -> tuple[float, ...] | None:
    """Climb the energy; a local maximum beside consensus, in turns, or None.

    From every way to put the tokens near the corners of a triangle, and from random angles.
    """
    corners = np.array(list(product(range(3), repeat=len(masses) - 1)))
    near = np.pad(2 * np.pi * corners / 3, ((0, 0), (1, 0)))
    starts = [near + 1e-3 * rng.standard_normal(near.shape)]
    starts.append(rng.uniform(0, 2 * np.pi, (_STARTS, len(masses))))
    for angles in np.concatenate(starts):
        for _ in range(_CLIMB):
            slope, hessian = _bends(angles, masses, hot)
            values, vectors = np.linalg.eigh(hessian)
            # uphill in every direction: Newton's step where the energy is concave
            size = np.maximum(np.abs(values), 1e-3 * np.abs(values).max())
            step = vectors @ ((vectors.T @ slope) / size)
            angles = angles + step * min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-300))
        spread = abs(np.exp(1j * angles).mean())
        if spread < 1 - 1e-6 and np.abs(slope).max() < 1e-12 * masses.sum() ** 2:
            turns = (angles - angles[0]) / (2 * np.pi)
            return tuple((turns % 1.0).tolist())
    return None


def _maximum_of(masses: tuple[Rational, ...], hot: Rational) -> str:
    """Give a local maximum in balls, each mass as so many tokens in one place, or ""."""
    unit = ilcm(*(mass.q for mass in masses))
    counts = [int(mass * unit) for mass in masses]
    divisor = int(igcd(*counts))
    counts = [count // divisor for count in counts]
    if sum(counts) > _MOST_TOKENS:
        return ""
    found = _top(np.array(counts, float), float(hot), np.random.default_rng(0))
    if found is None:
        return ""
    turns = tuple(turn for turn, count in zip(found, counts, strict=True) for _ in range(count))
    if types_at(turns, Fraction(int(hot.p), int(hot.q))) != (0, sum(counts) - 1):
        return ""
    places = ", ".join(f"{turn:.6f}" for turn in found)
    return (
        f"β = {hot}: at 2π times {places} they are critical and a local maximum up to rotation, "
        f"also as {', '.join(map(str, counts))} tokens: all eigenvalues negative (in balls)"
    )


_CLIMB = 60


def refute_weighted(
    flow: Flow, prediction: tuple[Weighted, ...] | None, budget: Budget
) -> Counterexample | None:
    """Give clusters that are a local maximum at the lower end, or the least energy of a descent."""
    off, sign = off_curvature(flow, CURVATURE), climbs_curvature(flow)
    if off or prediction is None or sign is None:
        return Counterexample(off) if off else None
    if sign < 0:
        return Counterexample(
            f"{flow.name}, masses {prediction[0].shown}: E has a least value on the torus, below "
            "that at consensus: there -E has a maximum, no strict saddle"
        )
    for weighted in prediction:
        found = _maximum_of(weighted.masses, weighted.low)
        if found:
            return Counterexample(f"masses {weighted.shown}, {found}")
    return None


def certify_weighted(flow: Flow, prediction: tuple[Weighted, ...], budget: Budget) -> Sheet:
    """Search trees of every order of the masses, up to the β of the exact argument; check them."""
    steps = []
    for weighted in prediction:
        certificate = _orders(weighted.masses, weighted.low)
        said = {
            "n": len(weighted.masses),
            "beta_from": str(weighted.low),
            "beta_to": "infinity",
            "masses": [str(mass) for mass in weighted.masses],
        }
        trees = [tree for orders in certificate.evidence["trees"] for tree in orders]
        boxes = sum("".join(trees).count(symbol) for symbol in ".+!")
        orders = len(certificate.evidence["trees"][0])
        text = f"masses {weighted.shown}: strict saddles for every β >= {weighted.low}"
        steps.append(
            accepted(text, certificate, f"{orders} orders, {boxes} boxes")
            if certificate.parameters == said
            else gap(text, f"from β = {certificate.parameters['beta_from']} on only")
        )
    sizes = sorted({len(weighted.masses) for weighted in prediction})
    return Sheet(
        tuple(steps),
        {
            "n": ", ".join(map(str, sizes)),
            "d": "2",
            "beta": ">= the stated one",
            "masses": "; ".join(weighted.shown for weighted in prediction),
        },
        summary=f"{'; '.join(step.text for step in steps)}; replayed in balls",
    )


OTHER_MASSES: Statement[tuple[Weighted, ...]] = Statement(
    "",
    "d = 2, three or four tokens of unequal masses: all but consensus is a strict saddle",
    decide_below,
    refute=refute_weighted,
    search=certify_weighted,
)

SADDLES_OF_UNEQUAL_MASSES = Claim(
    "Saddles, unequal masses",
    "d = 2, masses (2,1,1), (1,2,2), (1,2,7/2), (1,2,3,4), (1,1,2,2): every critical point but "
    "consensus is a strict saddle, for every β from -11/5, -143/100, -12/5, -1, -13/20 on.",
    USA,
    WEIGHTED,
    OTHER_MASSES,
    (
        Control("masses 2, 1, 1 from β = -9/4", prediction=(_weighted(Rational(-9, 4), 2, 1, 1),)),
        Control("masses 1, 2, 2 from β = -3/2", prediction=(_weighted(Rational(-3, 2), 1, 2, 2),)),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.CERTIFIED,
    (IN_THE_PLANE,),
    origin="extension",
    equivalents=(
        ONLY_SPEED,
        Equivalent("the statement is on the energy alone", ("*.velocity: *",)),
        Equivalent(
            "said of fewer β",
            ("prediction.?.low: + 1", "prediction.?.low: sign*", "prediction.?.low: ÷ 2"),
        ),
        Equivalent(
            "masses in another unit, or others: another statement", ("prediction.?.masses*",)
        ),
    ),
)
CLAIMS = (SADDLES_BELOW_ZERO, SADDLES_OF_UNEQUAL_MASSES)
