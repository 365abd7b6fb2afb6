"""The pages: everything is on them and escaped, what failed is first, nothing is from elsewhere."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from proofs_checks import CLAIMS, check_model
from proofs_checks.claim import Claim, verify_claim
from proofs_checks.command_line.claim_pictures import PICTURES, pictures_of
from proofs_checks.command_line.entry import main
from proofs_checks.pages import check_page, claims_page, document
from proofs_checks.proof.trained import HiddenStates, with_hidden_states

VOID = {"meta", "br", "wbr", "input", "img"}
LABELS = ("(3.6)", "E.(3.7)", "E.Proposition 3.4", "Lemma 6.4", "Theorem 6.7")


class Reader(HTMLParser):
    """Collect text, tags and addresses, and refuse tags that don't close."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.ids, self.addresses = [], [], [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.addresses += [found[key] for key in ("src", "href") if key in found]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.text.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    assert not reader.open
    assert len(reader.ids) == len(set(reader.ids)), "ids are unique"
    links = [a[1:] for a in reader.addresses if a.startswith("#")]
    assert set(links) <= set(reader.ids), "links lead somewhere"
    assert all(address.startswith(("#", "data:image/")) for address in reader.addresses)
    return "".join(reader.text)


def words(text):
    """Words of at least four letters: what mathematics does to the rest is tested beside it."""
    spelled = {"beta", "gamma", "theta", "lambda", "alpha", "kappa", "sigma", "omega", "sqrt"}
    return set(re.findall(r"\b[A-Za-z]{4,}\b", text)) - spelled


def claim(label) -> Claim:
    return next(claim for claim in CLAIMS if claim.label == label)


def page_of(reports, claims=CLAIMS, **more):
    facts = {"version": "1.2.3", "seconds": 4.0, "command": "attnflow verify"}
    return claims_page(reports, claims, **facts, **more)


@pytest.fixture(scope="module")
def some(reports):
    return [reports[label] for label in LABELS]


@pytest.mark.slow
def test_everything_is_on_the_page(some):
    page = page_of(some, options=" --cases 7")
    text = read(page)
    for report in some:
        assert report.label in text
        told = [report.statement, report.evidence.detail, *report.evidence.assumptions]
        for name, sheet in report.evidence.sheets:
            told += [name, *(step.text for step in sheet.steps)]
            told += [f"{step.how_words} {step.evidence}" for step in sheet.steps]
        told += [f"{change}: {found.detail}" for change, found in report.controls]
        told += [hypothesis.text for hypothesis in claim(report.label).hypotheses]
        if report.printed is not None:
            told += [claim(report.label).printed.change, report.printed.detail]
        for piece in told:
            assert all(word in text for word in words(piece)), piece
    assert "attnflow verify 'Lemma 6.4' --seed 0 --cases 7" in text
    assert "proofs_checks/paper/section_6/lemma_6_4_cone.py:" in text
    assert "1.2.3" in text and "All as expected." in text
    assert "18 of 18 controls" in text or re.search(r"(\d+) of \1 controls refuted", text)
    for title in ("Section 3", "Section 6", "Register of errata"):
        assert title in text


@pytest.mark.slow
def test_the_register_names_kinds(some):
    page = page_of(some)
    register = read(page[page.index('<section aria-labelledby="errata">') : page.rindex("</main>")]
                    .replace('href="#', 'id="x-'))  # fmt: skip
    for report in some:
        assert (report.label in register) == (report.kind is not None)
        assert report.kind is None or report.kind in register


@pytest.mark.slow
def test_a_claim_made_false_is_red_and_first(some):
    """The prediction of a control in place of the claim's own: the check refutes it."""
    changed = claim("Theorem 6.7").twin(claim("Theorem 6.7").controls[0])
    false = verify_claim(changed, 5, 0)
    assert not false.ok and false.verdict.name == "REFUTED"
    page = page_of([*some[:4], false], (*CLAIMS, changed))
    first, *rest = re.findall(r'<article class="entry([^"]*)" id="([^"]*)"', page)
    assert first == (" bad", "Theorem-6.7") and all(kind == "" for kind, _ in rest)
    text = read(page)
    assert "Not as expected: Theorem 6.7" in text and "All as expected" not in text
    assert "expected PROVED but got REFUTED" in text
    assert "<details open>" in page[page.index('id="Theorem-6.7"') :][:6000]


