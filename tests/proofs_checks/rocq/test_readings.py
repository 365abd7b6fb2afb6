"""What is read off a model is proved of it, and of no twin for which it is false."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Abs, DiagMatrix, S, Symbol, exp

from proofs_checks.proof import Flow, How, hypotheses
from proofs_checks.readings import (
    Analytic,
    Asked,
    Attention,
    Autonomous,
    Confined,
    EqualAngles,
    Linear,
    Moves,
    Paced,
    PairEnergy,
    Positive,
    Reading,
    Relabelled,
    Rotated,
    RowSums,
    StillEnergy,
    Weights,
)
from proofs_checks.rocq import (
    INSTALL,
    NotExported,
    Theorem,
    allowed_axiom,
    compile_text,
    rocq_available,
    text_of,
)
from proofs_checks.rocq.readings import reading_statement
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.derivations import equiangular
from theory.models import CAUSAL, QK_SA, SA, USA
from theory.symbols import V, X, beta, m, t, z

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")

_SOFTMAX = RowSoftmax(beta * X * X.T, m)
_TIMED = Tangent(X, t * _SOFTMAX * X)
_VALUED = Tangent(X, _SOFTMAX * X * V.T)
_EXPONENTIAL = Weights(exp(beta * z), X * X.T, True)
_KERNEL = exp(beta * z) / beta
_SLOW = Tangent(X, _SOFTMAX * X / 2)
_RATE = equiangular(SA).rate
_COLD = ((beta, S.Zero),)

TRUE: dict[str, Reading] = {
    "no time": Autonomous((), SA.velocity),
    "pace 1": Paced((), USA.velocity, USA.velocity, S.One),
    "tangent": Confined((), QK_SA.velocity),
    "pairs": PairEnergy((), SA.energy, _KERNEL),
    "softmax": Attention((), SA.velocity, S.One, _EXPONENTIAL),
    "half": Attention((), _SLOW, S.Half, _EXPONENTIAL),
    "masked": Positive((), _SOFTMAX),
    "analytic": Analytic((), 3 * exp(2 * z + 1)),
    "linear": Linear(_COLD, exp(beta * z)),
    "moves": Moves((), exp(beta * z)),
    "still": StillEnergy((), SA.energy),
    "angles": EqualAngles((), SA.velocity, _RATE),
    "order": Relabelled((), SA.velocity),
    "turn": Rotated((), USA.velocity),
    "rows": RowSums((), _SOFTMAX),
    "cold": Attention(_COLD, SA.velocity, S.One, Weights(S.One, X * X.T, True)),
}
"""One of each kind."""

FALSE: dict[str, Reading] = {
    "time in the velocity": Autonomous((), _TIMED),
    "a pace that isn't 1": Paced((), _TIMED, _TIMED, S.One),
    "no projection": Confined((), _SOFTMAX * X),
    "half the energy": PairEnergy((), SA.energy, _KERNEL / 2),
    "a value matrix": Attention((), _VALUED, S.One, _EXPONENTIAL),
    "no row sum": Attention((), SA.velocity, S.One, replace(_EXPONENTIAL, normalised=False)),
    "half the speed": Attention((), _SLOW, S.One, _EXPONENTIAL),
    "weights of either sign": Positive((), Elementwise(z, X * X.T) * DiagMatrix(m)),
    "a kernel not linear at 0": Linear(_COLD, exp(beta * z) + z),
    "warm": Attention((), SA.velocity, S.One, Weights(S.One, X * X.T, True)),
    "rows of a kernel": RowSums((), Elementwise(exp(z), X * X.T) * DiagMatrix(m)),
    "nothing moves": Moves((), S.Zero),
    "time in the energy": StillEnergy((), t * SA.energy),
    "another rate": EqualAngles((), SA.velocity, 2 * _RATE),
    "the rate of (USA)": EqualAngles((), SA.velocity, equiangular(USA).rate),
    "a causal mask": Relabelled((), CAUSAL.velocity),
    "a value matrix that isn't turned": Rotated((), _VALUED),
}
"""Readings of twins for which they don't hold."""


