"""Validated trajectory, Validated run: what the exact solution does, with an error bound.

Main results
------------
Validated trajectory: four tokens in no half circle, β = 1, come to an open one.
Validated run: one run at rtol 1e-8 (n = 4, d = 2) is within 1e-5 of the exact solution.

How it is proved
----------------
Runs in doubles are turned into certificates: the checker bounds the distance of the exact
solution from each node by Taylor polynomials in balls, and Lemma 6.4, cited, goes on from an
open hemisphere to one point. A full run adds USA, larger β and starts on the sphere.

References
----------
arXiv 2312.10794, Lemma 6.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.compile import compile_model
from numerics.integration import Trajectory, integrate
from numerics.sphere import geodesic_distance
from proofs_checks.certificates import (
    NotCertified,
    certify_consensus,
    certify_run,
    check,
    hemisphere_pole,
    stereographic,
)
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import SPEED, leaves_sphere, rejected
from theory.models import REPULSIVE, SA, USA, Model


@dataclass(frozen=True)
class Start:
    """Rational tokens on the circle by stereographic coordinates, and β: they form one cluster."""

    tokens: tuple[str, ...]
    hot: str


def check_start(model: Model, prediction: Start, budget: Budget) -> Evidence:
    """Follow the exact solution into an open hemisphere.

    A set of tokens that equals its mirror image -X stays so, in no open hemisphere. For a flow
    without error bounds a run in doubles that comes to rest elsewhere refutes.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Start
    budget : Budget
        ``full`` adds USA, β = 4 and a start on the sphere.
    """
    lost = leaves_sphere(model, budget.rng)
    if lost:
        return Evidence(Verdict.REFUTED, lost)
    rows = [stereographic([u]) for u in prediction.tokens]
    if sorted(rows) == sorted([-entry for entry in row] for row in rows):
        detail = "the tokens are symmetric about 0, so they stay outside every open hemisphere"
        return Evidence(Verdict.REFUTED, f"{model.name}, u = {prediction.tokens}: {detail}")
    first = np.array([[float(entry) for entry in row] for row in rows])
    height = hemisphere_pole(first)[1]
    if height > 1e-9:
        return Evidence(Verdict.UNDECIDED, "the tokens start in a half circle: nothing to show")
    if model not in (SA, USA):
        return _in_doubles(model, first, prediction)
    cases = [(model, prediction.hot, rows)]
    if budget.full:
        solid = [stereographic(u) for u in (("3", "0"), ("-1", "2"), ("-1", "-2"), ("0", "1/8"))]
        cases += [(USA, prediction.hot, rows), (SA, "4", rows), (SA, "2", solid)]
    parts = []
    for flow, hot, points in cases:
        try:
            certificate = certify_consensus(points, hot, flow)
        except NotCertified as reason:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}, β = {hot}: {reason}")
        failed = rejected(certificate)
        if failed is not None:
            return failed
        time = float(Fraction(certificate.parameters["time"]))
        count = len(certificate.evidence["steps"])
        parts.append(f"{flow.name}, β = {hot}, d = {len(points[0])}: t = {time:.3f}, {count} steps")
    return Evidence(
        Verdict.CERTIFIED,
        f"an open hemisphere is reached: {'; '.join(parts)}",
        {"n": str(len(rows)), "d": "2", "beta": prediction.hot, "masses": "1/n"},
        assumptions=("Lemma 6.4",),
    )


def _in_doubles(model: Model, first: Any, prediction: Start) -> Evidence:
    field = compile_model(model, beta=float(Fraction(prediction.hot)))
    run = integrate(field, first, 60.0, rtol=1e-10)
    times = [t for t, x in zip(run.times, run.points, strict=True) if hemisphere_pole(x)[1] > 1e-2]
    speed = float(np.abs(field(run.points[-1])).max())
    if times:
        return Evidence(
            Verdict.UNDECIDED,
            f"a run in doubles is in a half circle at {times[0]:.3f}",
            {"n": str(len(first)), "d": "2", "beta": prediction.hot},
            cases=1,
        )
    if speed < 1e-8:
        shown = np.array2string(run.points[-1], precision=3).replace("\n", "")
        return Evidence(
            Verdict.REFUTED,
            f"{model.name}, β = {prediction.hot}, u = {prediction.tokens}: at rest (speed "
            f"{speed:.1g}) at t = 60 in {shown}, in no open half circle",
        )
    return Evidence(Verdict.UNDECIDED, f"no half circle until t = 60, speed {speed:.2g}")


_TOKENS = ("3", "1/4", "-1/2", "-5")


VALIDATED = Claim(
    "Validated trajectory",
    "Four tokens in no half circle, β = 1: the exact solution comes to an open one, so to a point.",
    SA,
    Start(_TOKENS, "1"),
    check_start,
    (
        Control("a square", prediction=Start(("3", "-1/3", "1/2", "-2"), "1")),
        Control("two antipodal pairs", prediction=Start(("3", "-1/3", "1/4", "-4"), "1")),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.CERTIFIED,
    origin="extension",
    equivalents=(
        Equivalent(
            "β = 1: 1 > 0 is the factor of the speed, and β² = β",
            ("*.velocity: × β", *SPEED, "*.velocity: β -> β²"),
        ),
        Equivalent("the search certifies the same start at β = 2", ("*.velocity: e^u -> e^2u",)),
    ),
)


@dataclass(frozen=True)
class RunError:
    """A run in doubles of ``flow`` at ``warm·β`` is within ``error`` of the exact solution."""

    error: float
    flow: Model = SA
    warm: float = 1.0
    rtol: float = 1e-8


def check_run_error(model: Model, prediction: RunError, budget: Budget) -> Evidence:
    """Certify an accurate run of the model, and compare the run predicted with it.

    Parameters
    ----------
    model : Model
        The exact flow.
    prediction : RunError
        The run and its error.
    budget : Budget
        ``full`` takes 8 tokens on the sphere at β = 2 too.
    """
    parts = []
    for size, d, hot, end in [(4, 2, 1.25, 1.0)] + ([(8, 3, 2.0, 2.0)] if budget.full else []):
        points = budget.rng.standard_normal((size, d))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        times = np.linspace(0, end, 7)
        best = integrate(compile_model(model, beta=hot), points, end, t_eval=times, rtol=1e-12)
        other = compile_model(prediction.flow, beta=prediction.warm * hot)
        run = integrate(other, points, end, t_eval=times, rtol=prediction.rtol)
        apart = float(geodesic_distance(run.points, best.points).max())
        own = _own_error(run, model, hot)
        if own is not None and own <= prediction.error:
            parts.append(f"n = {size}, d = {d}, β = {hot}: at most {own:.2g}")
            continue
        certified = certify_run(best)
        failed = rejected(certified.certificate)
        if failed is not None:
            return failed
        bound = float(certified.errors.max())
        if apart - bound > prediction.error:
            return Evidence(
                Verdict.REFUTED,
                f"n = {size}, d = {d}, β = {hot}: the run is {apart:.3g} away from one that is "
                f"within {bound:.2g} of the exact solution",
            )
        return Evidence(Verdict.UNDECIDED, f"the error is at least {apart - bound:.2g}")
    return Evidence(
        Verdict.CERTIFIED,
        f"error of a run at rtol 1e-8: {'; '.join(parts)}",
        {"n": "4, 8" if budget.full else "4", "d": "2, 3" if budget.full else "2", "t": "[0, 1]"},
        cases=len(parts),
    )


def _own_error(run: Trajectory, model: Model, hot: float) -> float | None:
    """Largest proved error of a run of the model itself, if a bound can be had."""
    if run.field.model != model or run.field.parameters["beta"] != hot:
        return None
    try:
        certified = certify_run(run)
    except NotCertified:
        return None
    return float(certified.errors.max()) if check(certified.certificate).ok else None


VALIDATED_RUN = Claim(
    "Validated run",
    "One ordinary run at rtol 1e-8 (n = 4, d = 2) is proved to be within 1e-5 of the exact "
    "solution.",
    SA,
    RunError(1e-5),
    check_run_error,
    (
        Control("β -> 1.01 β in the run", prediction=RunError(1e-5, warm=1.01)),
        Control("a run of USA", prediction=RunError(1e-5, flow=USA)),
    ),
    Verdict.CERTIFIED,
    origin="extension",
    equivalents=(
        Equivalent(
            "the proved error, 3e-8, is less, and that at twice or half the rtol less than 1e-5",
            (
                "prediction.error: + 1",
                "prediction.error: × 2",
                "prediction.error: ÷ 2",
                "prediction.rtol: × 2",
                "prediction.rtol: ÷ 2",
            ),
        ),
    ),
)


CLAIMS = (VALIDATED, VALIDATED_RUN)
