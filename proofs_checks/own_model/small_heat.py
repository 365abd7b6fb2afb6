"""Theorem 4.2 where no explicit β is asked for: P(S_β) -> 1 as β -> 0, from Theorem 4.1 at β = 0.

A start that ends in consensus at β = 0 is in an open hemisphere at some time; so it is at small β,
as solutions up to a time depend on β continuously; and from a hemisphere tokens meet, by Lemma 6.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Piecewise, Pow
from sympy.core.function import Application

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.decide import CONTINUOUS
from proofs_checks.own_model.existence import rough
from proofs_checks.proof import Flow, How, Sheet, Statement, Step, cited, scalars_of
from theory.positive_part import PositivePart
from theory.symbols import X, beta

FATOU = "Fatou's lemma: P(S_β) >= E[liminf 1(X(0) in S_β)] - o(1) >= P(S_0) - o(1)"
DEPENDS = "solutions on [0, T] depend continuously on a parameter (Grönwall)"
SCOPE = ("n", "d", "masses", "given")


@dataclass(frozen=True)
class Cold:
    """What is shown at β = 0 of almost every start, and of hemispheres at β >= 0."""

    meets: Evidence
    lemma: Evidence


def _continuous(expr: Expr) -> bool:
    """Whether a number is continuous in β, by its form."""
    for part in expr.atoms(Pow, Application):
        if beta not in part.free_symbols:
            continue
        if isinstance(part, Pow):
            whole = part.exp.is_integer and part.exp.is_positive
            if not whole and not part.base.is_positive:
                return False
        elif isinstance(part, PositivePart):
            if part.args[1] < 1:
                return False
        elif not isinstance(part, CONTINUOUS):
            return False
    return not expr.has(Piecewise)


def derive_cold(flow: Flow) -> Cold | None:
    """Return Theorem 4.1 at β = 0 and Lemma 6.4 of a flow of tokens alone, where both are proved.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> derive_cold(Flow.of(catalogue("causal"))).meets.word
    'PROVED'
    """
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    model = flow.model
    alone = set(model.velocities) == {X} and (model.kind, model.space) == ("flow", "sphere")
    if flow.code or not alone or model.noise is not None or len(model.blocks) != 1:
        return None
    if beta not in model.parameters or beta in flow.values or str(beta) in flow.given:
        return None
    velocity: Any = model.velocity.xreplace(flow.values)
    if rough(velocity) or not all(map(_continuous, scalars_of(velocity))):
        return None
    meets = asked(questions()["Theorem 4.1"], flow)
    if meets.verdict is not Verdict.PROVED or "existence" in meets.scope:
        return None
    lemma = asked(questions()["Lemma 6.4"], flow)
    warm = lemma.scope.get("beta", "symbolic").startswith("symbolic")
    known = lemma.verdict is Verdict.PROVED and warm and "existence" not in lemma.scope
    return Cold(meets, lemma) if known else None


def decide_cold(flow: Flow, found: Cold) -> Sheet:
    """Follow a start at β = 0 into a hemisphere, and back to β > 0."""
    meets, lemma = (
        Step(f"{row}: {one.sentence or said}", How.BY_STATEMENT, cites=one.assumptions)
        for row, one, said in (
            ("Theorem 4.1", found.meets, "β = 0: consensus from almost every start"),
            ("Lemma 6.4", found.lemma, "from an open hemisphere: consensus"),
        )
    )
    near = Step("at some T all <x_i(T),x*> > 1/2 at β = 0", How.BY_RULE, evidence="x_i -> x*")
    joint = Step("the velocity is continuous in X and β, and locally Lipschitz in X", How.DERIVED)
    close = cited(DEPENDS, joint)
    text = "so at β below some β(X(0)) > 0 all <x_i(T),x*> > 1/4: an open hemisphere"
    later = Step(text, How.BY_RULE, evidence="|x_i(T) at β - x_i(T) at 0| < 1/4")
    steps = (meets, near, joint, close, later, lemma)
    words = {key: found.meets.scope[key] for key in SCOPE if key in found.meets.scope}
    own = found.lemma.scope.get("n", "symbolic")
    words |= {"n": own} if words.get("n", "symbolic") == "symbolic" else {}
    return Sheet(
        (*steps, cited(FATOU, *steps)), {**words, "beta": "-> 0"}, (), say_cold(flow, found)
    )


def say_cold(flow: Flow, found: Cold) -> str:
    """Say which laws of starts."""
    return "P(S_β) -> 1 as β -> 0, for any law of X(0) with a density"


SMALL_HEAT: Statement[Cold] = Statement(
    "Theorem 4.2", "P(S_β) -> 1 as β -> 0", decide_cold, derive_cold, says=say_cold
)


__all__ = ["SMALL_HEAT"]
