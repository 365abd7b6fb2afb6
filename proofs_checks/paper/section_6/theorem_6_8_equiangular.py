"""Theorem 6.8, E.Theorem 6.8: orthogonal tokens stay equiangular.

Main results
------------
- Theorem 6.8: γ' is (6.9), (6.10), and T(γ) is in closed form.
- E.Theorem 6.8: orthogonal tokens need d >= n, and P_π sums over i = 1, …, d.

How it is proved
----------------
The I/J algebra shows that the equiangular set is invariant and derives γ' for symbolic n and β,
masses 1/n; T' γ' = 1 and T(0) = 0 reduce to 0 in a normal form, also at β = 0; γ'/(1-γ) > 0. The
erratum compares the rank of I_n with d, and traces, exactly; small n and d are enumerated only
to refute. No point is drawn for the proof. Cited: Picard-Lindelöf.

References
----------
arXiv 2312.10794, Theorem 6.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations
from typing import Any

import numpy as np
from sympy import (
    Add,
    Dummy,
    Ei,
    Expr,
    Identity,
    Matrix,
    S,
    Sum,
    Symbol,
    Trace,
    cancel,
    exp,
    expand,
    eye,
    log,
    simplify,
    together,
    zeros,
)

from numerics.compile import compile_model
from numerics.integration import integrate
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    ROOM,
    SCOPE_WARM,
    each,
    leaves_sphere,
    matrix_parameters,
    sampled_values,
)
from theory.derivations import NotClosed, equiangular
from theory.models import SA, USA, Model, attention_form
from theory.symbols import beta, d, gamma, n

MORE_TOKENS = Symbol("m", integer=True, positive=True)


@dataclass(frozen=True)
class EquiangularSolution:
    """γ' and the time T(γ) to reach γ from 0, with and without the division by the row sum.

    ``zero`` is the time at β = 0.
    """

    softmax: Expr
    plain: Expr
    softmax_time: Expr
    plain_time: Expr
    zero: Expr


def _at_ratio(expr: Expr) -> Expr:
    """Reduce a rational function of γ, n and exponentials to normal form, in m = n - 1.

    With n itself γ(1 + 1/(n-1)) = γ n/(n-1) goes unseen.
    """
    powers: dict[Expr, Symbol] = {}

    def power(node: Expr) -> Expr:
        out: Expr = S.One
        for term in Add.make_args(expand(node.args[0])):
            count, rest = term.as_coeff_Mul()
            out *= powers.setdefault(rest, Dummy("s", positive=True)) ** count
        return out

    plain = expr.subs(n, MORE_TOKENS + 1).replace(lambda node: isinstance(node, exp), power)
    return cancel(together(plain)).subs({s: exp(rest) for rest, s in powers.items()})


@lru_cache(maxsize=32)
def _equiangular(model: Model) -> Any:
    return equiangular(model)


def _angles_apart(model: Model) -> str:
    """Orthonormal tokens whose inner products separate along the flow, or ""."""
    if model.kind != "flow" or model.space != "sphere" or matrix_parameters(model):
        return ""
    field = compile_model(model, **sampled_values(model))
    time, size = 1.0, 3
    last = integrate(field, np.eye(size), time, t_eval=[time], rtol=1e-10).points[-1]
    products = (last @ last.T)[np.triu_indices(size, 1)]
    if not np.ptp(products) > 1e-6:
        return ""
    fixed = ", ".join(f"{p} = 1" for p in model.parameters)
    named = ", ".join(
        f"<x_{i + 1},x_{j + 1}> = {value:.6f}"
        for (i, j), value in zip(combinations(range(size), 2), products, strict=True)
    )
    return (
        f"{model.name}, n = d = {size}{', ' + fixed if fixed else ''}, orthonormal tokens: at "
        f"t = {time:g} {named}"
    )


def check_equiangular(model: Any, prediction: EquiangularSolution, budget: Budget) -> Evidence:
    """Derive γ' from the velocity, check T by differentiation, and read off the monotone limit."""
    gaps: list[Expr] = []
    for flow in each(model):
        try:
            reduced, reason = _equiangular(flow), "equiangular set not shown invariant"
        except (ValueError, NotClosed) as error:
            reduced, reason = None, str(error)
        if reduced is None or not reduced.proved:
            apart = _angles_apart(flow)
            apart = apart or leaves_sphere(flow, budget.rng)
            verdict = Verdict.REFUTED if apart else Verdict.UNDECIDED
            return Evidence(verdict, apart or f"{flow.name}: {reason}")
        form = attention_form(flow)
        softmax = form is not None and form.normalised
        rate = prediction.softmax if softmax else prediction.plain
        time = prediction.softmax_time if softmax else prediction.plain_time
        gaps += [reduced.rate - rate, time.diff(gamma) * reduced.rate - 1]
        gap = _at_ratio(gaps[-2])
        if gap != 0:
            detail = f"{flow.name}: derived minus predicted γ' is {gap}, with m = n - 1"
            return Evidence(Verdict.REFUTED, detail)
        cold = reduced.rate.subs(beta, 0)
        for name, value, speed in (
            ("T", time, reduced.rate),
            ("T at β = 0", prediction.zero, cold),
        ):
            gap = _at_ratio(value.diff(gamma) * speed - 1)
            if gap != 0:
                return Evidence(Verdict.REFUTED, f"{flow.name}: γ' d{name}/dγ - 1 = {gap}")
            start = _at_ratio(value.subs(gamma, 0))
            if start != 0:
                return Evidence(Verdict.REFUTED, f"{flow.name}: {name}(0) = {start}")
        start = Symbol("gamma", nonnegative=True)
        slope = _at_ratio(reduced.rate / (1 - gamma)).subs(gamma, start)
        if not slope.is_positive:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: sign of γ'/(1-γ) = {slope}")
    return Evidence(
        Verdict.PROVED,
        "γ' of (6.9) and (6.10) derived; T' γ' = 1, T(0) = 0; γ'/(1-γ) > 0, so γ rises to 1",
        {**SCOPE_WARM, "d": "symbolic, d >= n", "masses": "1/n"},
        ("Picard-Lindelöf uniqueness",),
        identity=(*(flow.velocity for flow in each(model)), *gaps),
    )


