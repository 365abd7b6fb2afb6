"""The rate of the common inner product of equal angles, as the sum over tokens that it is."""

from __future__ import annotations

from sympy import Derivative, Expr, exp, expand

from proofs_checks.proof.sheet import Step, derived
from proofs_checks.said import say, saying
from theory.models import AttentionForm
from theory.predictions import normal_form
from theory.symbols import beta, gamma, n, z


def _over(form: AttentionForm) -> tuple[Expr, Expr]:
    """Weight of another token times its row's total, and the total."""
    at = form.kernel.subs(z, gamma)
    total = form.kernel.subs(z, 1) + (n - 1) * at if form.normalised else n
    return form.scale * at, total


def summed_rate(form: AttentionForm) -> Expr:
    """Return ``2 Σ_k A_ik (g_kj - g_ik g_ij)`` at g = γ: the token j, and n - 2 others.

    Examples
    --------
    >>> from theory.models import USA, attention_form
    >>> from theory.symbols import gamma, n
    >>> summed_rate(attention_form(USA)).subs({n: 2, gamma: 0})
    1
    """
    weight, total = _over(form)
    return 2 * weight * (1 - gamma**2 + (n - 2) * (gamma - gamma**2)) / total


def factored_rate(form: AttentionForm) -> Expr:
    """Return ``2 k(γ)(1-γ)((n-1)γ+1)/n``, or over k(1) + (n-1)k(γ).

    Examples
    --------
    >>> from theory.models import USA, attention_form
    >>> factored_rate(attention_form(USA))
    2*(1 - gamma)*(gamma*(n - 1) + 1)*exp(beta*gamma)/n
    """
    weight, total = _over(form)
    return 2 * weight * (1 - gamma) * ((n - 1) * gamma + 1) / total


def slowed_by_heat(rate: Expr) -> Step:
    """Derive ``∂(1/γ')/∂β`` of softmax attention, which is positive by its form.

    Examples
    --------
    >>> from theory.predictions import equiangular_rate
    >>> slowed_by_heat(equiangular_rate()).holds, slowed_by_heat(2 * equiangular_rate()).holds
    (True, False)
    """
    shape = normal_form(exp(beta * (1 - gamma)) / (1 / rate).diff(beta))
    text = "T = ∫ dγ/γ' rises with β: ∂(1/γ')/∂β = e^(β(1-γ))/(2(1 + (n-1)γ)) > 0"
    step = derived(text, expand(shape - 2 * (1 + (n - 1) * gamma)), "for 0 < γ < 1, n >= 2")
    slope = exp(beta * (1 - gamma)) / (2 * (1 + (n - 1) * gamma))
    inside = (say(0, "<", gamma), say(gamma, "<", 1))
    changed = say(Derivative(1 / rate, beta), "=", slope, inside)
    return saying(step, changed, say(0, "<", slope, inside))
