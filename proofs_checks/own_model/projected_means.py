"""(3.2), (3.3) and (3.7) of means of tokens: what theorems say, and where Z_i isn't what divides.

A speed that divides by |A_i|, A_i the mean, moves without 1/Z as it did with it: Z x_i' isn't that.
"""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix, S

from proofs_checks.claim import Budget
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.shown import Shown
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import Counterexample, Flow, Witness, decimal, excludes_zero
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    divisor_of_mean,
    held_slope,
    length_of_mean,
    names_of,
    words_of,
)
from theory.atoms import RowSoftmax
from theory.symbols import X, m, r


def of_length(flow: Flow) -> Shown | None:
    """(3.2): tokens move along a mean of them that is projected, at a speed."""
    own = None if is_code_or_ends(flow) else length_of_mean(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    motion, long, same = (words_of(own, place) for place in range(3))
    said = f"a projected mean at a speed: {motion}, tangent, {long}"
    return Shown(f"{said}; the same for masses c m: {same}, {names_of(own.names)}", own)


def of_divisor(flow: Flow) -> Shown | None:
    """(3.3): Z_i takes a flow with 1/Z to that without."""
    own = None if is_code_or_ends(flow) else divisor_of_mean(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    said = "Z_i takes x_i' with 1/Z to x_i' without"
    return Shown(f"{said}: {words_of(own)}, {names_of(own.names)}", own)


def of_slope(flow: Flow) -> Shown | None:
    """(3.7): each token moves along the gradient of a function in which the state is held."""
    own = None if is_code_or_ends(flow) else held_slope(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    return Shown(f"velocity = grad φ_i, all else held: {words_of(own)}, {names_of(own.names)}", own)


def other_without(flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    """Find a state where Z_i x_i' isn't x_i' of the flow without 1/Z."""
    velocity = flow.model.velocities[X]
    softmaxes = velocity.atoms(RowSoftmax)
    if prediction is not None or flow.code or len(softmaxes) != 1:
        return None
    if flow.model.kind != "flow" or flow.model.noise is not None:
        return None
    (softmax,) = softmaxes
    if type(softmax) is not RowSoftmax or softmax.scores.as_coeff_mmul()[1] != X * X.T:
        return None
    if {b.symbol for b in flow.model.blocks} - {X, m, *lengths_of(flow)}:
        return None
    plain = velocity.xreplace({softmax: softmax.kernel() * DiagMatrix(m)})
    sums = softmax.kernel() * m
    point = Witness(budget.rng, [velocity, plain, sums])
    if r in {block.symbol for block in flow.model.blocks}:
        point.matrices[r] = [[S(2) ** k] for k in range(len(point.matrices[X]))]
    at = point.evaluator()
    for i, (total_, own, other) in enumerate(
        zip(at(sums), at(velocity), at(plain), strict=True), 1
    ):
        for a, b in zip(own, other, strict=True):
            if excludes_zero(total_[0] * a - b):
                said = (
                    f"without 1/Z a component of x_{i}' is {decimal(b)}, Z_{i} times that with it"
                )
                return Counterexample(f"{said} {decimal(total_[0] * a)}, at {point}")
    return None


__all__ = ["of_divisor", "of_length", "of_slope", "other_without"]
