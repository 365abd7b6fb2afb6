"""The slope of a pair's energy at β = 0, that Appendix A shares."""

from __future__ import annotations

from sympy import Expr

from proofs_checks.proof.equilibria import cold_kernel
from proofs_checks.proof.flow import Flow
from theory.bounded import simplified
from theory.symbols import t, z


def cold_slope(flow: Flow) -> Expr | None:
    """Return the slope h' of the energy's kernel at β = 0, a constant, or None."""
    kernel = cold_kernel(flow.model)
    slope = None if kernel is None else simplified(kernel.diff(z))
    return None if slope is None or slope.free_symbols & {z, t} else slope
