"""`attnflow derive`: what it derives, checks and refuses."""

import json

import pytest

from proofs_checks.command_line.entry import main


@pytest.mark.every(3)
@pytest.mark.parametrize("kernel", ["exp(beta*t)/beta", "t**3 + beta*t", "cosh(2*t)"])
def test_derive(capsys, kernel):
    assert main(["derive", kernel]) == 0
    text = capsys.readouterr().out
    for part in ("velocity", "energy", "dissipation", "gram", "equiangular", "spectrum"):
        assert part in text
    assert max(map(len, text.splitlines())) <= 80
    assert main(["derive", kernel, "--show", "latex"]) == 0
    assert r"\dot\gamma" in capsys.readouterr().out
    assert main(["derive", kernel, "--show", "code"]) == 0
    code = capsys.readouterr().out
    assert code.startswith("def velocity(")
    compile(code, "printed", "exec")
    assert main(["derive", kernel, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["derived"]) >= {"gram", "spectrum"}


@pytest.mark.slow
def test_derive_says_which_theorems_survive(capsys):
    assert main(["derive", "t**3", "--check"]) == 0
    out = capsys.readouterr().out
    assert "Lemma 6.4" in out and "REFUTED" in out


@pytest.mark.parametrize(
    "kernel", ["__import__('os')", "t.real", "lambda t: t", "9**9**9", "log(1-t)", "q*t", ""]
)
def test_derive_refuses(capsys, kernel):
    assert main(["derive", kernel]) == 2
    assert "Expected" in capsys.readouterr().err


def test_derive_with_parameters_of_ones_own(capsys):
    assert main(["derive", "a*t**2 + t", "--parameters", "a", "--show", "equiangular"]) == 0
    assert "a*gamma" in capsys.readouterr().out
    assert main(["derive", "a*t**2"]) == 2
    assert "a" in capsys.readouterr().err


@pytest.mark.slow
def test_softmax_needs_a_positive_slope(capsys):
    assert main(["derive", "t**3", "--flow", "softmax"]) == 0
    capsys.readouterr()
    assert main(["derive", "t**2", "--flow", "softmax"]) == 2
    assert "h' >= 0 on [-1, 1] and h'(1) > 0" in capsys.readouterr().err


def test_a_negative_weight_is_bracketed(capsys):
    assert main(["derive", "exp(-t)", "--show", "velocity"]) == 0
    assert "m_j (-exp(-g_ij)) x_j" in capsys.readouterr().out
