"""(2.6): (SA) is (2.3) with Q = K = V = I, and its speed is bounded.

How it is proved
----------------
A theorem: the algebra of tokens brings (2.3) with the values put in, its shares written out, to
(SA); the weights are those of (2.5). P_i x_i = 0, so for masses 1/n the speed is at most
Σ_{j≠i} A_ij, hence at most (n-1) k(g)/k(1) for weights k = e^{cg} that rise. Rational points are
drawn only to refute; watched: the speed at drawn points of n = 2, d = 2 and n = 4, d = 3. Of a
user's softmax of c<x_i,x_j> the same is asked, with its own values and bound.

References
----------
arXiv 2312.10794, (2.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import (
    Dummy,
    Expr,
    exp,
    lambdify,
)
from sympy import Identity as Unit

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    KNOWN,
    ON_SPHERE,
    WARM_ONLY,
    Counterexample,
    Flow,
    How,
    Identity,
    Outcome,
    Premise,
    Statement,
    Step,
    Trial,
    first_size,
    heat,
    identities,
    short,
    without_temperature,
)
from proofs_checks.proof.kinds import DIVIDED, EXPONENTIALS, PAPER_WEIGHTS
from proofs_checks.theorems import GAP, Concludes, Conclusion, Refusal, attending, subject_in
from theory.atoms import Tangent
from theory.models import QKV, SA, USA, Model
from theory.symbols import K, Q, V, beta, d, n, t


@dataclass(frozen=True)
class SelfAttention:
    """(SA) as a case of (2.3), with weights that sum to one and a bound of its speed.

    Attributes
    ----------
    values : tuple of (MatrixSymbol, MatrixExpr)
        Values of Q, K and V.
    speed : Expr
        ``|x_i'| <= speed`` for equal masses, a function of ``n``, ``beta`` and ``GAP``.
    """

    values: tuple[tuple[Any, Any], ...]
    speed: Expr


@dataclass(frozen=True)
class Case:
    """The general model (2.3), and what is said of the special one."""

    general: Model
    said: SelfAttention


def _one_flow(models: tuple[Model, Model], said: SelfAttention) -> tuple[tuple[Model, Case], ...]:
    """Return the flow that is said to be a case of the first."""
    general, special = models
    return ((special, Case(general, said)),)


def _same(flow: Flow, case: Case) -> tuple[Identity, ...]:
    """Velocities of (2.3) at the values, and of the flow."""
    put = case.general.velocity.xreplace(dict(case.said.values)).doit()
    text = f"x_i' of {case.general.name} at the values - x_i' of {flow.name}"
    return (Identity(text, put, flow.model.velocity),)


SAME = identities(_same, "(2.3) at these values")


def _nonnegative(warm: Expr) -> Expr:
    """Read time and β as numbers >= 0, other parameters as numbers > 0."""
    signs = {s: {"nonnegative" if s in (t, beta) else "positive": True} for s in warm.free_symbols}
    return warm.xreplace({s: Dummy(str(s), **sign) for s, sign in signs.items()})


def _is_rising(flow: Flow) -> Step:
    """Whether the weights are a softmax of c g, c >= 0: then they rise with g."""
    text = "softmax of c <x_i,x_j>, c >= 0"
    warm = heat(flow) if flow.normalised else None
    if flow.form is None or warm is None:
        return Step(text, How.DERIVED, Outcome.FAILS, f"{flow.name} has no such weights")
    sign = _nonnegative(warm)
    if sign.is_nonnegative:
        return Step(text, How.DERIVED, evidence=f"c = {warm}")
    outcome = Outcome.FAILS if sign.is_negative or sign.is_nonpositive else Outcome.GAP
    return Step(text, How.DERIVED, outcome, f"c = {warm}")


RISING = Premise("RISING_SOFTMAX", _is_rising)


def derive_case(flow: Flow) -> Case | None:
    """Return the flow as (2.3) at multiples of the identity, with its own bound."""
    warm = None if flow.code else heat(flow)
    if flow.form is None or warm is None or not flow.normalised:
        return None
    scale = flow.form.scale
    own = replace(flow, given={})
    values = ((Q, (heat(own) or warm) / beta * Unit(d)), (K, Unit(d)))
    speed = abs(scale) * (n - 1) * exp(-warm * (1 - GAP))
    scale = scale if own.form is None else own.form.scale
    return Case(QKV, SelfAttention((*values, (V, scale * Unit(d))), speed))


def refute_case(flow: Flow, case: Case | None, budget: Budget) -> Counterexample | None:
    """Draw points at which the velocities differ."""
    if case is None or SAME.left(flow, case)[0][0][1] == 0:
        return None
    for count in range(1, SAME.draws * max(budget.cases, 1) + 1):
        try:
            found = SAME.look(flow, case, budget.rng)
        except NotImplementedError:
            return None  # a function without an interval form
        if found:
            return Counterexample(found, cases=count)
    return None


def conclude_case(flow: Flow, case: Case) -> Conclusion | Refusal:
    """Say how tokens move by (2.3) at the values, and how fast at most."""
    subject, warm = subject_in(flow), heat(flow)
    put = case.general.velocity.xreplace(dict(case.said.values)).doit().xreplace(flow.values)
    if isinstance(subject, Refusal) or not isinstance(put, Tangent):
        return subject if isinstance(subject, Refusal) else Refusal("(2.3) isn't projected")
    hot = warm is not None and beta in warm.free_symbols
    return attending(subject, put.field, case.said.speed, vanishing=hot)


def watch_speed(flow: Flow, case: Case, budget: Budget) -> Trial:
    """Compare the speed with its bound at drawn points."""
    missing = without_temperature(flow.model)
    if missing or flow.given or case.said.speed.free_symbols - {n, beta, GAP}:
        return Trial(silent=missing or "no runs at given parameters, or in time")
    count, worst = 100 * budget.cases, np.inf
    least = first_size(flow.model)
    for size, dimension in ((least, 2), (least + 2, 3)):
        points = np.asarray(random_points(size, dimension, budget.rng, count))
        hot = budget.rng.uniform(0.2, 6.0, count)
        speed = np.linalg.norm(compile_model(flow.model, beta=hot)(points), axis=-1)
        gram = points @ points.swapaxes(-1, -2) - 2 * np.eye(size)
        most = lambdify((n, beta, GAP), case.said.speed, "numpy")
        bound = np.broadcast_to(most(size, hot[:, None], gram.max(axis=-1)), speed.shape)
        # A token at rest has a speed of the order of rounding, which a tiny bound is below.
        rounding = 1e-11 * np.abs(most(size, hot[:, None], 1.0))
        slack = (bound + rounding - speed) / (np.abs(bound) + rounding) + 1e-12
        at = np.unravel_index(int(slack.argmin()), slack.shape)
        worst = min(worst, float(slack[at]))
        if worst < 0:
            detail = (
                f"{flow.name}, β = {hot[at[0]]:.4g}, X = {short(points[at[0]])}: |x_{at[1] + 1}'| ="
                f" {speed[at]:.4g} > {bound[at]:.4g}"
            )
            return Trial(detail, worst, 2 * count)
    return Trial("", worst, 2 * count)


def say_bound(flow: Flow, case: Case) -> str:
    """Say the flow's own bound."""
    return f"(2.3) at multiples of I; masses 1/n: |x_i'| <= {case.said.speed}, g = max g_ij, j ≠ i"


