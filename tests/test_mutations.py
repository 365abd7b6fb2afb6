"""Automatic mutations of the claims: how they are made, counted and listed, and that they die."""

from dataclasses import dataclass, replace

import pytest
import sympy as sp

from proofs_checks import CLAIMS
from proofs_checks.claim import Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.mutations import (
    LEAST,
    LIMIT,
    Outcome,
    equivalence,
    main,
    mutations,
    run_mutations,
)
from theory import SA, USA
from theory.atoms import Tangent
from theory.models import QKV
from theory.symbols import beta, n, z

LABELS = {claim.label: claim for claim in CLAIMS}
QUICK = ("(2.8)", "(3.4)", "Lemma 3.6", "(3.11)", "(7.5)", "Antipodal spectrum")
"""Claims whose mutations take about a second together, one of each kind of prediction."""


@dataclass(frozen=True)
class Bound:
    """A prediction with an expression, a number, a flag and a count."""

    rate: sp.Expr
    constant: sp.Expr
    strict: bool
    count: int


def toy(model, prediction, check=None, label="Toy"):
    """Make a claim that is about nothing."""

    def proved(model, prediction, budget):
        return Evidence(Verdict.PROVED, "")

    control = Control("none", prediction=0)
    return Claim(label, "statement", model, prediction, check or proved, (control,), Verdict.PROVED)


def test_every_part_of_a_prediction_is_mutated():
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


def test_containers_are_walked_through():
    claim = toy(None, (z * n, {"a": beta}, ((beta, sp.Integer(3)),), sp.Lambda(z, z**2)))
    found = {m.name: m.twin.prediction for m in mutations(claim)}
    assert found["prediction.0: × n"][0] == z * n**2
    assert found["prediction.1.a: sign"][1] == {"a": -beta}
    assert found["prediction.2.0.1: + 1"][2] == ((beta, 4),)
    assert not any(name.startswith("prediction.2.0.0") for name in found)  # a name, no value
    assert found["prediction.3: sign"][3](2) == -4
    doubled = {m.name: m for m in mutations(toy(None, lambda size: size + 1))}
    assert doubled["prediction: × 2"].twin.prediction(3) == 8


def test_models_are_mutated_one_at_a_time():
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


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)
def test_mutations_are_deterministic_and_differ(claim):
    first, second = mutations(claim), mutations(claim)
    assert len(first) >= LEAST
    assert [(m.name, m.change) for m in first] == [(m.name, m.change) for m in second]
    assert len({m.name for m in first}) == len(first)
    for mutation in first:
        twin = mutation.twin
        assert (twin.model, twin.prediction) != (claim.model, claim.prediction)
        assert twin.check is claim.check and twin.label == claim.label


def test_outcomes():
    def check(model, prediction, budget):
        if prediction < 0:
            raise ValueError(f"Expected prediction >= 0 but got prediction={prediction}.")
        if prediction == 6:
            raise ZeroDivisionError
        verdict = Verdict.PROVED if prediction == 3 else Verdict.REFUTED
        return Evidence(verdict, "")

    report = run_mutations([toy(None, sp.Integer(3), check)])
    outcomes = {t.mutation.name: t.outcome for t in report.trials}
    assert outcomes == {
        "prediction: sign": Outcome.INVALID,  # a refusal is no refutation
        "prediction: + 1": Outcome.KILLED,
        "prediction: × 2": Outcome.SURVIVED,  # nor is an error
        "prediction: ÷ 2": Outcome.KILLED,
    }
    assert report.counted() == 3 and report.rate == pytest.approx(1 / 3) and not report.ok
    careless = run_mutations([toy(None, "words")])
    assert careless.thin == ("Toy",) and not careless.ok


def test_the_first_equivalent_that_matches_gives_the_reason():
    equivalents = (
        Equivalent("first", ("prediction: sign",)),
        Equivalent("second", ("prediction: *",)),
    )
    claim = replace(toy(None, sp.Integer(3)), equivalents=equivalents)
    found = {m.name: equivalence(m) for m in mutations(claim)}
    assert found.pop("prediction: sign") == "first"
    assert found and set(found.values()) == {"second"}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)
def test_every_equivalent_is_the_reason_of_a_mutation(claim):
    reasons = [equivalence(mutation) for mutation in mutations(claim)]
    for equivalent in claim.equivalents:
        assert equivalent.reason in reasons and "\n" not in equivalent.reason
    # No claim is emptied by its equivalent mutations.
    assert reasons.count("") >= LEAST


def test_the_fast_claims_kill_their_mutations(capsys):
    assert main(list(QUICK)) == 0
    text = capsys.readouterr().out
    assert all(len(line) <= 80 for line in text.splitlines())
    assert f"of {len(QUICK)} claims" in text


def test_a_claim_that_lets_mutations_live_fails_the_run(capsys):
    assert main([], [toy(SA, beta)]) == 1
    assert "survives: prediction: sign" in capsys.readouterr().out


@pytest.mark.full
def test_few_mutations_survive():
    report = run_mutations()
    assert not report.thin, report.thin
    survivors = [(t.mutation.twin.label, t.mutation.name) for t in report.of(Outcome.SURVIVED)]
    assert report.rate < LIMIT, survivors
