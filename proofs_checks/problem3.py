"""Problem 3 on the circle for n = 3 to 6 at every β, and complete lists of critical points.

Trees of boxes from ``landscape``, replayed in ball arithmetic by ``checker``. Without python-flint
the same search is all there is, in floating point, and the verdict says no more than SUPPORTED.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
from sympy import Expr, Rational, S, acos, cos, diff, exp, pi, simplify, sin, sqrt

from proofs_checks import checker, landscape
from proofs_checks.certificates import Certificate, Rejected
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Hypothesis, Verdict
from theory.energy import pair_kernel
from theory.models import REPULSIVE, USA, Model
from theory.predictions import large_beta_threshold
from theory.reductions import phi as PHI
from theory.symbols import beta, n, z

_BALLS = find_spec("flint") is not None
_EXPECTED = Verdict.CERTIFIED if _BALLS else Verdict.SUPPORTED
_SAME = "SA climbs the same energy in another metric: (3.12), Remark B.1"
CURVATURE = (cos(PHI) - beta * sin(PHI) ** 2) * exp(beta * cos(PHI))
"""g, the mixed second derivative of the energy of a pair: the certificates are about it."""
THRESHOLD = large_beta_threshold(n)
"""From this β on the pairs with g >= 0 form a tree shorter than π."""
_MORE = (7, 8)  # numbers of tokens of a full run besides


@dataclass(frozen=True)
class Saddles:
    """Every critical point but consensus is a strict saddle, for every β >= low.

    Attributes
    ----------
    tokens : tuple of int
        Numbers of tokens, at least 2 each; a full run goes on to 7 and 8.
    curvature : Expr
        g in ``PHI`` and ``beta``.
    threshold : Expr
        In ``n``: the β from which the tree of pairs with g >= 0 is short enough.
    gap : Expr
        A critical point with a larger cyclic gap is consensus, and the tree may span 2π - gap.
    low : Expr
    """

    tokens: tuple[int, ...]
    curvature: Expr = CURVATURE
    threshold: Expr = THRESHOLD
    gap: Expr = pi
    low: Expr = S.Zero


@dataclass(frozen=True)
class CriticalPoints:
    """Numbers of critical points up to rotation, by type.

    Attributes
    ----------
    types : Mapping
        (n, β) to {"positive,negative": count}, signs of the Hessian's eigenvalues.
    more : Mapping
        Those of a full run besides.
    curvature : Expr
    """

    types: Mapping[tuple[int, str], Mapping[str, int]]
    more: Mapping[tuple[int, str], Mapping[str, int]]
    curvature: Expr = CURVATURE


def _sign(model: Model, claimed: Expr) -> int | Evidence:
    """Return whether the model climbs (1) or descends (-1) the energy of the certificates.

    The curvature is derived from the model's energy and compared with the claimed one first.
    """
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is None:
        return Evidence(Verdict.UNDECIDED, f"{model.name} has no isotropic pair energy")
    derived = -diff(kernel.subs(z, cos(PHI)), PHI, 2)
    for sign in (1, -1):
        if simplify(derived - sign * CURVATURE) == 0:
            if simplify(claimed - CURVATURE) == 0:
                return sign
            derived = CURVATURE
            break
    at = {PHI: Rational(13, 10), beta: Rational(17, 10), n: 3}
    ours, theirs = derived.subs(at).evalf(30), claimed.subs(at).evalf(30)
    if ours.is_Float and theirs.is_Float and abs(ours - theirs) > Rational(1, 10**9):
        return Evidence(
            Verdict.REFUTED,
            f"{model.name}: at φ = 1.3, β = 1.7 the mixed second derivative of the energy of a "
            f"pair is {ours.n(6)}, claimed {theirs.n(6)}",
        )
    return Evidence(Verdict.UNDECIDED, f"g is {derived}, claimed {claimed}")


def _types_at(turns: tuple[float, ...], hot: Fraction) -> tuple[int, int, str]:
    """Count positive and negative eigenvalues at a critical point, and say how that was done."""
    if _BALLS:
        try:
            found = landscape.certify_critical_point(turns, hot)
        except Rejected:  # degenerate, or no critical point
            return 0, 0, "undecided"
        if checker.check(found).ok:
            return found.parameters["positive"], found.parameters["negative"], "in balls"
    return (*landscape.signs_at(turns, float(hot)), "in floating point")


def _local_maximum(tokens: int, sign: int, low: Expr) -> str:
    """Say at which β the regular polygon, a critical point, is a local maximum; "" if at none."""
    polygon = tuple(k / tokens for k in range(tokens))
    for hot in (Fraction(int(low.p), int(low.q)) + step for step in (0, Fraction(1, 4), 1)):
        if hot == 0:
            continue
        *signs, how = _types_at(polygon, hot)
        if signs[::sign] == [0, tokens - 1]:
            return (
                f"β = {hot}: the regular {tokens}-gon is critical and a local maximum up to "
                f"rotation, all {tokens - 1} eigenvalues negative ({how})"
            )
    return ""


def check_strict_saddles(model: Model, prediction: Saddles, budget: Budget) -> Evidence:
    """Search trees for every number of tokens, have them checked, and join the large-β argument.

    Parameters
    ----------
    model : Model
        A flow that climbs its energy.
    prediction : Saddles
    budget : Budget
        ``full`` goes on to more tokens.
    """
    if min(prediction.tokens) < 2 or not prediction.threshold.free_symbols <= {n}:
        raise ValueError(
            f"Expected at least 2 tokens and a threshold in n but got tokens={prediction.tokens}, "
            f"threshold={prediction.threshold}; a pair is needed, and one number for each n."
        )
    sign = _sign(model, prediction.curvature)
    if isinstance(sign, Evidence):
        return sign
    if sign < 0 or prediction.low < 0:
        found = _local_maximum(prediction.tokens[0], sign, prediction.low)
        verdict = Verdict.REFUTED if found else Verdict.UNDECIDED
        return Evidence(verdict, f"{model.name}: {found or 'only β >= 0 is searched'}")
    span = 2 * pi - prediction.gap
    for tokens in (k for k in prediction.tokens if k <= 4):
        for turns in landscape.find_critical_points(tokens, 1.3):
            gap = 2 * np.pi * float(np.diff([*turns, 1.0]).max())
            if gap > float(prediction.gap) + 1e-9:
                return Evidence(
                    Verdict.REFUTED,
                    f"n = {tokens}, β = 1.3: critical at 2π {np.round(turns, 6).tolist()}, not "
                    f"consensus, with a gap of {gap:.6g} > {prediction.gap}",
                )
    counts = (*prediction.tokens, *(_MORE if budget.full else ()))
    done: list[str] = []
    for tokens in counts:
        threshold = S(prediction.threshold.subs(n, tokens))
        hot = threshold if threshold > 0 else S(1)
        tree = (tokens - 1) * acos((sqrt(4 * hot**2 + 1) - 1) / (2 * hot))
        if float(tree) > float(span) + 1e-9:
            return Evidence(
                Verdict.REFUTED,
                f"n = {tokens}: at β = {hot.n(6)} the {tokens - 1} edges of length τ* span "
                f"{float(tree):.6g} > {float(span):.6g}: not inside a half circle",
            )
        certificate = landscape.certify_strict_saddles(tokens, beta_from=str(prediction.low))
        reached = Fraction(certificate.evidence["knots"][-1])
        if certificate.parameters["beta_to"] != "infinity" or reached < threshold:
            return Evidence(
                Verdict.UNDECIDED, f"n = {tokens}: trees reach β = {reached}, not {threshold}"
            )
        if _BALLS:
            result = checker.check(certificate)
            if not result.ok:
                return Evidence(Verdict.UNDECIDED, f"n = {tokens}: {result.reason}")
        done.append(f"n = {tokens}: {_leaves(certificate)} boxes up to β = {float(reached):.4g}")
    how = "replayed in balls" if _BALLS else "in floating point only, without python-flint"
    more = "" if budget.full else f"; a full run goes on to n = {max(_MORE)}"
    return Evidence(
        _EXPECTED,
        f"{'; '.join(done)}; {how}; above, n - 1 pairs within τ* span less than π{more}",
        {"n": f"{counts[0]} to {counts[-1]}", "d": "2", "beta": "every β >= 0", "masses": "1/n"},
        (*certificate.assumptions, _SAME),
        cases=0 if _BALLS else len(counts),
    )


def _leaves(certificate: Certificate) -> int:
    """Count the boxes of all trees: every leaf starts with one of three symbols."""
    trees = "".join(certificate.evidence["trees"])
    return sum(trees.count(symbol) for symbol in ".+!")


def check_critical_points(model: Model, prediction: CriticalPoints, budget: Budget) -> Evidence:
    """Find all critical points at each β, have the list checked, and compare the counts.

    Parameters
    ----------
    model : Model
        A flow that climbs its energy; one that descends it swaps the signs.
    prediction : CriticalPoints
    budget : Budget
        ``full`` goes on to more tokens and larger β.
    """
    sign = _sign(model, prediction.curvature)
    if isinstance(sign, Evidence):
        return sign
    for (tokens, hot), types in (*prediction.types.items(), *prediction.more.items()):
        # Up to rotation the angles are a torus, whose Euler characteristic is 0.
        balance = sum(k * (-1) ** int(name.split(",")[1]) for name, k in types.items())
        if balance != 0:
            return Evidence(
                Verdict.REFUTED,
                f"n = {tokens}, β = {hot}: the indices of {dict(types)} sum to {balance}, and on "
                f"the torus of {tokens - 1} angles they sum to 0 (Poincaré-Hopf)",
            )
    wanted = {**prediction.types, **(prediction.more if budget.full else {})}
    done: list[str] = []
    assumptions: tuple[str, ...] = ()
    for (tokens, hot), types in wanted.items():
        if _BALLS:
            certificate = landscape.certify_critical_points(tokens, hot)
            result = checker.check(certificate)
            if not result.ok:
                return Evidence(Verdict.UNDECIDED, f"n = {tokens}, β = {hot}: {result.reason}")
            found, assumptions = dict(certificate.parameters["types"]), certificate.assumptions
        else:
            found = landscape.count_critical_points(tokens, float(Fraction(hot)))
        if sign < 0:
            found = {",".join(reversed(name.split(","))): k for name, k in found.items()}
        how = "complete list, in balls" if _BALLS else "those found, in floating point"
        text = f"n = {tokens}, β = {hot}: {sum(found.values())} {dict(sorted(found.items()))}"
        if found != dict(types):
            return Evidence(
                Verdict.REFUTED,
                f"{model.name}, {text} ({how}), claimed {sum(types.values())} {dict(types)}",
            )
        done.append(text)
    more = "" if budget.full else f"; a full run goes on to {len(prediction.more)} more"
    return Evidence(
        _EXPECTED,
        f"types (positive, negative): {'; '.join(done)} ({how}){more}",
        {"n": "3 to 5" if budget.full else "3, 4", "d": "2", "beta": "fixed", "masses": "1/n"},
        assumptions,
        cases=0 if _BALLS else len(wanted),
    )


_DROPPED = cos(PHI) * exp(beta * cos(PHI))


def _plane(**parameters: float) -> float:
    return 2.0 - parameters["d"]


def _few(**parameters: float) -> float:
    return 6.0 - parameters["n"]


PROBLEM_3_SMALL = Claim(
    "Problem 3, n=3..6",
    "d = 2, n = 3 to 6: every critical point but consensus is a strict saddle, for every β >= 0.",
    USA,
    Saddles((3, 4, 5, 6)),
    check_strict_saddles,
    (
        Control("β >= 0 -> β >= -7/10", prediction=Saddles((3, 4), low=Rational(-7, 10))),
        Control("V = -I", model=REPULSIVE),
        Control(
            "half the threshold",
            prediction=Saddles((3, 4), threshold=THRESHOLD / 2),
        ),
        Control("g without β", prediction=Saddles((3, 4), curvature=_DROPPED)),
        Control("gap > π -> gap > π/2", prediction=Saddles((3, 4), gap=pi / 2)),
    ),
    _EXPECTED,
    (Hypothesis("d = 2", _plane), Hypothesis("n <= 6", _few), WARM),
    origin="extension",
)

_THREE = {"0,2": 1, "1,1": 3, "2,0": 2}
_FOUR = {"0,3": 1, "1,2": 7, "2,1": 12, "3,0": 6}
_FIVE = {"0,4": 1, "1,3": 15, "2,2": 50, "3,1": 60, "4,0": 24}
_QUICK = {(3, "1"): _THREE, (4, "13/10"): _FOUR}
_FULL = {(3, "4"): _THREE, (4, "4"): _FOUR, (5, "13/10"): _FIVE}

CRITICAL_POINTS = Claim(
    "Critical points",
    "d = 2: up to rotation there are 6 critical points at n = 3, β = 1, and 26 at n = 4, β = 1.3, "
    "all non-degenerate, of the types listed.",
    USA,
    CriticalPoints(_QUICK, _FULL),
    check_critical_points,
    (
        Control(
            "one saddle less at n = 3",
            prediction=CriticalPoints({(3, "1"): {**_THREE, "1,1": 2}}, {}),
        ),
        Control(
            "consensus left out",
            prediction=CriticalPoints(
                {(4, "13/10"): {k: v for k, v in _FOUR.items() if v > 1}}, {}
            ),
        ),
        Control("V = -I", model=REPULSIVE),
        Control("g without β", prediction=CriticalPoints(_QUICK, {}, _DROPPED)),
    ),
    _EXPECTED,
    (WARM,),
    origin="extension",
)

CLAIMS_PROBLEM_3 = (PROBLEM_3_SMALL, CRITICAL_POINTS)
"""The claims of this file."""

__all__ = [
    "CLAIMS_PROBLEM_3",
    "CRITICAL_POINTS",
    "CURVATURE",
    "PROBLEM_3_SMALL",
    "THRESHOLD",
    "CriticalPoints",
    "Saddles",
    "check_critical_points",
    "check_strict_saddles",
]
