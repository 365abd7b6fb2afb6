"""Samples of rows that end in consensus: its spectrum by differences, and runs of Lemma 6.4.

A run that doesn't end refutes nothing, as it might yet: these rows are SUPPORTED at best, and
refuted by what is exact alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from numerics import sphere
from numerics.integration import IntegrationStatus, consensus_event, integrate
from proofs_checks.claim import Evidence, not_applicable
from proofs_checks.decide import whole_zeros
from proofs_checks.own_model.frames import axes_of, nearly_opposite
from proofs_checks.own_model.report import (
    DIFFERENCE_STEP,
    REFUTED,
    SUPPORTED,
    UNDECIDED,
    Array,
)
from proofs_checks.own_model.subject import (
    Case,
    Subject,
    call_implementation,
    scope_of,
    shown_array,
)
from proofs_checks.proof import parameters_of, scalars_of, singular_places
from theory.symbols import beta, n

SIZES = (2, 3, 4, 5, 8)
"""Numbers of tokens: of clumps of two, of more than can be orthonormal, and one for each parity."""

_MOST_TOKENS = 40
"""Of numbers read off a model, which may be in the millions: samples take their square."""

_SMOOTH = 1e-3
"""Relative difference of slopes on both sides; a difference quotient errs by a tenth of it."""

_TOGETHER = 1e-3
"""Radius of the cap in which tokens have met; clumps start a thousand times further apart."""

_STEPS, _END = 1000, 1e4
"""Most steps of a run, a tenth of a second for few tokens, and the time when it ends."""

_HEATS = (0.01, 4.0)
"""Values of β beside the drawn one, where none is given: hardly any, and a large one."""


def sizes_of(subject: Subject) -> tuple[int, ...]:
    """Return numbers of tokens: some, and those at which a coefficient in n is 0 or least."""
    if subject.tokens:
        return (subject.tokens,)
    own = [
        place
        for expr in scalars_of(subject.model.velocity)
        if expr.free_symbols == {n}
        for place in whole_zeros(expr, n)
        if place <= _MOST_TOKENS
    ]
    return tuple(dict.fromkeys((*SIZES, *own)))


def consensus_sampled(subject: Subject) -> Evidence:
    """Spectrum of a difference quotient at consensus, for several numbers of tokens.

    Of a map these are its multipliers λ, as |λ| - 1, which is below 0 where it attracts.
    """
    if subject.model.space != "sphere" and subject.implementation is None:
        return not_applicable("tokens on R^d")
    if subject.undrawn:
        return Evidence(UNDECIDED, subject.undrawn)
    sizes, dimension = sizes_of(subject), subject.dimensions[-1]
    if dimension < 2:
        return Evidence(UNDECIDED, "d = 1: tokens don't turn")
    axis = sphere.random_points(1, dimension, rng=subject.rng("consensus"))
    sizes = tuple(k for k in sizes if subject.moves(Case(np.repeat(axis, k, axis=0), None)))
    if not sizes:
        return Evidence(UNDECIDED, "the velocity has no value at consensus")
    scope = {**scope_of(subject), "n": ", ".join(map(str, sizes)), "d": str(dimension)}
    shown = ""
    for size in sizes:
        found = _spectrum(subject, axis, size)
        if found.verdict is not SUPPORTED:
            return replace(found, scope={**scope, "n": str(size)})
        shown = shown or f"n = {size}: {found.detail}"
    return Evidence(SUPPORTED, shown, scope, cases=len(sizes))


def _spectrum(subject: Subject, axis: Array, size: int) -> Evidence:
    """Evidence of one number of tokens, at consensus at a point."""
    is_map, dimension = subject.model.kind == "map", axis.shape[1]
    at = np.repeat(axis, size, axis=0)
    value = subject.velocity(Case(at, None))
    if not np.all(np.isfinite(value)):
        return Evidence(UNDECIDED, "the velocity has no value at consensus")
    if not np.max(np.abs(value - at if is_map else value)) <= 1e-8:
        return not_applicable(f"consensus at {shown_array(axis[0])} isn't at rest")
    basis = np.linalg.svd(axis)[2][1:]
    moves = [np.outer(row, vector) for row in np.eye(size) for vector in basis]
    mixed = np.tensordot(subject.rng("mixed").uniform(-1, 1, len(moves)), moves, 1)
    slopes = [_slopes(subject, at, value, move) for move in (*moves, mixed)]
    ahead, behind = (
        np.array([side @ basis.T for side in sides]) for sides in zip(*slopes, strict=True)
    )
    if not np.all(np.isfinite(ahead) & np.isfinite(behind)):
        return Evidence(UNDECIDED, "the velocity has no value next to consensus")
    matrix = ((ahead + behind) / 2).reshape(len(slopes), -1)
    weights = np.array([np.sum(mixed * move) for move in moves])
    largest = 1 + np.max(np.abs(matrix))
    off = max(np.max(np.abs(ahead - behind)), np.max(np.abs(weights @ matrix[:-1] - matrix[-1])))
    if off > _SMOOTH * largest:
        return Evidence(UNDECIDED, f"no linearisation: slopes at consensus differ by {off:.2g}")
    found = np.linalg.eigvals(matrix[:-1].T)
    values = np.sort(np.abs(found) - 1 if is_map else found.real)[::-1]
    word = "|multipliers| - 1:" if is_map else "eigenvalues"
    shown = f"{word} " + ", ".join(f"{v:.4g}" for v in np.round(values, 5) + 0.0)
    if values[0] > 1e-5:
        return Evidence(REFUTED, f"unstable: {shown}", cases=1)
    zeros = int(np.sum(np.abs(values) < 1e-5))
    if zeros != dimension - 1:
        return Evidence(UNDECIDED, f"{zeros} zeros, and rotations give {dimension - 1}: {shown}")
    return Evidence(SUPPORTED, shown, cases=1)


def _slopes(subject: Subject, at: Array, value: Array, move: Array) -> tuple[Array, Array]:
    """Difference quotients on both sides of consensus."""
    ahead, behind = (
        subject.velocity(Case(sphere.project(at + sign * DIFFERENCE_STEP * move), None))
        for sign in (1, -1)
    )
    return (ahead - value) / DIFFERENCE_STEP, (value - behind) / DIFFERENCE_STEP


def hemisphere_sampled(subject: Subject) -> Evidence:
    """Lemma 6.4 by runs to the end: whether tokens of an open hemisphere meet."""
    model = subject.model
    if model.kind != "flow" or model.space != "sphere":
        return Evidence(UNDECIDED, "not sampled: not a flow on the sphere")
    if subject.undrawn:
        return Evidence(UNDECIDED, subject.undrawn)
    if places := singular_places(subject.flow):
        listed = ", ".join(map(str, places))
        return Evidence(UNDECIDED, f"the velocity has no value where <x_i,x_j> = {listed}")
    scope = {**scope_of(subject), "n": ", ".join(map(str, sizes_of(subject)))}
    runs = 0
    for field, case, said in _starts(subject):
        started = field if case.masses is None else replace(field, masses=case.masses)
        if subject.implementation is None and not _has_value(started, case.points):
            continue
        if apart := _apart(started, case.points):
            where = f"x = {shown_array(case.points)}"
            if case.masses is not None:
                where += f", m = {shown_array(case.masses)}"
            return Evidence(UNDECIDED, f"not shown: {apart}, from {where}{said}", scope)
        runs += 1
    if not runs:
        return Evidence(UNDECIDED, "the velocity has no value at any of the starts", scope)
    seen = f"tokens of an open hemisphere met in {runs} runs"
    return Evidence(SUPPORTED, seen, scope, cases=runs, margin=0.0)


def _starts(subject: Subject) -> Iterator[tuple[Any, Case, str]]:
    """Yield fields with starts: first where they are likeliest not to meet, at every β."""
    fields, sizes = tuple(fields_of(subject)), sizes_of(subject)
    for field, dimension, said in fields:
        if subject.implementation is None and 2 in sizes:
            yield from ((field, pair, said) for pair in nearly_opposite(subject, dimension))
    for field, dimension, said in fields:
        for case in hemispheres(subject, dimension, sizes[:: 2 if said else 1]):
            yield field, case, said


def fields_of(subject: Subject) -> Iterator[tuple[Any, int, str]]:
    """Yield fields to run, with d, and in words at which β if it isn't the subject's."""
    last = subject.dimensions[-1]
    if subject.implementation is not None:
        implementation = subject.implementation
        yield (lambda points, t: call_implementation(implementation, points)), last, ""
        return
    for dimension, field in subject.fields.items():
        yield field, dimension, ""
    free = [p for p in parameters_of(subject.flow) if p.symbol == beta and p.value is None]
    for parameter in free:
        for heat in (heat for heat in _HEATS if heat in parameter.range):
            yield subject.compiled(subject.model.drift, last, beta=heat), last, f", β = {heat:g}"


def _has_value(field: Any, points: Array) -> bool:
    try:
        return bool(np.all(np.isfinite(field.unchecked(points))))
    except ZeroDivisionError:  # a factor such as 1/(n-2): these tokens are no case
        return False


def _apart(field: Any, points: Array) -> str:
    """Say that tokens aren't together at the end of a run, or ""."""
    met = consensus_event(_TOGETHER)
    run = integrate(field, points, _END, rtol=1e-6, max_steps=_STEPS, events=met)
    if run.status is IntegrationStatus.CONSENSUS:
        return ""
    products = run.points[-1] @ run.points[-1].T
    return f"at t = {run.times[-1]:.3g} some tokens have <x_i,x_j> = {products.min():.6g}"


