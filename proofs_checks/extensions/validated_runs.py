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

import numpy as np

from numerics.compile import compile_model
from numerics.integration import Trajectory
from numerics.sphere import geodesic_distance
from proofs_checks.certificates import (
    NotCertified,
    certify_consensus,
    certify_run,
    check,
    hemisphere_pole,
    stereographic,
)
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.proof import (
    HEMISPHERE,
    SPEED,
    Array,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    accepted,
    by_statement,
    gap,
    leaves_sphere,
    not_asked,
    statement_of,
)
from proofs_checks.shared_runs import integrate
from theory.models import REPULSIVE, SA, USA, Model


@dataclass(frozen=True)
class Start:
    """Rational tokens on the circle by stereographic coordinates, and β: they form one cluster."""

    tokens: tuple[str, ...]
    hot: str


TO = "from an open hemisphere x_i -> x*"


def _rows(prediction: Start) -> list[tuple[Fraction, ...]]:
    return [tuple(stereographic([u])) for u in prediction.tokens]


def _doubles(prediction: Start) -> Array:
    return np.array([[float(entry) for entry in row] for row in _rows(prediction)])


def refute_start(flow: Flow, prediction: Start | None, budget: Budget) -> Counterexample | None:
    """Find tokens that leave the sphere, or equal their mirror image -X and so stay that."""
    lost = leaves_sphere(flow.model, budget.rng)
    if lost:
        return Counterexample(lost)
    if prediction is None:
        return None
    rows = _rows(prediction)
    if sorted(rows) != sorted(tuple(-entry for entry in row) for row in rows):
        return None
    detail = "the tokens are symmetric about 0, so they stay outside every open hemisphere"
    return Counterexample(f"{flow.name}, u = {prediction.tokens}: {detail}")


def decide(flow: Flow, prediction: Start) -> Sheet:
    """Look at the start; a flow without error bounds leaves a gap."""
    text = f"tokens u = {', '.join(prediction.tokens)} lie in no half circle"
    if hemisphere_pole(_doubles(prediction))[1] > 1e-9:
        return Sheet((gap(text, "the tokens start in a half circle: nothing to show"),))
    start = Step(text, How.DERIVED, evidence="rational points")
    if flow.model not in (SA, USA):
        return Sheet((start, gap("an open hemisphere is reached", "no error bounds of this flow")))
    return Sheet((start, by_statement(statement_of(LEMMA_6_4), flow, text=f"{HEMISPHERE}: {TO}")))


def enclose(flow: Flow, prediction: Start, budget: Budget) -> Sheet:
    """Follow the exact solution into an open hemisphere; Lemma 6.4 goes on from there.

    ``full`` adds USA, β = 4 and a start on the sphere.
    """
    rows = _rows(prediction)
    cases = [(flow.model, prediction.hot, rows)]
    if budget.full:
        solid = [
            tuple(stereographic(u)) for u in (("3", "0"), ("-1", "2"), ("-1", "-2"), ("0", "1/8"))
        ]
        cases += [(USA, prediction.hot, rows), (SA, "4", rows), (SA, "2", solid)]
    steps: list[Step] = []
    for model, hot, points in cases:
        case = f"{model.name}, β = {hot}, d = {len(points[0])}"
        try:
            certificate = certify_consensus(points, hot, model)
        except NotCertified as reason:
            steps.append(gap(f"{case}: an open hemisphere is reached", str(reason)))
            continue
        time = float(Fraction(certificate.parameters["time"]))
        text = f"{case}: an open hemisphere is reached by t = {time:.3f}"
        steps.append(accepted(text, certificate, f"{len(certificate.evidence['steps'])} steps"))
    return Sheet(
        tuple(steps),
        {"n": str(len(rows)), "d": "2", "beta": prediction.hot, "masses": "1/n"},
        summary=f"an open hemisphere is reached: {'; '.join(step.text for step in steps)}",
    )


