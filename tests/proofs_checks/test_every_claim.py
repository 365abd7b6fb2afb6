"""Every claim, once: its verdict, its controls, the symbols of its scope, and what it says.

The session fixture `reports` verifies each at seed 0; nothing here runs a check again. Every fifth
report is read in the default run: `attnflow` asks all of them. More seeds and the strongest level
are in test_seeds.py and test_in_full.py.
"""

from __future__ import annotations

import pickle
import re
from collections import Counter
from pathlib import Path
from runpy import run_path

import pytest
from sympy import MatrixSymbol

from proofs_checks import CLAIMS, Claim, Report
from proofs_checks.claim import PRINTED, Verdict
from proofs_checks.discovery import statement_modules
from proofs_checks.paper.contents import NOT_YET, labels_of, spoken_for
from theory.symbols import d, n

ROOT = Path(__file__).resolve().parents[2]
EVERY = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)


@pytest.fixture
def report(claim: Claim, reports) -> Report:
    return reports[claim.label]


FILES = {claim.label: module.__name__ for module in statement_modules() for claim in module.CLAIMS}


def some(*labels):
    """Parametrise by the claims of these labels, each of which there must be."""
    by_label = {claim.label: claim for claim in CLAIMS}
    return pytest.mark.parametrize("claim", [by_label[label] for label in labels], ids=labels)


# -- what a claim says -------------------------------------------------------------------------

# Controls that need another model and another prediction at once.
BOTH = {
    ("(D.1)", "V = -I, n dropped, max(1,β)/2"),
    ("Crossing, first order", "amplitudes of USA for SA"),
    ("Finite d: crossing", "γ of USA for SA"),
    ("Finite d: first order", "amplitudes of USA for SA"),
    ("Finite d: pairs", "γ of USA for SA"),
    ("Near the curve", "γ of USA"),
    ("Spread of the pairs", "γ of USA for SA"),
    ("Transition width", "γ of USA for SA"),
    ("Two clusters: series", "masses 1/2"),
}


def test_labels_are_unique():
    assert [label for label, count in Counter(c.label for c in CLAIMS).items() if count > 1] == []


@EVERY
def test_what_a_claim_says(claim):
    assert 0 < len(claim.statement) <= 240
    assert (claim.origin == "erratum") == claim.label.startswith("E.")
    assert (claim.kind is not None) == (claim.origin == "erratum")
    assert (claim.printed is not None) == (claim.kind not in (None, "notation"))
    assert len({control.change for control in claim.controls}) >= 2
    assert len({control.change for control in claim.controls}) == len(claim.controls)
    for control in (*claim.controls, *([claim.printed] if claim.printed else [])):
        # One named change: of the model or of the prediction.
        changed = (control.model is not None) + (control.prediction is not None)
        assert changed == 1 + ((claim.label, control.change) in BOTH), control.change


@EVERY
def test_a_claim_stands_in_the_file_of_its_label(claim):
    *_, room, stem = FILES[claim.label].split(".")
    if room == "extensions":
        assert claim.origin == "extension"
    else:  # no label: a claim of our own, or an erratum of a whole appendix
        labels = labels_of(stem.removeprefix("erratum_"))
        assert set(spoken_for(claim.label)) <= set(labels) - set(NOT_YET)


@EVERY
def test_a_claim_pickles(claim):
    assert pickle.loads(pickle.dumps(claim)) == claim


# -- what was found ----------------------------------------------------------------------------


@pytest.mark.every(37)
@EVERY
def test_a_report_pickles(report):
    """It travels between processes, its theorems don't."""
    assert pickle.loads(pickle.dumps(report)) == report


@some("Lemma 6.4", "(6.2)", "(4.2)")
def test_a_report_of_a_theorem_pickles(report):
    assert any(sheet.typed for _, sheet in report.evidence.sheets)
    assert pickle.loads(pickle.dumps(report)) == report


@pytest.mark.every(37)
@EVERY
def test_a_claim_is_as_expected(claim, report):
    assert report.complaints == ()
    assert report.verdict is claim.expected and report.error == "" and report.seed == 0
    assert report.controls_refuted == len(claim.controls) >= 2
    assert report.evidence.scope and report.evidence.detail
    assert (report.printed is None) == (claim.printed is None)


