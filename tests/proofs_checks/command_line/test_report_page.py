"""The report page: every claim on it, what it says escaped, and valid markup."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from proofs_checks.command_line.entry import main
from proofs_checks.command_line.report_page import html_page

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Collect the text, and refuse tags that don't close."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    assert not reader.open
    return "".join(reader.text)


@pytest.fixture(scope="module")
def three(reports):
    return [reports[label] for label in ("(3.6)", "E.(3.7)", "Lemma 6.4")]


def test_everything_is_on_the_page(three):
    text = read(html_page(three, "1.2.3", 4.0))
    for report in three:
        assert report.label in text and report.statement in text
        assert report.evidence.detail in text
        for change, evidence in report.controls:
            assert change in text and evidence.detail in text
    assert "1.2.3" in text and "seed 0" in text and "All as expected" in text
    assert next(r for r in three if r.printed).printed.detail in text


def test_markup_in_a_statement_is_text(three):
    nasty = replace(three[0], statement="<script>alert('β')</script> & <b>", error="boom <i>")
    page = html_page([nasty], "0", 0.0)
    assert "<script>" not in page and "<i>" not in page
    text = read(page)
    assert "<script>" in text and "Not as expected: " + nasty.label in text


def test_command_line(tmp_path, capsys):
    target = tmp_path / "report.html"
    assert main(["verify", "(3.6)", "--html", str(target)]) == 0
    assert "(3.6)" in read(target.read_text(encoding="utf-8"))
    assert main(["verify", "(3.6)", "--html", str(tmp_path / "no" / "r.html")]) == 2
    assert "make the folder" in capsys.readouterr().err
