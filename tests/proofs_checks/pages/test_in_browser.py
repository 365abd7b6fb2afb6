"""The pages as a reader has them, in headless Chromium: filters, keyboard, links, axe-core.

They need Chromium, node, and playwright-core and axe-core from npm in the folder that
ATTNFLOW_NODE_MODULES names; without them they are skipped.
"""

import json
import os
import shutil
import subprocess
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from numerics.trained.all_minilm import MAPPING, find_minilm
from proofs_checks import CLAIMS, check_model
from proofs_checks.claim import verify_claim
from proofs_checks.command_line import main
from proofs_checks.command_line.claim_pictures import pictures_of
from proofs_checks.pages import check_page, claims_page
from tests.numerics.trained.conftest import HEADS
from tests.numerics.trained.small_bert import bert, random_tensors

pytestmark = pytest.mark.slow

LABELS = ("(3.6)", "E.(3.7)", "E.Proposition 3.4", "Lemma 6.4", "Theorem 6.7", "(6.9)", "Figure 6")
OPEN_ALL = ["click", "[data-do=open]"]
UNFOLD = ["evaluate", "document.querySelectorAll('details').forEach(e => { e.open = true })"]
WIDE = ["evaluate", "document.documentElement.scrollWidth"]
SHOWN = ["evaluate", "[...document.querySelectorAll('.entry:not([hidden])')].map(e => e.id)"]
STATUS = ["evaluate", "document.querySelector('[role=status]').textContent"]


def browser():
    """Chromium's path, or the reason why there is no browser to test in."""
    modules = os.environ.get("ATTNFLOW_NODE_MODULES", "")
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        pytest.skip("no Chromium: apt-get install chromium-headless-shell")
    if shutil.which("node") is None:
        pytest.skip("no node: apt-get install nodejs")
    for name in ("playwright-core", "axe-core"):
        if not (Path(modules) / name).is_dir():
            pytest.skip(f"no {name} in ATTNFLOW_NODE_MODULES={modules}: npm install {name}")
    return found


def visit(page, folder, *visits):
    """What each visit of the page found."""
    file, steps = folder / "page.html", folder / "steps.json"
    file.write_text(page, encoding="utf-8")
    asked = [{**one, "url": file.as_uri() + one.get("hash", "")} for one in visits]
    steps.write_text(json.dumps(asked), encoding="utf-8")
    script = Path(__file__).with_name("look.mjs")
    run = subprocess.run(
        ["node", str(script), browser(), str(steps)], capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    results = json.loads(run.stdout)
    for one, result in zip(asked, results, strict=True):
        assert result["errors"] == []
        outside = [url for url in result["asked"] if not url.startswith("data:")]
        assert outside == [one["url"].partition("#")[0]], "no network"
    return results


def serious(result):
    return [one for one in result["axe"] if one["impact"] in ("serious", "critical")]


@pytest.fixture(scope="module")
def page(reports):
    """Seven statements, one of which is made false by a control's model."""
    browser()
    claims = {claim.label: claim for claim in CLAIMS if claim.label in LABELS}
    good = [reports[label] for label in LABELS if label != "Theorem 6.7"]
    changed = claims["Theorem 6.7"].twin(claims["Theorem 6.7"].controls[0])
    return claims_page(
        [*good, verify_claim(changed, 5, 0)],
        claims.values(),
        version="1.2.3",
        seconds=4.0,
        command="attnflow verify",
        pictures=pictures_of(list(claims.values())),
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 360])
def test_axe_finds_nothing_serious(page, tmp_path, scheme, width):
    look = {"scheme": scheme, "width": width}
    (found,) = visit(page, tmp_path, {**look, "steps": [WIDE, OPEN_ALL, WIDE, ["axe"]]})
    assert serious(found) == []
    assert found["values"] == [width, width], "nothing is wider than the window"


def test_filters(page, tmp_path):
    uncheck = ["click", "[name=verdict][value=PROVED]"]
    text, section, errata, verdict = visit(
        page,
        tmp_path,
        {"steps": [SHOWN, ["fill", "[name=text]", "2^{1-n} HEMISPHERE γ"], SHOWN, STATUS,
                   ["fill", "[name=text]", "open  hemisphere"], SHOWN]},
        {"steps": [["select", "[name=section]", "section_3"], SHOWN, ["click", "[data-do=reset]"],
                   SHOWN]},
        {"steps": [["click", "[name=errata]"], SHOWN]},
        {"steps": [uncheck, SHOWN, STATUS, ["evaluate", "getComputedStyle(document.querySelector"
                   "('[aria-labelledby=section-section_3]')).display"]]},
    )  # fmt: skip
    everything, neither, status, hemisphere = text["values"]
    assert len(everything) == 7 and neither == [] and status == "0 of 7 statements are shown."
    assert hemisphere == ["Lemma-6.4"]
    assert section["values"] == [["3.6", "E.-3.7", "E.Proposition-3.4"], everything]
    assert errata["values"] == [["E.-3.7", "E.Proposition-3.4"]]
    assert verdict["values"][0] == ["Theorem-6.7", "Figure-6"]
    assert verdict["values"][1:] == ["2 of 7 statements are shown.", "none"]


