"""The row on the discrete layer N(x + η y): whether it raises the energy for every η > 0.

Proved for convex, positive definite kernels with weights along h'; else lattice configurations
in the plane and drawn layers are searched for a fall.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from hypothesis import strategies as st

from numerics import sphere
from proofs_checks.claim import Evidence
from proofs_checks.decide import decide_positive
from proofs_checks.own_model.cases import drawn_cases, lattice_vectors
from proofs_checks.own_model.report import (
    CERTIFIED,
    EVERY_SIZE,
    GENERIC_BETAS,
    PROVED,
    REFUTED,
    TOLERANCE,
    VACUOUS,
)
from proofs_checks.own_model.subject import Subject, sampled_evidence, shown_array
from proofs_checks.own_model.theorems import unless
from proofs_checks.proof import (
    ATTENTION,
    AUTONOMOUS,
    CLIMBS,
    MOVES,
    ON_SPHERE,
    PAIR_ENERGY,
    STILL_ENERGY,
    WARM_ONLY,
)
from theory.layers import discrete_layer
from theory.models import Model
from theory.symbols import z


def layer_row(subject: Subject) -> Evidence:
    """Decide whether one discrete layer raises the energy at every step size."""
    missing = unless(
        subject, WARM_ONLY, ON_SPHERE, ATTENTION, AUTONOMOUS, PAIR_ENERGY, STILL_ENERGY, MOVES
    )
    if missing is not None:
        return missing
    h = subject.flow.kernel
    assert h is not None  # just asked
    hypotheses = {
        "h convex": decide_positive(h.diff(z, 2), strict=False),
        "h positive definite": subject.definite,
    }
    proportional = CLIMBS.test(subject.flow).holds
    if proportional and all(decision.holds for decision in hypotheses.values()):
        verdicts = [decision.verdict for decision in hypotheses.values()]
        scope: dict[str, str] = dict(EVERY_SIZE)
        for decision in hypotheses.values():
            scope.update({a: b for a, b in decision.scope.items() if a != "unique"})
        return Evidence(
            CERTIFIED if CERTIFIED in verdicts else PROVED,
            "h convex and positive definite, weights along h', x_i + η y_i ≠ 0",
            scope,
        )
    layer = discrete_layer(subject.model)
    fields = {size: subject.compiled(layer, size, eta=1.0) for size in subject.dimensions}

    def holds(found: Any) -> Any:
        case, (_, step) = found
        parameters = {**fields[case.points.shape[1]].parameters, "eta": np.float64(step[0])}
        field = replace(fields[case.points.shape[1]], masses=case.masses, parameters=parameters)
        after = field.unchecked(case.points)
        if not np.all(np.isfinite(after)):
            return True  # x_i + η y_i = 0: outside the statement
        before, risen = field.energy(case.points), field.energy(after)
        return bool(risen >= before - TOLERANCE * (1 + abs(before)))

    strategy = drawn_cases(subject, 2).flatmap(
        lambda case: st.tuples(
            st.just(case),
            st.tuples(st.just("eta"), st.integers(1, 64).map(lambda a: np.array([a / 8]))),
        )
    )
    unmet = [name for name, decision in hypotheses.items() if not decision.holds]
    if not proportional:
        unmet.append("weights along h'")
    timed = any(callable(value) for value in subject.numbers.values())
    found = None if timed else _lattice_layer(subject, layer)
    if found is not None:
        return found
    more = replace(subject, cases=4 * subject.cases)
    found = sampled_evidence(more, "layer", strategy, holds, "the energy rises")
    if found.verdict is REFUTED:
        return replace(found, detail=found.detail.replace("fails at", "the energy falls at"))
    return Evidence(
        VACUOUS,
        f"hypothesis not met: {', '.join(unmet)}; no counterexample in {more.cases} cases",
        found.scope,
        cases=more.cases,
    )


def _lattice_layer(subject: Subject, layer: Model) -> Evidence | None:
    """Fall of the energy over all lattice configurations in the plane, fewest tokens first.

    Rotations are used up by the first token at (1, 0); more dimensions hold the same plane.
    """
    directions = sphere.project(lattice_vectors(2))
    compiled = subject.compiled(layer, 2, eta=1.0)
    first: tuple[int, str] | None = None
    worst, size_of_worst = 0.0, 0
    for size in (2, 3, 4):
        chosen = np.array(list(combinations_with_replacement(range(len(directions)), size - 1)))
        start = np.broadcast_to(np.array([1.0, 0.0]), (len(chosen), 1, 2))
        tokens = np.concatenate([start, directions[chosen]], axis=1)
        for step in (1.0, 2.0, 4.0, 8.0, 32.0, 128.0):
            for values in _choices(subject):
                bound = {a: np.float64(v) for a, v in {**values, "eta": step}.items()}
                field = replace(compiled, parameters={**compiled.parameters, **bound})
                after = field.unchecked(tokens)
                usable = np.flatnonzero(np.all(np.isfinite(after), axis=(1, 2)))
                before = field.energy(tokens[usable])
                fall = (before - field.energy(after[usable])) / (1 + np.abs(before))
                index = int(np.argmax(fall))
                if fall[index] <= 1e-6:
                    continue
                amount = float(fall[index] * (1 + abs(before[index])))
                if amount > worst:
                    worst, size_of_worst = amount, size
                if first is None:
                    words = [f"x = {shown_array(tokens[usable[index]])}", f"eta = {step:g}"]
                    words += [f"{a} = {float(v):.4g}" for a, v in values.items()]
                    first = size, f"the energy falls by {amount:.4g} at {', '.join(words)}"
    if first is None:
        return None
    size, words_of_first = first
    more = f"; by {worst:.4g} with n = {size_of_worst}" if size_of_worst > size else ""
    return Evidence(
        REFUTED,
        words_of_first + more,
        {"n": str(size), "d": "2", "m": "1/n"},
        margin=-worst,
    )


def _choices(subject: Subject) -> list[dict[str, Any]]:
    """Scalar parameters as drawn, and once with all that aren't given small."""
    small = {a: v if a in subject.given else GENERIC_BETAS[0] for a, v in subject.numbers.items()}
    return [dict(subject.numbers)] + ([small] if small != subject.numbers else [])
