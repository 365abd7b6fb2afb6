"""Problem 2: with random Q, K, V orthonormal tokens don't stay equiangular.

How it is proved
----------------
Nobody has a proof: runs with n = 8, β = 2 to t = 1 and fresh matrices for each draw. The spread
of the inner products over pairs is measured for d = 24 to 192 (384 in full), and a weighted fit
gives its exponent in d, compared with -1/2. With Q = K = V = I there is no spread, as Theorem
6.8 says: this control is refuted.

References
----------
arXiv 2312.10794, Problem 2; Theorem 6.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from numerics.compile import compile_model
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    SCALAR,
    Array,
    Flow,
    Sheet,
    Statement,
    Trial,
    fit_power_law,
    open_problem,
    refute_off_sphere,
    unproved,
)
from proofs_checks.shared_runs import integrate
from theory.models import QKV

Ensemble = Literal["ginibre", "identity", "strong"]


@dataclass(frozen=True)
class Spread:
    """How the spread of ``<x_i,x_j>(t)`` over i != j goes with d, orthonormal tokens at first.

    Attributes
    ----------
    exponent : float
        Spread ~ d^exponent.
    ensemble : {"ginibre", "identity", "strong"}
        Q, K, V of N(0, 1/d) entries; all I; or Q^T K of N(0, 1) entries and V = I.
    exact : bool
        Claim, in place of the exponent, that the spread is 0, as in Theorem 6.8.
    """

    exponent: float = -0.5
    ensemble: Ensemble = "ginibre"
    exact: bool = False


_ZERO = 1e-6  # what the integrator leaves of an exact equality


def _matrices(ensemble: Ensemble, draws: int, d: int, rng: np.random.Generator) -> dict[str, Any]:
    if ensemble == "identity":
        same = np.broadcast_to(np.eye(d), (draws, d, d))
        return {"Q": same, "K": same, "V": same}
    drawn = {name: rng.standard_normal((draws, d, d)) / np.sqrt(d) for name in "QKV"}
    if ensemble == "strong":
        drawn = {name: drawn[name] * d**0.25 for name in "QK"}
        drawn["V"] = np.broadcast_to(np.eye(d), (draws, d, d))
    return drawn


def decide(flow: Flow, prediction: Spread) -> Sheet:
    """Say what is proved, that tokens stay on the sphere, and what nobody has proved."""
    if prediction.exact:
        said = unproved("all <x_i,x_j>(t), i != j, are equal")
    else:
        text = f"the spread of <x_i,x_j>(t), i != j, is of the order d^({prediction.exponent:g})"
        said = open_problem(text, "finitely many draws: evidence, not a proof")
    return Sheet((flow.on_sphere, said))


def measure(flow: Flow, prediction: Spread, budget: Budget) -> Trial:
    """Measure the spread of the products at t = 1 and β = 2, and fit its exponent in d.

    Dimensions go up to 384 in full.
    """
    sizes = (24, 48, 96, 192, 384) if budget.full else (24, 48, 96, 192)
    n_tokens, spreads = 8, list[Array]()
    draws = max(budget.cases, 12)  # a standard error needs some
    upper = np.triu_indices(n_tokens, 1)
    for d in sizes:
        matrices = _matrices(prediction.ensemble, draws, d, budget.rng)
        points = np.broadcast_to(np.eye(d)[:n_tokens], (draws, n_tokens, d))
        field = compile_model(flow.model, beta=2.0, **matrices)
        end = integrate(field, points, 1.0, t_eval=[1.0], rtol=1e-6).points[-1]
        spread = (end @ end.swapaxes(-1, -2))[:, upper[0], upper[1]].std(axis=-1)
        scope = {"n": str(n_tokens), "d": str(d), "beta": "2", "t": "1"}
        if prediction.exact and spread.max() > _ZERO:
            broken = (
                f"d = {d}: the products of orthonormal tokens differ, by {spread[0]:.4g} "
                "(standard deviation over pairs) in the first draw"
            )
            return Trial(broken, cases=draws, scope=scope)
        if not prediction.exact and spread.max() <= _ZERO:
            broken = f"d = {d}: all products are equal to {spread.max():.1e}, as Theorem 6.8 says"
            return Trial(broken, cases=draws, scope=scope)
        spreads.append(np.maximum(spread, _ZERO))
    cases = len(sizes) * draws
    scope = {"n": str(n_tokens), "d": ", ".join(map(str, sizes)), "beta": "2", "t": "1"}
    if prediction.exact:
        return Trial("", None, cases, seen="all products agree", scope=scope)
    fit = fit_power_law(sizes, spreads)
    margin = fit.margin(prediction.exponent)
    if margin < 0:
        broken = f"spread ~ d^({fit}), not d^({prediction.exponent:g})"
        return Trial(broken, margin, cases, scope=scope)
    seen = (
        f"spread ~ d^({fit}), {spreads[-1].mean():.3g} at d = {sizes[-1]}: one "
        "curve in the limit is plausible, while at any finite d the products differ"
    )
    return Trial("", margin, cases, seen=seen, scope=scope)


SPREADS: Statement[Spread] = Statement(
    "",
    "random Q, K, V: the products of orthonormal tokens differ by the order d^{-1/2}",
    decide,
    refute=refute_off_sphere,
    trial=measure,
)


PROBLEM_2 = Claim(
    "Problem 2",
    "Random Q, K, V, orthonormal tokens: the products differ, by the order d^{-1/2} as d grows "
    "(n = 8, β = 2, t = 1).",
    QKV,
    Spread(),
    SPREADS,
    (
        Control("Theorem 6.8 at finite d: no spread", prediction=Spread(exact=True)),
        Control("Q = K = V = I", prediction=Spread(ensemble="identity")),
        Control("Q^T K with entries N(0, 1), V = I", prediction=Spread(ensemble="strong")),
        Control("d^{-1/2} -> d^{-1}", prediction=Spread(-1.0)),
    ),
    Verdict.OPEN,
    (WARM,),
    cases=32,
    equivalents=(
        Equivalent(
            "V and -V have one law; else the same open statement at another time or temperature",
            SCALAR,
        ),
    ),
)


CLAIMS = (PROBLEM_2,)