@pytest.mark.slow
def test_what_raises_is_an_error(some):
    broken = replace(claim("(3.6)"), check=lambda model, prediction, budget: 1 / 0)
    page = page_of([verify_claim(broken, 1, 0)])
    assert "ZeroDivisionError" in read(page) and 'data-verdict="ERROR"' in page


def test_markup_in_a_statement_is_text(some):
    nasty = replace(some[0], statement="<script>alert('β')</script> & <b>", error="boom <i>")
    page = page_of([nasty], pictures={nasty.label: ('" onload="x', "data:image/png;base64,")})
    assert page.count("<script>") == 1 and "<i>" not in page and 'onload="x' not in page
    assert "alert" in read(page)


def test_two_of_one_label_have_two_addresses(some):
    assert 'id="3.6--2"' in page_of([some[0], some[0]])


def test_a_model(some):
    report = check_model("t**3", only=["Lemma 6.4", "permutation equivariance", "Kuramoto"])
    page = check_page(
        report, version="0", command="attnflow check t**3", command_of=lambda label: f"ask {label}"
    )
    text = read(page)
    assert "Refuted or undecided: Lemma 6.4" in text and "ask permutation equivariance" in text
    assert 'class="entry bad" id="Lemma-6.4"' in page
    assert "stationary inside an open hemisphere" in text


def test_a_frame():
    page = document("a < b", "<main><p>hello</p></main>", "0")
    assert "<title>a &lt; b</title>" in page and "<p>hello</p>" in page
    read(page)


@pytest.mark.slow
@pytest.mark.parametrize(
    "label",
    [*(name for name in PICTURES if not name.startswith("Figure")), "Figure 1", "Figure 6"],
)
def test_pictures(label):
    ((words, address),) = pictures_of([claim(label)]).values()
    assert words and address.startswith(("data:image/svg+xml;base64,", "data:image/png;base64,"))
    assert 2_000 < len(address) < 700_000


@pytest.mark.slow
@pytest.mark.parametrize("number", range(2, 6))
def test_figures_of_the_paper(number):
    ((words, address),) = pictures_of([claim(f"Figure {number}")]).values()
    assert words and 5_000 < len(address) < 700_000


@pytest.mark.slow
def test_figure_1_is_of_the_states_that_were_given():
    texts = tuple(np.random.default_rng(0).standard_normal((2, 4, 12, 8)))
    given = with_hidden_states(claim("Figure 1"), HiddenStates("mine.npy", texts))
    (own,), (other,) = (pictures_of([c]).values() for c in (given, claim("Figure 1")))
    assert "mine.npy" in own[0] and "No trained network" in other[0] and own[1] != other[1]


def test_pictures_are_of_claims():
    assert {f"Figure {k}" for k in range(1, 7)} < set(PICTURES) <= {c.label for c in CLAIMS}
    assert pictures_of([claim("(3.1)")]) == {}


def test_command_lines(tmp_path, capsys):
    target = tmp_path / "report.html"
    assert main(["verify", "(3.7)", "--html", str(target)]) == 0
    text = read(target.read_text(encoding="utf-8"))
    assert "E.(3.7)" in text and str(tmp_path) not in text
    assert main(["check", "t**3", "--label", "Lemma 6.4", "--html", str(target)]) == 1
    text = read(target.read_text(encoding="utf-8"))
    assert "attnflow check --label 'Lemma 6.4' --seed 0 't**3'" in text
    for command in (["verify", "(3.6)"], ["check", "t"]):
        assert main([*command, "--html", str(tmp_path / "no" / "r.html")]) == 2
        assert "make the folder" in " ".join(capsys.readouterr().err.split())
