"""What must stay true of the model and of its code, whoever edits them."""

import numpy as np
from my_attention import KERNEL, layer, velocity

import attnflow as af


@af.parametrize_with_invariants(
    KERNEL,
    ["energy ascent", "dissipation identity", "gradient structure", "Lemma 6.4", "Theorem 6.1"],
)
def test_the_model(model, invariant):
    """Proved or refuted from the text; no theorem may be lost in silence."""
    invariant(model, beta=2.0)


@af.parametrize_with_invariants(
    KERNEL,
    ["implementation", "confinement", "permutation equivariance", "rotation equivariance"],
)
def test_the_code(model, invariant):
    """Sampled: drawn tokens, shrunk to few with small coordinates where something fails."""
    invariant(model, implementation=velocity, beta=2.0)


def test_the_verdicts(attnflow_check):
    """A whole report, with the cases and the seed of the command line."""
    report = attnflow_check(KERNEL, only=["energy ascent", "discrete layer", "Lemma 6.4"], beta=2.0)
    assert report.refuted == (), report


def test_layers_climb(tokens):
    """Layers raise the energy, and twenty-two of them bring all tokens together."""
    energy = af.interaction_energy(af.parse.parse_kernel(KERNEL))
    field = af.compile_model(af.gradient_flow(energy), beta=2.0)
    energies = [field.energy(tokens)]
    for _ in range(22):
        tokens = layer(tokens)
        energies.append(field.energy(tokens))
    assert np.all(np.diff(energies) > 0)
    assert np.min(tokens @ tokens.T) > 0.999
