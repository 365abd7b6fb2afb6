"""How predictions, containers and models are mutated."""

from dataclasses import dataclass, replace

import sympy as sp

from proofs_checks.claim import Part
from proofs_checks.mutations.generate import equivalence, mutations
from theory import SA, USA
from theory.atoms import Tangent
from theory.models import QKV
from theory.symbols import beta, n, z


@dataclass(frozen=True)
class Bound:
    """A prediction with an expression, a number, a flag and a count."""

    rate: sp.Expr
    constant: sp.Expr
    strict: bool
    count: int


def test_every_part_of_a_prediction_is_mutated(toy):
    claim = toy(None, Bound(sp.exp(-beta), sp.Integer(2), True, 3))
    found = {m.name: m.twin.prediction for m in mutations(claim)}
    assert found["prediction.rate: sign"].rate == -sp.exp(-beta)
    assert found["prediction.rate: × β"].rate == beta * sp.exp(-beta)
    assert found["prediction.rate: e^u -> e^2u"].rate == sp.exp(-2 * beta)
    assert found["prediction.rate: β -> β²"].rate == sp.exp(-(beta**2))
    assert found["prediction.constant: ÷ 2"].constant == 1
    assert found["prediction.strict: not"].strict is False
    assert found["prediction.count: - 1"].count == 2
    # Nothing depends on n, so a factor n has no meaning.
    assert not any("× n" in name for name in found)


@dataclass(frozen=True)
class Positive:
    """A prediction that refuses half of the numbers."""

    length: sp.Integer

    def __post_init__(self):
        """Refuse them."""
        if self.length <= 0:
            raise ValueError(f"Expected a length > 0 but got length={self.length}.")


def test_what_a_prediction_refuses_is_no_mutation(toy):
    found = [m.change for m in mutations(toy(None, Positive(sp.Integer(3))))]
    assert found and not any("-3" in change for change in found)
    assert any("-3" in m.change for m in mutations(toy(None, sp.Integer(3))))


def test_containers_are_walked_through(toy):
    claim = toy(None, (z * n, {"a": beta}, ((beta, sp.Integer(3)),), sp.Lambda(z, z**2)))
    found = {m.name: m.twin.prediction for m in mutations(claim)}
    assert found["prediction.0: × n"][0] == z * n**2
    assert found["prediction.1.a: sign"][1] == {"a": -beta}
    assert found["prediction.2.0.1: + 1"][2] == ((beta, 4),)
    assert not any(name.startswith("prediction.2.0.0") for name in found)  # a name, no value
    assert found["prediction.3: sign"][3](2) == -4
    doubled = {m.name: m for m in mutations(toy(None, lambda size: size + 1))}
    assert doubled["prediction: × 2"].twin.prediction(3) == 8


def test_models_are_mutated_one_at_a_time(toy):
    found = {m.name: m.twin.model for m in mutations(toy((SA, USA), "words"))}
    assert found["SA.velocity: no projection"][0].velocity == SA.velocity.field
    assert all(pair[1] == USA for name, pair in found.items() if name.startswith("SA"))
    factor = found["USA.velocity: × β"][1].velocity
    assert isinstance(factor, Tangent) and beta in factor.field.as_coeff_mmul()[0].free_symbols
    assert "SA.velocity: × w_i" in found and "SA.velocity: × V" in found
    assert not any(".energy" in name for name in found)
    energetic = replace(toy(USA, 1), about=frozenset({Part.ENERGY}))
    found = {m.name: equivalence(m) for m in mutations(energetic)}
    assert not found["USA.energy: sign"] and not found["USA.energy: × n"]
    assert found["USA.velocity: sign"] == "the statement is on the energy alone"
    both = replace(energetic, about=frozenset(Part))
    assert not any(equivalence(m) for m in mutations(both))
    still = QKV.subs({beta: 1})
    assert not any("β" in m.name for m in mutations(toy(still, 1)))
