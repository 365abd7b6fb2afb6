"""Errors at the command line speak of its options, and never of arguments of Python functions."""

import argparse
import re
import warnings

import pytest

from proofs_checks.command_line import entry
from proofs_checks.command_line.parser import build_parser
from proofs_checks.command_line.remedies import in_options, rewritten

# The least that each command needs to come to its own checks, and does in little time.
LEAST = {
    "check": ["t**3", "--label", "Lemma 6.4"],
    "derive": ["t**3", "--show", "velocity"],
    "compare": ["SA"],
    "codes": ["4", "3", "--starts", "2"],
    "simulate": ["--n", "4", "--t", "0.5"],
    "coarsen": ["--n", "4"],
    "phase": ["--d", "2", "--n", "4", "--runs", "1", "--betas", "1", "2", "2", "--times", "0", "1",
              "3"],
    "mean-field": ["--beta", "1", "--t-end", "0.1", "--rows", "2"],
    "hierarchy": ["--n", "2", "--t", "0.1", "--rows", "2", "--copies", "64", "--cells", "16"],
    "limits": ["--n", "4", "--t", "1"],
    "hardmax": [],
    "noise": ["--d", "1"],
    "models": ["SA"],
    "cite": ["Theorem 6.3"],
    "plot": ["nowhere.npz"],
    "prove": ["nowhere.json", "--rocq"],
    "layers": ["--hidden-states", "nowhere.npy"],
    "claims": ["--where", "(6.5)"],
}  # fmt: skip
BAD = ("-1", "nan", "nowhere.npy", "")
PYTHON = re.compile(r"(?<![\w.'\"<>`-])[a-z][a-z_]*=(?!=)\S|numpy\.|numerics\.\w|\b[a-z]+_[a-z]+\b")


def commands():
    (action,) = (a for a in build_parser()._actions if a.dest == "command")
    return action.choices


def calls(name):
    """A call for each option of a command and each bad value."""
    for action in commands()[name]._actions:
        if action.dest in ("help", "json", "out", "scheduler", "seed") or action.nargs == 0:
            continue
        for value in BAD:
            if not action.option_strings:
                if name != "layers" or value in ("-1", ""):  # a network looks at any text: seconds
                    yield [name, value]
            elif isinstance(action.nargs, int) or action.nargs == "+":
                many = action.nargs if isinstance(action.nargs, int) else 1
                if not value.startswith("-"):
                    yield [name, *LEAST[name], action.option_strings[-1], *[value] * many]
            else:
                yield [name, *LEAST[name], f"{action.option_strings[-1]}={value}"]


@pytest.mark.slow
@pytest.mark.every(5)
@pytest.mark.parametrize("name", sorted(LEAST))
def test_bad_values_of_every_option(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # an option that names a file to write takes any text
    seen = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numbers that are refused further down
        for words in calls(name):
            status = entry.main(words)
            said = capsys.readouterr().err
            if status == 2 and not said.startswith("usage:"):
                seen += 1
                assert said.startswith("attnflow: "), (words, said)
                assert "Traceback" not in said and not PYTHON.search(said), (words, said)
    assert seen or name in ("claims",)


def test_every_command_is_tried():
    assert set(commands()) == {*LEAST, "verify"}  # whose options are files and counts


def test_arguments_become_options():
    words = ["simulate", "--n", "0"]
    said = in_options("Expected n >= 1 but got n=0; see max_steps= and t_end.", words)
    assert said == "Expected --n >= 1 but got --n=0; see --max-steps= and --t."
    assert in_options("Expected n >= 2 but got n=1.", ["codes", "1", "3"]) == (
        "Expected N >= 2 but got N=1."
    )
    flags = {"check": "--check", "beta": "--beta"}
    assert rewritten("call with check=True, not beta == 1", flags) == (
        "call with --check, not beta == 1"
    )
    assert rewritten("h'(t)=1, --beta=2, x.beta=3, alphabeta=1", flags) == (
        "h'(t)=1, --beta=2, x.beta=3, alphabeta=1"
    )


def test_a_namespace_of_no_command_is_fine():
    assert in_options("Expected seed >= 0 but got rng=-1.", ["--seed", "-1"]) == (
        "Expected --seed >= 0 but got --seed=-1."
    )
    assert isinstance(build_parser(late=True), argparse.ArgumentParser)
