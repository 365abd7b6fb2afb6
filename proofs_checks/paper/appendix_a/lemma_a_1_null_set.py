"""Lemma A.1; Lemma A.1 codimension: strict saddles attract a null set.

Main results
------------
- Lemma A.1: gradient ascent of f on a compact manifold ends at a strict saddle from a null set.
- Lemma A.1 codimension: it is d-1 or more at p tokens against q.

How it is proved
----------------
At a critical point (A.1) has as many rates > 0 as the Hessian has positive eigenvalues, one or more
at a strict saddle. Cited is Shub's theorem: orbits that stay near lie in a disc of that
codimension. Countably many neighbourhoods cover the saddles, so that countably many preimages of
discs hold the starts. A degenerate saddle and a maximum show that k >= 1 is needed, linear saddles
that k is exact. The codimension at p against q is that of the modes there, for symbolic p, q,
d and β >= 0. Runs of a potential, and from perturbed saddles, are watched.

References
----------
- arXiv 2312.10794, Appendix A, Lemma A.1.
- Shub, Global Stability of Dynamical Systems, Theorem III.7.
- Lee, Introduction to Smooth Manifolds, Corollary 9.17.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betaincinv
from sympy import Expr, Integer, S, Symbol, expand, lambdify, limit, oo, simplify

from numerics.compile import compile_model
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    ATTENTION,
    COUNT_P,
    COUNT_Q,
    ON_SPHERE,
    ONLY_SPEED,
    Array,
    Counterexample,
    Flow,
    P,
    Q,
    Statement,
    Trial,
    U,
    V,
    leaves_sphere,
    of_no_flow,
)
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import (
    RATES,
    Concludes,
    Conclusion,
    Refusal,
    ascents_caught,
    caught_at_two,
    subject_in,
)
from theory.linearize import Spectrum, antipodal, consensus
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import beta, d, n, t


@dataclass(frozen=True)
class NullStarts:
    """Starts that end at critical points with k positive eigenvalues of the Hessian.

    Attributes
    ----------
    least : int
        Every k >= least is meant; 1 for strict saddles.
    codimension : Expr
        Of the discs whose preimages hold those starts, in ``RATES``.
    """

    least: int
    codimension: Expr


def _slow_approach() -> str:
    """Solve u' = u², the ascent of u³/3: every u < 0 tends to 0, where f'' = 0."""
    orbit = -1 / (t - 1 / U)
    solves = simplify(orbit.diff(t) - orbit**2) == 0 and simplify(orbit.subs(t, 0) - U) == 0
    if not (solves and limit(orbit.subs(U, -1), t, oo) == 0):
        return ""
    return "f = u³/3, f''(0) = 0: u(t) = u/(1 - ut) tends to 0 from every u < 0, no null set"


def refute_null_starts(
    flow: Flow, prediction: NullStarts | None, budget: Budget
) -> Counterexample | None:
    """Give a critical point without positive eigenvalue, or a linear saddle with larger discs."""
    if prediction is None:
        return None
    if prediction.least < 1:
        found = _slow_approach()
        return Counterexample(found) if found else None
    for count in range(prediction.least, prediction.least + 3):
        said = prediction.codimension.subs(RATES, count)
        if said < 1:
            return Counterexample(f"a disc of codimension {said} is no null set, k = {count}")
        if said > count:
            return Counterexample(
                f"f = (|u|² - |v|²)/2, u in R^{count}, v in R: the starts that tend to 0 are "
                f"u = 0, of codimension {count}, not {said}"
            )
    return None


def conclude_null_starts(flow: Flow, prediction: NullStarts) -> Conclusion:
    """Claim Lemma A.1 for any smooth f on a compact manifold, from the cited theorem of Shub."""
    return ascents_caught(prediction.least, prediction.codimension)


_POTENTIAL = U**2 / 2 - U**4 / 4 - V**2 / 2
"""Its critical point 0 is a strict saddle between two maxima."""


def _ascend(points: Array, time: float, steps: int) -> Array:
    """Gradient ascent of the potential by the classical Runge-Kutta method."""
    slope = lambdify((U, V), [_POTENTIAL.diff(U), _POTENTIAL.diff(V)], "numpy")

    def rate(state: Array) -> Array:
        return np.stack(slope(state[:, 0], state[:, 1]), axis=1)

    h, state = time / steps, points
    for _ in range(steps):
        a = rate(state)
        b = rate(state + h / 2 * a)
        c = rate(state + h / 2 * b)
        state = state + h / 6 * (a + 2 * b + 2 * c + rate(state + h * c))
    return state


def watch_ascents(flow: Flow, prediction: NullStarts, budget: Budget) -> Trial:
    """Count the ascents of the potential that end at its strict saddle."""
    count = 100 * budget.cases
    starts = budget.rng.uniform(-1, 1, (count, 2))
    stuck = int((np.linalg.norm(_ascend(starts, 60.0, 600), axis=1) < 0.05).sum())
    if stuck:
        chance = float(betaincinv(stuck, count - stuck + 1, 0.005))
        return Trial(f"{stuck} of {count} starts end at 0 (probability >= {chance:.2g})")
    words = f"probability < {5.3 / count:.2g} at 99.5 %"
    return Trial(cases=count, seen=f"0 of {count} ascents of {_POTENTIAL} end at 0 ({words})")


_ANY = ("M", "symbolic, compact"), ("f", "symbolic, smooth"), ("k", "symbolic, >= 1")
NULL_STARTS: Statement[NullStarts] = Statement(
    "",
    "gradient ascent ends at strict saddles from a null set only",
    Concludes(conclude_null_starts, words=_ANY),
    refute=refute_null_starts,
    trial=watch_ascents,
    cases=of_no_flow,
    typed=True,
)


_STRICT = NullStarts(1, RATES)


LEMMA_A_1 = Claim(
    "Lemma A.1",
    "Gradient ascent of a smooth f on a compact manifold ends at strict saddles from a null set.",
    None,
    _STRICT,
    NULL_STARTS,
    (
        Control("degenerate saddles too: k >= 0", prediction=NullStarts(0, RATES)),
        Control("codimension k + 1", prediction=NullStarts(1, RATES + 1)),
        Control("codimension 2 at every saddle", prediction=NullStarts(1, Integer(2))),
    ),
    Verdict.PROVED,
    cases=4,
    about=frozenset(),
    equivalents=(Equivalent("fewer saddles", ("prediction.least: + 1",)),),
)


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


def conclude(flow: Flow, prediction: UnstableDirections) -> Conclusion | Refusal:
    """Claim the codimension of the starts that tend to p tokens against q."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    if prediction.state != "antipodal":
        return Refusal(f"{prediction.state} isn't p tokens against q")
    return caught_at_two(subject, COUNT_P, COUNT_Q, prediction.count)


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
    Concludes(conclude, words=(("n", "p + q, symbolic"), ("masses", "1/n"))),
    derive_directions,
    refute_null_set,
    watch,
    premises=(ON_SPHERE, ATTENTION),
    typed=True,
)


CODIMENSION = Claim(
    "Lemma A.1 codimension",
    "p tokens against q attract a null set, of codimension d-1 or more.",
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
    origin="extension",
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("a smaller codimension", ("prediction.count: sign",)),
    ),
)


CLAIMS = (LEMMA_A_1, CODIMENSION)
