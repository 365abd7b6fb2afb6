"""(3.2), (4.4), (4.5) and Lipschitz bounds of heads and layers: constants, runs, mutated steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Abs, OneMatrix, erf, exp, sqrt, tanh

from proofs_checks.audit import beside, ending, pair_in, solution_of
from proofs_checks.propositions import Rel, Subject, every, written
from proofs_checks.theorems import (
    Refusal,
    apply,
    assume,
    fields_part,
    fields_parting,
    fields_staying,
    heats_over,
    length_of_field,
    settle,
    steps_of,
)
from proofs_checks.theorems.field_pairs import ALL_COMPARED, FIELDS_HEATED, FIELDS_PART
from proofs_checks.theorems.field_parts import (
    FORMED,
    HEAD_SPEED,
    HEADS_DIFFER,
    IMAGE_LENGTH,
    LAYER_SIZE,
    LAYER_SPEED,
    MULTIPLE_LENGTH,
    PRODUCT_SIZE,
    PRODUCT_SPEED,
    PROJECTED_LENGTH,
    RESTING,
    SUM_LENGTH,
    SUMS_DIFFER,
    activation,
    layer_in,
    sizes_there,
)
from proofs_checks.theorems.field_states import CONSTANTS, blocks_of, field_row
from proofs_checks.theorems.kernel import NotConcluded, read
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.readers import TOKEN
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import CAUSAL, SA, catalogue
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, n, t, z
from theory.terms import Inner, OperatorNorm, Row, Vec
from theory.weights import SinkSoftmax

NAMES = ("low-rank heads", "multi-query", "MLP block", "encoder-decoder", "cross-attention")
CLAIMS = (length_of_field, fields_part, fields_parting, fields_staying)
TWICE = replace(
    catalogue("low-rank heads"),
    name="twice",
    velocity=Tangent(X, 2 * catalogue("low-rank heads").velocity.field.args[0] + SA.velocity.field),
)


def subject(name):
    return Subject.of(catalogue(name) if isinstance(name, str) else name)


@pytest.mark.parametrize(
    ("name", "rate", "gap"),
    [
        ("SA", "2 |β| + 2", "(e^(2 t) - 1) |β|/2"),
        ("cross-attention", "R^2 |β| + R", "R (e^(t R) - 1) |β|"),
    ],
)
def test_constants_of_plain_heads(name, rate, gap):
    grows, apart = (written(ask(subject(name)).says.then) for ask in (fields_part, fields_parting))
    assert f"<= ({rate}) (max_j" in grows and apart.endswith(f"<= {gap}")


def test_each_species_has_a_rate():
    found = written(fields_part(subject("encoder-decoder")).says.then)
    assert "(|β| + 1) (max_(b <= l) |y_b - w_b|) + (3 |β| + 3) (max_j |x_j - u_j|)" in found
    assert found.endswith("<= (2 |β| + 2) (max_(b <= l) |y_b - w_b|)")
    assert heats_over(subject("encoder-decoder"))[X] == beta


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_conclusions_hold_along_runs(name):
    model, told = catalogue(name), set()
    for seed in range(2):
        for ask in CLAIMS:
            theorem = ask(subject(name)).found
            run = solution_of(model, seed, 3, 4)
            if pair := pair_in(theorem):
                other = np.abs(np.random.default_rng(seed).normal(size=(3, 4)))
                other /= np.linalg.norm(other, axis=1, keepdims=True)
                run = beside(run, pair, None if "heats" in pair else other)
            seen = ending(theorem, run)
            assert seen.doubt is None
            told |= {ask} if seen.margins else set()
    assert {length_of_field, fields_part, fields_parting} <= told


@pytest.mark.parametrize(
    "field",
    [
        t * SA.velocity.field,  # a clock
        SinkSoftmax(beta * X * X.T, m, 1) * X,  # rows of other sums
        RowSoftmax(beta * X * X.T, m) * RowSoftmax(beta * X * X.T, m) * X,
        RowSoftmax(beta * X * X.T, n * m) * X,  # other masses
        CAUSAL.velocity.field,
    ],
    ids=["clock", "sink", "twice", "masses", "mask"],
)
def test_other_fields_are_not_read(field):
    twin = replace(SA, name="twin", velocity=Tangent(X, field), energy=None)
    assert all(ask(Subject.of(twin)) is None for ask in CLAIMS)


def test_of_other_scores_the_length_alone_is_read():
    field = RowSoftmax(beta * X * X.T + Elementwise(z**2, X * X.T), m) * X
    twin = Subject.of(replace(SA, name="twin", velocity=Tangent(X, field), energy=None))
    assert [ask(twin) is None for ask in CLAIMS] == [False, True, True, True]


def test_tokens_that_are_counted_are_no_measure_of_masses():
    field = RowSoftmax(beta * X * X.T, OneMatrix(n, 1)) * X
    twin = Subject.of(replace(SA, name="counted", velocity=Tangent(X, field), energy=None))
    assert length_of_field(twin) is None and fields_part(twin) is not None


def test_other_models_are_not_read():
    for name in ("pre-LN", "USA", "discrete layer", "no projection", "nGPT", "moving masses"):
        assert all(ask(subject(name)) is None for ask in CLAIMS)
    with pytest.raises(NotConcluded):
        blocks_of(subject("pre-LN"))


def test_matrices_of_few_rows_stay():
    """Q_1 has one row, which might be a token by its shape: that it stays is read of the model."""
    says = written(read(CONSTANTS, subject("low-rank heads")).says)
    assert says == "Q_1^T K_1 stays as it is and Q_2^T K_2 stays as it is"
    assert isinstance(read(CONSTANTS, subject("SA")), Refusal)


# -- activations ---------------------------------------------------------------------------------


def layer(body):
    field = catalogue("MLP block").velocity.field
    own = next(one for one in field.atoms(Elementwise))
    put = field.xreplace({own: Elementwise(body, own.expr)})
    twin = replace(catalogue("MLP block"), name="twin", velocity=Tangent(X, put))
    return next(one for one in field_row(Subject.of(twin), X).args if isinstance(one, Row))


@pytest.mark.parametrize("body", [z * (1 + erf(z / sqrt(2))) / 2, tanh(z), z**3 - z, exp(-z)])
def test_sizes_and_slopes_are_bounds_on_a_grid(body):
    term = layer(body)
    _, a, b, _ = layer_in(term)
    for reach in (0.3, 1.0, 4.0):
        norms = {OperatorNorm(a): reach / 4, OperatorNorm(b): 3 * reach / 4}
        sizes = [float(one.xreplace(norms)) for one in sizes_there(term)]
        places = np.linspace(-reach, reach, 801)
        values = np.array([float(body.subs(z, place)) for place in places])
        slopes = np.abs(np.diff(values) / np.diff(places))
        assert np.abs(values).max() <= sizes[0] + 1e-9 and slopes.max() <= sizes[1] + 1e-9


def test_forms_are_decided_and_no_more():
    term = layer(tanh(z))
    size, slope = sizes_there(term)
    for place, says in enumerate(activation(term, size, slope)):
        assert settle(FORMED, says).says == says
        less = activation(term, size / 2, slope / 2)[place]
        assert isinstance(settle(FORMED, less), Refusal)
        assert isinstance(settle(FORMED, says, assume(Rel("<=", 0, beta))), Refusal)
    assert isinstance(settle(FORMED, Rel("<=", 0, 1)), Refusal)
    assert isinstance(settle(FORMED, every(z, Rel("<=", Abs(z), 1))), Refusal)


def test_of_other_activations_size_and_slope_are_given():
    field = catalogue("MLP block").velocity.field
    own = next(one for one in field.atoms(Elementwise))
    put = field.xreplace({own: Elementwise(PositivePart(z, 1), own.expr)})
    twin = replace(catalogue("MLP block"), name="twin", velocity=Tangent(X, put))
    said = fields_part(Subject.of(twin))
    assert len(said.says.given) == 3 and "s_1 |a| |w|" in written(said.says.then)


# -- mutated steps -------------------------------------------------------------------------------

RULES = [
    (RESTING, "cross-attention", fields_part),
    (IMAGE_LENGTH, "multi-query", fields_part),
    (MULTIPLE_LENGTH, TWICE, fields_part),
    (SUM_LENGTH, "low-rank heads", fields_part),
    (SUMS_DIFFER, "encoder-decoder", fields_parting),
    (PROJECTED_LENGTH, "encoder-decoder", length_of_field),
    (PRODUCT_SIZE, "low-rank heads", fields_parting),
    (PRODUCT_SPEED, "low-rank heads", fields_part),
    (HEAD_SPEED, "multi-query", fields_part),
    (HEADS_DIFFER, "multi-query", fields_parting),
    (LAYER_SIZE, "MLP block", length_of_field),
    (LAYER_SPEED, "MLP block", fields_part),
    (FIELDS_PART, "encoder-decoder", fields_part),
    (FIELDS_HEATED, "encoder-decoder", fields_parting),
    (ALL_COMPARED, "encoder-decoder", fields_parting),
]


@pytest.mark.parametrize(("rule", "name", "ask"), RULES, ids=[rule.name for rule, *_ in RULES])
def test_every_premise_is_needed(rule, name, ask):
    """Dropped, exchanged for another, or known of one token and time alone."""
    steps = steps_of(ask(subject(name)).found)
    own = next(one for one in steps if one.by is rule)
    assert apply(rule, *own.premises, **own.parameters).says == own.says
    for place, premise in enumerate(own.premises):
        before, after = own.premises[:place], own.premises[place + 1 :]
        for facts in ((*before, *after), (*before, own, *after)):
            found = apply(rule, *facts, **own.parameters)
            assert isinstance(found, Refusal) or found.says != own.says, (place, str(found))
        moment = assume(Rel("<=", 0, Inner(Row(X, TOKEN), Vec("v"))))
        local = apply(part, apply(together, premise, moment), place=0)
        found = apply(rule, *before, local, *after, **own.parameters)
        assert isinstance(found, Refusal) or moment.says in found.given


def test_a_smaller_rate_or_force_bounds_nothing():
    own = next(
        one
        for one in steps_of(fields_parting(subject("encoder-decoder")).found)
        if one.by is ALL_COMPARED
    )
    for less in ({"rate": own.parameters["rate"] - 1}, {"force": own.parameters["force"] / 2}):
        assert isinstance(apply(ALL_COMPARED, *own.premises, **{**own.parameters, **less}), Refusal)
