"""What statements on noise share: models that are driven, what their proofs read off and cite."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from proofs_checks.proof import Domain, Flow, How, Outcome, Step, gap
from proofs_checks.readings import scalar_attention
from theory.models import Model, attention_form
from theory.noise import Noise
from theory.symbols import kappa

FUNK_HECKE = (
    "Funk-Hecke: ∫ h(<x,y>) Y(y) dσ(y) = λ_l Y(x) for harmonics Y of degree l; for e^{βt} "
    "λ_l = Γ(d/2) (2/β)^{d/2-1} I_{l+d/2-1}(β)"
)
SONI = "Soni: I_{ν+1}(x) < I_ν(x) for x > 0, ν >= -1/2"
TURAN = "Thiruvenkatachar and Nanjundiah: I_{ν+1}² > I_ν I_{ν+2} for x > 0, ν >= -1/2"
SIMPLE = (
    "Crandall and Rabinowitz: where a simple eigenvalue passes 0 with speed a curve of solutions "
    "leaves, and its expansion is the formal one"
)


def with_noise(model: Model, strength: Expr = kappa) -> Model:
    """Return the model with independent ambient noise; κ is a parameter, if it isn't a number."""
    free = tuple(s for s in (kappa,) if s in strength.free_symbols)
    name = f"{model.name} with noise"
    parameters = (*model.parameters, *free)
    return replace(model, name=name, noise=Noise(strength), parameters=parameters)


def _is_driven(flow: Flow) -> Step:
    text = "noise of strength κ > 0, independent and ambient"
    noise = flow.model.noise
    if noise is None or noise.strength == 0:
        return Step(text, How.DERIVED, Outcome.FAILS, "κ = 0: point masses stand still")
    if noise.on is not None or noise.scope != "independent":
        return Step(text, How.DERIVED, Outcome.FAILS, f"the noise is {noise}")
    return Step(text, How.DERIVED)


DRIVEN = Domain("κ > 0", _is_driven)


def attention_step(flow: Flow) -> Step:
    """Step that the drift is scalar attention with an exponential kernel."""
    text = "the drift is P_i Σ_j m_j f(<x_i,x_j>) x_j, divided by Σ_j m_j f if normalised"
    form = attention_form(flow.model.drift)
    if form is None:
        return gap(text, f"{flow.name} is not of this form")
    words = f"f = {form.kernel}, normalised: {form.normalised}"
    said = scalar_attention(flow.model.drift, flow.values)
    return Step(text, How.DERIVED, evidence=words, formal=said)


__all__ = [
    "DRIVEN",
    "FUNK_HECKE",
    "SIMPLE",
    "SONI",
    "TURAN",
    "attention_step",
    "with_noise",
]
