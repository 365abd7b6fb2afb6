"""(6.11), (6.11) printed: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, S, exp, lambdify

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma
from numerics.integration import integrate
from proofs_checks.claim import Verdict, run_check
from proofs_checks.discovery import claim_of
from proofs_checks.paper.section_6.eq_6_11_envelope import INEQUALITY_6_11, PRINTED_6_11
from proofs_checks.proof import R0, Flow
from theory.atoms import Tangent
from theory.models import QKV, SA, USA
from theory.symbols import X, beta, n, t


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_bound_of_6_11_is_that_of_theorem_6_3_squared():
    tail = INEQUALITY_6_11.prediction.tail
    constant = 2 * (R0**-2 - 1) ** S.Half
    assert (tail.subs(t, 0) - constant**2 / 2).expand() == 0


def test_a_general_value_matrix_lacks_a_hypothesis():
    evidence, error = run_check(replace(INEQUALITY_6_11, model=QKV), 1, 0)
    assert evidence.verdict is Verdict.UNDECIDED and error is None
    assert "VALUE_IS_IDENTITY" in evidence.detail


TWINS = {
    "(6.11) with a fast tail": changed(
        INEQUALITY_6_11, tail=INEQUALITY_6_11.prediction.tail * exp(-3 * t)
    ),
    "(6.11) printed below its start": changed(PRINTED_6_11, factor=Rational(99, 100)),
    "(6.11) printed with c = e^{-10}": changed(PRINTED_6_11, rate=-PRINTED_6_11.prediction.rate),
    "(6.11) printed with λ > 2": changed(PRINTED_6_11, tail=2 * (2 * n - 1) * exp(-9 * t / 4)),
    "(6.11) printed of USA": replace(PRINTED_6_11, model=USA),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


@pytest.mark.slow
def test_other_flows_have_their_own_constants():
    def rate(model, **given):
        evidence = INEQUALITY_6_11.check.ask(Flow.of(model, **given))
        assert evidence.verdict is Verdict.PROVED
        return evidence.prediction.rate

    assert rate(USA).equals(2 * (1 + beta) * exp(beta))
    assert rate(replace(SA, velocity=Tangent(X, 5 * SA.velocity.field))) == 10 * (1 + beta)
    assert rate(SA, beta=2) == 6


def test_the_printed_factor_2_is_not_needed_and_1_is_best():
    one = changed(PRINTED_6_11, factor=S.One)
    evidence, error = run_check(one, 1, 0)
    assert evidence.verdict is Verdict.PROVED and error is None


def test_a_growth_below_what_is_derived_is_not_proved():
    slow = changed(PRINTED_6_11, rate=5 * n * (1 + beta) - beta)
    assert run_check(slow, 1, 0)[0].verdict is Verdict.UNDECIDED


def test_the_row_of_6_11_is_the_bound_of_each_path():
    assert claim_of("(6.11)") is INEQUALITY_6_11


def test_d_is_large_enough_for_independent_tokens():
    assert PRINTED_6_11.unmet(n=2, d=100, beta=1.0) == ()
    assert PRINTED_6_11.unmet(n=2, d=60, beta=1.0) == ("d >= 4n² log d",)
    assert PRINTED_6_11.unmet(n=1, d=100, beta=1.0) == ("n >= 2",)


@pytest.mark.parametrize("hot", [0.0, 1.0, 3.0])
def test_tokens_on_the_event_obey_the_printed_bound(hot):
    rng, size, dimension = np.random.default_rng(611), 3, 300
    radius = np.sqrt(np.log(dimension) / dimension)
    away = rng.uniform(-1, 1, (20, size, size)) * radius / size
    gram = np.eye(size) + (away + away.swapaxes(-1, -2)) / 2 * (1 - np.eye(size))
    points = np.linalg.cholesky(gram)
    # Row i of the factor holds the projections on the earlier, orthonormalised tokens.
    assert np.all(np.linalg.norm(np.tril(points, -1), axis=-1) <= radius)
    times = np.array([0.0, 1e-3, 1e-2, 0.1, 1.0, 5.0, 20.0, 60.0])
    run = integrate(compile_model(SA, beta=hot), points, times[-1], times, rtol=1e-9).points
    products = (run @ run.swapaxes(-1, -2))[:, :, *np.triu_indices(size, 1)]
    curve = np.array([float(equiangular_gamma(time, hot, size)) for time in times])
    off = np.abs(products - curve[:, None, None]).max(axis=(1, 2))
    tail = lambdify(t, PRINTED_6_11.prediction.tail.subs({n: size, beta: hot}), "numpy")
    with np.errstate(over="ignore"):
        first = 2 * np.exp(10 * size * max(1.0, hot) * times) * radius
    assert np.all(off <= np.minimum(first, tail(times)) + 1e-9)
