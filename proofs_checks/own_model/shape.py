"""Statements on the shape of a velocity, which no paper numbers: Gram closure, stable consensus.

They are decided as all others are; samples answer where they leave a gap.
"""

from __future__ import annotations

from typing import Any

from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget
from proofs_checks.decide import Decision, decide_positive
from proofs_checks.proof import (
    AUTONOMOUS,
    ON_SPHERE,
    SYMBOLIC,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    decided,
    derived,
    gap,
)
from theory.bounded import vanishes
from theory.derivations import NotClosed, gram_flow
from theory.linearize import consensus
from theory.symbols import X, z


def derive_closure(flow: Flow) -> MatrixExpr:
    """Return what is said to move by itself: the Gram matrix."""
    return X * X.T


def decide_closure(flow: Flow, prediction: MatrixExpr) -> Sheet:
    """Write the rate of the Gram matrix in it alone, for every n and d."""
    text = "X enters G' = X'X^T + XX'^T through G = XX^T only"
    if flow.model.kind != "flow":
        return Sheet((gap(text, "a map"),))
    try:
        rate = gram_flow(flow.model)
    except (NotClosed, ValueError, NotImplementedError) as error:
        return Sheet((gap(text, str(error)),))
    if not rate.proved:
        return Sheet((gap(text, "a residual is left"),))
    if rate.products:
        needed = ", ".join(f"{p.left} {p.right}^T" for p in rate.products)
        return Sheet((gap(text, f"it needs {needed} as well"),))
    return Sheet((derived(text, 0),), dict(SYMBOLIC), summary="X enters G' through XX^T only")


GRAM_CLOSURE: Statement[MatrixExpr] = Statement(
    "Gram closure",
    "the Gram matrix obeys an equation of its own",
    decide_closure,
    derive_closure,
)


def derive_spectrum(flow: Flow) -> tuple[tuple[Any, Any], ...]:
    """Return the eigenvalues at consensus, with multiplicities; none where no kernel is known."""
    if flow.weight is None:
        return ()
    values = consensus(flow.model).eigenvalues
    return tuple((flow.put(value), count) for value, count in values)


def _listed(values: tuple[tuple[Any, Any], ...]) -> str:
    return ", ".join(f"{value} ({count} times)" for value, count in values)


def _at_consensus(flow: Flow) -> Decision | None:
    """Whether h'(1) > 0; None where no kernel is known."""
    return None if flow.weight is None else decide_positive(flow.weight.subs(z, 1))


def refute_stable(
    flow: Flow, prediction: tuple[tuple[Any, Any], ...] | None, budget: Budget
) -> Counterexample | None:
    """Give parameters with h'(1) <= 0: no eigenvalue, or not every one, is negative."""
    stable = _at_consensus(flow)
    lacking = not (AUTONOMOUS.test(flow).holds and ON_SPHERE.test(flow).holds)
    if stable is None or not prediction or lacking or not stable.refuted:
        return None
    assert flow.weight is not None  # the decision is about it
    if vanishes(flow.weight.subs(z, 1)):
        return Counterexample("h'(1) = 0: every eigenvalue is 0", dict(SYMBOLIC))
    named = {a: b for a, b in stable.witness.items() if a not in ("z", "degree", "d")}
    where = "".join(f", {a} = {b}" for a, b in named.items())
    text = f"unstable: eigenvalues {_listed(prediction)}{where}"
    return Counterexample(text, {**SYMBOLIC, **stable.scope})


def decide_stable(flow: Flow, prediction: tuple[tuple[Any, Any], ...]) -> Sheet:
    """Derive the spectrum at consensus and decide the sign of h'(1)."""
    stable = _at_consensus(flow)
    if stable is None:
        return Sheet((gap("the spectrum at consensus", "no kernel is known"),))
    spectrum = Step(f"eigenvalues at consensus: {_listed(prediction)}", How.DERIVED)
    sign = decided("h'(1) > 0: all are negative, but for the d-1 rotations", stable)
    return Sheet((spectrum, sign), dict(SYMBOLIC), summary=f"eigenvalues {_listed(prediction)}")


CONSENSUS_SPECTRUM: Statement[tuple[tuple[Any, Any], ...]] = Statement(
    "consensus spectrum",
    "consensus is linearly stable, rotations apart",
    decide_stable,
    derive_spectrum,
    refute_stable,
    premises=(AUTONOMOUS, ON_SPHERE),
)
