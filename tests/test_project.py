"""The project files: what a newcomer reads and what is shipped."""

import re
import tomllib
from pathlib import Path

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


def test_readme_python_runs():
    """Every Python block of the README, as a reader would run it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
