"""Samples for rows that no proof answers: sphere, symmetries, energy, Gram closure.

They answer for a user's implementation, and where the decision of a statement leaves a gap. The
energy's rows are ascent, the dissipation identity and the gradient structure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np

from numerics import sphere
from proofs_checks.claim import Evidence, not_applicable
from proofs_checks.own_model.cases import cases_with_order, cases_with_vector, drawn_cases
from proofs_checks.own_model.report import (
    DIFFERENCE_STEP,
    REFUTED,
    TOLERANCE,
    UNDECIDED,
    Array,
)
from proofs_checks.own_model.subject import (
    Agreement,
    Case,
    Subject,
    call_implementation,
    is_close,
    sampled_evidence,
    scope_of,
    shown_array,
)
from proofs_checks.proof import STEPS, entry_in_words, falling_layer, matrix_parameters
from theory.symbols import eta


def implementation_row(subject: Subject) -> Evidence:
    """Compare the user's implementation with the compiled model."""
    if subject.implementation is None:
        return not_applicable("no implementation was given")
    implementation = subject.implementation

    def holds(case: Case) -> Any:
        wanted = subject.fields[case.points.shape[1]].unchecked(case.points)
        return is_close(call_implementation(implementation, case.points), wanted)

    return sampled_evidence(
        subject, "implementation", drawn_cases(subject), holds, "agrees with the model"
    )


def confinement_sampled(subject: Subject) -> Evidence:
    """Whether the velocity is tangent, or the image of a map on the sphere, at drawn points."""
    model = subject.model
    if model.space != "sphere":
        return not_applicable("tokens on R^d")

    def holds(case: Case) -> Any:
        value = subject.velocity(case)
        if model.kind == "map":
            return is_close(np.sum(value**2, axis=1), np.ones(len(value)))
        radial = np.sum(value * case.points, axis=1)
        return is_close(radial, np.zeros(len(value)), scale=1 + float(np.max(np.abs(value))))

    return sampled_evidence(subject, "confinement", drawn_cases(subject), holds, "<x_i, x_i'> = 0")


def permutations_sampled(subject: Subject) -> Evidence:
    """Whether relabelled tokens and masses move as the original ones, relabelled."""

    def holds(found: Any) -> Any:
        case, (_, order) = found
        order = np.asarray(order)
        moved = Case(case.points[order], None if case.masses is None else case.masses[order])
        return is_close(subject.velocity(moved), subject.velocity(case)[order])

    made = cases_with_order(drawn_cases(subject, 2))
    return sampled_evidence(subject, "permutations", made, holds, "F(SX) = S F(X)")


def _mirrored(subject: Subject) -> Any:
    return cases_with_vector(drawn_cases(subject), "mirror normal")


def reflection(normal: Array) -> Array:
    """Matrix of the reflection in the plane orthogonal to a vector."""
    return np.eye(len(normal)) - 2 * np.outer(normal, normal) / float(normal @ normal)


def rotations_sampled(subject: Subject) -> Evidence:
    """Whether reflected tokens move as the original ones, reflected."""

    def holds(found: Any) -> Any:
        case, (_, normal) = found
        mirror = reflection(normal)
        moved = Case(case.points @ mirror, case.masses)
        return is_close(subject.velocity(moved), subject.velocity(case) @ mirror)

    # Reflections generate the orthogonal group.
    return sampled_evidence(subject, "rotations", _mirrored(subject), holds, "F(XR) = F(X)R")


def _needs_energy(subject: Subject, metric: bool) -> Evidence | None:
    model = subject.model
    if model.energy is None:
        return not_applicable("no energy is stated")
    if metric and model.kind == "map":
        return not_applicable("a map, not a flow")
    if metric and model.metric is None:
        return Evidence(UNDECIDED, "not sampled: no metric is stated")
    return None


def _energy_rate(subject: Subject, case: Case, direction: Array) -> float:
    """Central difference of the energy along a tangent direction."""
    field = replace(subject.fields[case.points.shape[1]], masses=case.masses)
    ahead, behind = (_moved(case.points, sign * DIFFERENCE_STEP * direction) for sign in (1, -1))
    return float(field.energy(ahead) - field.energy(behind)) / (2 * DIFFERENCE_STEP)


def _moved(at: Array, step: Array) -> Array:
    return sphere.project(at + step)


def _metric(subject: Subject, case: Case) -> Array:
    """Row weights g of the metric at a configuration."""
    field = subject.metrics[case.points.shape[1]]
    return np.asarray(replace(field, masses=case.masses).unchecked(case.points))[:, 0]


def _stated_weights(subject: Subject) -> str:
    """Say the metric that is stated, which samples take."""
    return f"g_i = {entry_in_words(subject.model.metric)}"


