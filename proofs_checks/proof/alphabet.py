"""Symbols, scopes and hypotheses that statements share: masses p, q, w; d >= 3, d >= n.

Scopes say in words which of n, d, β and the masses a proof leaves symbolic. No equation is here.
"""

from __future__ import annotations

import numpy as np
from sympy import Integer, Symbol, symbols

from numerics.arguments import FloatArray
from proofs_checks.claim import Hypothesis

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


COUNT = Symbol("k", integer=True, nonnegative=True)
"""Index of the sum in Wendel's formula."""


MORE_TOKENS = Symbol("m", integer=True, positive=True)


SCOPE_WARM = {"n": "symbolic", "d": "symbolic", "beta": "symbolic, >= 0"}


def _space(**parameters: float) -> float:
    return parameters["d"] - 3


SPACE = Hypothesis("d >= 3", _space)


TAU = Symbol("tau", real=True)
"""Geodesic distance of two tokens."""


def _room(**parameters: float) -> float:
    return parameters["d"] - parameters["n"]


ROOM = Hypothesis("d >= n", _room)
"""n orthonormal tokens have room."""


TWO = Integer(2)


SURPLUS = Symbol("s", positive=True)


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
