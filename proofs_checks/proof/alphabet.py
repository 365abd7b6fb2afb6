"""Symbols, scopes and hypotheses that statements share: masses p, q, w; d >= 3, d >= n.

Scopes say in words which of n, d, β and the masses a proof leaves symbolic. No equation is here.
"""

from __future__ import annotations

import numpy as np
from sympy import MatrixSymbol, Symbol, symbols

from numerics.arguments import FloatArray
from proofs_checks.claim import Hypothesis
from theory.symbols import X, n

P, Q, W = symbols("p q w", positive=True)
"""Masses: at x, at -x, and of the one token that is moved."""


Array = FloatArray


HOT = Symbol("beta", nonnegative=True)


SCOPE_WARM_ANY_MASSES = {
    "n": "symbolic",
    "d": "symbolic",
    "beta": "symbolic, >= 0",
    "masses": "symbolic",
}


def short(points: Array) -> str:
    """Write tokens in three digits on one line, for the detail of a counterexample."""
    return np.array2string(points, precision=3).replace("\n", "")


SCOPE_WARM = {"n": "symbolic", "d": "symbolic", "beta": "symbolic, >= 0"}


TAU = Symbol("tau", real=True)
"""Geodesic distance of two tokens."""


def _room(**parameters: float) -> float:
    return parameters["d"] - parameters["n"]


ROOM = Hypothesis("d >= n", _room)
"""n orthonormal tokens have room."""


def _near(deviation: float = 0.0, **parameters: float) -> float:
    size = parameters["d"]
    return float(np.sqrt(np.log(size) / size) - deviation)


EVENT = Hypothesis("the event (D.5): orthonormal tokens within sqrt(log d/d)", _near)
"""Near-orthonormal data, of high probability for uniform tokens: what Appendix D works on."""


SCOPE_ANY_MASSES = {"n": "symbolic", "d": "symbolic, >= 2", "masses": "symbolic"}


SCOPE_WARM_EQUAL_MASSES_FROM_TWO = {
    "n": "symbolic, >= 2",
    "d": "symbolic",
    "beta": "symbolic, >= 0",
    "masses": "1/n",
}


SCOPE_WARM_EQUAL_MASSES = {
    "n": "symbolic",
    "d": "symbolic",
    "beta": "symbolic, >= 0",
    "masses": "1/n",
}


THETA = MatrixSymbol("theta", n, 1)
"""Coefficients θ_k >= 0 of x* in the cone of the tokens."""


COMBINATION = X.T * THETA
"""x* as a combination of the tokens."""


HEIGHT = Symbol("r", real=True)
"""Least height ``<x_i, w>`` over the equator of w, or α = min <x_i, x*>."""
