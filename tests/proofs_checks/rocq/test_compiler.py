"""What is accepted of a text, and what is refused: falsehoods, assumptions, endless texts."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from proofs_checks.rocq import (
    INSTALL,
    RocqMissing,
    allowed_axiom,
    axiom_words,
    compile_text,
    rocq_available,
    rocq_version,
)
from proofs_checks.rocq.compiler import PRELUDE, cache_folder, without_comments

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")
HEAD = "From Coq Require Import Reals Lra.\nFrom attnflow Require Import Gram.\n"
SUM = "Open Scope R_scope.\nTheorem sum : forall x, x <= rsum 1 (fun _ => x).\n"
TRUE = HEAD + SUM + "Proof. intros; simpl; lra. Qed.\n"


@needs_rocq
@pytest.mark.slow
def test_a_theorem_is_printed_with_its_axioms() -> None:
    done = compile_text(TRUE, "sum")
    assert done.accepted, done.message
    assert done.statement.split() == "sum : forall x : R, x <= rsum 1 (fun _ : nat => x)".split()
    assert done.axioms and all(map(allowed_axiom, done.axioms))
    assert re.fullmatch(r"8\.\d+\.\d+|9\.\d+\.\d+", rocq_version())


@needs_rocq
@pytest.mark.slow
def test_what_is_false_or_endless_is_refused() -> None:
    false = compile_text(TRUE.replace("x <=", "x + 1 <="), "sum")
    assert not false.accepted and "witness" in false.message and not false.statement
    endless = TRUE.replace("simpl; lra", "repeat (assert (0 = 0) by reflexivity)")
    done = compile_text(endless, "sum", seconds=3)
    assert not done.accepted and done.message == "not done after 3 s"


@needs_rocq
@pytest.mark.slow
def test_files_are_kept_where_asked(tmp_path: Path) -> None:
    assert compile_text(TRUE, "sum", folder=tmp_path).accepted
    assert (tmp_path / "sum.v").read_text(encoding="utf-8") == TRUE
    assert (tmp_path / "sum.vo").is_file()


@needs_rocq
@pytest.mark.slow
def test_two_at_once_make_one_prelude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    done = []
    workers = [
        threading.Thread(target=lambda: done.append(compile_text(TRUE, "sum"))) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [one.accepted for one in done] == [True, True]
    assert [path.name.split("-")[0] for path in cache_folder().iterdir()] == ["Gram"]


@pytest.mark.parametrize(
    "text",
    ["Axiom f : False.", "Theorem t : False. Admitted.", "Lemma t : False. Proof. admit. Qed."],
)
def test_what_assumes_is_refused_before_it_is_compiled(text: str) -> None:
    done = compile_text(HEAD + text, "t") if rocq_available() else None
    assert done is None or (not done.accepted and done.message.startswith("the text says"))


def test_the_prelude_assumes_nothing() -> None:
    texts = sorted(PRELUDE.glob("*.v"))
    assert texts
    for path in texts:
        words = without_comments(path.read_text(encoding="utf-8"))
        for word in ("Admitted", "admit", "Axiom", "Parameter", "Conjecture", "bypass_check"):
            assert re.search(rf"\b{word}\b", words) is None, (path.name, word)


def test_comments_and_strings_are_no_text() -> None:
    assert without_comments('a (* Axiom (* x *) y *) b "Axiom" c').split() == ["a", "b", '"', "c"]


def test_axioms_are_allowed_by_their_full_names() -> None:
    assert allowed_axiom("FloatAxioms.add_spec") and not allowed_axiom("add_spec")
    assert not allowed_axiom("Mine.Uint63.add_spec") and not allowed_axiom("classic")
    assert axiom_words(("a.b", "PrimFloat.add")) == "a.b, 1 of primitive integers and floats"


def test_without_rocq_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert not rocq_available()
    with pytest.raises(RocqMissing, match="apt-get install coq libcoq-interval libcoq-coquelicot"):
        compile_text(TRUE, "sum")
