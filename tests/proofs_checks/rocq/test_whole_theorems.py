"""Whole theorems: Rocq accepts them and refuses broken twins; a moving solution meets them."""

from __future__ import annotations

import re

import pytest

from proofs_checks import CLAIMS
from proofs_checks.command_line.second_kernel import details, summary
from proofs_checks.proof import CHAIN, RULES, SPANNING_TREE, How, Step, apply
from proofs_checks.rocq import ClaimExport, Fate, StepExport, compile_export, exports
from proofs_checks.rocq.compiler import (
    INSTALL,
    PRELUDE,
    allowed_axiom,
    compile_text,
    rocq_available,
    without_comments,
)
from proofs_checks.rocq.whole_theorems import (
    WHOLE_THEOREMS,
    WholeTheorem,
    module_text,
    rocq_rules,
    rule_text,
    whole_text,
    whole_theorem,
)

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")
MODULES = (
    *("Ode", "Space", "Contraction", "Cone", "Models", "Lemma64", "Theorem63", "Dissipation"),
    *("Equiangular", "Moving", "Rules", "Forms", "Times"),
)
HEIGHTS = "(forall i, (i < n)%nat -> r0 <= dot d (x 0 i) w) ->"
TWINS = {
    "row sums, half of them": ("Forms", "rule_row_sums", "(h + r) * dot", "(h + r / 2) * dot"),
    "moving weights, no √(VW)": ("Times", "rule_covariance", "c * (V p + sqrt", "c * (V p - sqrt"),
    "Lemma 6.4, the rate doubled": (
        "Lemma64",
        "lemma_6_4_SA",
        "exp (- (r0 * exp (- (2 * b))) * t)",
        "exp (- (2 * r0 * exp (- (2 * b))) * t)",
    ),
    "Lemma 6.4, e^{2β} for e^{-2β}": (
        "Lemma64",
        "lemma_6_4_SA",
        "exp (- (2 * b))",
        "exp (2 * b)",
    ),
    "Lemma 6.4, USA at e^{-β/2}": ("Lemma64", "lemma_6_4_USA", "exp (- b)", "exp (- b / 2)"),
    "Lemma 6.4, half the constant": ("Lemma64", "lemma_6_4_SA", "<= 2 * sqrt", "<= 1 * sqrt"),
    "Lemma 6.4, no hemisphere": ("Lemma64", "lemma_6_4_SA", HEIGHTS, "(0 <= 0) ->"),
    "Lemma 6.4, a closed hemisphere": ("Lemma64", "lemma_6_4_SA", "0 < r0 ->", "0 <= r0 ->"),
    "Lemma 6.4, masses of any sign": (
        "Lemma64",
        "lemma_6_4_SA",
        "positive_masses n m ->",
        "rsum n m = 1 ->",
    ),
    "Lemma 6.4, V = -I": (
        "Lemma64",
        "lemma_6_4_SA",
        "(SA n d b m)",
        "(fun x i => scal (-1) (SA n d b m x i))",
    ),
    "Lemma 6.4, |Q^T K| halved": (
        "Lemma64",
        "lemma_6_4_QK_SA",
        "2 * (Rabs b * N)",
        "2 * (Rabs b * (N / 2))",
    ),
    "Lemma 6.4, |β| -> β": ("Lemma64", "lemma_6_4_QK_USA", "- (Rabs b * N)", "- (b * N)"),
    "Theorem 6.3, dependent tokens": (
        "Theorem63",
        "theorem_6_3_SA",
        "independent n d (x 0) ->",
        "(0 <= 0) ->",
    ),
    "Theorem 6.3, r0 = S": (
        "Theorem63",
        "theorem_6_3_SA",
        "(/ sqrt (total n B) * exp",
        "(total n B * exp",
    ),
    "Theorem 6.8, (n-2)γ + 1": (
        "Equiangular",
        "theorem_6_8_SA",
        "((INR n - 1) * g t + 1)",
        "((INR n - 2) * g t + 1)",
    ),
    "Theorem 6.8, factor 2 dropped": (
        "Equiangular",
        "theorem_6_8_USA",
        "(2 / INR n * exp",
        "(1 / INR n * exp",
    ),
    "Theorem 6.8, one unequal start": (
        "Equiangular",
        "theorem_6_8_SA",
        "if Nat.eq_dec i j then 1 else 0)",
        "if Nat.eq_dec i j then 1 else if Nat.eq_dec (i + j) 3 then / 2 else 0)",
    ),
    "(3.6), Z_i dropped": ("Dissipation", "eq_3_6_SA", "* partition n d b m (x t) i", "* 1"),
    "(3.6), twice the growth": (
        "Dissipation",
        "eq_3_6_USA",
        "(fun i => m i *",
        "(fun i => 2 * m i *",
    ),
    "(3.6), off the sphere": ("Dissipation", "eq_3_6_USA", "on_sphere n d (x 0) ->", "(0 <= 0) ->"),
    "moving, τ' twice as fast": (
        "Moving",
        "moving_solution_at_0",
        "solves 2 2 (SA 2 2 0 (equal_masses 2)) tokens",
        "solves 2 2 (SA 2 2 0 (equal_masses 2)) (fun t => tokens (2 * t))",
    ),
    "moving, another β": (
        "Moving",
        "moving_solution_at_0",
        "solves 2 2 (USA 2 2 0 (equal_masses 2)) tokens",
        "solves 2 2 (USA 2 2 1 (equal_masses 2)) tokens",
    ),
}
"""Changes of one statement, which keep its proof."""


def statement_at(text: str, theorem: str) -> int:
    """Where the statement of a theorem begins."""
    found = re.search(rf"Theorem {theorem}\b", text)
    assert found is not None
    return found.start()


