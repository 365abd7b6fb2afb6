"""Rules of logic: what is said of all or of one, under a hypothesis or without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofs_checks.propositions import (
    EVERY,
    All,
    Any_,
    Bound,
    Implies,
    Proposition,
    putting,
    whole,
    written,
)
from proofs_checks.theorems.kernel import Concluded, Fact, NotConcluded, Rule
from theory.symbols import d, k, n, t, width
from theory.terms import Sort, count_of, is_variable, moving, sizes_in, sort_of

SIZES = (n, d, k, width)
"""Symbols that shapes are made of; nothing is put for them."""


def _generalise(fact: Fact, variables: tuple[Any, ...]) -> Proposition:
    for variable in variables:
        if variable == t or not is_variable(variable):
            raise NotConcluded(f"{variable} is no variable to say every of")
        if variable in sizes_in(fact.says):
            raise NotConcluded(f"{variable} counts tokens: what has a row a token is known by it")
        if not fact.general(variable):
            raise NotConcluded(f"something is assumed of {variable}")
    return Bound(fact.says, variables, EVERY)


def _instantiate(fact: Fact, values: tuple[Any, ...]) -> Proposition:
    if not isinstance(fact.says, Bound) or fact.says.quantifier != EVERY:
        raise NotConcluded(f"{written(fact.says)} says nothing of every one")
    if len(fact.says.bound) != len(values):
        raise NotConcluded(f"{len(values)} values for {len(fact.says.bound)} variables")
    for variable, value in zip(fact.says.bound, values, strict=True):
        _fits(variable, value)
    return fact.says.opened(*values)


def _fits(variable: Any, value: Any) -> None:
    """Refuse a value that isn't one of those that a variable stands for."""
    if variable == t or not is_variable(variable) or sort_of(variable) is not sort_of(value):
        raise NotConcluded(f"{value} isn't put for {variable}")
    if variable in SIZES:
        raise NotConcluded(f"{variable} is a size: what has a row a token is known by it")
    if sort_of(variable) is Sort.INDEX:
        if count_of(variable) != count_of(value):
            raise NotConcluded(f"{value} is a token of another species than {variable}")
        return
    if moving(value):
        raise NotConcluded(f"{variable} doesn't change in time, {value} may")
    known = variable.assumptions0 if sort_of(variable) is Sort.NUMBER else {}
    lacks = [name for name, so in known.items() if so and getattr(value, f"is_{name}") is not True]
    if lacks:
        raise NotConcluded(f"{value} isn't known to be {lacks[0]}, as {variable} is")


def _rename(fact: Fact, values: Mapping[Any, Any]) -> Concluded:
    pairs = dict(values)
    for variable, value in pairs.items():
        _fits(variable, value)
    given = frozenset(putting(one, pairs) for one in fact.given)
    return Concluded(putting(fact.says, pairs), given=given)


def _discharge(fact: Fact, hypothesis: Proposition) -> Concluded:
    says = Implies(whole(hypothesis, "discharge"), fact.says)
    return Concluded(says, given=fact.given - {hypothesis})


def _detach(implication: Fact, fact: Fact) -> Proposition:
    if not isinstance(implication.says, Implies) or implication.says.args[0] != fact.says:
        raise NotConcluded(f"{written(implication.says)} isn't if {written(fact.says)}")
    return implication.says.args[1]


def _cut(fact: Fact, *proofs: Fact) -> Concluded:
    shown = {proof.says for proof in proofs}
    if lost := shown - fact.given:
        raise NotConcluded(f"{written(next(iter(lost)))} isn't assumed")
    given = (fact.given - shown).union(*(proof.given for proof in proofs))
    return Concluded(fact.says, given=given)


def _cases(either: Fact, *proofs: Fact) -> Concluded:
    if not isinstance(either.says, Any_) or len(proofs) != len(either.says.args):
        raise NotConcluded("it needs a proof in each case")
    if len({proof.says for proof in proofs}) != 1:
        raise NotConcluded("in one case something else is shown")
    given = either.given
    for case, proof in zip(either.says.args, proofs, strict=True):
        given |= proof.given - {case}
    return Concluded(proofs[0].says, given=given)


def _together(*facts: Fact) -> Proposition:
    return All(*(fact.says for fact in facts))


def _part(fact: Fact, place: int) -> Proposition:
    if not isinstance(fact.says, All) or place not in range(len(fact.says.args)):
        raise NotConcluded(f"{written(fact.says)} has no part {place}")
    return fact.says.args[place]


generalise = Rule(
    "every one", "A(v), nothing assumed of v: every v: A(v)", "logic", _generalise, routine=True
)
instantiate = Rule("one of all", "every v: A(v): A(c)", "logic", _instantiate, routine=True)
rename = Rule("renaming", "A(v): A(c), hypotheses too", "logic", _rename, routine=True)
discharge = Rule("if", "A under H: H implies A", "logic", _discharge, routine=True)
detach = Rule("then", "H implies A; H: A", "logic", _detach, routine=True)
cut = Rule("cut", "A under H; H: A", "logic", _cut, routine=True)
cases = Rule("cases", "A or B; C under A; C under B: C", "logic", _cases, routine=True)
together = Rule("and", "A; B: A and B", "logic", _together, routine=True)
part = Rule("part", "A and B: A", "logic", _part, routine=True)
