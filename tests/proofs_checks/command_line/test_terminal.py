"""Streams of any encoding, readers who go away, and what is imported to print a help text."""

import io
import json
import os
import re
import subprocess
import sys
from argparse import _SubParsersAction

import pytest

from proofs_checks.command_line import entry
from proofs_checks.command_line.parser import build_parser
from proofs_checks.command_line.terminal import readable_streams, spelled
from proofs_checks.paper.section_6 import lemma_6_4_cone

# One small call of every command; each prints letters that ASCII has not, or may.
CALLS = [
    ["--help"],
    ["verify", "Lemma 6.4"],
    ["verify", "--help"],
    ["claims"],
    ["claims", "--where", "(6.5)"],
    ["claims", "--map", "4"],
    ["check", "exp(beta*t)/beta", "--label", "Lemma 6.4"],
    ["derive", "exp(beta*t)/beta"],
    ["models"],
    ["cite", "Theorem 6.3"],
    ["plot", "nowhere.npz"],
    ["prove", "nowhere.json", "--rocq"],
    ["layers", "--hidden-states", "nowhere.npy"],
    ["simulate", "--n", "4", "--t", "1"],
    ["coarsen", "--n", "4"],
    ["phase", "--d", "2", "--n", "4", "--runs", "2", "--betas", "1", "2", "2", "--times", "0",
     "1", "3"],
    ["mean-field", "--beta", "1", "--t-end", "0.2", "--rows", "2"],
    ["hierarchy", "--n", "2", "--t", "0.1", "--rows", "2", "--copies", "64", "--cells", "16"],
    ["noise", "--kappa", "5.1"],
    ["codes", "4", "3", "--starts", "2"],
    ["limits", "--n", "4"],
    ["hardmax"],
    ["hardmax", "--reading", "nonsense"],
    ["phase", "--times", "0", "nan", "3"],
]  # fmt: skip


def run(monkeypatch, words, encoding):
    """Exit status, and what the two streams of that encoding got, as text."""
    streams = []
    for name in ("stdout", "stderr"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, name, stream)
        streams.append(stream)
    try:
        status = entry.main(words, lemma_6_4_cone.CLAIMS if words[0] == "verify" else None)
        for stream in streams:
            stream.flush()
        return status, *(stream.buffer.getvalue().decode(encoding) for stream in streams)
    finally:
        monkeypatch.undo()


def timeless(text):
    return re.sub(r"\d+\.\d+ ?s|\s+", "", text)


@pytest.mark.slow
@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_every_command_prints_in_any_encoding(words, monkeypatch):
    expected, out, err = run(monkeypatch, words, "utf-8")
    for encoding in ("ascii", "cp1252"):
        status, shown, said = run(monkeypatch, words, encoding)
        assert status == expected
        for there, here in ((out, shown), (err, said)):
            kept = "".join(c for c in there if c.encode(encoding, "ignore"))
            assert len(timeless(here)) >= len(timeless(kept))
            assert timeless(spelled(there)) == timeless(spelled(here))
    assert out or err


def test_every_command_is_called_above():
    from proofs_checks.command_line.parser import build_parser

    (commands,) = (a for a in build_parser()._actions if a.dest == "command")
    slow = {"compare"}  # 10 s; what it prints are the words of check and derive
    assert set(commands.choices) - slow == {words[0] for words in CALLS} - {"--help"}


def test_letters_are_spelled():
    assert spelled("β≥0, γ(t)→1, a×b, — ½ Σ_j ΣΣ e⁻¹² x₁") == (
        "beta>=0, gamma(t)->1, axb, - 1/2 sum_j sum sum e^-12 x_1"
    )
    assert spelled("Čech ż Łódź ∞ \udcff") == "Cech z' Lodz inf ?"
    assert spelled("plain \\ text") == "plain \\ text"


def test_streams_are_left_as_they_were(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    monkeypatch.setattr(sys, "stdout", stream)
    with readable_streams():
        print("β")
    print("β")
    stream.flush()
    assert stream.buffer.getvalue().split() == [b"beta", b"?"]


def test_a_stream_without_an_encoding_is_fine(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert entry.main(["claims", "--where", "(6.5)"]) == 0
    assert "(6.5)" in sys.stdout.getvalue()


COMMAND = [sys.executable, "-m", "proofs_checks"]


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_process_with_another_encoding(encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [*COMMAND, "noise", "--beta", "5"], env=environment, capture_output=True, timeout=300
    )
    assert done.returncode == 0 and done.stderr == b""
    assert "beta = 5" in done.stdout.decode(encoding)


def test_a_reader_who_goes_away_ends_it_silently():
    for words in (["--help"], ["nonsense", "--help"]):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [*COMMAND, *words], stdout=writer, stderr=subprocess.PIPE, timeout=300, check=False
        )
        os.close(writer)
        assert b"Error" not in done.stderr.replace(b"error: ", b"") and done.returncode in (0, 2)


@pytest.mark.every(3, kept="slow", rest="full")
@pytest.mark.parametrize("words", [["claims"], ["models"], ["claims", "--json"], ["models", "x"]])
def test_head(words):
    """Both streams into a pipe whose reader has read one line."""
    command = " ".join([*map(repr, COMMAND), *words])
    script = f"{command} 2>&1 | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=300)
    first, status = done.stdout.rstrip("\n").split("\n")
    assert first and status == ("2" if "x" in words else "0") and done.stderr == ""


HEAVY = {"numpy", "scipy", "sympy", "matplotlib", "hypothesis", "pytest", "networkx"}


def test_help_and_version_import_nothing_heavy():
    """Of every command, one after the other."""
    code = (
        "import sys, json; from proofs_checks.__main__ import main\n"
        "for word in sys.argv[1:]: assert main([*word.split(), '--help']) == 0\n"
        "main(['--version']); print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    parser = build_parser(late=True)
    (commands,) = (a.choices for a in parser._actions if isinstance(a, _SubParsersAction))
    assert len(commands) > 15
    words = [sys.executable, "-c", code, "", *commands]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("usage: attnflow") == len(commands) + 1
    assert not HEAVY & set(json.loads(done.stderr))
