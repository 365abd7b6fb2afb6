"""What is claimed: every statement with its check, its controls and an honest verdict.

``CLAIMS`` lists them in paper order; ``verify`` runs them; ``check_model`` asks the same of yours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs_checks import strategies
    from proofs_checks.audit import evaluate
    from proofs_checks.claim import Budget, Claim, Control, Evidence, Hypothesis, Report, Verdict
    from proofs_checks.own_model import check_model, parametrize_with_invariants
    from proofs_checks.verification import verify

    CLAIMS: tuple[Claim[Any, Any], ...]
    """All claims in the order of the paper, each erratum after its statement, ours last."""

__all__ = [
    "CLAIMS",
    "Budget",
    "Claim",
    "Control",
    "Evidence",
    "Hypothesis",
    "Report",
    "Verdict",
    "check_model",
    "evaluate",
    "parametrize_with_invariants",
    "strategies",
    "verify",
]


_CLAIM = ("Budget", "Claim", "Control", "Evidence", "Hypothesis", "Report", "Verdict")


def __getattr__(name: str) -> Any:
    """Import what is asked for (PEP 562): help needs nothing of it, most commands no claim."""
    import importlib

    if name == "CLAIMS":
        from proofs_checks.discovery import discover

        return discover()
    if name == "strategies":
        return importlib.import_module("proofs_checks.strategies")
    homes = {"check_model": "own_model", "parametrize_with_invariants": "own_model"}
    homes |= {"evaluate": "audit", "verify": "verification", **dict.fromkeys(_CLAIM, "claim")}
    if name in homes:
        return getattr(importlib.import_module(f"proofs_checks.{homes[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
