"""Attacks on the kernel: what must not become a theorem, and what only looks like one."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from typing import Any

import pytest
from sympy import Rational, S, Symbol, exp

from proofs_checks.proof import How, Outcome
from proofs_checks.propositions import Any_, Proposition, Rel, Subject, Words, every, putting
from proofs_checks.theorems import (
    Engine,
    Pull,
    Refusal,
    Rule,
    Says,
    Theorem,
    apply,
    as_sheet,
    assume,
    pull_of,
    read,
    replayed,
    settle,
    solving,
)
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS
from proofs_checks.theorems.kernel import Concluded
from proofs_checks.theorems.logic import (
    cases,
    cut,
    discharge,
    generalise,
    instantiate,
    part,
    rename,
    together,
)
from proofs_checks.theorems.pulls import HIGH, H
from proofs_checks.theorems.readers import MASSES, MOTION, UNIT
from theory.blocks import Block
from theory.models import REPULSIVE, SA, USA, Model, catalogue
from theory.symbols import V, X, beta, d, m, n, t
from theory.terms import Index, Inner, Item, Norm, Row, Vec, at, total

i, j = map(Index, "ij")
x, w = Row(X, i), Vec("w")
WARM = Rel("<=", 0, beta)
MOON, CHEESE = Symbol("moon", real=True), Symbol("cheese", real=True)
SAID = Subject.of(SA)


GIVEN = (solving(SAID), HIGH)


@pytest.fixture(scope="module")
def theorem() -> Theorem:
    """T1c for SA: h <= <x_i, w>."""
    pull = pull_of(SAID)
    assert isinstance(pull, Pull) and isinstance(pull.heights, Theorem)
    return pull.heights


def claim(found: Theorem, **changes: Any) -> Says:
    return replace(Says(GIVEN, found.says), **changes)


def why(says: Says, found: Theorem | Refusal) -> str:
    """Reason of the first step that doesn't hold."""
    sheet = as_sheet(says, found)
    assert sheet.typed and not sheet.holds
    assert sheet.missing[0].outcome is Outcome.GAP
    return sheet.missing[0].evidence


# -- what no theorem says ----------------------------------------------------------------------


def test_riemann_by_one_minus_one() -> None:
    zero = settle(EQUAL, Rel("=", beta - beta, 0))
    assert isinstance(zero, Refusal) and "the same as they are written" in zero.reason
    true = settle(EQUAL, Rel("=", total(Inner(x, w), i), total(Inner(x, w) + 1 - 1, i)))
    assert isinstance(true, Refusal)
    riemann = Rel("=", Symbol("s", real=True), Rational(1, 2))
    assert why(Says((), riemann), settle(SIGNS, Rel("<", 0, 1))) == "the sheet concludes: 0 < 1"
    assert "said in words" in why(Says((), Words("Riemann")), settle(SIGNS, Rel("<", 0, 1)))


def test_moon_minus_cheese() -> None:
    says = Rel("<", 0, MOON - CHEESE)
    assert isinstance(settle(SIGNS, says), Refusal)
    short = settle(ADDED, says)
    assert isinstance(short, Refusal) and "no inequality among the premises" in short.reason
    reason = why(Says((), says), assume(says))
    assert reason == "the sheet assumes what the claim doesn't: 0 < moon - cheese"


def test_words_are_no_premise() -> None:
    assert isinstance(assume(Words("the moon is made of cheese")), Refusal)
    with pytest.raises(TypeError, match="text proves nothing"):
        apply(together, "0 < q")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        apply(together, assume(WARM), text="moon > cheese")
    with pytest.raises(TypeError, match="Expected a proposition"):
        settle(SIGNS, "0 < q")  # type: ignore[arg-type]


def test_two_models_do_not_meet() -> None:
    motion, weights = read(MOTION, SAID), read(MASSES, Subject.of(USA))
    both = apply(together, motion, weights)
    assert isinstance(both, Refusal) and "different models: SA and USA" in both.reason


# -- objects that look like theorems -----------------------------------------------------------


def forged(says: Proposition, by: Any, *premises: Theorem, **parameters: Any) -> Theorem:
    found = object.__new__(Theorem)
    values = {
        "says": says, "given": frozenset(), "by": by, "premises": premises,
        "parameters": parameters, "evidence": "",
    }  # fmt: skip
    for name, value in values.items():
        object.__setattr__(found, name, value)
    return found


def test_a_theorem_is_not_made_changed_or_copied(theorem: Theorem) -> None:
    with pytest.raises(TypeError):
        Theorem(says=WARM)
    with pytest.raises(TypeError):
        theorem.says = WARM
    with pytest.raises(TypeError):
        replace(theorem, says=WARM)  # type: ignore[type-var]
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="conclude it again"):
            copied(theorem)


