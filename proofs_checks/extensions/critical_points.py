"""Critical points: complete lists on the circle, by type: 6 at n = 3, 26 at n = 4.

How it is proved
----------------
Up to rotation, at β = 1 and β = 1.3 in turn; a full run adds β = 4 and n = 5. A search lists the
critical points and a certificate that the list is complete and each one non-degenerate is
checked in balls. Claimed types must agree with Poincaré and Hopf on the torus of angles.

References
----------
Poincaré-Hopf; the energy is (7.4) of arXiv 2312.10794, its Hessian (B.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, simplify

from proofs_checks.certificates import Certificate, certify_critical_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    CURVATURE,
    DROPPED,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    accepted,
    climbs_curvature,
    derived,
    gap,
    not_asked,
    off_curvature,
)
from theory.models import REPULSIVE, USA


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


def refute_points(
    flow: Flow, prediction: CriticalPoints | None, budget: Budget
) -> Counterexample | None:
    """Find another curvature, or claimed types that no function on the torus has."""
    if prediction is None:
        return None
    off = off_curvature(flow, prediction.curvature)
    if off:
        return Counterexample(off)
    for (tokens, hot), types in (*prediction.types.items(), *prediction.more.items()):
        # Up to rotation the angles are a torus, whose Euler characteristic is 0.
        balance = sum(k * (-1) ** int(name.split(",")[1]) for name, k in types.items())
        if balance != 0:
            return Counterexample(
                f"n = {tokens}, β = {hot}: the indices of {dict(types)} sum to {balance}, and on "
                f"the torus of {tokens - 1} angles they sum to 0 (Poincaré-Hopf)"
            )
    return None


def decide(flow: Flow, prediction: CriticalPoints) -> Sheet:
    """Derive that the energy is the certificates' one, up to its sign."""
    sign = climbs_curvature(flow)
    text = f"∂²E/∂θ_i∂θ_j of a pair is {'-' if sign == -1 else ''}g, g = {prediction.curvature}"
    if sign is None:
        return Sheet((gap(text, f"{flow.name}: no such pair energy"),))
    energy = derived(text, simplify(prediction.curvature - CURVATURE))
    torus = Step("up to rotation the angles are a torus", How.DERIVED, evidence="E is invariant")
    return Sheet((energy, torus))


@lru_cache(maxsize=16)
def _listed(tokens: int, hot: str) -> Certificate:
    return certify_critical_points(tokens, hot)


def enclose(flow: Flow, prediction: CriticalPoints, budget: Budget) -> Sheet | Counterexample:
    """Find all critical points at each β, have the list checked, and compare the counts.

    One that descends the energy swaps the signs; ``full`` goes on to more tokens and larger β.
    """
    wanted = {**prediction.types, **(prediction.more if budget.full else {})}
    steps = []
    for (tokens, hot), types in wanted.items():
        certificate = _listed(tokens, hot)
        found = dict(certificate.parameters["types"])
        if climbs_curvature(flow) == -1:
            found = {",".join(reversed(name.split(","))): k for name, k in found.items()}
        text = f"n = {tokens}, β = {hot}: {sum(found.values())} {dict(sorted(found.items()))}"
        step = accepted(f"{text}, a complete list, all non-degenerate", certificate)
        if step.holds and found != dict(types):
            return Counterexample(
                f"{flow.name}, {text} (complete list, in balls), claimed "
                f"{sum(types.values())} {dict(types)}"
            )
        steps.append(step)
    more = "" if budget.full else f"; a full run goes on to {len(prediction.more)} more"
    return Sheet(
        tuple(steps),
        {"n": "3 to 5" if budget.full else "3, 4", "d": "2", "beta": "fixed", "masses": "1/n"},
        summary=f"types (positive, negative): {'; '.join(s.text for s in steps)}{more}",
    )


POINTS: Statement[CriticalPoints] = Statement(
    "",
    "complete lists of critical points on the circle",
    decide,
    not_asked,
    refute_points,
    search=enclose,
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
    POINTS,
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
        Control("g without β", prediction=CriticalPoints(_QUICK, {}, DROPPED)),
    ),
    Verdict.CERTIFIED,
    (WARM,),
    origin="extension",
    equivalents=(Equivalent("the statement is on the energy alone", ("*.velocity: *",)),),
)


CLAIMS = (CRITICAL_POINTS,)
