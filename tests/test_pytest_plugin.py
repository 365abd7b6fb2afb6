"""The pytest plugin: what it changes, what it leaves alone; and the project of examples/regression.

The runs are processes of their own. They get the plugin from a folder with the entry point alone,
so that these tests are of this checkout, installed or not.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "regression"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Environment variables under which pytest finds the entry point of this checkout."""
    place = tmp_path_factory.mktemp("installed")
    info = place / "attnflow-0.dist-info"
    info.mkdir()
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [f"{a} = {b}" for a, b in declared["entry-points"]["pytest11"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[pytest11]", *lines]) + "\n", "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: attnflow\nVersion: 0\n", "utf-8")
    return {**os.environ, "PYTHONPATH": f"{place}{os.pathsep}{ROOT}", "CI": "true"}


def run(folder, environment, *arguments):
    """What pytest says in a folder, and its exit status."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    found = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    return found.stdout + found.stderr, found.returncode


PLAIN = """
import sys

def test_nothing_of_ours_is_imported():
    assert "attnflow_pytest" in sys.modules
    ours = {"sympy", "numpy", "theory", "numerics", "proofs_checks", "attnflow"}
    assert not ours & set(sys.modules), ours & set(sys.modules)
"""


def test_other_suites_pay_nothing(tmp_path, environment):
    (tmp_path / "test_plain.py").write_text(PLAIN, encoding="utf-8")
    text, code = run(tmp_path, environment, "-q", "--strict-markers", "-W", "error")
    assert code == 0, text
    assert "attnflow: " not in text
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == [
        "test_plain.py"
    ]


@pytest.mark.slow
def test_a_folder_that_shadows_a_room_breaks_no_other_suite(tmp_path, environment):
    (tmp_path / "numerics.py").write_text("answer = 42\n", encoding="utf-8")
    body = "import numerics\n\ndef test_own():\n    assert numerics.answer == 42\n"
    (tmp_path / "test_own.py").write_text(body, encoding="utf-8")
    text, code = run(tmp_path, environment, "-q", "-o", "pythonpath=.")
    assert code == 0, text


def test_the_file_imports_pytest_alone():
    code = (
        "import sys, pytest; before = set(sys.modules); import attnflow_pytest; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "['attnflow_pytest']"


DEEP = """
import pytest
import attnflow as af
from proofs_checks.own_model.parametrization import Invariant

@af.parametrize_with_invariants("exp(t)", "confinement", rng=3, cases=4)
def test_numbers(model, invariant, attnflow_cases, attnflow_seed):
    print("seen", invariant.cases, invariant.rng, attnflow_cases, attnflow_seed)

@pytest.fixture(params=[Invariant("confinement", "", 5)])
def own(request):
    return request.param

def test_from_a_fixture(own):
    print("own", own.cases, own.rng)

def test_check(attnflow_check):
    report = attnflow_check("exp(t)", only="confinement", rng=9)
    print("report", report.seed, report["confinement"].verdict)

def test_other():
    pass
"""


def deep(folder, environment, *arguments):
    """What the tests print that look at the options."""
    (folder / "test_deep.py").write_text(DEEP, encoding="utf-8")
    text, code = run(folder, environment, "-s", *arguments)
    assert code == 0, text
    assert not (folder / ".hypothesis").exists()
    return text


@pytest.mark.full
def test_options_go_before_what_tests_say(tmp_path, environment):
    options = ("--attnflow-cases", "60", "--attnflow-seed=8", "-m", "attnflow", "--strict-markers")
    text = deep(tmp_path, environment, *options)
    for words in ("seen 60 8 60 8", "own 60 8", "report 8 PROVED", "attnflow: cases 60, seed 8"):
        assert words in text, text
    assert "3 passed, 1 deselected" in text, "the mark"


@pytest.mark.full
def test_without_options_tests_say(tmp_path, environment):
    text = deep(tmp_path, environment)
    for words in ("seen 4 3 None 0", "own None 5", "report 9 PROVED", "4 passed"):
        assert words in text, text


@pytest.mark.every(2)
@pytest.mark.parametrize("argument", ["--attnflow-cases=0", "--attnflow-seed=x"])
def test_bad_options(tmp_path, environment, argument):
    text, code = run(tmp_path, environment, argument)
    assert code == 4 and "Expected a whole number >=" in text


def test_it_is_there_once_in_our_own_suite(pytestconfig):
    plugins = pytestconfig.pluginmanager.get_plugins()
    names = [getattr(plugin, "__name__", "") for plugin in plugins]
    assert names.count("attnflow_pytest") <= 1


@pytest.fixture
def project(tmp_path):
    """A copy of the worked project, to be changed."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "project"))


def edit(project, old, new):
    path = project / "my_attention.py"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def failures(text):
    """Lines that pytest shows of each failing test, by its name."""
    body = text[text.index(" FAILURES ") : text.rindex(" short test summary info ")]
    parts = re.split(r"^_+ (\S+) _+\n", body, flags=re.MULTILINE)[1:]
    return {
        name: [line for line in shown.splitlines() if line.strip("= ")]
        for name, shown in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.slow
def test_the_project_passes_and_is_deepened_without_an_edit(project, environment):
    before = sorted(path.name for path in project.iterdir())
    text, code = run(project, environment, "-q", "--attnflow-cases", "500")
    assert code == 0 and "11 passed" in text, text
    after = [path.name for path in project.iterdir() if path.name != "__pycache__"]
    assert sorted(after) == before, "nothing is left behind"


@pytest.mark.full
def test_a_theorem_that_is_lost_is_told_in_ten_lines(project, environment):
    edit(project, '/beta + t/4"', '/beta + t**2/4"')
    text, code = run(project, environment, "-q", "-k", "test_the_model and Lemma")
    ((name, lines),) = failures(text).items()
    assert code == 1 and name.endswith("Lemma-6.4]") and len(lines) <= 10
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    assert "\n".join(lines) in readme, "the README shows what pytest shows"


@pytest.mark.slow
def test_code_that_forgets_the_projection_is_shown_small(project, environment):
    edit(
        project,
        "return pull - np.sum(pull * points, axis=1, keepdims=True) * points",
        "return pull",
    )
    text, code = run(project, environment, "-q", "-k", "implementation or confinement")
    found = failures(text)
    assert code == 1 and len(found) == 2
    for lines in found.values():
        assert len(lines) <= 10 and any("at x = [[1, 0]]" in line for line in lines), lines
