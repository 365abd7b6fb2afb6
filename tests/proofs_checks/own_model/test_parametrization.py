"""The pytest decorator: what passes, skips and fails, and what a user sees of a failure."""

import re
from pathlib import Path

import pytest

from proofs_checks import parametrize_with_invariants
from proofs_checks.claim import Verdict
from proofs_checks.own_model import BASIC
from theory.models import CAUSAL, REPULSIVE, SA, USA

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.every(4)
@parametrize_with_invariants([SA, USA, "t**3", "cosh(2*t)"])
def test_as_a_user_would(model, invariant):
    assert invariant(model).verdict is Verdict.PROVED


@parametrize_with_invariants("t**3", "Lemma 6.4", expected={"Lemma 6.4": "REFUTED"})
def test_one_model_and_one_name(model, invariant):
    assert model == "t**3" and invariant(model).verdict is Verdict.REFUTED


def only(models, invariants, **options):
    """Return the one model and test that a decorator makes, and its name."""
    ((parameters,),) = [parametrize_with_invariants(models, invariants, **options).args[1]]
    return (*parameters.values, parameters.id)


@pytest.mark.slow
def test_a_failure_shows_size_tokens_and_how_to_see_it_again():
    model, invariant, name = only([CAUSAL], "permutation equivariance", rng=3)
    assert name == "causal-SA-permutation-equivariance"
    with pytest.raises(AssertionError) as caught:
        invariant(model, beta=2.0)
    lines = str(caught.value).splitlines()
    assert lines[0] == "causal SA: permutation equivariance: REFUTED"
    size = re.search(r"by (-?\d\S+) at X = \[.*\], m = \[.*\]", lines[2])[1]
    assert abs(float(size)) > 0.01
    assert lines[3] == "reproduce it with" and len(lines) == 7
    # The three lines are code, and print the same counterexample.
    printed = []
    code = "\n".join(line.strip() for line in lines[4:])
    exec(compile(code, "reproducer", "exec"), {"model": CAUSAL, "print": printed.append})
    assert printed == [lines[2].strip()]


def test_a_kernel_is_reproduced_by_its_text():
    model, invariant, _ = only("t**3", "Lemma 6.4")
    with pytest.raises(AssertionError, match=r"report = check_model\('t\*\*3', rng=0\)"):
        invariant(model)
    _, invariant, _ = only([SA], "Kuramoto", expected={"Kuramoto": "PROVED"})
    with pytest.raises(AssertionError, match="import check_model; from theory import SA\n"):
        invariant(SA)


def test_vacuous_skips_with_the_reason():
    model, invariant, _ = only([SA], "Theorem 6.1")
    with pytest.raises(pytest.skip.Exception, match=r"Theorem 6\.1: VACUOUS: outside the domain β"):
        invariant(model, beta=-5.0)


def collected(models, invariants=BASIC, **options):
    (found,) = parametrize_with_invariants(models, invariants, **options).args[1:]
    return [parameters.id for parameters in found]


def test_what_does_not_apply_is_not_collected():
    names = ["Kuramoto", "leader induction", "Lemma 6.4", "(2.7)"]
    assert collected([SA, CAUSAL, "exp(t)"], names) == [
        "SA-Lemma-6.4",
        "SA-(2.7)",
        "causal-SA-leader-induction",
        "causal-SA-Lemma-6.4",
        "exp(t)-Lemma-6.4",
        "exp(t)-(2.7)",
    ]
    assert collected([CAUSAL]) == collected([CAUSAL], ["confinement", *BASIC[1:3], BASIC[-1]])
    # A verdict that is expected of a row makes it a test, which says that there is none.
    model, invariant, _ = only([SA], "Kuramoto", expected={"Kuramoto": "PROVED"})
    with pytest.raises(AssertionError, match="expected PROVED but got doesn't apply"):
        invariant(model)


def test_a_row_that_options_take_away_skips_with_the_reason():
    model, invariant, _ = only("exp(beta*t)/beta", "(2.7)")
    with pytest.raises(pytest.skip.Exception, match="doesn't apply: no sum of heads"):
        invariant(model)
    assert invariant(model, flow="softmax").verdict is Verdict.PROVED


def test_undecided_fails():
    model, invariant, _ = only("(1+t)**2", "Theorem 6.1")
    with pytest.raises(AssertionError, match=r"Theorem 6\.1: UNDECIDED"):
        invariant(model)


def test_expected_is_the_only_verdict_that_passes():
    name = "energy ascent"
    model, invariant, _ = only([SA], name, expected={name: Verdict.REFUTED})
    with pytest.raises(AssertionError, match="expected REFUTED but got PROVED"):
        invariant(model)
    assert invariant(model, expected={name: "PROVED"}).verdict is Verdict.PROVED
    model, invariant, _ = only([REPULSIVE], "Lemma 6.4")
    assert invariant(model, expected={"Lemma 6.4": "REFUTED"}).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([SA], ["nonsense"]), "Expected the label of an invariant"),
        (([SA], "energy"), "but got invariants='energy'; nearest: energy ascent"),
    ],
)
def test_unknown_names(arguments, message):
    with pytest.raises(ValueError, match=message):
        parametrize_with_invariants(*arguments)


def test_an_implementation_is_asked_with_its_model():
    model, invariant, _ = only("exp(t)", "implementation")
    with pytest.raises(ValueError, match="Expected your own code beside the invariant"):
        invariant(model)
    with pytest.raises(AssertionError, match="implementation: REFUTED"):
        invariant(model, implementation=lambda points: points)


@pytest.mark.parametrize("expected", [{"nonsense": "PROVED"}, {"Lemma 6.4": "TRUE"}])
def test_unknown_expectations(expected):
    with pytest.raises(ValueError, match="Expected"):
        parametrize_with_invariants([SA], "Lemma 6.4", expected=expected)


FILE = """
from proofs_checks import parametrize_with_invariants
from theory.models import CAUSAL

@parametrize_with_invariants([CAUSAL, "exp(t)"], ["permutation equivariance", "Kuramoto"])
def test_mine(model, invariant):
    invariant(model)
"""


def test_what_a_user_sees(pytester):
    pytester.makepyfile(FILE)
    pytester.syspathinsert(ROOT)
    result = pytester.runpytest_inprocess("-rs", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    text = result.stdout.str()
    assert "parametrization.py" not in text and "own_model" not in text, "no frame of ours"
    shown = text[text.index("FAILURES") :].split("====")[1].strip("= \n").splitlines()
    assert len(shown) <= 10 and " at X = [" in text and "reproduce it with" in text
    assert "Kuramoto" not in text, "it speaks of neither"
