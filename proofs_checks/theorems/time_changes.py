"""Time changes: tokens that move at a speed c(t) are those of the flow at pace 1, at ∫c."""

from __future__ import annotations

from typing import Any

from sympy import Expr

from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL, SIGNS, spared
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import PRIMITIVE, above, moves_besides, of_all, wants
from proofs_checks.theorems.perron import SMOOTH_IN_STATE, SMOOTHNESS_IN_STATE
from proofs_checks.theorems.readers import MOTION, TOKEN, field_of, moved_by, solved_in, solving
from theory.symbols import X, t
from theory.terms import Elapsed, Row, Sort, ddt

RETIMED = Definition(
    "time change",
    "at every time {t} >= 0 the tokens are those of a solution of x_i' = {1}, from the same start, "
    "at the time {0}",
    (Sort.NUMBER, Sort.VECTOR),
)


def _retimed(motion: Fact, unique: Fact, pace: Any, field: Any) -> Proposition:
    subject = solved_in(motion)
    wants(motion, Rel("=", ddt(Row(X, TOKEN)), field * pace))
    of_all(motion, TOKEN, t)
    if set(subject.velocities) != {X}:
        raise NotConcluded("more than the tokens moves")
    if moves_besides(pace) or t in field.free_symbols:
        raise NotConcluded("the speed is one of time alone, and the field has no time")
    if unique.says == Is(SMOOTH_IN_STATE, subject):
        if not pace.subs(t, 0).is_nonzero:
            raise NotConcluded("the speed may vanish throughout, and then the field is any")
    else:
        above(unique, pace, strict=True)
        of_all(unique, t)
    return Is(RETIMED, Elapsed(pace), field)


CHANGED = Rule(
    "time change",
    "x_i' = c(t) v_i(X); 0 < c at every time, or c v is C^1 in the state and c(0) isn't 0: X(t) = "
    "Y(∫_0^t c), y_i' = v_i(Y), Y(0) = X(0)",
    "0 < c: Y = X(τ^-1), τ = ∫c, has the slope v(Y); else v is C^1, Y lives for all time on "
    "spheres, which are compact, Y(τ) has the slope c v(Y(τ)), and only X is such a solution",
    _retimed,
)


def _clock(time: Expr, pace: Expr) -> Found:
    """``∫_0^t c = τ``."""
    return apply(PRIMITIVE, spared(EQUAL, Rel("=", ddt(time), pace)))


def retimed(subject: Subject, still: Subject, time: Expr, pace: Expr) -> Conclusion | Refusal:
    """X(t) = Y(∫c), x_i' = c v_i, v_i of a flow at pace 1, and ``∫_0^t c = τ``.

    Parameters
    ----------
    subject, still : Subject
        The model, and that of v.
    time, pace : Expr
        τ, and c = τ', in t.

    Examples
    --------
    >>> from sympy import sqrt
    >>> from theory.models import COD, SA
    >>> own = retimed(Subject.of(COD), Subject.of(SA), 2 * sqrt(t + 1) - 2, 1 / sqrt(t + 1))
    >>> own.found.by.name, own.found.says == own.says.then
    ('and', True)
    """
    try:
        field = moved_by(field_of(still)).right
    except NotConcluded as short:
        return Refusal(str(short))
    motion = settle(EQUAL, Rel("=", ddt(Row(X, TOKEN)), field * pace), read(MOTION, subject))
    unique = settle(SIGNS, Rel("<", 0, pace))
    if isinstance(unique, Refusal):
        unique = read(SMOOTHNESS_IN_STATE, subject)
    moved = apply(CHANGED, motion, unique, pace=pace, field=field)
    then = All(Is(RETIMED, Elapsed(pace), field), Rel("=", Elapsed(pace), time))
    return claimed(apply(together, moved, _clock(time, pace)), then, (solving(subject),))
