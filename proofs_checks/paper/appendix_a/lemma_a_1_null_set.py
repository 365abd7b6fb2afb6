"""Lemma A.1: strict saddles attract a null set: of codimension d-1 or more at p against q.

How it is proved
----------------
The unstable directions at p tokens against q are counted in the derived spectrum, for symbolic
p, q, d and β >= 0. That the set of starts has this codimension is the centre-stable manifold
theorem, cited. Runs from perturbed saddles, n = 2 and 4, d = 3, β = 1/2, watch that they are
left.

References
----------
arXiv 2312.10794, Appendix A, Lemma A.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr, S, Symbol, expand, simplify

from numerics.compile import compile_model
from numerics.integration import integrate
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CENTRE_STABLE,
    MORE_D,
    ONLY_SPEED,
    P,
    Q,
    each,
    subjects,
)
from theory.linearize import Spectrum, antipodal, consensus
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import beta, d, n


@dataclass(frozen=True)
class UnstableDirections:
    """At least ``count`` rates at the state are positive; in p, q (``P``, ``Q``) and ``d``."""

    state: str
    count: Expr


@lru_cache(maxsize=16)
def _spectrum(model: Model, state: str) -> Spectrum:
    return antipodal(model, P, Q) if state == "antipodal" else consensus(model)


def _positive(spectrum: Spectrum) -> Expr:
    """Count the rates that are positive for all p, q and β."""
    found = S.Zero
    for value, multiplicity in spectrum.eigenvalues:
        if value.subs(beta, Symbol("beta", nonnegative=True)).is_positive:
            found += multiplicity
    return expand(found)


def check_null_set(model: Any, prediction: UnstableDirections, budget: Budget) -> Evidence:
    """Count the unstable directions, and watch that perturbed saddles are left.

    The centre-stable set of a saddle has the dimension of the space less this count.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : UnstableDirections
        State and count.
    budget : Budget
        Perturbed saddles to run.
    """
    worst, cases = np.inf, 0
    for flow in each(model):
        spectrum = _spectrum(flow, prediction.state)
        derived = _positive(spectrum)
        for half, hot in ((1, S.Zero), (1, S.Half), (2, S.Half)):
            here = {P: half, Q: half, n: 2 * half, d: 3, beta: hot}
            rates = spectrum.at(here).eigenvalues
            number = sum((k for value, k in rates if value.evalf(20) > 0), S.Zero)
            said = prediction.count.subs(here)
            if said > number:
                detail = (
                    f"{flow.name}, {prediction.state}, n = {2 * half}, d = 3, β = {hot}: {number} "
                    f"positive rates of {4 * half}, {said} predicted"
                )
                return Evidence(Verdict.REFUTED, detail)
        if simplify((derived - prediction.count).subs(d, 2 + MORE_D)).is_nonnegative is not True:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: only {derived} shown positive")
        for split in ((1, 1), (2, 2), (1, 3)):
            size, pole = sum(split), np.repeat([1.0, -1.0], split)
            points = np.zeros((budget.cases, size, 3))
            points[..., 0] = pole
            points += 1e-3 * budget.rng.standard_normal(points.shape)
            points /= np.linalg.norm(points, axis=-1, keepdims=True)
            final = integrate(compile_model(flow, beta=0.5), points, 30.0, rtol=1e-5).points[-1]
            gram = final @ final.swapaxes(-1, -2)
            apart = np.abs(gram - np.outer(pole, pole)).max(axis=(-2, -1))
            cases, worst = cases + budget.cases, min(worst, float(apart.min()) / 0.1 - 1)
            if worst < 0:
                detail = f"{flow.name}, {split}: still within {apart.min():.3g} of it at t = 30"
                return Evidence(Verdict.UNDECIDED, detail, cases=cases, margin=worst)
    return Evidence(
        Verdict.PROVED,
        f"{prediction.count} rates are positive for all p, q, β >= 0, so the set that converges to "
        f"the {prediction.state} state has that codimension; {cases} perturbed saddles were left",
        {"n": "p + q, symbolic", "d": "symbolic", "beta": "symbolic, >= 0", "masses": "1/n"},
        (CENTRE_STABLE,),
        cases,
        worst,
        identity=subjects(model, derived, prediction.count),
    )


LEMMA_A_1 = Claim(
    "Lemma A.1",
    "Strict saddles attract a null set: of codimension d-1 or more at p tokens against q.",
    (SA, USA),
    UnstableDirections("antipodal", d - 1),
    check_null_set,
    (
        Control("consensus, no saddle", prediction=UnstableDirections("consensus", d - 1)),
        Control("all n(d-1) directions", prediction=UnstableDirections("antipodal", n * (d - 1))),
        Control("codimension d", prediction=UnstableDirections("antipodal", d)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("a smaller codimension", ("prediction.count: sign",)),
    ),
)


CLAIMS = (LEMMA_A_1,)