def hemispheres(subject: Subject, dimension: int, sizes: tuple[int, ...]) -> Iterator[Case]:
    """Yield starts in an open hemisphere, with equal masses and with a heavy token.

    Clumps, tokens at two places, equal distances up to a millionth, and drawn ones, placed by the
    axes of the model's matrices.
    """
    rng = subject.rng("hemisphere")
    own = subject.implementation is not None
    axes = None if own else axes_of(subject, dimension)
    for size in sizes:
        half = np.where(np.arange(size) >= (size + 1) // 2, 1.0, 0.0)
        heavy = np.where(np.arange(size) == 0, 0.9, 0.1 / max(size - 1, 1))
        drawn = sphere.random_points(size, dimension, rng=rng)
        drawn[:, -1] = np.abs(drawn[:, -1]) + 0.1
        starts = (
            _on_circle(half + 0.05 * rng.random(size), dimension),
            _on_circle(half, dimension),
            _on_circle(np.linspace(-1.3, 1.3, size) + 1e-6 * rng.random(size), dimension),
            sphere.project(drawn),
        )
        for number, points in enumerate(starts):
            # Masses are the model's; code has its own.
            weighted = not own and (size + number) % 2
            turned = points if axes is None else points @ axes
            yield Case(turned, heavy / heavy.sum() if weighted else None)


def _on_circle(angles: Array, dimension: int) -> Array:
    points = np.zeros((len(angles), dimension))
    points[:, 0], points[:, -1] = np.sin(angles), np.cos(angles)
    return points
