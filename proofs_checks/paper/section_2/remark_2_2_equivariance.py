"""Remark 2.2, Rotation equivariance: velocities commute with both groups.

Main results
------------
- Remark 2.2: relabelling the tokens, with their masses, relabels their velocities.
- Rotation equivariance: rotating all tokens rotates their velocities, for SA, USA and V = -I.

How it is proved
----------------
Rewriting of matrix expressions (theory.equivariance) shows that the velocity commutes with every
permutation matrix, or with every orthogonal one, for symbolic n and d; the rules that it uses
stand in the evidence. Permutations: SA, USA, (2.3), (2.7), (2.8), Sinkhorn. Rotations: SA, USA,
V = -I, Sinkhorn. Points are drawn only to refute.

References
----------
arXiv 2312.10794, Remark 2.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sympy import DiagMatrix, MatrixSymbol

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    FIELD,
    SYMBOLIC,
    Witness,
    commutator,
    float_defect,
    models_of,
    permutation_defect,
    rotation_defect,
    settle,
)
from theory.atoms import RowSoftmax, Tangent
from theory.derivations import Equivariance, is_permutation_equivariant, is_rotation_equivariant
from theory.energy import ENERGY, anchor_energy
from theory.layers import feed_forward, multi_head
from theory.models import CAUSAL, QKV, REPULSIVE, SA, SINKHORN, USA, Model, gradient_flow
from theory.symbols import V, X, beta, d, k, m, n, z


def check_equivariance(model: Any, prediction: str, budget: Budget) -> Evidence:
    """Decide whether the velocity commutes with permutations, or with rotations.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : {"permutations", "rotations"}
        The group.
    budget : Budget
        Points to draw for a counterexample.
    """
    permutes = prediction == "permutations"
    prove: Callable[[Model], Equivariance] = (
        is_permutation_equivariant if permutes else is_rotation_equivariant
    )
    outcomes = [(one, prove(one)) for one in models_of(model)]
    broken = [one for one, outcome in outcomes if not outcome.proved]
    rules: dict[str, None] = {}
    for _, outcome in outcomes:
        rules.update(dict.fromkeys(outcome.rules))

    def refute(rng: np.random.Generator) -> str:
        moved = permutation_defect if permutes else rotation_defect
        try:
            return moved(broken[0], Witness(rng, [broken[0].velocity]))
        except NotImplementedError:
            return float_defect(broken[0], permutes, rng)

    formula = "F(SX; Sm) - S F(X; m)" if permutes else "F(XR) - F(X)R"
    names = ", ".join(one.name for one, _ in outcomes)
    return settle(
        [(f"{formula}, {one.name}", 0 if o.proved else o.residual) for one, o in outcomes],
        refute,
        budget,
        f"{formula} for {names}",
        scope={**SYMBOLIC, "models": names},
        assumptions=tuple(rules),
        identity=tuple(commutator(one, permutes) for one in models_of(model)),
    )


_OWN = MatrixSymbol("w", n, 1)


_ANCHORS, _PULLS = MatrixSymbol("W", k, d), MatrixSymbol("c", k, 1)


PERMUTATIONS = Claim(
    label="Remark 2.2",
    statement="Relabelling the tokens, with their masses, relabels their velocities.",
    model=(SA, USA, QKV, multi_head(2), feed_forward(1), SINKHORN),
    prediction="permutations",
    check=check_equivariance,
    controls=(
        Control("a causal mask", model=CAUSAL),
        Control(
            "a value matrix w_i I that depends on the label i",
            model=Model(
                "labelled SA",
                Tangent(X, DiagMatrix(_OWN) * RowSoftmax(beta * X * X.T, m) * X),
                parameters=(beta, _OWN),
            ),
        ),
    ),
    expected=Verdict.PROVED,
    equivalents=(Equivalent("relabelling commutes with this change", (*FIELD, "*: × V")),),
)


ROTATIONS = Claim(
    label="Rotation equivariance",
    statement="Rotating all tokens rotates their velocities, for SA, USA and V = -I.",
    model=(SA, USA, REPULSIVE, SINKHORN),
    prediction="rotations",
    check=check_equivariance,
    controls=(
        Control(
            "a value matrix V that is no multiple of I",
            model=Model(
                "SA with V",
                Tangent(X, RowSoftmax(beta * X * X.T, m) * X * V.T),
                parameters=(beta, V),
            ),
        ),
        Control(
            "fixed anchors that pull on the tokens",
            model=gradient_flow(ENERGY + anchor_energy(z, _ANCHORS, _PULLS), "anchored USA"),
        ),
    ),
    expected=Verdict.PROVED,
    equivalents=(Equivalent("rotations commute with this change", (*FIELD, "*: × w_i")),),
)


CLAIMS = (PERMUTATIONS, ROTATIONS)
