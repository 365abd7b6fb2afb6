"""The project files: what a newcomer reads and what is shipped."""

import re
import subprocess
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

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
    assert wheel["packages"] == ["theory", "numerics", "proofs_checks"]
    for package in wheel["packages"]:
        assert (ROOT / package / "py.typed").exists()


def test_version_is_the_same_everywhere():
    version = project()["project"]["version"]
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "docs/variants.md"])
def test_the_python_of_a_page_runs(name):
    """Every Python block, as a reader would run it; test_own_model.py has those of its page."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, name, "exec"), {})


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
    written = updater().claims_table([report.as_dict() for report in reports.values()])
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