def test_a_forged_theorem_is_not_replayed(theorem: Theorem) -> None:
    q = Rel("<", 0, Symbol("q", real=True))
    yes = Engine("yes", How.DECIDED, lambda says, facts: "")
    anything = Rule("anything", "A: B", "", lambda *facts, **_: q)
    true = settle(SIGNS, Rel("<", 0, 1))
    assert isinstance(true, Theorem)
    fakes = [
        forged(q, None),  # nothing given, and nothing that decides it
        forged(q, SIGNS),
        forged(q, yes),
        forged(q, anything, true),
        forged(q, together, true),
        forged(Rel("=", Norm(2 * x), 1), UNIT, subject=SAID),
        forged(q, cut, forged(q, SIGNS)),
        object.__new__(Theorem),
    ]
    for fake in fakes:
        assert isinstance(replayed(fake), Refusal)
    assert "no rule, engine or reader of ours" in str(replayed(settle(yes, q)))
    assert "no rule, engine or reader of ours" in str(replayed(apply(anything, true)))
    for fake in fakes[:-1]:
        assert why(Says((), q), fake).startswith("not concluded again")
    changed = forged(theorem.says, theorem.by, *theorem.premises, **theorem.parameters)
    assert isinstance(replayed(changed), Refusal)  # its hypotheses are gone
    again = replayed(theorem)
    assert isinstance(again, Theorem) and (again.says, again.given) == (
        theorem.says,
        theorem.given,
    )


# -- the claim, and what the sheet ends in -----------------------------------------------------


def test_the_sheet_of_sa_holds(theorem: Theorem) -> None:
    sheet = as_sheet(claim(theorem), theorem)
    assert sheet.holds and sheet.typed and not sheet.enclosed
    assert theorem.given == frozenset(GIVEN)


def test_another_model_is_not_proved_by_it(theorem: Theorem) -> None:
    for other in (USA, replace(REPULSIVE, name="SA"), catalogue("CoD")):
        subject = Subject.of(other)
        says = Says((solving(subject), HIGH), theorem.says)
        assert "assumes what the claim doesn't: X solves SA" in why(says, theorem)


def test_read_at_zero_is_not_said_of_every_beta(theorem: Theorem) -> None:
    cold = Subject.of(SA, {beta: 0})
    pull = pull_of(cold)
    assert isinstance(pull, Pull) and isinstance(pull.heights, Theorem)
    assert pull.heights.says == theorem.says
    assert "X solves SA at beta = 0" in why(claim(theorem), pull.heights)
    at_zero = apply(rename, theorem, values={beta: 0 * beta})
    assert isinstance(at_zero, Theorem)
    assert solving(cold) in at_zero.given and solving(SAID) not in at_zero.given
    assert "assumes what the claim doesn't" in why(claim(theorem), at_zero)


@pytest.mark.parametrize("place", [0, 1])
def test_a_hypothesis_dropped_from_the_claim(theorem: Theorem, place: int) -> None:
    kept = tuple(one for k, one in enumerate(GIVEN) if k != place)
    assert "the sheet assumes what the claim doesn't" in why(claim(theorem, given=kept), theorem)


def test_a_stronger_claim_is_not_concluded(theorem: Theorem) -> None:
    for then in (putting(theorem.says, {H: 2 * H}), Rel("<", H, theorem.says.args[2])):
        assert why(claim(theorem, then=then), theorem).startswith("the sheet concludes: ")


# -- variables ---------------------------------------------------------------------------------


def test_nothing_is_generalised_over_what_is_assumed() -> None:
    here = assume(Rel("<=", 0, Inner(x, w)))
    assert isinstance(apply(generalise, here, variables=(i,)), Refusal)
    assert isinstance(apply(generalise, here, variables=(t,)), Refusal)
    assert isinstance(apply(generalise, assume(WARM), variables=(beta,)), Refusal)
    mass = read(MASSES, SAID)
    assert isinstance(apply(generalise, mass, variables=(i,)), Theorem)


def test_what_is_put_for_a_variable() -> None:
    h = Symbol("h", positive=True)
    high = assume(every(i, Rel("<=", h, at(Inner(x, w)))))
    for value in (beta, -h, Inner(x, w), 0 * h):  # of no known sign, or moving
        assert isinstance(apply(rename, high, values={h: value}), Refusal)
    assert isinstance(apply(rename, high, values={h: 2 * h}), Theorem)
    assert isinstance(apply(rename, high, values={w: x}), Refusal)
    assert isinstance(apply(rename, high, values={w: at(x)}), Theorem)
    assert isinstance(apply(rename, high, values={t: beta}), Refusal)
    for size in (n, d):  # with one for another, X would look like a constant matrix
        assert isinstance(
            apply(rename, read(UNIT, SAID), values={size: d if size == n else n}), Refusal
        )
    one = apply(instantiate, high, values=(j,))
    assert isinstance(one, Theorem) and one.says == Rel("<=", h, at(Inner(Row(X, j), w)))
    assert isinstance(apply(instantiate, high, values=(beta,)), Refusal)
    assert isinstance(apply(instantiate, assume(WARM), values=(j,)), Refusal)


def test_loose_names_are_refused() -> None:
    lost = Item(m, Index("#1"))
    with pytest.raises(TypeError, match="under their binder"):
        assume(Rel("<", 0, lost))


