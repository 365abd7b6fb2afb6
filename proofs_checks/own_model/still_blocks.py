"""Rows on a stated energy where blocks beside the tokens stay: they are parameters there.

Of keys that nothing moves dE/dt has no part, and what is shown for every matrix is so for them.
"""

from __future__ import annotations

from proofs_checks.own_model.moves_at_rest import at_each_time
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow
from theory.models import Model
from theory.symbols import X, m


def with_still(flow: Flow) -> tuple[str, Flow] | str:
    """Return the model whose blocks that stay are parameters.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> with_still(Flow.of(catalogue("cross-attention")))[0]
    'for every Y, which stays'
    """
    model = flow.model
    others = [block for block in model.blocks if block.symbol != X]
    moved = any(block.space != "constant" for block in others)
    if flow.code or not others or moved or model.energy is None:
        return "no energy of tokens beside blocks that stay"
    alone = Model(
        model.name,
        model.velocities[X],
        model.energy,
        model.metric,
        (*model.parameters, *(block.symbol for block in others if block.symbol != m)),
        model.space,
        model.kind,
        noise=model.noise,
    )
    given = {str(p): value for p, value in flow.given.items()}
    names = ", ".join(str(block.symbol) for block in others)
    said = f"for every {names}, which {'stay' if len(others) > 1 else 'stays'}"
    return said, Flow.of(alone, **given)


def held(flow: Flow) -> tuple[str, Flow] | str:
    """Return the model whose blocks that stay are parameters, or at a time that is held."""
    found = with_still(flow)
    return at_each_time(flow) if isinstance(found, str) else found


OF_STILL = tuple(
    OfAnother(name, with_still)
    for name in (
        "dissipation identity",
        "energy ascent",
    )
) + tuple(
    OfAnother(name, held, by_theorem=True)
    for name in (
        "dissipation identity with ∂E/∂t",
        "gradient structure",
    )
)


__all__ = ["OF_STILL", "with_still"]
