"""A line on a terminal after two seconds; nothing in logs, nothing with --json."""

import io
import sys
import time
from argparse import Namespace

import pytest

from proofs_checks.command_line import entry, progress
from proofs_checks.command_line.progress import on_terminal


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(stream, patience, monkeypatch, json=False):
    """What is written while something takes half a second."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setattr(progress, "_EVERY", 0.02)
    args = Namespace(json=json)
    with progress.progress(args, "counting") as tell:
        tell("1 of 2")
        end = time.monotonic() + (20 if patience == 0.0 and on_terminal(args) else 0.5)
        while not stream.getvalue() and time.monotonic() < end:
            time.sleep(0.02)
    return stream.getvalue()


def test_a_line_appears_and_is_wiped(monkeypatch):
    text = shown(Terminal(), 0.0, monkeypatch)
    assert "counting … 1 of 2, " in text
    assert text.endswith("\r") and not text.rsplit("\r", 2)[1].strip()


def test_what_is_quick_says_nothing(monkeypatch):
    assert shown(Terminal(), 60.0, monkeypatch) == ""


@pytest.mark.slow
def test_nothing_with_json_or_in_a_log(monkeypatch):
    assert shown(Terminal(), 0.0, monkeypatch, json=True) == ""
    log = io.StringIO()
    assert shown(log, 0.0, monkeypatch) == "" and not on_terminal(Namespace(json=False))


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["simulate", "--n", "4", "--t", "1"],
        ["coarsen", "--n", "4"],
        ["derive", "exp(beta*t)/beta"],
        ["check", "t**3", "--label", "Lemma 6.4"],
        ["codes", "4", "3", "--starts", "2"],
        ["phase", "--d", "2", "--n", "4", "--runs", "2", "--betas", "1", "2", "2", "--times", "0",
         "1", "3"],
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_commands_are_watched_without_changing_what_they_print(words, monkeypatch, capsys):
    """On a terminal there is a line; the output is that of a log."""
    # The thread says its line at once, whatever the machine does; `end` waits for it.
    monkeypatch.setattr(progress._Line, "_watch", lambda line: line._write(line.what))
    assert entry.main(words) == (1 if words[0] == "check" else 0)
    log = capsys.readouterr()
    assert log.err == ""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    assert entry.main(words) == (1 if words[0] == "check" else 0)
    assert capsys.readouterr().out == log.out
    assert stream.getvalue()