def test_logic() -> None:
    under = apply(discharge, assume(WARM), hypothesis=WARM)
    assert isinstance(under, Theorem) and not under.given
    strict = assume(Rel("<", 0, beta))
    weaker = settle(SIGNS, WARM, strict)
    used = apply(cut, assume(WARM), weaker)
    assert isinstance(used, Theorem) and used.given == {Rel("<", 0, beta)}
    assert isinstance(apply(cut, used, weaker), Refusal)
    both = apply(together, strict, weaker)
    assert isinstance(apply(part, both, place=1), Theorem)
    assert isinstance(apply(part, both, place=2), Refusal)


# -- readers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["no projection", "discrete layer", "causal", "MLP block", "cross-attention"]
)
def test_readers_refuse_in_words(name: str) -> None:
    model: Model = catalogue(name)
    for reader in (MOTION, UNIT, MASSES):
        found = read(reader, Subject.of(model))
        assert isinstance(found, Theorem) or found.reason
    moves = replace(SA, velocity={X: SA.velocity, V: V}, blocks=(Block(X, "sphere"), Block(V)))
    assert isinstance(read(MASSES, Subject.of(moves)), Refusal)  # V moves, and looks constant
    if name in ("no projection", "discrete layer"):
        assert isinstance(read(MOTION, Subject.of(model)), Refusal)


def test_cases() -> None:
    """What each case shows holds under one or the other, and under all else that is assumed."""
    one, two, more = Rel("<", beta, 1), Rel("<", 0, beta), Rel("<=", d, n)
    both = assume(Any_(one, two))
    says = Rel("<", MOON, CHEESE)

    def shown(*given: Proposition) -> Any:
        found = assume(says)
        for each in given:
            found = apply(part, apply(together, found, assume(each)), place=0)
        return found

    found = apply(cases, both, shown(one), shown(two, more))
    assert isinstance(found, Theorem) and found.says == says
    assert found.given == {Any_(one, two), says, more}
    swapped = apply(cases, both, shown(two), shown(one))
    assert isinstance(swapped, Theorem) and {one, two} <= swapped.given
    for wrong in (
        apply(cases, both, shown(one)),
        apply(cases, both, shown(one), assume(two)),
        apply(cases, assume(one), shown(one)),
    ):
        assert isinstance(wrong, Refusal)


def test_what_is_kept_bears_the_name_of_its_own_model() -> None:
    """Models of two names are equal: a rule concludes once of each name, and says that one."""
    asked = []

    def copied(one: Any) -> Proposition:
        asked.append(one.says)
        return one.says

    rule, mine = Rule("copy", "A gives A", "", copied), Subject.of(replace(SA, name="mine"))
    assert mine == SAID
    for subject in (SAID, mine, SAID, mine):
        found = apply(rule, assume(solving(subject)))
        assert isinstance(found, Theorem) and subject.name in str(found.says)
    assert len(asked) == 2


def test_hypotheses_are_left_out_by_name_alone() -> None:
    """A rule that wrote all of them down anew had forgotten those of one premise."""
    warm, small, high = Rel("<=", 0, beta), Rel("<=", beta, 1), Rel("<=", 2, n)
    facts = assume(warm), assume(small)
    anew = Rule("anew", "A; B: A", "", lambda a, b: Concluded(warm, given=a.given))
    with pytest.raises(TypeError, match="Expected hypotheses by name"):
        apply(anew, *facts)
    named = Rule("named", "A; B: A", "", lambda a, b: Concluded(warm, spares=frozenset({small})))
    found = apply(named, *facts)
    assert isinstance(found, Theorem) and found.given == {warm}
    besides = Rule("besides", "A; B: A", "", lambda a, b: Concluded(warm, more=frozenset({high})))
    found = apply(besides, *facts)
    assert isinstance(found, Theorem) and found.given == {warm, small, high}
    of_one = Rule("of one", "A; A: A", "", lambda a, b: Concluded(warm, {0: (warm,)}))
    found = apply(of_one, assume(warm), assume(warm))
    assert isinstance(found, Theorem) and found.given == {warm}


@pytest.mark.parametrize(
    ("a", "power", "found"),
    [
        (exp(2 * beta * t) - 1, Rel("<=", 0, beta), "<="),
        (3 * exp(beta * t) - 1, Rel("<=", 0, beta), "<"),
        (exp(beta * t) / 2 - S.Half, Rel("<=", 0, beta), "<="),
        (exp(beta * t) - 2, Rel("<=", 0, beta), None),
        (exp(beta * t) - 1, Rel("<=", beta, 0), None),
        (1 - exp(beta * t), Rel("<=", 0, beta), None),
    ],
)
def test_an_exponential_is_over_what_it_starts_from(a: Any, power: Any, found: Any) -> None:
    for op in ("<", "<="):
        own = settle(SIGNS, Rel(op, 0, a), assume(power))
        wanted = found == "<" or (found == "<=" and op == "<=")
        assert isinstance(own, Theorem) is wanted, (op, a)