def _equiangular_prediction(
    factor: Any = 2, shift: int = 1, heat: Any = None
) -> EquiangularSolution:
    """(6.9), (6.10) and their times; the arguments are what the controls change."""
    rise = factor * (1 - gamma) * ((n - shift) * gamma + 1) * exp(beta * gamma)
    c = 1 / (n - 1)
    first = exp(-beta) * (Ei(beta) - Ei(beta * (1 - gamma)))
    second = exp(beta * c) * (Ei(-beta * (gamma + c)) - Ei(-beta * c))
    plain = (first + second) / 2
    logs = log((n - 1) * gamma + 1) - log(1 - gamma)
    grow = exp(beta) if heat is None else heat
    return EquiangularSolution(
        rise / (exp(beta) + (n - 1) * exp(beta * gamma)),
        rise / n,
        grow / n * plain + (n - 1) / (2 * n) * logs,
        plain,
        logs / 2,
    )


THEOREM_6_8 = Claim(
    "Theorem 6.8",
    "Orthogonal tokens stay equiangular; γ' is (6.9), (6.10), and T(γ) is in closed form.",
    (SA, USA),
    _equiangular_prediction(),
    check_equiangular,
    (
        Control("factor 2 dropped", prediction=_equiangular_prediction(factor=1)),
        Control("(n-1)γ+1 -> (n-2)γ+1", prediction=_equiangular_prediction(shift=2)),
        Control("T of SA without e^β", prediction=_equiangular_prediction(heat=S.One)),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
)


@dataclass(frozen=True)
class OrthonormalTuple:
    """Which (n, d) have n orthonormal tokens, and up to where P_π = Σ e_{π(i)} e_i^T sums.

    Attributes
    ----------
    excess : Expr
        Nonnegative where they are said to exist, in ``n`` and ``d``.
    last : Expr
        Last i of the sum.
    """

    excess: Expr
    last: Expr


def check_orthonormal(model: Any, prediction: OrthonormalTuple, budget: Budget) -> Evidence:
    """Compare the rank of I_n with d, and the trace of P_π^T P_π with that of I_d.

    Small n and d are enumerated for a counterexample only.

    Parameters
    ----------
    model : object
        Not used: the statement is about initial conditions.
    prediction : OrthonormalTuple
        Admissible sizes and the sum.
    budget : Budget
        Not used.
    """
    # A Gram matrix of points of R^d has rank at most d, and I_n has rank n; e_1, …, e_n exist for
    # n <= d. Σ_{i<=l} e_{π(i)} e_i^T has P^T P = Σ_{i<=l} e_i e_i^T, of trace l, for distinct π(i).
    label = Dummy("i", integer=True, positive=True)
    traced = Sum(S.One, (label, 1, prediction.last))
    gaps = (
        simplify(prediction.excess - (d - n)),
        simplify(traced.doit() - Trace(Identity(d)).doit()),
    )
    for size in range(2, 6):
        for dimension in range(2, 5):
            at = {n: size, d: dimension}
            said = bool(prediction.excess.subs(at) >= 0)
            if said and eye(size).rank() > dimension:
                return Evidence(
                    Verdict.REFUTED,
                    f"n = {size}, d = {dimension}: the Gram matrix I_{size} has rank {size} > "
                    f"{dimension}",
                )
            if not said and size <= dimension:
                return Evidence(
                    Verdict.REFUTED, f"n = {size} basis vectors of R^{dimension} are orthonormal"
                )
            if not said:
                continue
            for order in permutations(range(dimension)):
                matrix = zeros(dimension, dimension)
                last = int(prediction.last.subs(at))
                if last > dimension:
                    detail = f"d = {dimension}: the sum to i = {last} has no e_{last}"
                    return Evidence(Verdict.REFUTED, detail)
                for i in range(last):
                    matrix[order[i], i] = 1
                if matrix.T * matrix != eye(dimension):
                    return Evidence(
                        Verdict.REFUTED,
                        f"n = {size}, d = {dimension}, π = {order}: P^T P = "
                        f"{Matrix(matrix.T * matrix).tolist()}",
                    )
    if gaps != (0, 0):
        return Evidence(Verdict.UNDECIDED, f"excess minus d - n, trace minus d: {gaps}")
    return Evidence(
        Verdict.PROVED,
        "a Gram matrix in R^d has rank at most d, I_n has rank n, and e_1, …, e_n are there for "
        "n <= d; P^T P = Σ_{i<=l} e_i e_i^T has trace l, and I_d has trace d: orthogonal iff l = d",
        {"n": "symbolic", "d": "symbolic, every permutation"},
        identity=(prediction.excess, traced - Trace(Identity(d))),
    )


ERRATUM_THEOREM_6_8 = Claim(
    "E.Theorem 6.8",
    "Orthogonal tokens need d >= n, and P_π sums over i = 1, …, d; printed: any d, n, and i <= n.",
    None,
    OrthonormalTuple(d - n, d),
    check_orthonormal,
    (
        Control("d >= n - 1", prediction=OrthonormalTuple(d - n + 1, d)),
        Control("P_π sums to d - 1", prediction=OrthonormalTuple(d - n, d - 1)),
        Control("P_π sums to n", prediction=OrthonormalTuple(d - n, n)),
    ),
    Verdict.PROVED,
    printed=Control("d, n >= 2 arbitrary, the sum to n", prediction=OrthonormalTuple(d + n, n)),
    origin="erratum",
    about=frozenset(),
    equivalents=(Equivalent("n (d - n) >= 0 where d - n >= 0", ("prediction.excess: × n",)),),
)


CLAIMS = (THEOREM_6_8, ERRATUM_THEOREM_6_8)
