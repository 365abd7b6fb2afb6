"""Typed theorems as Rocq's: what is written of each step, what is refused, what is left out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
import sympy as sp

from proofs_checks import CLAIMS
from proofs_checks.propositions import All, Rel, Subject
from proofs_checks.rocq import (
    INSTALL,
    NotExported,
    Recorded,
    Theorem,
    export_claim,
    rocq_available,
)
from proofs_checks.rocq.exports import unfolded
from proofs_checks.rocq.typed_steps import typed_statement
from proofs_checks.rocq.typed_terms import Terms
from proofs_checks.theorems import (
    Conclusion,
    apply,
    as_sheet,
    assume,
    claimed,
    common_sight,
    kernel,
    least_pair,
    lowest,
    meeting,
    pull_of,
    settle,
    steps_of,
)
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.order import CHAIN, SCALE
from proofs_checks.theorems.readers import UNIT, solving
from tests.proofs_checks.rocq.sessions import accepted
from theory.models import SA, USA
from theory.recorded import recording
from theory.symbols import X, beta, d, m, n
from theory.terms import Index, Inner, Item, Least, Multiple, Norm, Row, Vec, ddt, total

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")
TOKEN, OTHER = Index("i"), Index("j")
MODELS = {"SA": SA, "USA": USA}


@cache
def conclusion(kind: str, name: str) -> Conclusion:
    subject = Subject.of(MODELS[name])
    if kind == "on_sphere":
        found = kernel.read(UNIT, subject)
        return claimed(found, Rel("=", Norm(Row(X, TOKEN)), 1), (solving(subject),))
    if kind == "meeting":
        return meeting(pull_of(subject), common_sight(subject))
    return (lowest if kind == "lowest" else least_pair)(pull_of(subject))


def exported(kind: str, name: str) -> tuple[dict[str, Theorem], dict[str, str]]:
    """Theorems of a sheet's steps, and why others have none."""
    own = conclusion(kind, name)
    assert isinstance(own.found, kernel.Theorem)
    theorems: dict[str, Theorem] = {}
    reasons: dict[str, str] = {}
    for place, one in enumerate(steps_of(own.found), start=1):
        try:
            theorems[f"t{place}"] = typed_statement(one)
        except NotExported as lack:
            reasons[f"t{place}"] = str(lack)
    return theorems, reasons


# -- what is written ------------------------------------------------------------------------------


def test_terms_are_written_as_they_stand() -> None:
    x, y, w = Row(X, TOKEN), Row(X, OTHER), Vec("w")
    of = {
        Inner(x, w): "⟨(x i), w⟩",
        Norm(x): "(sqrt ⟨(x i), (x i)⟩)",
        total(
            Item(m, OTHER) * Inner(x, y), OTHER
        ): "(rsum n (fun j1 => (⟨(x i), (x j1)⟩ * (m j1))))",
        ddt(Inner(x, w)): "(rate i)",
        Least(Item(m, OTHER), OTHER): "lowest",
    }
    for term, text in of.items():
        assert Terms().number(term) == text
    assert Terms().vector(Multiple(beta, x) - y) == "((beta ⊙ (x i)) ⊕ ((- 1) ⊙ (x i1)))"
    curve = Terms("t")
    assert curve.says(Rel("=", ddt(Inner(x, w)), 1)) == "is_derive (fun s => ⟨(x i s), w⟩) t 1"


def test_a_step_is_written_with_its_premises() -> None:
    sign, bound = Rel("<=", 0, Item(m, OTHER)), Rel("<", Item(m, OTHER), beta)
    said = typed_statement(apply(SCALE, assume(sign), assume(bound)))
    assert said.claim.endswith("<= (beta * (m i))")
    assert [text for _, text in said.named] == ["0 <= (m i)", "(m i) < beta"]
    text = said.text("t")
    assert "Fail reflexivity. Fail assumption." in text and "Admitted" not in text


