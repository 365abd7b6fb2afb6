"""Completion of shells, by shtab where it is installed."""

import subprocess
import sys

import pytest

from proofs_checks.command_line import entry

pytestmark = pytest.mark.extras


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_every_command_and_option_is_completed(shell, capsys):
    pytest.importorskip("shtab")
    assert entry.main(["--print-completion", shell]) == 0
    script = capsys.readouterr().out
    options = () if shell == "tcsh" else ("--kernel", "--max-branches")  # tcsh: commands alone
    for word in ("simulate", "mean-field", *options):
        assert word in script, word
    if shell == "bash":
        done = subprocess.run(["bash", "-n"], input=script, text=True, timeout=60, check=False)
        assert done.returncode == 0


def test_without_shtab_the_extra_is_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert entry.main(["--print-completion", "bash"]) == 2
    assert "attnflow[completion]" in capsys.readouterr().err
    assert entry.main(["--print-completion", "fish"]) == 2
