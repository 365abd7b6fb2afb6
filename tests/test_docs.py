"""The site: every public name is documented, the gallery names claims, pages are generated.

What needs the group ``docs`` (numpydoc, sphinx, sphinx-gallery) is skipped without it; the stage
``docs`` of ``.ci/run`` has it.
"""

from __future__ import annotations

import ast
import enum
import functools
import inspect
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "docs" / "site"
GALLERY = sorted((ROOT / "examples" / "gallery").glob("plot_*.py"))
TUTORIALS = sorted((ROOT / "examples" / "tutorials").glob("plot_*.py"))
LEFT_OUT = {"SA01", "ES01", "EX01"}
"""See also, extended summary, examples: not every name needs one."""
FOREIGN = {"numerics.plot.Picture": {"PR01"}}
"""The constructor of a figure is matplotlib's."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("numpydoc", "sphinx", "sphinx_gallery", "latex2mathml"):
        pytest.importorskip(name)
    monkeypatch.syspath_prepend(str(SITE))


def members(face: str, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield a name, and the methods and properties that its class defines."""
    yield f"{face}.{name}", value
    if inspect.isclass(value):
        for key, member in vars(value).items():
            kinds = (property, classmethod, staticmethod, functools.cached_property)
            own = getattr(member, "__module__", None) in (None, value.__module__)
            if (
                not key.startswith("_")
                and own
                and (inspect.isroutine(member) or isinstance(member, kinds))
            ):
                yield f"{face}.{name}.{key}", member


def test_every_public_name_is_documented(site: None) -> None:
    """Numpydoc has nothing to say but what is left out; a constant has a note of its own."""
    from numpydoc.docscrape import NumpyDocString
    from numpydoc.validate import validate
    from reference_pages import is_documented_object, note_of, public

    found, count = [], 0
    for face, name, value in public():
        if not is_documented_object(value):
            count += 1
            if not note_of(face, name):
                found.append((f"{face}.{name}", "no note"))
            continue
        for path, member in members(face, name, value):
            count += 1
            left = LEFT_OUT | FOREIGN.get(path, set())
            if inspect.isclass(member) and issubclass(member, enum.Enum):
                left = left | {"PR01"}  # the parameters of Enum itself
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    errors = validate(path)["errors"]
            except OSError:  # made by a decorator of Hypothesis: it has no source to look at
                text = NumpyDocString(inspect.getdoc(member) or "")
                errors = [(part, "missing") for part in ("Parameters", "Summary") if not text[part]]
            found += [(path, *error) for error in errors if error[0] not in left]
    assert count > 500
    assert found == []


def test_gallery_and_tutorials() -> None:
    """At least twenty examples, and three tutorials; each measures something and has a control."""
    assert len(GALLERY) >= 20 and len(TUTORIALS) == 3
    for path in GALLERY:
        text = path.read_text(encoding="utf-8")
        summary = ast.get_docstring(ast.parse(text))
        assert summary and "====" in summary, path.name
        assert "figure" in text and "assert " in text, path.name
        assert re.search(r"[Cc]ontrol|[Mm]easured", text), path.name


def test_every_figure_and_family_is_shown() -> None:
    """Each figure of the paper has an example."""
    shown = " ".join(path.read_text(encoding="utf-8").split("\n\n")[1] for path in GALLERY)
    for figure in range(1, 7):
        assert f"Figure {figure}" in shown


def test_examples_show_claims_that_exist(site: None) -> None:
    from gallery import shown_labels

    from proofs_checks.command_line.claim_pictures import PICTURES
    from proofs_checks.discovery import discover
    from proofs_checks.paper.contents import LABELS

    known, seen = {claim.label for claim in discover()} | set(LABELS), set()
    for stem, title, labels in shown_labels():
        assert title and set(labels) <= known, (stem, set(labels) - known)
        seen |= set(labels)
    assert set(PICTURES) <= seen, "what a report draws the site shows, by a program"


def test_pages_are_of_the_claims(site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page a section, and a false verdict shows: what is written is what was found."""
    import claims_pages

    from proofs_checks.discovery import discover

    plain = {"scope": {"n": "symbolic"}, "assumptions": [], "cases": 0, "controls": []}
    rows = {
        claim.label: {
            **plain,
            "verdict": claim.expected.name,
            "detail": "as |expected|",
            "printed": claim.printed and {"verdict": "REFUTED", "detail": "at x = 1"},
        }
        for claim in discover()
    }
    monkeypatch.setattr(claims_pages, "rows_of", lambda app: rows)
    pages = dict(claims_pages.pages(None))
    assert len(pages) == len(claims_pages.CONTENTS) + 4
    text = "".join(pages.values())
    for claim in discover():
        assert f'``attnflow verify "{claim.label}"``' in text
    assert r"as \|expected\|" in text
    assert pages["errata"].count(":Kind:") == sum(c.origin == "erratum" for c in discover())
    assert ":verdict:`PROVED`" in pages["section_6"]
    rows["Lemma 6.4"]["verdict"] = "REFUTED"
    changed = dict(claims_pages.pages(None))["section_6"]
    assert "1 REFUTED" in changed and changed != pages["section_6"]


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    sys.path.insert(0, str(SITE))
    try:
        from links import broken
    finally:
        sys.path.remove(str(SITE))
    (tmp_path / "a.html").write_text('<a href="b.html#here">b</a><img src="c.png">')
    (tmp_path / "b.html").write_text('<p id="there"></p><a href="https://example.org">x</a>')
    found, outside, count = broken(tmp_path)
    assert sorted(found) == ["a.html: b.html#here has no such anchor", "a.html: c.png isn't there"]
    assert (outside, count) == (1, 2)


def test_performance_page_is_written_by_the_benchmarks(tmp_path: Path) -> None:
    from benchmarks.__main__ import MARKERS, write_page

    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert all(text.count(marker) == 1 for marker in MARKERS)
    assert "## velocity" in text.split(MARKERS[0])[1]
    page = tmp_path / "page.md"
    page.write_text(f"a\n{MARKERS[0]}\nold\n{MARKERS[1]}\nb", encoding="utf-8")
    write_page(page, "new")
    assert page.read_text(encoding="utf-8") == f"a\n{MARKERS[0]}\nnew\n{MARKERS[1]}\nb"
    page.write_text("no markers", encoding="utf-8")
    with pytest.raises(ValueError, match="Expected <!-- benchmarks -->"):
        write_page(page, "new")


def test_where_it_is_installed_from_is_said_in_one_way() -> None:
    """It isn't on PyPI: README, site and examples name the repository, none the bare name."""
    source = re.search(r'^Source = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert source is not None
    line = f"pip install git+{source[1]}"
    for name in ("README.md", "docs/index.md", "docs/conf.py", "examples/regression/README.md"):
        assert line in (ROOT / name).read_text(encoding="utf-8"), name
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.*")]
    for page in (page for page in pages if page.suffix in (".md", ".toml", ".py")):
        assert not re.search(r"pip install (-U )?attnflow\b", page.read_text(encoding="utf-8")), (
            page
        )
    for name in ("README.md", "docs/index.md"):
        words = " ".join((ROOT / name).read_text(encoding="utf-8").split())
        assert "isn't on PyPI yet" in words, name
