"""The project files: what a newcomer reads and what is shipped."""

import contextlib
import re
import subprocess
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

import attnflow
from proofs_checks.command_line.parser import build_parser

pytestmark = pytest.mark.extras

ROOT = Path(__file__).parent.parent
COMMANDS = (
    "python3 -m venv --without-pip .venv && pip --python .venv install -e . && .venv/bin/attnflow",
    "python3 -m venv --without-pip .venv && pip --python .venv install -e . && .venv/bin/pytest",
)


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_readme_holds_the_two_commands():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("python3 -m venv")] == list(COMMANDS)


def test_packages_and_types():
    wheel = project()["tool"]["hatch"]["build"]["targets"]["wheel"]
    *packages, plugin = wheel["packages"]
    assert packages == ["attnflow", "theory", "numerics", "proofs_checks"]
    assert plugin == "attnflow_pytest.py" and (ROOT / plugin).exists()
    for package in packages:
        assert (ROOT / package / "py.typed").exists()


def test_version_is_the_same_everywhere():
    assert project()["project"]["dynamic"] == ["version"]
    assert project()["tool"]["hatch"]["version"]["path"] == "attnflow/__init__.py"
    assert f"version: {attnflow.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    if "```" in path.read_text(encoding="utf-8")
)
"""Every page with a block of code."""

ROOMS = "theory|numerics|proofs_checks|attnflow|tests|docs|examples|benchmarks"


def test_the_files_that_pages_name_are_there():
    missing = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        if page.name != "CHANGELOG.md":  # it speaks of files that were
            named = re.findall(rf"`((?:{ROOMS})/[\w./-]+)`", page.read_text(encoding="utf-8"))
            missing += [(page.name, path) for path in named if not (ROOT / path).exists()]
    assert missing == []


LANGUAGES = ("", "python", "text")


def blocks(name, language):
    """Blocks of a page in one language, in order."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert {kind for kind, _ in found} <= set(LANGUAGES), name
    return [block for kind, block in found if kind == language]


OWN_MODEL = "docs/your-own-model.md"
"""Its blocks run in test_own_model.py, one after another."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [page for page in PAGES if blocks(page, "python") and page != OWN_MODEL]
)
def test_the_python_of_a_page_runs(name, tmp_path, monkeypatch):
    """Every Python block, alone, as a reader would run it in a folder without anything."""
    monkeypatch.chdir(tmp_path)
    for block in blocks(name, "python"):
        exec(compile(block, name, "exec"), {})


def test_the_first_example_ends_as_the_readme_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    first = blocks("README.md", "python")[0]
    exec(compile(first, "README.md", "exec"), {})
    said = re.findall(r"^print\(.*# ([\d.]+)", first, flags=re.MULTILINE)
    got = capsys.readouterr().out.split()
    assert (
        len(said) == 2
        and [f"{float(x):.{len(y.partition('.')[2])}f}" for x, y in zip(got, said, strict=True)]
        == said
    )
    assert (tmp_path / "merges.png").stat().st_size > 1000


def test_the_pictures_of_the_readme_say_what_draws_them():
    from numerics.provenance import recorded

    spec = spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
    pictures = module_from_spec(spec)
    spec.loader.exec_module(pictures)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, command in pictures.COMMANDS.items():
        assert recorded(pictures.FOLDER / f"{name}.png")["command"] == command
        assert f"(docs/pictures/{name}.png)" in text
        assert command.replace("--format png", "--out pictures") in text


TESTED = [page for page in PAGES if "def test_" in "".join(blocks(page, "python"))]
DEAR = "docs/your-own-model.md"
"""The page whose tests ask all rows of models: 40 s."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(p, marks=getattr(pytest.mark, "full" if p == DEAR else "slow")) for p in TESTED],
)
def test_the_tests_of_a_page_pass(name, pytester, monkeypatch):
    """What a page shows as a test is one that pytest runs, and that passes."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for block in blocks(name, "python"):
        if "def test_" in block:
            pytester.makepyfile(block)
            result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
            outcomes = result.parseoutcomes()
            assert outcomes.get("passed", 0) and not outcomes.get("failed", 0), block


@pytest.mark.parametrize("name", ["README.md", "docs/your-own-model.md"])
def test_pages_use_the_front_door(name):
    assert blocks(name, "python")
    for block in blocks(name, "python"):
        assert "import attnflow as af" in block
        assert not re.search(r"^(from|import) (theory|numerics|proofs_checks)", block, re.MULTILINE)


def command_lines(name):
    """Lines of the blocks of a page that call attnflow, with what continues them."""
    found = []
    for block in blocks(name, ""):
        lines = re.sub(r"\s*#.*", "", block.replace("\\\n", " ")).splitlines()
        found += [line for line in lines if line.startswith("attnflow ") and "   " not in line]
    return found


@pytest.fixture
def no_clock():
    """Let clocks run here: a command is run as a newcomer runs it, in its budget."""


@pytest.mark.slow
@pytest.mark.parametrize("line", command_lines("README.md"))
def test_a_command_of_the_readme_runs(line, tmp_path, monkeypatch, capsys):
    """0 or 1, as the verdicts are, and never bad usage; in a folder with the file it names."""
    import shlex

    from proofs_checks import certificates
    from proofs_checks.command_line import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "mymodel.py").write_text('model = "t + t**3/3"\n', encoding="utf-8")
    if "problem3_n6" in line:
        certificates.save(certificates.certify_strict_saddles(6), "problem3_n6.json")
    assert main(shlex.split(line)[1:]) in (0, 1), capsys.readouterr().err
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", [page for page in PAGES if command_lines(page)])
def test_the_commands_of_a_page_are_understood(name):
    """Every option of every command is there; the slow tests run them."""
    import shlex

    parser = build_parser()
    for line in command_lines(name):
        with contextlib.suppress(SystemExit):
            parser.parse_args(shlex.split(line)[1:])
            continue
        pytest.fail(f"{name}: {line}")


def test_the_commands_of_the_readme_run(tmp_path, monkeypatch):
    """The certificate of the README is made and accepted, in an empty folder."""
    from proofs_checks.command_line import main

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r'python -c "\n(.*?)"\nattnflow (.*?)\n', text, flags=re.DOTALL)
    assert found
    monkeypatch.chdir(tmp_path)
    exec(compile(found[1], "README.md", "exec"), {})
    assert main(found[2].split()) == 0


def tracked():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    return [ROOT / name for name in listed] or [
        path
        for path in ROOT.rglob("*")
        if path.suffix in {".py", ".md", ".toml"} and ".venv" not in path.parts
    ]


def test_no_file_names_a_machine():
    """Paths of one machine mean nothing to a reader."""
    patterns = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/us" + "r/lib", "share" + "d/ref")
    for path in tracked():
        if path.is_file() and path.suffix not in {".png", ".gif", ".npz", ".xz"}:
            text = path.read_text(encoding="utf-8")
            assert not [p for p in patterns if p in text], path


def updater():
    """Load docs/update.py, which writes the tables of the documents."""
    spec = spec_from_file_location("update", ROOT / "docs" / "update.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_rooms_is_up_to_date(capsys):
    assert updater().main(["--rooms", "--check"]) == 0, capsys.readouterr().out
