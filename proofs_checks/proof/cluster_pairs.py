"""The law of two clusters: θ' derived from a flow, and compared with a closed form."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr

from numerics.coarsening import THETA
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.models import rational_form
from proofs_checks.proof.sheet import Step, derived, gap
from theory.derivations import NotClosed, theta, two_clusters
from theory.models import Model


@lru_cache(maxsize=32)
def pair_law(model: Model) -> tuple[Expr | None, str]:
    """Return θ' of two clusters, in ``THETA``, ``M1`` and ``M2``; None with the reason if none.

    Examples
    --------
    >>> from theory.models import USA
    >>> pair_law(USA)[0]
    -(m_1 + m_2)*exp(beta*cos(theta))*sin(theta)
    """
    try:
        found = two_clusters(model)
    except (NotClosed, ValueError, NotImplementedError) as error:
        return None, str(error)
    if not found.proved:
        return None, f"{model.name}: clusters aren't shown to stay clusters"
    return found.angle_rate.subs(theta, THETA), ""


def pair_step(flow: Flow, rate: Expr) -> Step:
    """Step that two clusters alone follow a law."""
    text = f"two clusters alone: θ' = {rate}"
    law, reason = pair_law(flow.model)
    return gap(text, reason) if law is None else derived(text, rational_form(law - rate))