def ascent_sampled(subject: Subject) -> Evidence:
    """Whether the energy rises along the velocity, at drawn points."""
    missing = _needs_energy(subject, False)
    if missing is not None:
        return missing
    if found := _falling_step(subject):
        return Evidence(REFUTED, found, {"n": "2, 3, 4", "d": ">= 2"}, cases=1, margin=-1.0)

    def holds(case: Case) -> Any:
        value = subject.velocity(case)
        if subject.model.kind == "map":
            field = replace(subject.fields[case.points.shape[1]], masses=case.masses)
            before, after = field.energy(case.points), field.energy(value)
            return Agreement(float(before - after), TOLERANCE * (1 + abs(float(before))))
        rate = _energy_rate(subject, case, value)
        return Agreement(-rate, 1e-6 * (1 + float(np.sum(value**2))))

    for case in filter(subject.moves, _light_tokens(subject)):
        if not (result := holds(case)):
            words = f"x = {shown_array(case.points)}, m = {shown_array(case.masses)}"
            size = f"fails by {result.apart:.3g}" if isinstance(result, Agreement) else "fails"
            return Evidence(REFUTED, f"{size} at {words}", scope_of(subject), cases=1, margin=-1.0)
    return sampled_evidence(subject, "ascent", drawn_cases(subject), holds, "the energy rises")


def _light_tokens(subject: Subject) -> Iterator[Case]:
    """Three tokens of a circle, two of them opposite, light and heavy in every order.

    What a light one does costs little; it may go against a heavy one that it doesn't feel.
    """
    if subject.model.kind == "map" or subject.implementation is not None or subject.undrawn:
        return
    if subject.tokens not in (None, 3):
        return
    dimension = subject.dimensions[0]
    if dimension < 2:
        return
    for angle in (0.6, 1.0, 2.2):
        plane = np.array([[1.0, 0.0], [-1.0, 0.0], [np.cos(angle), np.sin(angle)]])
        points = np.zeros((3, dimension))
        points[:, :2] = plane
        for order in permutations(range(3)):
            for masses in ((0.01, 0.01, 0.98), (0.14, 0.85, 0.01), (0.3, 0.69, 0.01)):
                for weights in dict.fromkeys(permutations(masses)):
                    yield Case(points[list(order)], np.array(weights))


def _falling_step(subject: Subject) -> str:
    """Search a layer whose step η isn't given at steps of every size, and small and large β."""
    model, given = subject.model, subject.given
    free = [str(p) for p in model.parameters if str(p) not in given and p != eta]
    if model.kind != "map" or eta not in model.parameters or str(eta) in given:
        return ""
    if matrix_parameters(model) or any(map(callable, given.values())):
        return ""
    fixed = {name: float(value) for name, value in given.items()}
    sizes = (1.375, 0.375, 4.0) if free else (1.0,)
    choices = tuple({**fixed, **dict.fromkeys(free, size)} for size in sizes)
    return falling_layer(model, choices, steps=(0.01, 0.125, *STEPS))[0]


def dissipation_sampled(subject: Subject) -> Evidence:
    """(3.6) by a difference quotient of the energy, at drawn points, with the stated metric."""
    missing = _needs_energy(subject, True)
    if missing is not None:
        return missing

    def holds(case: Case) -> Any:
        value = subject.velocity(case)
        wanted = float(_metric(subject, case) @ np.sum(value**2, axis=1))
        return is_close(_energy_rate(subject, case, value), wanted, 1e-6)

    said = "dE/dt = Σ g_i |x_i'|²"
    found = sampled_evidence(subject, "dissipation", drawn_cases(subject), holds, said)
    return replace(found, sentence=f"{said}, {_stated_weights(subject)}")


def gradient_sampled(subject: Subject) -> Evidence:
    """Whether the stated metric makes the velocity a gradient, at drawn points and directions."""
    missing = _needs_energy(subject, True)
    if missing is not None:
        return missing

    def holds(found: Any) -> Any:
        case, (_, vector) = found
        value = subject.velocity(case)
        radial = np.sum(case.points * vector, axis=1, keepdims=True)
        # One token moves at a time: what one gets wrong, another can't make up for.
        moves = [np.diag(row) @ (vector - radial * case.points) for row in np.eye(len(value))]
        wanted = _metric(subject, case) * np.sum(value * sum(moves), axis=1)
        return is_close([_energy_rate(subject, case, move) for move in moves], wanted, 1e-6)

    made = cases_with_vector(drawn_cases(subject), "direction")
    found = sampled_evidence(subject, "gradient", made, holds, "dE[Y] = Σ g_i <x_i', Y_i>")
    said = "dE(X)[Y] = Σ g_i <x_i', Y_i>, Y tangent"
    return replace(found, sentence=f"{said}, {_stated_weights(subject)}")


def gram_rate_at(subject: Subject, case: Case) -> Array:
    """Velocity of the Gram matrix at a case; for a map, the Gram matrix of the image."""
    value = subject.velocity(case)
    if subject.model.kind == "map":
        return np.asarray(value @ value.T)
    half = value @ case.points.T
    return np.asarray(half + half.T)


def gram_sampled(subject: Subject) -> Evidence:
    """Whether reflected tokens have the same rate of the Gram matrix."""

    def holds(found: Any) -> Any:
        case, (_, normal) = found
        moved = Case(case.points @ reflection(normal), case.masses)
        return is_close(gram_rate_at(subject, moved), gram_rate_at(subject, case))

    return sampled_evidence(
        subject, "gram", _mirrored(subject), holds, "equal Gram matrices have equal rates"
    )
