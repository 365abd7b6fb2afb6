"""Options are declared without what they are about: their names are those of the real things."""

import pytest

from numerics import limits
from numerics import phase as diagrams
from proofs_checks.command_line import compare, noise, options, phase, simulate
from proofs_checks.command_line.parser import build_parser


def test_names_are_those_of_the_real_things():
    assert options.SIMULATED == tuple(simulate.MODELS)
    assert options.PAIR == tuple(phase.MODELS) == tuple(noise.MODELS)
    assert options.MATRICES == tuple(diagrams.MATRICES)
    assert options.STATISTICS == diagrams.STATISTICS
    assert options.VALUES == tuple(limits.VALUES) and options.SCORES == tuple(limits.SCORES)
    assert options.MOST_COMPARED == compare.MOST


@pytest.mark.every(5)
@pytest.mark.parametrize(
    "kernel", ["-exp(t)", "-t", "-t**3 + t", "-1/(t-2)", "-heaviside(t)", "-2"]
)
@pytest.mark.parametrize(
    ("words", "at"),
    [
        (["check"], "kernel"),
        (["check", "--beta", "2"], "kernel"),
        (["derive"], "kernel"),
        (["mean-field", "--t-end", "1"], "kernel"),
        (["simulate", "--kernel"], "kernel"),
        (["noise", "--kernel"], "kernel"),
        (["hierarchy", "--kernel"], "kernel"),
        (["coarsen", "--model"], "model"),
        (["compare", "SA"], "names"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_a_kernel_may_begin_with_a_minus(words, at, kernel):
    for more in ([], ["--json"]):
        found = build_parser().parse_args([*words, kernel, *more])
        assert getattr(found, at) in (kernel, ["SA", kernel])
        assert found.json == bool(more)


@pytest.mark.parametrize("command", ["check", "derive", "mean-field", "simulate", "verify"])
def test_h_is_still_help(command, capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args([command, "-h"])
    assert "usage" in capsys.readouterr().out
