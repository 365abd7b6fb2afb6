"""The fused form ``x_i' = ± P_i Σ_j m_j e^{β<x_i,x_j>} x_j`` (USA), divided by Z_i for SA.

`recognise` reads it off a model's derived velocity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sympy as sp

from theory.models import Model, attention_form
from theory.symbols import z


@dataclass(frozen=True)
class FusedForm:
    """``x_i' = scale · P_i Σ_j m_j e^{β<x_i,x_j>} x_j``, over its row sum if normalised.

    ``parameter`` and ``name`` say which parameter is β; without ``projected`` the sum is meant, not
    its tangent part.
    """

    normalised: bool
    scale: float
    parameter: Any
    name: str
    projected: bool = field(default=True, repr=False)


@lru_cache(maxsize=256)
def recognise(model: Model) -> FusedForm | None:
    """Find the fused form of a model on the sphere, or return None.

    Examples
    --------
    >>> from theory import CAUSAL, REPULSIVE, SA
    >>> recognise(SA)
    FusedForm(normalised=True, scale=1.0, parameter=beta, name='beta')
    >>> recognise(REPULSIVE).scale, recognise(CAUSAL)
    (-1.0, None)
    """
    form = attention_form(model) if model.space == "sphere" else None
    if form is None:
        return None
    coefficient, kernel = sp.sympify(form.kernel).as_coeff_Mul()
    if not isinstance(kernel, sp.exp):
        return None
    rate = kernel.args[0] / z
    scale = form.scale if form.normalised else coefficient * form.scale
    if rate not in model.parameters or scale not in (1, -1):
        return None
    if form.normalised and coefficient != 1:
        return None
    return FusedForm(form.normalised, float(scale), rate, str(rate))