def test_a_claim_made_false_is_red_and_first(page, tmp_path):
    colour = "getComputedStyle(document.querySelector('{}')).{}"
    steps = [
        SHOWN,
        ["evaluate", "document.querySelector('.entry details').open"],
        *(
            ["evaluate", colour.format(*what)]
            for what in (
                (".entry.bad", "borderLeftColor"),
                (".entry.bad .complaint", "color"),
                (".state", "color"),
                (".entry:not(.bad) .sentence", "color"),
            )
        ),
    ]
    for scheme in ("light", "dark"):
        ((shown, opened, *colours),) = (
            result["values"] for result in visit(page, tmp_path, {"scheme": scheme, "steps": steps})
        )
        assert shown[0] == "Theorem-6.7" and opened

        def is_red(text):
            red, green, blue = (int(part) for part in text[4:-1].split(","))
            return red > green + 60 and red > blue + 60

        assert list(map(is_red, colours)) == [True, True, True, False], colours


def test_keyboard_and_links(page, tmp_path):
    focus = ["evaluate", "document.activeElement.name || document.activeElement.textContent"]
    opened = ["evaluate", "[...document.querySelectorAll('details[open]')]"
              ".map(e => e.closest('.entry').id)"]  # fmt: skip
    keys, link, register = visit(
        page,
        tmp_path,
        {"steps": [["press", "Tab"], focus, ["press", "Enter", "Tab"], focus,
                   ["press", "Tab", "Enter"], opened,
                   ["evaluate", "document.querySelector('[name=text]').focus()"],
                   ["type", "energy grows"], SHOWN, ["press", "Tab"], focus]},
        {"hash": "#Lemma-6.4", "steps": [opened, ["evaluate", "scrollY > 0"]]},
        {"steps": [["fill", "[name=text]", "hemisphere"],
                   ["click", "[aria-labelledby=errata] a"], opened, STATUS]},
    )  # fmt: skip
    skip, first, after, shown, section = keys["values"][:3] + keys["values"][4:]
    assert skip == "Skip to the statements" and first == "Theorem 6.7"
    assert after == [], "Enter closed the statement that was open"
    assert shown == ["3.6"] and section == "section"
    assert link["values"] == [["Theorem-6.7", "Lemma-6.4"], True]
    assert register["values"] == [["Theorem-6.7", "E.-3.7"], "All 7 statements are shown."]


def test_print_and_without_scripts(page, tmp_path):
    visible = ["evaluate", "[...document.querySelectorAll('.entry dl')]"
               ".every(e => e.checkVisibility())"]  # fmt: skip
    form = ["evaluate", "document.querySelector('form').getClientRects().length"]
    paper = tmp_path / "page.pdf"
    screen, printed, bare = visit(
        page,
        tmp_path,
        {"steps": [visible, form]},
        {"media": "print", "steps": [visible, form, ["pdf", str(paper)]]},
        {"scripts": False, "steps": [SHOWN, form]},
    )
    assert screen["values"] == [False, 1]
    assert printed["values"] == [True, 0]
    assert paper.stat().st_size > 20_000
    assert len(bare["values"][0]) == 7 and bare["values"][1] == 0


def test_the_page_of_a_model(tmp_path):
    browser()
    report = check_model("t**3", only=["Lemma 6.4", "permutation equivariance", "Kuramoto"])
    page = check_page(report, version="0", command="attnflow check", command_of=str)
    wide, narrow = visit(
        page,
        tmp_path,
        {"scheme": "dark", "steps": [SHOWN, OPEN_ALL, ["axe"]]},
        {"width": 360, "steps": [OPEN_ALL, WIDE, ["axe"]]},
    )
    assert wide["values"][0][0] == "Lemma-6.4" and narrow["values"] == [360]
    assert serious(wide) == serious(narrow) == []


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Arguments that show a small network, and a batch of two texts that went through it."""
    library = pytest.importorskip("safetensors.numpy")
    place = tmp_path_factory.mktemp("network")
    tensors = random_tensors()
    library.save_file(tensors, place / "small.safetensors")
    (place / "names.json").write_text(json.dumps({**MAPPING, "heads": HEADS}), encoding="utf-8")
    texts = {"a": bert(tensors, [3, 7, 7, 1, 29, 0, 12], HEADS), "b": bert(tensors, [5, 2], HEADS)}
    library.save_file(
        {k: np.ascontiguousarray(x) for k, x in texts.items()}, place / "texts.safetensors"
    )
    files = [place / name for name in ("texts.safetensors", "small.safetensors", "names.json")]
    words = zip(("--hidden-states", "--weights", "--mapping"), map(str, files), strict=True)
    return [*chain.from_iterable(words), "--iterate", "3"]


@pytest.mark.parametrize("subject", ["one text", "a batch", "states alone", "MiniLM"])
def test_the_page_of_a_trained_network(small, tmp_path, subject):
    browser()
    words = {
        "one text": [*small, "--number", "0"],
        "a batch": small,
        "states alone": [*small[:2], "--number", "0"],
        "MiniLM": ["The ship left the harbour before dawn.", "--iterate", "2"],
    }[subject]
    if subject == "MiniLM":
        try:
            find_minilm()
        except ModuleNotFoundError as error:
            pytest.skip(str(error))
    assert main(["layers", *words, "--out", str(tmp_path)]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    looks = [{"scheme": s, "width": w} for s in ("light", "dark") for w in (1100, 360)]
    for look, found in zip(
        looks,
        visit(page, tmp_path, *({**one, "steps": [UNFOLD, WIDE, ["axe"]]} for one in looks)),
        strict=True,
    ):
        assert serious(found) == [], look
        assert found["values"][1] == look["width"], "nothing is wider than the window"