def twin_text(module: str, theorem: str, old: str, new: str) -> str:
    """Change the statement of one theorem, its proof script being kept."""
    text = module_text(module)
    start = statement_at(text, theorem)
    end = text.index("Proof.", start)
    said = text[start:end]
    assert said.count(old) == 1
    return text[:start] + said.replace(old, new) + text[end:]


def test_every_whole_theorem_is_of_a_claim_and_stands_in_the_prelude() -> None:
    assert {whole.label for whole in WHOLE_THEOREMS} <= {claim.label for claim in CLAIMS}
    assert len({whole.label for whole in WHOLE_THEOREMS}) == len(WHOLE_THEOREMS)
    moving = module_text("Moving")
    for whole in WHOLE_THEOREMS:
        text = module_text(whole.module)
        assert whole.met and whole.leaves and whole.says
        assert all(f"Theorem {name} " in text for name in whole.theorems)
        assert all(f"Theorem {name} " in moving for name in whole.met)
    assert whole_theorem("Theorem 6.1") is None


def test_nothing_is_assumed_and_statements_keep_their_sums() -> None:
    for module in MODULES:
        text = without_comments((PRELUDE / f"{module}.v").read_text(encoding="utf-8"))
        assert not re.search(r"\b(Axiom|Parameter|Hypothesis|Variable|Admitted|admit)\b", text)
        proofs = len(re.findall(r"^(?:Theorem|Lemma) ", text, re.MULTILINE))
        assert proofs and proofs == text.count("Qed.")
    energy = module_text("Dissipation")
    assert "rsum n (fun i => rsum n (fun j => m i * m j * exp (b * dot d (x i) (x j))))" in energy
    models = module_text("Models")
    assert "proj d (x i) (vsum n (fun j => scal (softmax n m (scores d b x i) j) (x j)))" in models


def test_a_rule_says_on_its_step_which_theorem_it_is() -> None:
    good = Step("a", How.DERIVED)
    step = apply(CHAIN, "so", good, good)
    assert step.evidence == "chain of bounds; in Rocq Rules.rule_chain"
    assert apply(SPANNING_TREE, "so", good, edges=2, tokens=3).evidence == SPANNING_TREE.name
    assert rocq_rules([step, good]) == ("Rules.rule_chain",)
    for name in rocq_rules():
        module, theorem = name.split(".")
        assert f"Theorem {theorem} " in module_text(module)
    assert len(rocq_rules()) >= 31  # others are rules of theorems now
    assert all(rule.rocq for rule in RULES if rule.narrower)


@needs_rocq
@pytest.mark.slow
@pytest.mark.parametrize("whole", WHOLE_THEOREMS, ids=lambda whole: whole.label)
def test_rocq_accepts_a_whole_theorem(whole: WholeTheorem) -> None:
    done = compile_text(whole_text(whole), "Whole", theorems=whole.asked, seconds=300)
    assert done.accepted, done.message
    assert done.axioms and all(map(allowed_axiom, done.axioms))
    assert all(re.search(rf"^{name}$", done.statement, re.MULTILINE) for name in whole.asked)
    assert "never_rests 2 2" in done.statement and "Admitted" not in done.statement


@needs_rocq
@pytest.mark.slow
def test_rocq_accepts_the_rules() -> None:
    names = rocq_rules()
    theorems = [name.split(".")[1] for name in names]
    done = compile_text(rule_text(names), "Inference", theorems=theorems, seconds=300)
    assert done.accepted, done.message
    assert all(map(allowed_axiom, done.axioms))


@needs_rocq
@pytest.mark.slow
@pytest.mark.parametrize("change", TWINS, ids=str)
def test_rocq_refuses_a_broken_twin(change: str) -> None:
    module, theorem, old, new = TWINS[change]
    done = compile_text(
        twin_text(module, theorem, old, new), "Twin", theorems=(theorem,), seconds=300
    )
    assert not done.accepted
    # The proof fails, not the statement: Rocq reads it, and refuses the script that proved another.
    text = twin_text(module, theorem, old, new)
    proof = text.index("Proof.", statement_at(text, theorem))
    first, last = (text[:at].count("\n") + 1 for at in (proof, text.index("Qed.", proof)))
    line = re.search(r"line (\d+), characters \d+-\d+:\s*Error", done.message)
    assert line is not None and first <= int(line.group(1)) <= last, done.message


@needs_rocq
@pytest.mark.slow
def test_an_unchanged_twin_is_accepted() -> None:
    text = twin_text("Lemma64", "lemma_6_4_SA", HEIGHTS, HEIGHTS)
    assert compile_text(text, "Twin", theorems=("lemma_6_4_SA",), seconds=300).accepted


@needs_rocq
@pytest.mark.slow
def test_a_whole_theorem_that_is_refused_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = apply(CHAIN, "so", Step("a", How.DERIVED), Step("b", How.DERIVED))
    steps = (StepExport("SA", rule, fate=Fate.RULE, reason=CHAIN.rocq),)
    done = compile_export(ClaimExport("(3.6)", steps))
    assert done.whole_done is not None and done.whole_done.accepted
    assert done.rules_done is not None and done.rules_done.accepted and not done.refuses
    assert "whole theorem: Qed" in summary(done) and "energy_rises_SA" in details(done)
    twin = twin_text(*TWINS["(3.6), Z_i dropped"])
    monkeypatch.setattr(exports, "whole_text", lambda whole: twin)
    wrong = compile_export(ClaimExport("(3.6)"))
    assert wrong.refuses and "whole theorem: REFUSED" in summary(wrong)