def test_steps_hold_what_they_read() -> None:
    flow = Flow.of_paper(SA)
    kinds = {
        hypotheses.AUTONOMOUS: Autonomous,
        hypotheses.SCHEDULED: Paced,
        hypotheses.PAIR_ENERGY: PairEnergy,
        hypotheses.ATTENTION: Attention,
        hypotheses.OWN_VALUES: Attention,
        hypotheses.POSITIVE_WEIGHTS: Positive,
        hypotheses.ANALYTIC: Analytic,
        hypotheses.EQUAL_ANGLES: EqualAngles,
        hypotheses.STILL_ENERGY: StillEnergy,
        hypotheses.ON_SPHERE: Confined,
        hypotheses.MOVES: Moves,
        hypotheses.KNOWN: Asked,
    }
    for premise, kind in kinds.items():
        step = premise.test(flow)
        assert step.holds and isinstance(step.formal, kind), step
    assert isinstance(hypotheses.LINEAR.test(flow).formal, Linear)
    assert hypotheses.WARM_ONLY.test(flow).formal == Asked()


def test_statements_hold_the_expression_of_the_model() -> None:
    said = reading_statement(TRUE["no time"])
    assert "softmax n m (fun k => (beta * ⟨(x t i), (x t k)⟩))" in said.claim
    assert "is_derive (fun s => ⟨a, x (s + T) i⟩)" in said.claim
    quotient = reading_statement(TRUE["softmax"]).claim.split(" = ")[1]
    assert "/ rsum n (fun k => " in quotient and "softmax" not in quotient
    assert "exp (0 * z)" in reading_statement(TRUE["linear"]).claim


def test_indices_of_rows_are_no_indices_of_sums() -> None:
    said = reading_statement(TRUE["angles"]).claim
    assert "(proj (x j) (vsum n (fun k => " in said and "fun j =>" not in said


def test_a_parameter_is_not_called_as_what_is_bound() -> None:
    timed = Autonomous((), Tangent(X, Symbol("T", real=True) * _SOFTMAX * X))
    said = reading_statement(timed)
    assert "(T' : R)" in said.binders and "(T' ⊙ (vsum n" in said.claim


def test_what_is_not_said() -> None:
    with pytest.raises(NotExported, match="nothing to prove"):
        reading_statement(Asked())
    with pytest.raises(NotExported, match="no exponential"):
        reading_statement(Analytic((), Abs(z)))
    with pytest.raises(NotExported, match="division by 0"):
        reading_statement(Linear(_COLD, _KERNEL))
    assert hypotheses.MOVES.test(Flow.of_paper(QK_SA)).formal is None
    assert hypotheses.AUTONOMOUS.test(Flow.of_paper(SA)).how is How.DERIVED


def _refusal(name: str, theorem: Theorem) -> str:
    """Text that says that a proof fails."""
    lines = theorem.text(name).splitlines()
    proof = theorem.proof.rstrip(".")
    start = lines.index("Proof.")
    return "\n".join(
        [*lines[:start], "Proof.", f"  intros. Fail timeout 5 (solve [{proof}]).", "Abort."]
    )


@pytest.mark.slow
@needs_rocq
def test_readings_are_theorems_and_their_twins_are_not() -> None:
    true = {f"true_{k}": reading_statement(said) for k, said in enumerate(TRUE.values())}
    false = [reading_statement(said) for said in FALSE.values()]
    wrong = replace(reading_statement(TRUE["analytic"]), claim=_claim_of_absolute_value())
    text = text_of(true.items(), "Readings")
    refusals = [_refusal(f"false_{k}", one) for k, one in enumerate((*false, wrong))]
    done = compile_text(
        "\n\n".join([text, *refusals, ""]), "readings", theorems=list(true), seconds=400
    )
    assert done.accepted, done.message
    assert all(map(allowed_axiom, done.axioms))


def _claim_of_absolute_value() -> str:
    return "exists a : nat -> R, forall z : R, is_pseries a z (Rabs z)"


def test_every_kind_has_a_false_twin() -> None:
    kinds = {type(said) for said in TRUE.values()}
    assert kinds == {type(said) for said in FALSE.values()} | {Analytic}
    kept: dict[type[Any], int] = {kind: 0 for kind in kinds}
    assert set(kept) == set(Reading.__subclasses__())
