"""Lemma A.1: strict saddles attract a null set: of codimension d-1 or more at p against q.

How it is proved
----------------
The unstable directions at p tokens against q are counted in the derived spectrum, for symbolic
p, q, d and β >= 0. Cited is Shub's theorem: orbits that stay near an equilibrium lie in a disc of
that codimension. Countably many discs and their preimages hold the starts that converge. Runs
from perturbed saddles, n = 2 and 4, d = 3, β = 1/2, watch that they are left.

References
----------
arXiv 2312.10794, Appendix A, Lemma A.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sympy import Expr, S, Symbol, expand, simplify

from numerics.compile import compile_model
from numerics.integration import integrate
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    ATTENTION,
    MORE_D,
    ON_SPHERE,
    ONLY_SPEED,
    WARM_ONLY,
    Counterexample,
    Flow,
    How,
    P,
    Q,
    Sheet,
    Statement,
    Step,
    Trial,
    gap,
    leaves_sphere,
    null_starts,
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


_HOT = Symbol("beta", nonnegative=True)


def _positive(spectrum: Spectrum) -> list[tuple[Expr, Expr]]:
    """Rates that are positive for all p, q and β >= 0, with their multiplicities."""
    return [(v, k) for v, k in spectrum.eigenvalues if v.subs(beta, _HOT).is_positive]


def derive_directions(flow: Flow) -> UnstableDirections:
    """Count the flow's own positive rates at p tokens against q."""
    found = _positive(_spectrum(flow.model, "antipodal"))
    return UnstableDirections("antipodal", expand(sum((k for _, k in found), S.Zero)))


def refute_null_set(
    flow: Flow, prediction: UnstableDirections | None, budget: Budget
) -> Counterexample | None:
    """Count fewer positive rates than predicted, at numbers; or tokens off the sphere."""
    found = leaves_sphere(flow.model, budget.rng)
    if found or prediction is None:
        return Counterexample(found) if found else None
    for half, hot in ((1, S.Zero), (1, S.Half), (2, S.Half)):
        here = {P: half, Q: half, n: 2 * half, d: 3, beta: hot}
        rates = _spectrum(flow.model, prediction.state).at(here).eigenvalues
        number = sum((k for value, k in rates if value.evalf(20) > 0), S.Zero)
        said = prediction.count.subs(here)
        if said > number:
            return Counterexample(
                f"{flow.name}, {prediction.state}, n = {2 * half}, d = 3, β = {hot}: {number} "
                f"positive rates of {4 * half}, {said} predicted"
            )
    return None


def decide(flow: Flow, prediction: UnstableDirections) -> Sheet:
    """Count the unstable directions: the centre-stable discs have that codimension."""
    unstable = _positive(_spectrum(flow.model, prediction.state))
    steps = [
        Step(f"rate {value} > 0, {count} times", How.DECIDED, evidence="for all p, q, β >= 0")
        for value, count in unstable
    ]
    count = expand(sum((k for _, k in unstable), S.Zero))
    text = f"at least {prediction.count} of the rates are > 0"
    enough = simplify((count - prediction.count).subs(d, 2 + MORE_D)).is_nonnegative
    steps.append(Step(text, How.DERIVED) if enough else gap(text, f"only {count} shown positive"))
    text = f"null, of codimension {prediction.count}: the starts that converge to this state"
    room = count.subs(d, 2 + MORE_D)
    steps += [flow.analytic, *null_starts(text, flow.analytic, *steps, codimension=room)]
    return Sheet(
        tuple(steps),
        {"n": "p + q, symbolic", "d": "symbolic", "beta": "symbolic, >= 0", "masses": "1/n"},
        subjects(flow.model, count, prediction.count),
        f"{prediction.count} rates are positive for all p, q, β >= 0, so the set that converges to "
        f"the {prediction.state} state has that codimension",
    )


def watch(flow: Flow, prediction: UnstableDirections, budget: Budget) -> Trial:
    """Watch that perturbed saddles are left."""
    worst, cases = np.inf, 0
    for split in ((1, 1), (2, 2), (1, 3)):
        size, pole = sum(split), np.repeat([1.0, -1.0], split)
        points = np.zeros((budget.cases, size, 3))
        points[..., 0] = pole
        points += 1e-3 * budget.rng.standard_normal(points.shape)
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        field = compile_model(flow.model, beta=0.5)
        final = integrate(field, points, 30.0, rtol=1e-5).points[-1]
        gram = final @ final.swapaxes(-1, -2)
        distance = np.abs(gram - np.outer(pole, pole)).max(axis=(-2, -1)).min()
        cases, worst = cases + budget.cases, min(worst, float(distance) / 0.1 - 1)
        if worst < 0:
            return Trial(silent=f"{split}: still within {distance:.3g} of it at t = 30")
    return Trial("", worst, cases, seen=f"{cases} perturbed saddles were left")


NULL_SET: Statement[UnstableDirections] = Statement(
    "",
    "p tokens against q attract a null set, of codimension d-1 or more",
    decide,
    derive_directions,
    refute_null_set,
    watch,
    domain=(WARM_ONLY,),
    premises=(ON_SPHERE, ATTENTION),
)


LEMMA_A_1 = Claim(
    "Lemma A.1",
    "Strict saddles attract a null set: of codimension d-1 or more at p tokens against q.",
    (SA, USA),
    UnstableDirections("antipodal", d - 1),
    NULL_SET,
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
