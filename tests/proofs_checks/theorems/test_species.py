"""T1, T2, T9a and softmaxes of two species: what is claimed and broken, and along solutions."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, MatrixSymbol, OneMatrix, Rational, exp

from proofs_checks.audit import ON_CIRCLE, audit, beside, ending, in_angles, pair_in, solution_of
from proofs_checks.propositions import All, Rel, Subject, written
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    as_sheet,
    assume,
    cones_of_species,
    lowest_at_limit,
    lowest_of_species,
    species_angles,
    species_convolve,
    species_decay,
    species_divisor,
    species_growth,
    species_in,
    species_meet,
    species_no_density,
    species_slopes,
    species_spectrum,
    steps_of,
)
from proofs_checks.theorems.sheets import Says
from proofs_checks.theorems.species import EVEN_SHARE, places
from proofs_checks.theorems.species_softmaxes import rates_at_consensus
from theory.atoms import RowSoftmax, Tangent
from theory.blocks import Block
from theory.models import Model, catalogue
from theory.symbols import X, beta, d, m, n
from theory.terms import Entry

CROSS, CODER = catalogue("cross-attention"), catalogue("encoder-decoder")
Y = CODER.blocks[1].symbol
SIZE = Y.shape[0]
CLAIMS = (
    lowest_of_species,
    lowest_at_limit,
    cones_of_species,
    species_meet,
    species_growth,
    species_decay,
    species_spectrum,
    species_divisor,
    species_slopes,
    species_angles,
    species_convolve,
    species_no_density,
)


def seen(rows, columns, heat=beta):
    masses = m if columns == X else OneMatrix(columns.shape[0], 1)
    return RowSoftmax(heat * rows * columns.T, masses) * columns


def pair(of_x, of_y=None, name="twin"):
    moves = {X: Tangent(X, of_x)} | ({} if of_y is None else {Y: Tangent(Y, of_y)})
    blocks = (Block(X), Block(Y, "constant" if of_y is None else "sphere"))
    return Model(name, moves, parameters=(beta,), blocks=blocks)


def species(model):
    return species_in(Subject.of(model))


def holds(own, then, given=None):
    return as_sheet(Says(own.says.given if given is None else given, then), own.found).holds


@pytest.mark.every(4)
@pytest.mark.parametrize(("model", "count"), [(CODER, 10), (CROSS, 8)])
def test_what_is_concluded_is_claimed(model, count):
    """And nothing of it without what is given."""
    found = [own for claim in CLAIMS if (own := claim(species(model))) is not None]
    assert len(found) == count
    for own in found:
        assert as_sheet(own.says, own.found, own.names).holds
        assert not own.says.given or not holds(own, own.says.then, ())


@pytest.mark.slow
@pytest.mark.parametrize("model", [CODER, CROSS])
def test_steps_hold_along_solutions(model):
    """Of three starts, and beside points that move as they like; some bound is nearly attained."""
    subject, told, least = Subject.of(model), set(), 1.0
    for seed in range(3):
        on = solution_of(model, seed)
        for claim in CLAIMS:
            if (own := claim(species_in(subject))) is None:
                continue
            along = on
            if (kind := pair_in(own.found)) == ON_CIRCLE:
                along = in_angles(solution_of(model, seed, dimension=2))
            elif kind:
                start = np.abs(np.random.default_rng(seed).normal(size=(4, 4)))
                start /= np.linalg.norm(start, axis=1, keepdims=True)
                along = beside(on, kind, start)
            seen_ = audit(steps_of(own.found), along)
            assert seen_.doubts == (), (claim.__name__, str(seen_.doubts[0]))
            told |= {claim.__name__} if seen_.held else set()
            least = min(least, *ending(own.found, along).margins.values(), 1.0)
    assert least < 0.3 and {"species_slopes", "lowest_of_species"} <= told


def test_the_bound_of_one_cluster_and_broken_ones():
    """1 % faster, without the height, with β for |β|, or over tokens of one species alone."""
    own = species_meet(species(CODER))
    fast, meets = own.says.then.args
    start = fast.right / exp(fast.right.as_independent(exp)[1].args[0])
    assert holds(own, own.says.then)
    power = next(iter(a for a in fast.right.atoms(exp) if a.has(beta) and a.args[0].has(exp)))
    for other in (
        exp(power.args[0] * Rational(101, 100)),
        power.xreplace({Abs(beta): beta}),
        exp(power.args[0] / 2),
    ):
        says = Rel("<=", fast.left, fast.right.xreplace({power: other}))
        assert not holds(own, All(says, meets))
    assert start.has(fast.left) and not holds(own, fast)


HOSTILE = [
    pair(seen(X, X) - seen(X, Y), seen(Y, Y)),  # a pull of the other sign
    pair(seen(X, X), seen(Y, Y)),  # two closed classes
    pair(seen(X, X) + seen(X, Y), seen(Y, X)),  # none sees X and Y alike
    pair(seen(X, X) + seen(X, Y)),  # keys that stay
    pair(seen(X, X) + seen(X, Y), seen(Y, Y) - seen(Y, X) / 2),
]


@pytest.mark.parametrize("model", HOSTILE)
def test_hostile_models_have_no_cluster(model):
    own = species(model)
    if isinstance(own, Refusal):
        return
    assert species_meet(own) is None
    assert species_growth(own) is None and species_decay(own) is None
    if model is HOSTILE[1]:
        assert species_spectrum(own) is None  # 0 between the means as well


def test_what_isnt_of_two_species():
    names = "SA", "pre-LN", "moving masses", "USA"
    assert all(isinstance(species(catalogue(name)), Refusal) for name in names)
    sized = MatrixSymbol("Y", n, d)
    of_y = Tangent(sized, seen(sized, sized))
    rates = {X: Tangent(X, seen(X, sized)), sized: of_y}
    twins = Model("twins", rates, parameters=(beta,), blocks=(Block(X), Block(sized)))
    assert species(twins).common == sized  # as many as tokens, and a species all the same


def test_late_growth_needs_a_species_that_sees_itself_alone():
    both = species(pair(seen(X, X) + seen(X, Y), seen(Y, Y) + seen(Y, X)))
    assert species_meet(both) is not None and species_growth(both) is None


def test_shares_of_tokens_that_are_weighed_alike():
    """Of bounds for every other token, of a softmax without masses; not of another share."""
    i, b = places(X)[0], places(Y)[1]
    share = Entry(RowSoftmax(beta * X * Y.T, OneMatrix(SIZE, 1)), i, b)
    own = species(CODER)
    low = own.low(X, Y)
    assert low.says == Rel("<=", exp(-2 * Abs(beta)) / SIZE, share)
    sized = next(step for step in steps_of(low) if step.by is EVEN_SHARE).premises[0]
    heavy = Entry(RowSoftmax(beta * X * X.T, m), *places(X))
    turned = Entry(RowSoftmax(-2 * beta * X * Y.T, OneMatrix(SIZE, 1)), i, b)
    for other in (heavy, turned, 2 * share, beta):
        assert isinstance(apply(EVEN_SHARE, sized, share=other), Refusal)
    for fact in (assume(sized.says), assume(sized.says.args[0])):
        assert isinstance(apply(EVEN_SHARE, fact, share=share), Refusal)


@pytest.mark.parametrize("sizes", [(3, 2), (1, 4), (2, 1)])
def test_rates_at_consensus(sizes):
    """Against eigenvalues of the means of both species, d = 2."""
    paces = {"x": {"x": 2, "y": 3}, "y": {"y": 1, "x": Rational(1, 2)}}
    size = dict(zip("xy", sizes, strict=True))
    found = {float(v): int(k.subs(d, 2)) for v, k in rates_at_consensus(paces, size).items()}
    rows = []
    for one in "xy":
        sums = float(sum(paces[one].values()))
        for k in range(size[one]):
            pulls = [[float(paces[one].get(c, 0)) / size[c]] * size[c] for c in "xy"]
            row = np.concatenate(pulls)
            row[k + (size["x"] if one == "y" else 0)] -= sums
            rows.append(row)
    listed = sorted(v for v, k in found.items() for _ in range(k))
    assert sorted(np.linalg.eigvals(np.array(rows)).real) == pytest.approx(listed, abs=1e-9)


def test_how_it_is_said():
    own = species_growth(species(CODER))
    said = written(own.says.then, "text", own.names)
    assert "1/2 <= α implies (1 - α) e^(-2 |β|)/(2 l) <= α'" in said
    assert isinstance(own.found, Theorem)
