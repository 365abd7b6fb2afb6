"""The velocity of every model of the catalogue, all blocks, against 50 digits.

Attention models are held to the accuracy contract, 16 (1 + |β|) eps max_i Σ_j |w_ij|; all others to
16 (1 + |β|) eps times the expression with every term counted as positive.
"""

import importlib.util

import mpmath
import numpy as np
import pytest

from tests.numerics.catalogue_cases import Case, names
from tests.numerics.exact_expressions import DIGITS
from theory import SA, USA, catalogue
from theory.atoms import RowSoftmax
from theory.models import pair_weights
from theory.symbols import n, t

pytestmark = pytest.mark.extras

EPS = np.finfo(float).eps
BACKENDS = ("plain", "numpy", *(("numba",) if importlib.util.find_spec("numba") else ()))


def steepness(case, exact):
    """|β| of the bounds: of models with scores of their own the largest score."""
    largest = case.beta
    for atom in case.model.velocity.atoms(RowSoftmax):
        if isinstance(atom, RowSoftmax) and atom.scores.free_symbols <= _known_symbols(case):
            scores = exact(atom.scores)
            largest = max(largest, *(float(abs(entry[0])) for row in scores for entry in row))
    return largest


def _known_symbols(case):
    known = {*case.model.parameters, *case.sizes, t}
    known |= {block.symbol for block in case.model.blocks}
    return known


def bounds(case, exact, symbol, expression):
    """Exact rows and the largest error that a row may have."""
    rows = exact(expression)
    weights = pair_weights(expression) if len(case.model.blocks) == 1 else None
    with mpmath.workdps(DIGITS):
        if weights is not None and case.model.kind == "flow":
            size = max(mpmath.fsum(abs(entry[0]) for entry in row) for row in exact(weights))
        else:
            size = max(mpmath.sqrt(mpmath.fsum(e[1] ** 2 for e in row)) for row in rows)
        return rows, 16 * (1 + steepness(case, exact)) * EPS * size


def worst(rows, computed):
    with mpmath.workdps(DIGITS):
        return max(
            mpmath.sqrt(
                mpmath.fsum((e[0] - mpmath.mpf(float(c))) ** 2 for e, c in zip(a, b, strict=True))
            )
            for a, b in zip(rows, computed, strict=True)
        )


@pytest.mark.every(21, rest="full")
@pytest.mark.parametrize("beta", [0.5, 4.0, 40.0])
@pytest.mark.parametrize("name", names())
def test_velocity_in_fifty_digits(name, beta):
    rng = np.random.default_rng(sum(map(ord, name)))
    case = Case(catalogue(name), beta, rng)
    masses = rng.uniform(0.1, 1.0, case.sizes[n])
    exact = case.exact(masses)
    found = {backend: case.computed(backend, masses) for backend in BACKENDS}
    for symbol, expression in case.model.velocities.items():
        rows, bound = bounds(case, exact, symbol, expression)
        for backend, velocity in found.items():
            value = np.broadcast_to(velocity[symbol.name], (len(rows), len(rows[0])))
            error = worst(rows, value)
            assert error <= bound, (symbol, backend, float(error), float(bound))


def test_the_comparison_can_fail():
    rng = np.random.default_rng(0)
    for model in (SA, catalogue("pre-LN")):
        case = Case(model, 4.0, rng)
        masses = rng.uniform(0.1, 1.0, case.sizes[n])
        for symbol, expression in model.velocities.items():
            rows, bound = bounds(case, case.exact(masses), symbol, expression)
            case.parameters["beta"] = 4.0 * (1 + 1e-12)
            wrong = case.computed("plain", masses)[symbol.name]
            assert worst(rows, wrong) > bound
            case.parameters["beta"] = 4.0


def test_the_evaluator_is_the_one_for_attention(exact_velocity):
    """SA and USA as they are written out in sums."""
    rng = np.random.default_rng(1)
    for model in (SA, USA):
        case = Case(model, 3.0, rng)
        masses = rng.uniform(0.1, 1.0, case.sizes[n])
        rows = case.exact(masses)(model.velocity)
        by_hand, _ = exact_velocity(case.state["X"], 3.0, masses, model is SA)
        with mpmath.workdps(DIGITS):
            gap = max(
                abs(a[0] - b) for r, s in zip(rows, by_hand, strict=True)
                for a, b in zip(r, s, strict=True)
            )  # fmt: skip
        assert gap < 1e-40