def test_what_a_premise_says_is_no_theorem() -> None:
    twice = apply(CHAIN, assume(Rel("<=", beta, beta)), assume(Rel("<=", beta, 1)))
    with pytest.raises(NotExported, match="a premise says the same"):
        typed_statement(twice)


@pytest.mark.parametrize("kind", ["lowest", "least_pair", "on_sphere"])
@pytest.mark.parametrize("name", MODELS)
def test_folded_steps_are_exported_too(kind: str, name: str) -> None:
    own = conclusion(kind, name)
    short = as_sheet(own.says, own.found, own.names)
    full = as_sheet(own.says, own.found, own.names, full=True)
    said = {step.formal.fact for step in unfolded(short)}
    # what concludes is an "and" of steps, and is printed below them
    left_out = {step.formal.fact for step in full.steps} - said
    assert all(isinstance(fact.says, All) for fact in left_out)


def test_theorems_are_concluded_while_formulas_are_recorded() -> None:
    with recording():
        own = lowest(pull_of(Subject.of(SA)))
        assert as_sheet(own.says, own.found, own.names).holds


# -- what Rocq says -------------------------------------------------------------------------------


@needs_rocq
@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_every_step_that_is_written_is_a_qed(name: str) -> None:
    theorems: set[Theorem] = set()
    for kind, few in (("lowest", 14), ("least_pair", 26), ("on_sphere", 1)):
        own, reasons = exported(kind, name)
        assert len(own) >= few, reasons
        theorems |= set(own.values())
    assert accepted(theorems, 20) == theorems


@needs_rocq
@pytest.mark.parametrize("term", [1 / n, (2 * d - 2) / (d * n), (d - 1) / (3 * n**2)])
def test_sizes_are_positive(term: sp.Expr) -> None:
    """A number of tokens or of dimensions is a natural number: it has its sign of itself."""
    found = settle(SIGNS, Rel("<", 0, term), assume(Rel("<=", 2, d)))
    one = typed_statement(found)
    assert accepted({one}, 20) == {one}


def test_a_typed_sheet_is_exported_as_any_other() -> None:
    own = conclusion("lowest", "SA")
    sheet = as_sheet(own.says, own.found, own.names)
    claim = next(claim for claim in CLAIMS if claim.label == "Confinement")
    steps = export_claim(claim, [("SA", sheet)], Recorded()).steps
    assert len(steps) > len(sheet.steps)  # routine steps too
    lacks = {step.reason for step in steps if not step.theorems}
    assert lacks == {
        "a premise says the same: there is nothing to prove",
        "what a state of the model is: nothing to prove",
    }


@needs_rocq
@pytest.mark.full
@pytest.mark.parametrize("name", MODELS)
def test_tokens_meet_step_by_step(name: str) -> None:
    theorems, reasons = exported("meeting", name)
    assert accepted(theorems.values(), 20) == set(theorems.values())
    assert len(theorems) >= 0.7 * (len(theorems) + len(reasons)), reasons


def without(theorem: Theorem, place: int) -> Theorem:
    kept = tuple(one for k, one in enumerate(theorem.named) if k != place)
    return replace(theorem, named=kept or (("T", "True"),))


@needs_rocq
@pytest.mark.slow
def test_no_changed_step_is_a_qed() -> None:
    """A premise dropped, < for <=, a right side less or doubled: each is refused."""
    theorems, _ = exported("lowest", "SA")
    wrong: set[Theorem] = set()
    for one in list(theorems.values())[:7]:
        wrong |= {without(one, place) for place, _ in enumerate(one.named)}
        left, sign, right = one.claim.rpartition(" <= ")
        if "is_derive" in one.claim:
            wrong.add(replace(one, claim=one.claim.replace(" t (rsum", " t (2 * rsum")))
        elif sign:
            wrong.add(replace(one, claim=f"{left} <= (1 / 2 * ({right}) - 1)"))
            if one.proof != "sgn.":  # weights of a softmax are positive
                wrong.add(replace(one, claim=f"{left} < {right}"))
    assert len(wrong) > 10 and not wrong & set(theorems.values())
    assert accepted(wrong, 20) == set()