SPECIAL: Statement[Case] = Statement(
    "(2.6)",
    "(2.3) at multiples of I; masses 1/n: |x_i'| <= (n-1)e^{-c(1-max g)}",
    Concludes(conclude_case),
    derive_case,
    refute_case,
    watch_speed,
    domain=(PAPER_WEIGHTS, DIVIDED, EXPONENTIALS, WARM_ONLY),
    premises=(ON_SPHERE, KNOWN, RISING),
    cases=_one_flow,
    says=say_bound,
    typed=True,
)


_CASE = ((Q, Unit(d)), (K, Unit(d)), (V, Unit(d)))


_SPEED = (n - 1) * exp(-beta * (1 - GAP))


_SELF = SelfAttention(_CASE, _SPEED)


EQUATION_2_6 = Claim(
    "(2.6)",
    "(SA) is (2.3) with Q=K=V=I: weights > 0 of sum 1; with masses 1/n |x_i'| <= "
    "(n-1)e^{-β(1-max g)}, at most ε once β(1-max g) >= log((n-1)/ε).",
    (QKV, SA),
    _SELF,
    SPECIAL,
    (
        Control(
            "V = -I", prediction=replace(_SELF, values=((Q, Unit(d)), (K, Unit(d)), (V, -Unit(d))))
        ),
        Control(
            "Q = 2I",
            prediction=replace(_SELF, values=((Q, 2 * Unit(d)), (K, Unit(d)), (V, Unit(d)))),
        ),
        Control("the unnormalised flow USA", model=(QKV, USA)),
        Control("speed e^{-2β(1-g)}", prediction=replace(_SELF, speed=_SPEED.subs(beta, 2 * beta))),
        Control("speed without n - 1, halved", prediction=replace(_SELF, speed=_SPEED / (2 * n))),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=2,
    equivalents=(Equivalent("a larger bound, as n >= 1", ("prediction.speed: × n",)),),
)


CLAIMS = (EQUATION_2_6,)
