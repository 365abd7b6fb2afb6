"""Signs of functions of one inner product, as theorems over the reals with unbounded parameters."""

from __future__ import annotations

from sympy import Rational

from proofs_checks.decide import Question
from proofs_checks.rocq.formulas import Theorem
from proofs_checks.rocq.numbers import number_statement
from proofs_checks.rocq.scalars import Names, NotExported, scalar
from proofs_checks.said import Relation, Said, say
from theory.symbols import d, n, z


def sign_statement(question: Question) -> Theorem:
    """Write a decision on a sign: for all positive parameters, everywhere on the interval.

    Parameters
    ----------
    question : Question

    Returns
    -------
    Theorem

    Raises
    ------
    NotExported
        It holds a function that has no term, or there is nothing to prove.
    """
    expr = question.expr
    if expr.is_Rational:
        raise NotExported("the sign of a number: there is nothing to prove")
    if expr.is_number or expr.free_symbols & {n, d}:
        return number_statement(_said(question))
    names = Names()
    names.take(z, "z", "R")
    hypotheses = [f"0 < {names.take(s, str(s), 'R')}" for s in _parameters(question)]
    text = scalar(expr, names)
    low, high = (_number(end) for end in (question.low, question.high))
    left, right = ("<=" if end else "<" for end in question.closed)
    relation = "<" if question.strict else "<="
    binders = f"({' '.join(names.types)} : R)"
    return Theorem(
        binders,
        (*hypotheses, f"{low} {left} z {right} {high}"),
        f"0 {relation} {text}",
        ("Signs",),
        "signs.",
    )


def _said(question: Question) -> Said:
    """Question in words of numbers: n and d are at least 2."""
    expr = question.expr
    given = [say(2, "<=", count) for count in (n, d) if expr.has(count)]
    given += [say(0, "<", s) for s in _parameters(question) if s not in (n, d)]
    if expr.has(z):
        ends: list[Relation] = ["<=" if end else "<" for end in question.closed]
        left, right = ends
        given += [say(question.low, left, z), say(z, right, question.high)]
    return say(0, "<" if question.strict else "<=", expr, tuple(given))


def _parameters(question: Question) -> list[object]:
    return sorted(question.expr.free_symbols - {z}, key=str)


def _number(value: Rational) -> str:
    return scalar(value, Names())
