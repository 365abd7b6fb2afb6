"""Signs of functions of one inner product, as theorems over the reals with unbounded parameters."""

from __future__ import annotations

from sympy import Rational

from proofs_checks.decide import Question
from proofs_checks.rocq.formulas import Theorem
from proofs_checks.rocq.scalars import Names, NotExported, scalar
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
        It holds a function that has no term, or a number of tokens; or there is nothing to prove.
    """
    expr = question.expr
    if expr.is_number:
        raise NotExported("the sign of a number: there is nothing to prove")
    if expr.free_symbols & {n, d}:
        raise NotExported("the sign of a function of n or d")
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


def _parameters(question: Question) -> list[object]:
    return sorted(question.expr.free_symbols - {z}, key=str)


def _number(value: Rational) -> str:
    return scalar(value, Names())
