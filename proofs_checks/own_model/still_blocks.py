"""Rows on a stated energy where blocks beside the tokens stay: they are parameters there.

Of keys that nothing moves dE/dt has no part, and what is shown for every matrix is so for them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.proof import Flow
from theory.models import Model
from theory.symbols import X


@dataclass(frozen=True)
class OfStill:
    """A row on the energy of tokens, asked with the blocks that stay as parameters.

    Attributes
    ----------
    name : str
        The row.
    """

    name: str

    @property
    def sentence(self) -> str:
        """What the row says."""
        from proofs_checks.discovery import questions

        return questions()[self.name].sentence

    def ask(self, flow: Flow) -> Evidence:
        """Evidence of the model whose blocks that stay are parameters.

        Examples
        --------
        >>> from theory.models import catalogue
        >>> OfStill("energy ascent").ask(Flow.of(catalogue("cross-attention"))).word
        'PROVED'
        """
        from proofs_checks.discovery import questions

        model = flow.model
        others = [block for block in model.blocks if block.symbol != X]
        moved = any(block.space != "constant" for block in others)
        if flow.code or not others or moved or model.energy is None:
            return Evidence(Verdict.UNDECIDED, "no energy of tokens beside blocks that stay")
        alone = Model(
            model.name,
            model.velocities[X],
            model.energy,
            model.metric,
            (*model.parameters, *(block.symbol for block in others)),
            model.space,
            model.kind,
            noise=model.noise,
        )
        given = {str(p): value for p, value in flow.given.items()}
        found = questions()[self.name].ask(Flow.of(alone, **given))
        names = ", ".join(str(block.symbol) for block in others)
        said = f"for every {names}, which {'stay' if len(others) > 1 else 'stays'}"
        return replace(found, detail=f"{said}: {found.detail}")


OF_STILL = tuple(
    OfStill(name)
    for name in (
        "dissipation identity",
        "dissipation identity with ∂E/∂t",
        "energy ascent",
        "gradient structure",
    )
)


__all__ = ["OF_STILL", "OfStill"]
