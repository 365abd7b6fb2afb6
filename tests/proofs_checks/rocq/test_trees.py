"""Strict saddles as Rocq's theorems: the certificate's statement, and what a change to it does."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from proofs_checks.certificates import KINDS, Certificate, certify_strict_saddles, check
from proofs_checks.certificates.format import reseal
from proofs_checks.rocq import (
    INSTALL,
    NoExport,
    allowed_axiom,
    compile_text,
    prove,
    recheck,
    rocq_available,
    theorem_of,
)
from proofs_checks.rocq.certificate import EXPORTS, WITHOUT

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")


@needs_rocq
@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 4, 5])
def test_the_theorem_is_the_certificate_s(n: int) -> None:
    found = prove(certify_strict_saddles(n))
    assert found.accepted, found.reason
    said = " ".join(found.theorem.split())
    assert said == (
        f"strict_saddles_{n} : forall (b : R) (th : nat -> R), 0 <= b -> "
        f"(critical {n} b th -> ~ consensus {n} th -> strict_saddle {n} b th) /\\ "
        f"(critical {n} b th <-> stationary {n} (SA {n} b th)) /\\ "
        f"(critical {n} b th <-> stationary {n} (USA {n} b th))"
    )
    assert found.axioms and all(map(allowed_axiom, found.axioms)) and not found.missing


@needs_rocq
@pytest.mark.full
@pytest.mark.parametrize("n", [6, 7])
def test_larger_trees(n: int) -> None:
    found = prove(certify_strict_saddles(n))
    assert found.accepted, found.reason


@needs_rocq
@pytest.mark.full
def test_the_kernel_alone_checks_a_tree_again(tmp_path: Path) -> None:
    found = prove(certify_strict_saddles(4), folder=tmp_path)
    accepted, said = recheck(tmp_path, found.name, seconds=1800)
    assert accepted, said


@needs_rocq
@pytest.mark.slow
def test_a_range_that_the_trees_do_not_cover_is_refused() -> None:
    base = certify_strict_saddles(4, low="1/8", high="1/4")
    assert prove(base).accepted
    for change in ({"beta_to": "1/2"}, {"beta_from": "0"}):
        forged = replace(base, parameters={**base.parameters, **change})
        assert not prove(forged).accepted
    whole = certify_strict_saddles(4)
    # The large-β argument doesn't hold below its threshold, 2/3.
    knots = [*whole.evidence["knots"][:-1], "666/1000"]
    forged = replace(whole, evidence={**whole.evidence, "knots": knots})
    assert not prove(forged).accepted


def flipped(certificate: Certificate, rng: random.Random) -> Certificate:
    """Change one symbol of one tree: a leaf's kind, an end of its cut, or a split's axis."""
    trees = list(certificate.evidence["trees"])
    which = rng.randrange(len(trees))
    tree = trees[which]
    at = rng.choice([k for k, mark in enumerate(tree) if mark != "."])
    others = "+!" if tree[at] in "+!" else "BCDE"
    mark = rng.choice([other for other in others if other != tree[at]])
    trees[which] = tree[:at] + mark + tree[at + 1 :]
    return reseal(replace(certificate, evidence={**certificate.evidence, "trees": trees}))


def as_lemma(certificate: Certificate, name: str, holds: bool) -> str:
    """Write the evidence in a module of its own, with what the checker must say of it."""
    text = theorem_of(certificate).text
    start, end = text.index("Definition tree1_0"), text.index("Theorem ")
    said = str(holds).lower()
    return (
        f"Module {name}.\n{text[start:end]}"
        f"Lemma said : (check 14 5 first rest && check_tail 5 (last_beta first rest))%bool = "
        f"{said}.\nProof. vm_cast_no_check (eq_refl {said}). Qed.\nEnd {name}.\n"
    )


@needs_rocq
@pytest.mark.slow
def test_flips_are_refused_except_where_the_leaf_still_holds() -> None:
    base, rng = certify_strict_saddles(5), random.Random(19)
    said = {True: 0, False: 0}
    parts: list[str] = []
    forged = None
    while len(parts) < 20:
        twin = flipped(base, rng)
        holds = check(twin).ok
        try:
            parts.append(as_lemma(twin, f"Flip{len(parts)}", holds))
        except ValueError:  # an arc of tokens that isn't one
            assert not holds
            continue
        said[holds] += 1
        forged = forged if holds else twin
    text = theorem_of(base).text
    head = text[: text.index("Definition tree1_0")]
    last = "Theorem flips : True.\nProof. exact I. Qed.\n"
    done = compile_text(head + "".join(parts) + last, "flips")
    assert done.accepted, done.message
    assert said[False] > 10
    # The theorem itself, of one of those refused.
    assert forged is not None
    found = prove(forged)
    assert not found.accepted and "true" in found.reason


def test_the_statement_is_written_from_the_parameters_alone() -> None:
    certificate = certify_strict_saddles(3)
    half = replace(certificate, parameters={**certificate.parameters, "beta_from": "1/2"})
    assert "1 / 2) <= b ->" in theorem_of(half).text
    assert "vm_cast_no_check" in theorem_of(certificate).text


def test_what_has_no_export_says_so() -> None:
    below = certify_strict_saddles(3, low=Fraction(-1, 4), high=0)
    with pytest.raises(NoExport, match="beta >= 0"):
        theorem_of(below)
    found = prove(below)
    assert not found.accepted and found.reason.startswith("no export")
    weighted = certify_strict_saddles(3, high="1/4", masses=(1, 2, 3))
    assert "unequal masses" in prove(weighted).reason


def test_every_kind_has_a_theorem_or_a_reason() -> None:
    assert EXPORTS.keys() | WITHOUT.keys() == KINDS.keys()
    assert not EXPORTS.keys() & WITHOUT.keys()
