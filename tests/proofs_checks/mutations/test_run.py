"""Runs of mutations: outcomes, exit status, and that few survive."""

import pytest
import sympy as sp

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.mutations.run import LIMIT, Outcome, run_mutations
from proofs_checks.mutations.table import main
from theory import SA
from theory.symbols import beta

QUICK = ("(7.5)",)
"""What is quick to kill; all claims have their turn in `full`."""


def test_outcomes(toy):
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


def test_the_fast_claims_kill_their_mutations(capsys):
    assert main(list(QUICK)) == 0
    text = capsys.readouterr().out
    assert all(len(line) <= 80 for line in text.splitlines())
    assert f"of {len(QUICK)} claims" in text


def test_a_claim_that_lets_mutations_live_fails_the_run(capsys, toy):
    assert main([], [toy(SA, beta)]) == 1
    assert "survives: prediction: sign" in capsys.readouterr().out


@pytest.mark.full
def test_few_mutations_survive():
    report = run_mutations()
    assert not report.thin, report.thin
    survivors = [(t.mutation.twin.label, t.mutation.name) for t in report.of(Outcome.SURVIVED)]
    assert report.rate < LIMIT, survivors
