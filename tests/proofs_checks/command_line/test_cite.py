"""References as BibTeX: what is cited, that it can be read, and that the tool is CITATION.cff's."""

import json
import re
from pathlib import Path

import pytest

from proofs_checks import CLAIMS
from proofs_checks.bibliography import PAPER, WORKS, Work, bibtex, cited_works, tool
from proofs_checks.command_line.entry import main
from proofs_checks.discovery import papers

FIELDS = {
    "article": {"author", "title", "journal", "year"},
    "book": {"author", "title", "publisher", "year"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "misc": {"author", "title"},
}


def entries(text):
    """Read BibTeX: key -> (kind, fields); braces must balance, fields end in a comma."""
    found = {}
    for kind, key, body in re.findall(r"@(\w+)\{([^,\s]+),\n(.*?)\n\}", text, re.DOTALL):
        assert key not in found, f"{key} twice"
        fields = {}
        for line in body.splitlines():
            name, value = re.fullmatch(r"  (\w+) += \{(.*)\},", line).groups()
            assert value.count("{") == value.count("}") and value.isascii(), line
            assert not re.search(r"(?<!\\)[&%#$_]", value) or name in ("url", "doi", "eprint"), line
            fields[name] = value
        found[key] = (kind, fields)
    rest = re.sub(r"@\w+\{.*?\n\}|%[^\n]*", "", text, flags=re.DOTALL)
    assert not rest.strip(), rest
    return found


def test_every_work_is_valid_and_has_its_own_key():
    found = entries(bibtex([tool(), *WORKS]))
    assert len(found) == len(WORKS) + 1 and re.fullmatch(r"[a-z0-9]+", "".join(found))
    for kind, fields in found.values():
        assert FIELDS[kind] <= set(fields)
        names = fields["author"].split(" and ")
        assert all(re.fullmatch(r"[^,]+(, [^,]+)?", name) for name in names)


def test_letters_are_escaped():
    work = Work("x", "misc", ("Łojasiewicz, Stanisław", "{A & B}"), "50% of β_1 #1", 2000, (), {})
    ((kind, fields),) = entries(bibtex([work])).values()
    assert kind == "misc" and fields["author"] == r"{\L{}}ojasiewicz, Stanis{\l{}}aw and {A \& B}"
    assert fields["title"].startswith(r"{50\% of {\ensuremath{\beta}}\_1 \#1")


@pytest.mark.slow
def test_every_claim_cites_its_paper_and_every_number_is_known():
    numbers = {work.fields["eprint"]: work for work in WORKS if "eprint" in work.fields}
    for number, claims in papers().items():
        for claim in claims:
            assert numbers[number] in cited_works(claim), claim.label
    for claim in CLAIMS:
        assert all(work in WORKS for work in cited_works(claim))
    named = {work.key for claim in CLAIMS for work in cited_works(claim)}
    assert named == {work.key for work in WORKS}, "a work that no statement names"


def test_arxiv_numbers_in_statements_have_a_work():
    numbers = {work.fields.get("eprint") for work in WORKS}
    root = Path(__file__).resolve().parents[3] / "proofs_checks"
    for room in ("paper", "extensions", "literature"):
        for path in sorted((root / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            said = set(re.findall(r"arXiv[: ](\d{4}\.\d{5})", text))
            assert said <= numbers, (path.name, said - numbers)


def test_the_tool_is_that_of_the_citation_file():
    own = tool()
    text = (Path(__file__).resolve().parents[3] / "CITATION.cff").read_text(encoding="utf-8")
    assert own.title in text and own.authors
    assert all(re.split(r"[{},]", name)[0] in text for name in own.authors)


def test_the_command(capsys, tmp_path):
    assert main(["cite", "thm 6.7", "Lemma A.1", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    keys = set(entries(out))
    assert {"attnflow", PAPER.key, "wendel1962problem", "shub1987global"} <= keys
    assert "% for Theorem 6.7\n@article{wendel1962problem," in out
    assert set(entries((tmp_path / "references.bib").read_text("ascii"))) == keys
    assert main(["cite", "--json"]) == 0
    assert [work["key"] for work in json.loads(capsys.readouterr().out)["works"]] == [
        "attnflow",
        PAPER.key,
    ]


def test_an_unknown_label_gets_the_nearest_three(capsys):
    assert main(["cite", "Theorem 9.9"]) == 2
    error = capsys.readouterr().err
    assert "LABEL='Theorem 9.9'" in error and error.count(",") == 2, error


@pytest.mark.slow
def test_a_table_for_a_paper(capsys):
    assert main(["verify", "--latex", "(3.6)", "Theorem 6.7"]) == 0
    out = capsys.readouterr().out
    assert "% made by: attnflow verify --latex '(3.6)' 'Theorem 6.7'" in out
    body = out[out.index(r"\midrule") : out.index(r"\bottomrule")]
    rows = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 2 and all(len(re.split(r"(?<!\\)&", row)) == 5 for row in rows)
    assert rows[0].startswith("(3.6) & ") and "PROVED" in rows[0]
    assert rows[0].endswith(r"& 3/3 \\")
    assert out.count("{") == out.count("}") and out.isascii()
    assert out.count(r"\begin{tabular}") == out.count(r"\end{tabular}") == 1


@pytest.mark.parametrize("more", [["--json"], ["--show", "latex"]])
def test_a_table_alone(more, capsys):
    assert main(["verify", "(3.6)", "--latex", *more]) == 2
    assert "Expected --latex alone but got" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Theorem 4.1", "shub1987global"),  # by a rule that concludes it
        ("Masked hemisphere", "ren2005consensus"),  # in what two statements share
        ("Theorem 4.2", "lojasiewicz1963propriete"),  # by theorems of another claim
    ],
)
def test_lemmas_that_a_proof_cites_through_others_are_found(label, key):
    (claim,) = (claim for claim in CLAIMS if claim.label == label)
    assert key in {work.key for work in cited_works(claim)}


def test_a_label_without_quotes_and_a_row_of_check(capsys):
    for words in (["Theorem", "6.3"], ["leader", "induction"], ["equiangular ODE"]):
        assert main(["cite", *words]) == 0
        assert "for " in capsys.readouterr().out
