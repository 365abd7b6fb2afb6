"""The equation of equiangular configurations, (6.9) and (6.10), for symbolic n."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr

from theory.derivations.inner_products import gram_flow
from theory.derivations.reduction import Reduction, Residual
from theory.engines import ClassMatrix, evaluate, exchangeable, uniform
from theory.models import Model
from theory.symbols import G, gamma, m, n


@dataclass(frozen=True)
class Equiangular(Reduction):
    """``gamma' = rate`` for n equal masses with one common inner product gamma.

    Attributes
    ----------
    rate : Expr
        Right side in ``gamma``, ``n`` and the parameters.
    """

    rate: Expr


@lru_cache(maxsize=64)
def equiangular(model: Model) -> Equiangular:
    """Derive the equation of equiangular configurations, (6.9) and (6.10), for symbolic n.

    Parameters
    ----------
    model : Model
        A flow whose Gram flow closes. The masses are 1/n each.

    Returns
    -------
    Equiangular
        The rate at ``G = (1 - gamma) I + gamma J``: one number off the diagonal, so the set is
        invariant once the diagonal residual is zero.

    Raises
    ------
    NotClosed
        When the Gram flow doesn't close.
    ValueError
        When the model distinguishes tokens, as a causal mask does.

    Examples
    --------
    >>> from theory.models import USA
    >>> equiangular(USA).rate
    -2*(gamma - 1)*(gamma*n - gamma + 1)*exp(beta*gamma)/n
    """
    flow = gram_flow(model)
    value = evaluate(flow.rate, {G: exchangeable(1 - gamma, gamma), m: uniform(1 / n)})
    assert isinstance(value, ClassMatrix)
    diagonal, rate = value.residuals()
    proof = (*flow.proof, Residual("the diagonal rate is 0", diagonal))
    invariant = "equal masses 1/n, all <x_i,x_j> = gamma > -1/(n-1) for i != j"
    return Equiangular(model, invariant, proof, rate)
