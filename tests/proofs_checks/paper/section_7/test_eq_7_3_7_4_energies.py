"""(7.3), (7.4): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Piecewise, Rational, Symbol, cos, exp, sympify

from proofs_checks.paper.section_7.eq_7_3_7_4_energies import CIRCLE_ENERGY, KURAMOTO_ENERGY
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.derivations import phi as PHI
from theory.energy import interaction_energy
from theory.models import SA, USA, gradient_flow
from theory.positive_part import PositivePart
from theory.symbols import X, beta, n, t, z

SIZE = Symbol("c", positive=True)


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "energy of a hotter USA": replace(CIRCLE_ENERGY, model=HOTTER[1]),
    "Kuramoto's energy squared": changed(
        KURAMOTO_ENERGY, pair=KURAMOTO_ENERGY.prediction.pair * cos(PHI)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def paced(model, factor):
    free = tuple(sympify(factor).free_symbols - {t, *model.parameters})
    field = Tangent(X, factor * model.velocity.field)
    return replace(model, velocity=field, parameters=(*model.parameters, *free))


def climbing(kernel):
    return gradient_flow(interaction_energy(kernel), "")


OTHER = "doesn't apply"


@pytest.mark.every(3)
@pytest.mark.parametrize(
    ("model", "cold", "warm"),
    [
        (paced(SA, Rational(1, 10)), "PROVED", OTHER),  # rows are divided
        (paced(USA, 3), "PROVED", "REFUTED"),  # its energy is E, not 3E
        (paced(USA, SIZE), "PROVED", "REFUTED"),
        (climbing(SIZE * exp(beta * z) / beta), "PROVED", "PROVED"),
        (paced(USA, -1), "REFUTED", "REFUTED"),
        (paced(USA, exp(-t)), "UNDECIDED", "REFUTED"),
        (replace(USA, energy=-USA.energy), "PROVED", "REFUTED"),
        (climbing((n - 1) * z), "PROVED", "PROVED"),  # of two tokens or more: it is 0 at n = 1
        (climbing((1 + z) ** Rational(5, 2)), OTHER, "PROVED"),
        (climbing(z**2), OTHER, "REFUTED"),  # opposite angles are a maximum too
        (
            climbing(PositivePart(z, 1) ** 2),
            OTHER,
            "UNDECIDED",
        ),  # a step in its slope
        (climbing(-(z**2) - z), OTHER, "REFUTED"),
        (climbing(Piecewise((z, z < 0), (z - 5, True))), "PROVED", "REFUTED"),  # h(-1) > h(1)
        (climbing(Piecewise((z, z < 0), (z + 5, True))), "PROVED", "UNDECIDED"),
        (climbing(z / beta), "VACUOUS", "PROVED"),
    ],
    ids=str,
)
def test_what_is_asked_of_models(model, cold, warm):
    words = [c.check.ask(Flow.of(model)).word for c in (KURAMOTO_ENERGY, CIRCLE_ENERGY)]
    assert words == [cold, warm]


def test_the_energy_has_a_pole_at_zero():
    assert CIRCLE_ENERGY.check.ask(Flow.of(USA, beta=0)).verdict.name == "VACUOUS"
