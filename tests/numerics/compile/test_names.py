"""Names that a user's parameters may have: those of printed code are free, those of options not."""

from inspect import Parameter, signature

import numpy as np
import pytest
from sympy import MatrixSymbol, Symbol, exp

import attnflow
from numerics import compile_model, fast_field, integrate
from numerics.compile import RUNTIME
from numerics.noise import noisy
from proofs_checks import check_model
from theory import SA, gradient_flow, interaction_energy
from theory.atoms import RowSoftmax, Tangent
from theory.models import Model
from theory.noise import Noise
from theory.symbols import X, beta, d, m, z

POINTS = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, 0.6, 0.8]])
PRINTED = ("xp", "shift", "part_1", *RUNTIME)


def scaled(name):
    """SA with a parameter of this name in its weights and before them, in several places."""
    own = Symbol(name, positive=True)
    weights = RowSoftmax(own * X * X.T, m)
    return Model("own", Tangent(X, own * weights * weights * X), parameters=(own,)), own


@pytest.mark.parametrize("name", PRINTED)
def test_a_name_of_printed_code_is_free(name):
    model, own = scaled(name)
    plain = compile_model(model.subs({own: 2}))(POINTS)
    for backend in ("plain", "numpy"):
        assert np.allclose(compile_model(model, backend=backend, **{name: 2.0})(POINTS), plain)


def test_a_matrix_and_a_kernel_of_such_a_name():
    turn = MatrixSymbol("tangent", d, d)
    model = Model(
        "own", Tangent(X, RowSoftmax(beta * X * X.T, m) * X * turn.T), parameters=(beta, turn)
    )
    plain = compile_model(SA, beta=2.0)(POINTS)
    assert np.allclose(compile_model(model, beta=2.0, tangent=np.eye(3))(POINTS), plain)
    own = Symbol("erf", positive=True)
    kernel = gradient_flow(interaction_energy(exp(own * z) / (3 - z)))
    circle = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])  # where a fast sum needs no extras
    assert np.allclose(fast_field(kernel, erf=1.0)(circle), compile_model(kernel, erf=1.0)(circle))


def options(call):
    """What a call takes by name beside values of parameters."""
    named = signature(call).parameters.values()
    return [one.name for one in named if one.kind is not Parameter.VAR_KEYWORD]


CALLS = {
    compile_model: lambda model: compile_model(model),
    check_model: lambda model: check_model(model),
    integrate: lambda model: integrate(model, POINTS, 1.0),
    fast_field: lambda model: fast_field(model),
}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_the_name_of_an_option_is_refused_in_words(call):
    assert len(options(call)) >= 4
    for name in options(call):
        model, _ = scaled(name)
        with pytest.raises(ValueError, match=f"got {name} among those of own.*model.subs"):
            CALLS[call](model)


def test_what_remains_after_subs_is_asked():
    warm = SA.subs({beta: Symbol("budget", positive=True)})
    (row,) = check_model(warm.subs({"budget": 2}), only="(6.2)").rows
    assert row.evidence.word == "PROVED"


def test_noise_and_ensembles_refuse_them_too():
    model, own = scaled("dt")
    driven = Model("own", model.velocity, parameters=(own,), noise=Noise(1))
    with pytest.raises(ValueError, match="otherwise than the options of noisy but got dt"):
        noisy(driven, POINTS, 1.0, 0.1)
    with pytest.raises(ValueError, match="otherwise than the options of ensemble but got rtol"):
        attnflow.ensemble(scaled("rtol")[0], POINTS, t_eval=[0.0, 1.0])