@pytest.mark.every(37)
@EVERY
def test_refutations_hold_numbers(claim, report):
    printed = () if PRINTED.get(claim.kind) is not Verdict.REFUTED else (report.printed,)
    for evidence in (*(e for _, e in report.controls), *printed):
        assert evidence.verdict is Verdict.REFUTED
        assert any(character.isdigit() for character in evidence.detail)


KINDS = {
    "formula": {"Remark 3.2", "(3.7)", "(3.15)", "Appendix A", "(6.2)", "Theorem 6.8", "(A.4)",
                "(C.1)", "(C.4)", "(D.8)", "(D.15)"},
    "statement": {"Theorem 9.2", "(6.8)", "Remark D.1", "Figure 3", "Figure 5",
                  "Definition 9.1", "Example 9.3"},
    "proof step": {"Theorem 5.1", "(D.5)", "Appendix C"},
    "gap": {"Theorem 4.3 proof", "Lemma 6.4 proof", "(D.10)"},
    "vacuous": {"Theorem 6.9"},
    "notation": {"Proposition 3.4", "Remark B.1", "(6.12)"},
}  # fmt: skip
"""What each erratum is about."""


@pytest.mark.slow
def test_errata_say_what_they_are_about(reports):
    found = {}
    for claim in CLAIMS:
        if claim.kind is not None:
            found.setdefault(claim.kind, set()).add(claim.label.removeprefix("E."))
            printed = reports[claim.label].printed
            assert (printed and printed.verdict) is PRINTED[claim.kind], claim.label
    assert found == KINDS
    refuting = [kind for kind, verdict in PRINTED.items() if verdict is Verdict.REFUTED]
    assert refuting == ["formula", "statement", "proof step"]


ENCLOSED = ("Problem 3, n=3..6", "Saddles on the circle", "Critical points", "C11",
            "(D.9) dimensions", "C13", "Remark D.1 threshold", "γ enclosure", "Mode switches",
            "Validated trajectory", "Validated run", "E.Figure 3")  # fmt: skip
"""Claims that end in certificates."""


@pytest.mark.every(37)
@EVERY
def test_what_is_sampled_has_a_margin(claim, report):
    margin = report.evidence.margin
    attained = claim.label == "(A.4)"  # its bound is attained: margin 0
    assert margin is None or margin > 0 or (attained and margin == 0)
    if report.verdict in (Verdict.SUPPORTED, Verdict.OPEN):
        assert report.evidence.cases > 0
        assert margin is not None or claim.label == "(A.1)"  # it counts runs


def symbols_of(identity):
    """Free symbols of expressions, those in the sizes of their matrices among them."""
    free = set()
    for expression in identity:
        free |= expression.free_symbols
        for matrix in expression.atoms(MatrixSymbol):
            free |= {symbol for size in matrix.shape for symbol in size.free_symbols}
    return free


def said_symbolic(scope):
    """Return which of n and d a scope says are symbolic."""
    return {name for name in ("n", "d") if "symbolic" in scope.get(name, "")}


def test_sizes_count_as_symbols():
    assert {n, d} <= symbols_of((MatrixSymbol("X", n, d),))
    assert n not in symbols_of((MatrixSymbol("X", 3, d) * d,))
    assert said_symbolic({"n": "symbolic, >= 2", "d": "2, 3"}) == {"n"}


# n is p + q there, and the identity holds p and q.
TWO_CLUSTERS = {"Antipodal spectrum", "Lemma A.1 codimension"}


@pytest.mark.every(37)
@EVERY
def test_the_proved_identity_holds_the_symbols(claim, report):
    evidence = report.evidence
    said = said_symbolic(evidence.scope)
    if evidence.verdict is not Verdict.PROVED or not said:
        assert not evidence.identity or evidence.verdict in (Verdict.PROVED, Verdict.CERTIFIED)
        return
    assert evidence.identity, claim.label
    free = {str(symbol) for symbol in symbols_of(evidence.identity)}
    if claim.label in TWO_CLUSTERS and not {"n"} <= free:
        assert {"p", "q"} <= free
        said = said - {"n"}
    assert said <= free, evidence.identity


# -- what some of them say besides -------------------------------------------------------------


@pytest.mark.every(37)
@some("Confinement", "Remark 2.2", "Rotation equivariance", "(3.4)", "(3.6)", "Proposition 3.4",
      "Lemma 3.6", "Lemma 3.7", "(3.11)", "(3.12)-(3.14)", "E.(3.7)")  # fmt: skip
