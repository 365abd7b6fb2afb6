"""Remark C.1: at an equilibrium the top rates of SA and USA have a ratio in [e^{-β}, e^β].

How it is proved
----------------
Z_i x_i' of SA is x_i' of USA, row by row, for every n and d: residual 0. So J of SA is M^{-1} J
of USA with e^{-β} <= Z_i <= e^β. USA climbs an energy, so its J is symmetric, and Courant and
Fischer's principle for a pencil, cited, bounds the ratio of positive top rates. At exact equilibria
and drawn β both are computed and compared.

References
----------
arXiv 2312.10794, Appendix C, Remark C.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, S, Symbol, exp

from numerics.compile import compile_model
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    HOT,
    OCTAHEDRON,
    PRODUCT_AT_ZERO,
    QUOTIENT,
    SQUARE_TOKENS,
    SYMBOLIC_SIZES,
    THREE_AGAINST_ONE,
    Counterexample,
    Flow,
    How,
    Identity,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    cited,
    covariant_jacobian,
    derived,
    gap,
    leaves_sphere,
    never_exceeds,
    without_temperature,
)
from proofs_checks.said import say, saying
from theory.atoms import Elementwise
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import X, beta, m, z


@dataclass(frozen=True)
class Rates:
    """The flow without softmax, and r of the ratio of top rates in [1/r, r]; in ``beta``."""

    plain: Model
    ratio: Expr


def _one_flow(models: tuple[Model, Model], ratio: Expr) -> tuple[tuple[Model, Rates], ...]:
    """Return the normalised flow, which is compared with the other."""
    normalised, plain = models
    return ((normalised, Rates(plain, ratio)),)


def derive_rates(flow: Flow) -> Rates | None:
    """Return None: the other flow is for a claim to name."""
    return None


def refute_rates(flow: Flow, rates: Rates | None, budget: Budget) -> Counterexample | None:
    """Tokens that leave the sphere."""
    off = leaves_sphere(flow.model, budget.rng)
    return Counterexample(off) if off else None


def decide(flow: Flow, rates: Rates) -> Sheet:
    """Write the linearisation of one flow as that of the other, over the row sums."""
    form, plain = flow.form, Flow.of_paper(rates.plain)
    if form is None:
        return Sheet((gap("Z_i x_i' of one is x_i' of the other", "no scalar attention"),))
    kernel = Elementwise(form.kernel, X * X.T)
    text = f"Z_i x_i' of {flow.name} - x_i' of {plain.name}"
    rows = Identity(text, flow.model.velocity, rates.plain.velocity, kernel * m)
    same = derived(f"{text} = 0", rows.residual(frozenset())[0])
    ends = 1 / form.kernel.subs(z, -1), form.kernel.subs(z, 1)
    hot = form.kernel.subs(beta, HOT)
    text = f"1/({rates.ratio}) <= Z_i <= {rates.ratio}"
    inside = hot.is_positive and hot.diff(z).is_nonnegative
    inside = inside and all(never_exceeds(end, rates.ratio) for end in ends)
    sums = gap(text, f"k is between 1/({ends[0]}) and {ends[1]}")
    if inside:
        sums = Step(text, How.DERIVED, evidence="Z_i = Σ_j m_j k(g_ij), k rises on [-1, 1]")
    most = rates.ratio.subs(beta, HOT)
    room = Symbol("s", nonnegative=True)
    low, high = hot.subs(z, room - 1), hot.subs(z, 1 - room)
    sums = saying(sums, say(1 / most, "<=", low), say(high, "<=", most))
    text = f"at an equilibrium J of {flow.name} is M^(-1) J of {plain.name}, M = diag(Z_i)"
    linear = apply(PRODUCT_AT_ZERO, text, same)
    symmetric = replace(plain.climb.step, text=f"{plain.name} climbs an energy: its J is symmetric")
    highest = cited(COURANT_FISCHER, linear, symmetric)
    text = f"a top rate λ > 0 has λ/μ in [1/r, r], r = {rates.ratio}"
    return Sheet(
        (same, sums, linear, symmetric, highest, apply(QUOTIENT, text, sums, highest)),
        {**SYMBOLIC_SIZES, "beta": "symbolic, >= 0", "masses": "symbolic, sum 1"},
        (flow.model.velocity, rates.plain.velocity, form.kernel.subs(z, 1) - rates.ratio),
        f"J of {flow.name} is M^{{-1}} J of {plain.name}, M = diag(Z_i), e^{{-β}} <= Z_i <= e^β, "
        "so are the quotients; a β that makes every equilibrium a strict saddle for USA serves SA",
    )


def watch(flow: Flow, rates: Rates, budget: Budget) -> Trial:
    """Compare top rates at exact equilibria and drawn temperatures."""
    missing = without_temperature(flow.model) or without_temperature(rates.plain)
    if missing or flow.given:
        return Trial(silent=missing or "no runs at given parameters")
    worst, cases = np.inf, 0
    for tokens in ((*SQUARE_TOKENS,), (*THREE_AGAINST_ONE,), ((1, 0), (-1, 0)), (*OCTAHEDRON,)):
        points = np.asarray(tokens, dtype=float)
        for hot in (0.1, 0.25, 2.0, 4.0, *budget.rng.uniform(0.2, 3.0, budget.cases)):
            tops = [
                float(np.linalg.eigvals(covariant_jacobian(field, points)).real.max())
                for field in (compile_model(f, beta=float(hot)) for f in (flow.model, rates.plain))
            ]
            bound = float(rates.ratio.subs(beta, float(hot)))
            ratio = tops[0] / tops[1]
            cases += 1
            worst = min(worst, 1 - ratio / bound, ratio * bound - 1)
            if worst < -1e-6:
                detail = (
                    f"{tokens}, β = {hot:.4g}: top rates {tops[0]:.6g} ({flow.name}) and "
                    f"{tops[1]:.6g} ({rates.plain.name}), ratio {ratio:.4g}, bound {bound:.4g}"
                )
                return Trial(detail, worst, cases)
    return Trial("", worst, cases)


COURANT_FISCHER = "Courant-Fischer for the pencil H v = λ M v"
RATE_RATIO: Statement[Rates] = Statement(
    "",
    "top rates at an equilibrium, with softmax and without, have a ratio in [1/r, r]",
    decide,
    derive_rates,
    refute_rates,
    watch,
    cases=_one_flow,
)


REMARK_C_1 = Claim(
    "Remark C.1",
    "At an equilibrium the positive top rates of SA and USA have a ratio in [e^{-β}, e^β].",
    (SA, USA),
    exp(beta),
    RATE_RATIO,
    (
        Control("e^β -> e^{β/4}", prediction=exp(beta / 4)),
        Control("equal rates", prediction=S.One),
        Control("V = -I", model=(REPULSIVE, USA)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=2,
    equivalents=(Equivalent("a larger ratio", ("prediction: e^u -> e^2u",)),),
)


CLAIMS = (REMARK_C_1,)
