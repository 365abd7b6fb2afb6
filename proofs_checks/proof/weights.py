"""Signs and least values of attention weights: A_ij >= κ m_j, for g in [-1, 1] and every β >= 0."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, S, Symbol

from proofs_checks.decide import Answer, decide_positive
from proofs_checks.proof.alphabet import HOT
from proofs_checks.said import Said, say
from theory.bounded import simplified
from theory.models import AttentionForm, Model, attention_form
from theory.symbols import beta, t, z

R0 = Symbol("r_0", positive=True)
"""Smallest height over the equator, min_i <x_i(0), w>."""


def holds_always(expr: Expr, *, strict: bool) -> bool:
    """Whether an expression is proved positive (or >= 0) for g in [-1, 1] and every β >= 0."""
    return all(
        decide_positive(value, strict=strict).answer is Answer.DECIDED
        for value in dict.fromkeys((expr, expr.subs(beta, 0)))
    )


def smallest_weight(model: Model) -> tuple[Expr, str]:
    """Lower bound κ of the weights, A_ij >= κ m_j for Σ m = 1, and what fails, if anything."""
    form = attention_form(model)
    if form is None:
        return S.Zero, f"{model.name}: the weights are no function of the inner products"
    return smallest_of_form(form, model.name)


@lru_cache(maxsize=128)
def smallest_of_form(form: AttentionForm, name: str) -> tuple[Expr, str]:
    """Lower bound κ of weights of the form, and what fails, if anything."""
    weight = form.scale * form.kernel
    if t in weight.free_symbols:
        return S.Zero, f"{name}: the weights {weight} depend on t"
    kernel = weight.subs(beta, HOT)
    if not (kernel.is_positive or holds_always(weight, strict=True)):
        return S.Zero, f"{name}: the weights {weight} aren't shown to be positive on [-1, 1]"
    growth = simplified(kernel.diff(z) / kernel)
    if not (growth.is_nonnegative or holds_always(weight.diff(z), strict=False)):
        return S.Zero, f"{name}: the kernel {form.kernel} may decrease"
    low, high = kernel.subs(z, -1), kernel.subs(z, 1)
    # A scalar in front of a softmax is part of the rate: only the kernel's own factor cancels.
    bound = form.scale.subs(beta, HOT) * low / high if form.normalised else low
    return simplified(bound).subs(HOT, beta), ""


def least_said(least: Expr, form: AttentionForm | None) -> Said:
    """Say that κ is at most every weight over its mass, k(g), or k(g)/k(h) for a softmax.

    The weights of a softmax are k(g)/Σ_j m_j k(g_ij), and Σ m = 1.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.models import USA, attention_form
    >>> from theory.symbols import beta
    >>> least_said(exp(-beta), attention_form(USA)).right
    exp(beta*z)
    """
    assert form is not None  # it has a least weight
    other = Symbol("h", real=True)
    below = form.kernel.subs(z, other) if form.normalised else S.One
    given = [say(-1, "<=", z), say(z, "<=", 1), say(0, "<=", beta)]
    if form.normalised:
        given += [say(-1, "<=", other), say(other, "<=", 1)]
    return say(least, "<=", form.scale * form.kernel / below, tuple(given))


def refuse_sign(sign: int) -> None:
    """Refuse a sign of the flow that isn't 1 or -1."""
    if sign not in (1, -1):
        raise ValueError(f"Expected a sign 1 or -1 but got sign={sign}.")
