"""What needs no claim imports none: the face, --version, --help, coarsen, simulate and phase."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import contextlib, io, sys
import proofs_checks, proofs_checks.command_line
from proofs_checks import Claim, Control, Evidence, Verdict, verify

def claims():
    rooms = ("proofs_checks.paper.", "proofs_checks.extensions", "proofs_checks.literature")
    found = {name for name in sys.modules if name.startswith(rooms)}
    return sorted(found - {"proofs_checks.paper.contents"})  # labels, no claims

def run(*arguments):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        status = proofs_checks.command_line.main(arguments)
    assert status == 0 and printed.getvalue(), arguments
    assert claims() == [], (arguments, claims())

assert claims() == []
for arguments in {arguments!r}:
    run(*arguments)
assert "matplotlib" not in sys.modules
proofs_checks.CLAIMS
assert len(claims()) > 50
"""

GRID = ("--betas", "1", "2", "2", "--times", "0", "1", "2")
FEW = (("--version",), ("--help",), ("models",))
COMMANDS = (
    ("coarsen", "--n", "5", "--d", "2", "--beta", "4"),
    ("simulate", "--n", "4", "--d", "2", "--beta", "1", "--t", "0.1"),
    (
        "phase",
        "--d",
        "2",
        "--n",
        "4",
        "--runs",
        "2",
        "--betas",
        "1",
        "2",
        "2",
        "--times",
        "0",
        "1",
        "2",
    ),
    ("derive", "t"),
    ("derive", "--model", "sink"),
)


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize("commands", [FEW, COMMANDS], ids=["few", "others"])
def test_commands_import_no_claim(commands: tuple[tuple[str, ...], ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{arguments!r}", repr(commands))],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_face_names_what_it_has() -> None:
    import proofs_checks

    assert set(proofs_checks.__all__) <= set(dir(proofs_checks))
    assert all(hasattr(proofs_checks, name) for name in proofs_checks.__all__)
    with pytest.raises(AttributeError, match="no attribute 'CLAIM'"):
        _ = proofs_checks.CLAIM
