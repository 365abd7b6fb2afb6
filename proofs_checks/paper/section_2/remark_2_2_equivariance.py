"""Remark 2.2, Rotation equivariance: velocities commute with both groups.

Main results
------------
- Remark 2.2: relabelling the tokens, with their masses, relabels their velocities.
- Rotation equivariance: rotating all tokens rotates their velocities, for SA, USA and V = -I.

How it is proved
----------------
Equations of matrices, F(SX; Sm) = S F(X; m) or F(XR) = F(X) R, for every permutation matrix S or
orthogonal R and symbolic n and d: an engine moves S or R out, atom by atom (theory.derivations),
and names the rules that it used. Permutations: SA, USA, (2.3), (2.7) and (2.8) with every number of
heads, Sinkhorn. Rotations: SA, USA, V = -I, Sinkhorn. Points are drawn only to refute. Blocks of
vectors turn together; blocks with a row a token are relabelled together, each species by itself.

References
----------
arXiv 2312.10794, Remark 2.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, MatrixSymbol

from proofs_checks.claim import Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    FIELD,
    Flow,
    Statement,
    Vanishing,
    commutators,
    symmetry_defect,
    vanishes,
)
from proofs_checks.propositions import Subject
from proofs_checks.readings import Reading, Relabelled, Rotated, is_plain
from proofs_checks.theorems import Concludes, Conclusion, Refusal, equivariant
from theory.atoms import RowSoftmax, Tangent
from theory.derivations import (
    Equivariance,
    is_permutation_equivariant,
    is_rotation_equivariant,
    relabellings,
    rotations,
)
from theory.energy import ENERGY, anchor_energy
from theory.layers import feed_forward, multi_head
from theory.models import CAUSAL, QKV, REPULSIVE, SA, SINKHORN, USA, Model, gradient_flow
from theory.symbols import V, X, beta, d, heads, k, m, n, z

_FORMULA = {"permutations": "F(SX; Sm) - S F(X; m)", "rotations": "F(XR) - F(X)R"}


def derive_permutations(flow: Flow) -> str:
    """Return the group of relabellings."""
    return "permutations"


def derive_rotations(flow: Flow) -> str:
    """Return the orthogonal group."""
    return "rotations"


def _outcome(flow: Flow, prediction: str) -> Equivariance:
    """Prove that the velocity commutes with the group by rewriting."""
    if prediction == "permutations":
        return is_permutation_equivariant(flow.model)
    return is_rotation_equivariant(flow.model)


def group_left(flow: Flow, prediction: str) -> Any:
    """Return what rewriting leaves of the commutator."""
    outcome = _outcome(flow, prediction)
    left = 0 if outcome.proved else outcome.residual
    compared = commutators(flow.model, prediction == "permutations")
    return ((_FORMULA[prediction], left),), compared


def group_at_a_point(flow: Flow, prediction: str, rng: np.random.Generator) -> str:
    """Look at a rational point, or in floats where an operator isn't enclosed."""
    return symmetry_defect(flow.model, prediction == "permutations", rng)


def group_rules(flow: Flow, prediction: str) -> tuple[str, ...]:
    """Return the rules of rewriting that were used."""
    return tuple(_outcome(flow, prediction).rules)


def group_read(flow: Flow, prediction: str) -> Reading | None:
    """Read what is said, for another program to prove."""
    kind = Relabelled if prediction == "permutations" else Rotated
    return kind((), flow.model.velocity) if is_plain(flow.model) and not flow.given else None


def conclude_group(flow: Flow, prediction: str) -> Conclusion | Refusal:
    """Say that the velocity of each block commutes with the group, for all parameters."""
    return equivariant(flow.model, Subject.of(flow.model), prediction == "permutations")


def group_said(flow: Flow, prediction: str) -> str:
    """Name the blocks that a group acts on, where there are several; "" for tokens alone."""
    if len(flow.model.blocks) == 1:
        return ""
    if prediction == "rotations":
        turned = ", ".join(sorted(map(str, rotations(flow.model)[1])))
        return f"F(XR) = F(X)R, {turned} turned together"
    species = (sorted(map(str, moved)) for _, moved in relabellings(flow.model))
    return f"F(SX; Sm) = S F(X; m), S on the rows of {'; of '.join(map(', '.join, species))}"


def _asked(name: str, says: str, derive: Callable[[Flow], str]) -> Statement[str]:
    formula = _FORMULA[name.partition(" ")[0] + "s"]
    what = Vanishing(
        group_left, group_at_a_point, formula, rules=group_rules, confined=False, reads=group_read
    )
    words = vanishes(name, says, what, derive, says=group_said, several_blocks=True)
    sizes = (("n", "symbolic"), ("d", "symbolic"), ("masses", "symbolic"))
    decide = Concludes(conclude_group, words.decide, words=sizes)
    return replace(words, decide=decide, typed=True)


RELABELS = _asked("permutation equivariance", "F(SX; Sm) = S F(X; m)", derive_permutations)
ROTATES = _asked("rotation equivariance", "F(XR) = F(X)R", derive_rotations)


_OWN = MatrixSymbol("w", n, 1)


_ANCHORS, _PULLS = MatrixSymbol("W", k, d), MatrixSymbol("c", k, 1)


PERMUTATIONS = Claim(
    label="Remark 2.2",
    statement="Relabelling the tokens, with their masses, relabels their velocities.",
    model=(SA, USA, QKV, multi_head(heads), feed_forward(heads), SINKHORN),
    prediction="permutations",
    check=RELABELS,
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
    check=ROTATES,
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