def test_sections_2_and_3_are_proved_for_all_sizes(claim, report):
    scope = report.evidence.scope
    assert report.verdict is Verdict.PROVED
    assert scope["d"].startswith("symbolic")
    # What has no β says none; of an energy that is divided by β nothing is said at 0.
    assert scope.get("beta", "symbolic").startswith(("symbolic", "> 0"))
    if claim.label != "Proposition 3.4":
        assert scope["n"] == scope["masses"] == "symbolic"


@pytest.mark.every(37)
@some("(2.3)", "(2.4)", "(2.6)", "(3.1)", "(3.2)", "(3.3)", "Remark 3.1", "(3.5)", "(3.8)", "(3.9)",
      "(3.10)", "(3.16)", "(4.1)", "(4.3)", "(4.5)", "(A.2)", "(A.3)", "(A.4)",
      "(B.2)", "(B.4)", "(B.5)", "(C.2)", "(C.3)", "(C.4)", "Remark C.1", "E.Proposition 3.4",
      "E.(6.2)", "E.Lemma 6.4 proof", "E.(6.12)", "E.Remark B.1", "E.Appendix C", "E.(C.4)",
      "E.(D.5)")  # fmt: skip
def test_formulas_are_sampled_beside_their_proof(claim, report):
    assert report.verdict is Verdict.PROVED
    assert report.evidence.cases > 0 and report.evidence.margin is not None


def test_the_uniform_constant_is_proved_without_samples(reports):
    assert reports["E.Theorem 4.3 proof"].verdict is Verdict.PROVED


@pytest.mark.every(37)
@some("Figure 3", "Figure 4", "Figure 5")
def test_figures_say_how_to_ask_for_more(claim, report):
    assert report.evidence.cases > 0 and "--full" in report.evidence.detail


@pytest.mark.every(37)
@some("Merge law", "Energy rises at merges", "Pairwise merging", "Two time scales", "Problem 1",
      "Finite d: pairs", "Finite d: mean", "Finite d: first order", "Finite d: crossing",
      "Crossing, first order", "Spread of the pairs", "Transition width", "Antipodal lifetime",
      "Two clusters: time", "Two clusters: series")  # fmt: skip
def test_simulations_have_room(claim, report):
    assert report.evidence.margin > 0


@pytest.mark.every(37)
@some(*ENCLOSED)
def test_enclosures_are_certified(claim, report):
    assert report.verdict is Verdict.CERTIFIED


@pytest.mark.every(37)
@some("Theorem 4.2", "Theorem 4.3", "Theorem 5.1", "Theorem 6.1")
def test_controls_say_whether_the_theorem_or_its_argument_fails(claim, report):
    for change, evidence in report.controls:
        if change == "V = -I":
            said = "never meet" if claim.label == "Theorem 4.2" else "move apart"
            assert said in evidence.detail, evidence.detail
        if change.startswith("the argument"):
            assert "argument" in evidence.detail


@pytest.mark.slow
def test_documented_verdicts_are_the_ones_printed(capsys, monkeypatch, reports):
    """Labels, verdicts and scopes of docs/claims.md, and the counts in the README."""
    from proofs_checks.command_line import main
    from proofs_checks.command_line import verify as command

    def known(claims, cases, rng, executor, progress, full):
        """All claims are verified once a session; the printing is what is tested here."""
        assert (cases, rng, executor, full) == (None, 0, None, False)
        found = tuple(reports[claim.label] for claim in claims)
        for report in found:
            progress(report)
        return found

    monkeypatch.setattr(command, "verify", known)  # the name that the command reads
    assert main([]) == 0
    printed = capsys.readouterr().out
    table_of = run_path(str(ROOT / "docs" / "update.py"))["claims_table"]
    written = table_of([report.as_dict() for report in reports.values()])
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    shown = page.partition("<!-- claims -->\n")[2].partition("\n<!-- /claims -->")[0]
    assert len(shown.splitlines()) > 100
    for row, found in zip(written.splitlines(), shown.splitlines(), strict=True):
        assert row == found, "run python docs/update.py"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    counts = re.search(r"(\d+) claims: ([^;(]*)", printed.replace("\n", " "))
    assert counts and f"\n{counts.group(1)} claims; " in readme
    for part in counts.group(2).split(","):
        number, verdict = part.split()
        columns = re.search(rf"\| {verdict} \| (\d+) \|", readme)
        assert columns and columns.group(1) == number, (verdict, number)
