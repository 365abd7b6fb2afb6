"""What is said of attention with a sink: its rows are positive and sum to less than one."""

from dataclasses import replace

import pytest

from proofs_checks import check_model
from theory import SA, catalogue
from theory.atoms import Tangent
from theory.models import attention_model
from theory.symbols import X


def verdict(model, name):
    return check_model(model, only=[name])[name].word


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Lemma 6.4", "Theorem 6.3", "(6.2)", "(6.7)", "energy ascent"])
def test_positive_rows_contract_the_cone_whatever_they_sum_to(name):
    assert verdict(catalogue("sink"), name) == "PROVED"


def test_a_sink_is_no_softmax_and_no_wasserstein_gradient():
    sunk = catalogue("sink")
    assert verdict(sunk, "(2.5)") == "doesn't apply"
    # rows are divided, as those of SA are: what is said of rows that aren't says nothing of them
    for name in ("Lemma 3.6", "(3.10)", "Lemma 3.7"):
        assert verdict(sunk, name) == verdict(SA, name) == "doesn't apply"
    assert verdict(sunk, "dissipation identity") == "PROVED"


@pytest.mark.slow
def test_what_breaks_the_form_breaks_the_verdict():
    field = catalogue("sink").velocity.field
    turned = replace(
        catalogue("sink"), name="turned", velocity=Tangent(X, -field), energy=None, metric=None
    )
    assert verdict(turned, "Lemma 6.4") in ("REFUTED", "UNDECIDED")
    assert verdict(catalogue("causal + sink"), "Lemma 6.4") == "PROVED"  # all see token 1
    wrong = replace(catalogue("sink"), metric=SA.metric)
    assert verdict(wrong, "dissipation identity") == "REFUTED"


@pytest.mark.slow
def test_l2_attention_is_judged_as_sa():
    model = attention_model(weights="L2")
    for name in ("Lemma 6.4", "Theorem 6.1", "Theorem 6.8", "dissipation identity"):
        assert verdict(model, name) == "PROVED", name
