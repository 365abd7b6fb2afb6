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

from sympy import Expr

from proofs_checks.certificates import certify_critical_points, check
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import CURVATURE, DROPPED, energy_sign
from theory.models import REPULSIVE, USA, Model


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
    sign = energy_sign(model, prediction.curvature)
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
        certificate = certify_critical_points(tokens, hot)
        result = check(certificate)
        if not result.ok:
            return Evidence(Verdict.UNDECIDED, f"n = {tokens}, β = {hot}: {result.reason}")
        found, assumptions = dict(certificate.parameters["types"]), certificate.assumptions
        if sign < 0:
            found = {",".join(reversed(name.split(","))): k for name, k in found.items()}
        text = f"n = {tokens}, β = {hot}: {sum(found.values())} {dict(sorted(found.items()))}"
        if found != dict(types):
            return Evidence(
                Verdict.REFUTED,
                f"{model.name}, {text} (complete list, in balls), claimed "
                f"{sum(types.values())} {dict(types)}",
            )
        done.append(text)
    more = "" if budget.full else f"; a full run goes on to {len(prediction.more)} more"
    return Evidence(
        Verdict.CERTIFIED,
        f"types (positive, negative): {'; '.join(done)} (complete list, in balls){more}",
        {"n": "3 to 5" if budget.full else "3, 4", "d": "2", "beta": "fixed", "masses": "1/n"},
        assumptions,
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
        Control("g without β", prediction=CriticalPoints(_QUICK, {}, DROPPED)),
    ),
    Verdict.CERTIFIED,
    (WARM,),
    origin="extension",
    equivalents=(Equivalent("the statement is on the energy alone", ("*.velocity: *",)),),
)


CLAIMS = (CRITICAL_POINTS,)
