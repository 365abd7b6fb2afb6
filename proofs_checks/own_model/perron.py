"""(6.1) of any smooth autonomous flow: exponents of runs to consensus, by Perron's theorem.

A run to consensus tends to a state at rest, near which the flow is its linearisation but for o(1):
its exponent is one of those of the modes, whatever they are.
"""

from __future__ import annotations

from typing import Any

from proofs_checks.own_model.existence import lasts, rough
from proofs_checks.own_model.exponents import PERRON
from proofs_checks.proof import SYMBOLIC, Flow, How, Sheet, Statement, Step, cited, entire
from theory.atoms import Elementwise
from theory.symbols import m, t

REST = "a run of a continuous autonomous flow that tends to a state tends to one at rest"
UNLIKE = "two solutions of a Lipschitz field that differ never meet: u is not 0"


def derive_smooth(flow: Flow) -> tuple[Any, ...] | None:
    """Return the velocities of an autonomous flow that is C^1 on all states, masses constant.

    Scalar attention has its modes listed, and its runs are known.
    """
    rates = [v.xreplace(flow.values) for v in flow.model.velocities.values()]
    if flow.form is not None or flow.code or not lasts(flow) or m in flow.model.velocities:
        return None
    for rate in rates:
        smooth = all(entire(part.body) for part in rate.atoms(Elementwise))
        if t in rate.free_symbols or rough(rate) or not smooth:
            return None
    return tuple(rates)


def decide_perron(flow: Flow, rates: tuple[Any, ...]) -> Sheet:
    """Linearise at the limit, which is at rest."""
    smooth = Step("the velocity is C^1 on all states, and free of t", How.DERIVED)
    rest = cited(REST, smooth)
    line = Step("u = X - X*, u' = (L + o(1)) u, L the linearisation at X*", How.DERIVED)
    steps = (smooth, rest, line, cited(UNLIKE, smooth))
    return Sheet((*steps, cited(PERRON, *steps)), dict(SYMBOLIC), (), say_perron(flow, rates))


def say_perron(flow: Flow, rates: tuple[Any, ...]) -> str:
    """Say the exponent."""
    return (
        "runs to a consensus X* that don't reach it: log |X - X*| / t tends to the real part of an "
        "eigenvalue of the linearisation at X*, a state at rest"
    )


PERRONS: Statement[tuple[Any, ...]] = Statement(
    "(6.1)", "", decide_perron, derive_smooth, several_blocks=True, says=say_perron
)


__all__ = ["PERRONS"]
