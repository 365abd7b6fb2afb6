"""Equations and inequalities between numbers: true ones become theorems, false twins don't."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy as sp
from sympy import (
    Derivative,
    Function,
    Integral,
    Rational,
    Symbol,
    cos,
    exp,
    log,
    pi,
    sin,
    sqrt,
    tanh,
)
from sympy.core.function import AppliedUndef

from proofs_checks import CLAIMS
from proofs_checks.decide import Question
from proofs_checks.proof import Statement
from proofs_checks.rocq import (
    INSTALL,
    NotExported,
    Theorem,
    compile_text,
    record_claim,
    rocq_available,
    sign_statement,
    text_of,
)
from proofs_checks.rocq.numbers import number_statement
from proofs_checks.said import Said, say
from theory.symbols import d, n, t, z

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")
b, c = Symbol("b", positive=True), Symbol("c", positive=True)
s, y = Symbol("s", real=True), Symbol("y", real=True)
j = Symbol("j", integer=True)
f = Function("f")
f_z = Derivative(f(z), z)
ROOT = sqrt(4 * c**2 + 5)

GROWN = Derivative(f(z) ** 2 * exp(b * z), z)
PAIRS = {
    "unknown function": (
        say(GROWN, "=", (2 * f(z) * f_z + b * f(z) ** 2) * exp(b * z)),
        say(GROWN, "=", (f(z) * f_z + b * f(z) ** 2) * exp(b * z)),
    ),
    "second derivative": (
        say(Derivative(1 / c, c, c), "=", 2 / c**3),
        say(Derivative(1 / c, c, c), "=", 3 / c**3),
    ),
    "second derivative of an unknown function": (
        say(Derivative(z * f(z), z, z), "=", 2 * f_z + z * Derivative(f(z), z, z)),
        say(Derivative(z * f(z), z, z), "=", f_z + z * Derivative(f(z), z, z)),
    ),
    "counts": (say((n - 1) / n, "<", 1), say((n - 1) / n, "<", Rational(1, 2))),
    "exponentials fall": (say(exp(-2 * b), "<", exp(-b)), say(exp(-b), "<", exp(-2 * b))),
    "exponents": (
        say(exp(b * (1 + z)) * exp(b * (1 - z)), "=", exp(b) ** 2),
        say(exp(b * (1 + z)) * exp(b * (1 - z)), "=", exp(b) ** 3),
    ),
    "tanh": (
        say(Derivative(tanh(b * z), z), "=", b * (1 - tanh(b * z) ** 2)),
        say(Derivative(tanh(b * z), z), "=", b * (2 - tanh(b * z) ** 2)),
    ),
    "angles": (say(cos(2 * y), "=", 1 - 2 * sin(y) ** 2), say(cos(2 * y), "=", 1 - sin(y) ** 2)),
    "roots": (
        say(c**2 * ((ROOT - 3) / (2 * c)) ** 2 + 3 * c * ((ROOT - 3) / (2 * c)), "=", c**2 - 1),
        say(c**2 * ((ROOT - 3) / (2 * c)) ** 2 + 3 * c * ((ROOT - 3) / (2 * c)), "=", c**2 - 2),
    ),
    "integrals": (
        say(Integral(cos(s) ** 2, (s, 0, pi)), "=", pi / 2),
        say(Integral(cos(s) ** 2, (s, 0, pi)), "=", pi / 3),
    ),
    "integrals up to t": (
        say(Integral(exp(2 * s), (s, 0, t)), "=", (exp(2 * t) - 1) / 2),
        say(Integral(exp(2 * s), (s, 0, t)), "=", (exp(2 * t) - 1) / 3),
    ),
    "real powers": (
        say(Derivative(c**y, c), "=", y * c**y / c),
        say(Derivative(c**y, c), "=", 2 * y * c**y / c),
    ),
    "logarithms": (
        say(c, "<=", -log(1 - c), (say(c, "<", 1),)),
        say(c, "<=", -log(1 - c) / 2, (say(c, "<", 1),)),
    ),
    "absolute values": (
        say(sp.Abs(exp(y) - 1), "<=", exp(sp.Abs(y)) - 1),
        say(sp.Abs(exp(y) - 1), "<=", exp(sp.Abs(y)) / 2 - 1),
    ),
    "cases": (
        say(sp.Piecewise((2 * exp(-c), c <= Rational(1, 4)), (c, True)), "<=", 2 + c),
        say(sp.Piecewise((2 * exp(-c), c <= Rational(1, 4)), (c, True)), "<=", 1 + c),
    ),
    "sums": (say(sp.Sum(1 / n, (j, 1, n)), "=", 1), say(sp.Sum(1 / n, (j, 1, n)), "=", 2)),
    "numbers": (
        say(exp(Rational(-1)), "<=", Rational(37, 100)),
        say(exp(Rational(-1)), "<=", Rational(36, 100)),
    ),
    "bounded variables": (
        say(cos(y) * exp(y), "<=", 2, (say(0, "<=", y), say(y, "<=", 1))),
        say(cos(y) * exp(y), "<=", 1, (say(0, "<=", y), say(y, "<=", 1))),
    ),
}  # fmt: skip


def accepted(theorem: Theorem) -> bool:
    return compile_text(text_of([("t", theorem)], "numbers"), "t").accepted


@pytest.mark.slow
@needs_rocq
def test_what_is_true_becomes_a_theorem() -> None:
    listed = [(f"t{k}", number_statement(true)) for k, (true, _) in enumerate(PAIRS.values())]
    done = compile_text(text_of(listed, "numbers"), "t", theorems=[name for name, _ in listed])
    assert done.accepted, done.message


@needs_rocq
@pytest.mark.slow
@pytest.mark.parametrize("kind", PAIRS)
def test_a_false_twin_is_refused(kind: str) -> None:
    assert not accepted(number_statement(PAIRS[kind][1]))


@pytest.mark.slow
@needs_rocq
def test_signs_with_counts_and_of_numbers() -> None:
    assert accepted(sign_statement(Question((n - 1) / n * exp(b * z), -1, 1)))
    assert accepted(sign_statement(Question(d - 2 + (1 - z), -1, 1, False)))
    assert not accepted(sign_statement(Question(d - 2 + (1 - z), -1, 1, True)))
    assert accepted(sign_statement(Question(sp.pi - 3, -1, 1)))
    with pytest.raises(NotExported, match="nothing to prove"):
        sign_statement(Question(Rational(1, 2), -1, 1))


def test_two_numbers_that_are_worked_out_are_nothing_to_prove() -> None:
    with pytest.raises(NotExported, match="nothing to prove"):
        number_statement(say(Rational(1, 4), "<", Rational(1, 2)))
    with pytest.raises(NotExported, match="written the same"):
        number_statement(say(b * c, "=", c * b))


# -- no statement is empty ------------------------------------------------------------------------


def said_by_claims() -> list[tuple[str, Said]]:
    found: dict[Said, str] = {}
    for claim in CLAIMS:
        if isinstance(claim.check, Statement):
            for _, sheet in record_claim(claim).sheets:
                for step in sheet.steps:
                    parts = step.formal if isinstance(step.formal, tuple) else (step.formal,)
                    for part in parts:
                        if isinstance(part, Said):
                            found.setdefault(part, f"{claim.label}: {step.text}")
    return [(where, said) for said, where in found.items()]


def drawn(symbol: Any, rng: random.Random) -> sp.Rational:
    if symbol.is_integer:
        return sp.Integer(rng.randint(1, 5))
    size = Rational(rng.randint(1, 4000), rng.choice((200, 1000, 5000, 40000)))
    if symbol.is_positive or symbol.is_nonnegative:
        return size
    return -size if symbol.is_negative or rng.random() < 0.5 else size


# In place of functions that aren't written out: any one, and a solution of φ' = -sin φ.
SHAPES = (sp.Lambda(s, exp(s / 3)), sp.Lambda(s, 2 * sp.atan(exp(-s))))


def sides_at(said: Said, at: dict[Any, Any]) -> tuple[Any, Any]:
    shape = at.get(f, SHAPES[0])

    def value(side: Any) -> Any:
        shown = side.replace(lambda e: isinstance(e, AppliedUndef), lambda e: shape(e.args[0]))
        return sp.N(shown.subs({a: v for a, v in at.items() if a != f}).doit(), 30)

    return value(said.left), value(said.right)


def holds_at(said: Said, at: dict[Any, Any]) -> bool:
    left, right = sides_at(said, at)
    if said.relation == "=":
        return bool(abs(left - right) < 1e-9 * (1 + abs(left)))
    if not (left.is_real and right.is_real):
        return False
    return bool(left < right) if said.relation == "<" else bool(left <= right + sp.Float(1e-12))


def point_of(said: Said, tries: int = 400) -> dict[Any, Any] | None:
    """Values of the symbols that meet the assumptions of a statement; None where none is found."""
    rng = random.Random(0)
    wholes = (said.left, said.right, *(x for one in said.given for x in (one.left, one.right)))
    symbols = sorted(set().union(*(x.free_symbols for x in wholes)), key=str)
    for attempt in range(tries):
        at: dict[Any, Any] = {symbol: drawn(symbol, rng) for symbol in symbols}
        at[f] = SHAPES[attempt % 2]
        for one in said.given:
            letter, power = one.left.as_base_exp()
            if one.relation == "=" and letter in at:  # a letter, or its square, is given
                others = {k: v for k, v in at.items() if k not in (f, letter)}
                at[letter] = one.right.subs(others) ** (1 / power)
        if all(holds_at(one, at) for one in said.given):
            return at
    return None


@pytest.mark.parametrize("kind", PAIRS)
def test_twins_differ_at_a_point_where_both_are_asked(kind: str) -> None:
    true, false = PAIRS[kind]
    at = point_of(true)
    assert at is not None and holds_at(true, at)
    assert not holds_at(say(1, "<", b, (say(b, "<", 0),)), {b: 1})
    assert false.given == true.given


def test_what_can_never_be_met_is_noticed() -> None:
    assert point_of(say(0, "<", b, (say(b, "<", 0),)), tries=50) is None


@pytest.mark.slow
def test_the_assumptions_of_every_statement_are_met_and_it_holds_there() -> None:
    listed = said_by_claims()
    for where, said in listed:
        at = point_of(said)
        assert at is not None, where
        assert holds_at(said, at), (where, at)