def run_in_doubles(flow: Flow, prediction: Start, budget: Budget) -> Trial:
    """Run a flow without error bounds: one that comes to rest elsewhere refutes."""
    if flow.model in (SA, USA):
        return Trial(silent="certificates say more than runs")
    first = _doubles(prediction)
    field = compile_model(flow.model, beta=float(Fraction(prediction.hot)))
    run = integrate(field, first, 60.0, rtol=1e-10)
    times = [t for t, x in zip(run.times, run.points, strict=True) if hemisphere_pole(x)[1] > 1e-2]
    speed = float(np.abs(field(run.points[-1])).max())
    if times:
        return Trial(silent=f"a run in doubles is in a half circle at {times[0]:.3f}")
    if speed >= 1e-8:
        return Trial(silent=f"no half circle until t = 60, speed {speed:.2g}")
    shown = np.array2string(run.points[-1], precision=3).replace("\n", "")
    return Trial(
        f"{flow.name}, β = {prediction.hot}, u = {prediction.tokens}: at rest (speed "
        f"{speed:.1g}) at t = 60 in {shown}, in no open half circle"
    )


CONSENSUS: Statement[Start] = Statement(
    "",
    "the exact solution comes to an open half circle, so to a point",
    decide,
    not_asked,
    refute_start,
    run_in_doubles,
    enclose,
)


_TOKENS = ("3", "1/4", "-1/2", "-5")


VALIDATED = Claim(
    "Validated trajectory",
    "Four tokens in no half circle, β = 1: the exact solution comes to an open one, so to a point.",
    SA,
    Start(_TOKENS, "1"),
    CONSENSUS,
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


def decide_run(flow: Flow, prediction: RunError) -> Sheet:
    """Return no step: the certificate of the run is searched for."""
    return Sheet(())


def enclose_run(flow: Flow, prediction: RunError, budget: Budget) -> Sheet | Counterexample:
    """Certify the run predicted, or an accurate run of the model that it is compared with.

    ``full`` takes 8 tokens on the sphere at β = 2 too.
    """
    steps = []
    for size, d, hot, end in [(4, 2, 1.25, 1.0)] + ([(8, 3, 2.0, 2.0)] if budget.full else []):
        points = budget.rng.standard_normal((size, d))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        times = np.linspace(0, end, 7)
        other = compile_model(prediction.flow, beta=prediction.warm * hot)
        run = integrate(other, points, end, t_eval=times, rtol=prediction.rtol)
        case = f"n = {size}, d = {d}, β = {hot}"
        text = f"{case}: the run is within {prediction.error:g} of the exact solution"
        own = _own_error(run, flow.model, hot)
        if own is not None and own <= prediction.error:
            evidence = f"at most {own:.2g}, checked"
            steps.append(Step(text, How.ENCLOSED, evidence=evidence, enclosed=True))
            continue
        best = integrate(compile_model(flow.model, beta=hot), points, end, t_eval=times, rtol=1e-12)
        apart = float(geodesic_distance(run.points, best.points).max())
        certified = certify_run(best)
        bound = float(certified.errors.max())
        accurate = accepted(f"{case}: another run is within {bound:.2g}", certified.certificate)
        if accurate.holds and apart - bound > prediction.error:
            return Counterexample(
                f"{case}: the run is {apart:.3g} away from one that is "
                f"within {bound:.2g} of the exact solution"
            )
        steps += [accurate, gap(text, f"the error is at least {apart - bound:.2g}")]
    return Sheet(
        tuple(steps),
        {"n": "4, 8" if budget.full else "4", "d": "2, 3" if budget.full else "2", "t": "[0, 1]"},
        summary=f"error of a run at rtol 1e-8: {'; '.join(map(str, steps))}",
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


RUN: Statement[RunError] = Statement(
    "", "a run in doubles is near the exact solution", decide_run, not_asked, search=enclose_run
)


VALIDATED_RUN = Claim(
    "Validated run",
    "One ordinary run at rtol 1e-8 (n = 4, d = 2) is proved to be within 1e-5 of the exact "
    "solution.",
    SA,
    RunError(1e-5),
    RUN,
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
