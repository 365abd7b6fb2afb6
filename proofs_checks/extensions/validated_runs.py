"""Validated trajectory, Validated run: what the exact solution does, with an error bound.

Main results
------------
Validated trajectory: four tokens in no half circle, β = 1, come to an open one.
Validated run: one run at rtol 1e-8 (n = 4, d = 2) ends within 1e-5 of the exact solution.

How it is proved
----------------
Theorems whose leaves are certificates of runs: the checker bounds the distance of the exact
solution from each node by Taylor polynomials in balls. From an open half circle tokens meet, as
in Lemma 6.4, and SA doesn't change with the time. 0 inside a triangle is exact arithmetic.

References
----------
arXiv 2312.10794, Lemma 6.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from sympy import ImmutableMatrix, Rational

from numerics.compile import compile_model
from numerics.integration import Trajectory
from numerics.sphere import geodesic_distance
from proofs_checks.certificates import (
    certify_run,
    check,
    hemisphere_pole,
    stereographic,
)
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    SPEED,
    Array,
    Counterexample,
    Flow,
    Statement,
    Trial,
    as_rational,
    leaves_sphere,
    not_asked,
)
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    exact_rows,
    followed,
    meeting_from,
    sight_in,
    subject_in,
)
from theory.models import REPULSIVE, SA, USA, Model


@dataclass(frozen=True)
class Start:
    """Rational tokens on the circle by stereographic coordinates, and β: they form one cluster."""

    tokens: tuple[str, ...]
    hot: str


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


def conclude(flow: Flow, prediction: Start) -> Conclusion | Refusal:
    """Say that the tokens start around 0, enter an open half circle, and meet."""
    hot = Flow.of(flow.model, beta=Rational(prediction.hot))
    found = sight_in(hot)
    if isinstance(found, Refusal):
        return found
    pull, sight = found
    rows = [[as_rational(entry) for entry in row] for row in _rows(prediction)]
    return meeting_from(sight, pull.subject, ImmutableMatrix(rows))


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
    Concludes(conclude, words=(("n", "4"), ("d", "2"), ("masses", "1/n"))),
    not_asked,
    refute_start,
    run_in_doubles,
    typed=True,
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


BEGIN, TIMES = Start(_TOKENS, "5/4"), (0.0, 0.75)
"""Where and at which β the run starts, and when it is compared."""
_HOT = float(Fraction(BEGIN.hot))


@dataclass(frozen=True)
class RunError:
    """A run in doubles of ``flow`` at ``warm·β`` is within ``error`` of the exact solution."""

    error: float
    flow: Model = SA
    warm: float = 1.0
    rtol: float = 1e-8


def _run(model: Model, hot: float, rtol: float) -> Trajectory:
    """Run in doubles from the start, and note where it is at some times."""
    field = compile_model(model, beta=hot)
    return integrate(field, _doubles(BEGIN), TIMES[-1], t_eval=np.array(TIMES), rtol=rtol)


def refute_run(flow: Flow, prediction: RunError | None, budget: Budget) -> Counterexample | None:
    """Compare the run with an accurate one of SA or USA, whose error is certified."""
    lost = leaves_sphere(flow.model, budget.rng)
    if lost:
        return Counterexample(lost)
    if prediction is None or flow.model not in (SA, USA):
        return None
    certified = certify_run(_run(flow.model, _HOT, 1e-12))
    apart, bound = _apart(flow, prediction), float(certified.errors.max())
    if check(certified.certificate).ok and apart - bound > prediction.error:
        return Counterexample(
            f"β = {BEGIN.hot}: the run is {apart:.3g} away from one that is within {bound:.2g} of "
            f"the exact solution"
        )
    return None


def _apart(flow: Flow, prediction: RunError) -> float:
    """Return the largest angle between the run and an accurate one of a flow."""
    run = _run(prediction.flow, prediction.warm * _HOT, prediction.rtol)
    best = _run(flow.model, _HOT, 1e-12)
    return float(geodesic_distance(run.points, best.points).max())


def run_beside(flow: Flow, prediction: RunError, budget: Budget) -> Trial:
    """Compare the run with one of a flow that has no error bounds: one far from it refutes."""
    apart = _apart(flow, prediction)
    if flow.model in (SA, USA) or apart <= prediction.error:
        return Trial(silent="certificates say more than runs")
    return Trial(f"{flow.name}, β = {BEGIN.hot}: a run at rtol 1e-12 is {apart:.3g} away")


def conclude_run(flow: Flow, prediction: RunError) -> Conclusion | Refusal:
    """Say how near the exact solution is to a run in doubles at its times."""
    subject = subject_in(Flow.of(flow.model, beta=Rational(BEGIN.hot)))
    if isinstance(subject, Refusal):
        return subject
    run = _run(prediction.flow, prediction.warm * _HOT, prediction.rtol)
    places = [exact_rows(points) for points in run.points]
    times = [Rational(float(time)) for time in run.times]
    later = zip(times[1:], places[1:], strict=True)
    return followed(subject, places[0], later, Rational(repr(prediction.error)))


RUN: Statement[RunError] = Statement(
    "",
    "a run in doubles is near the exact solution",
    Concludes(conclude_run, words=(("n", "4"), ("d", "2"), ("masses", "1/n"))),
    not_asked,
    refute_run,
    run_beside,
    typed=True,
)


VALIDATED_RUN = Claim(
    "Validated run",
    "An ordinary run of four tokens on the circle, β = 5/4, is within 0.00001 of the exact "
    "solution at t = 3/4.",
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
            "the proved error, 4e-9, is less, and that at twice or half the rtol less than 1e-5",
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
