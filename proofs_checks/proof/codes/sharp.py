"""Sharp codes: the step that one is sharp and its Newton polynomials positive, exact; what fails.

Two programs decide it, `theory.codes` in a number field and the checker of certificates at the
Gram matrix, with nothing in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sympy import Add, Expr, S, Subs, cos, expand

from numerics import recognise
from numerics.point_codes import known_code
from proofs_checks.certificates import ball_arithmetic, certify_code, check
from proofs_checks.decide import enclose, interval
from proofs_checks.proof.sheet import How, Step, gap
from proofs_checks.said import Said, say, saying
from theory.codes import PointCode, zonal_step
from theory.symbols import beta, z

_BITS = 400


@lru_cache(maxsize=64)
def sharp_step(name: str, code: PointCode) -> Step:
    """Step that a code exists, is sharp, and has Newton polynomials of zonal coefficients >= 0.

    Parameters
    ----------
    name : str
        As in the text of the step, and for `numerics.point_codes.known_code`.
    code : PointCode
        What theory has of it.
    """
    text = (
        f"{name}: n = {code.n}, d = {code.d}, m = {code.m}, a {2 * code.m - 1}-design; "
        f"N_0, …, N_{2 * code.m - 1} have zonal coefficients >= 0"
    )
    if not code.sharp:
        return gap(text, defect(code))
    if not code.newton_positive:
        return gap(text, "a coefficient is negative")
    found = recognise(known_code(*_called(name, code)))
    if (found.code.products, found.code.counts) != (code.products, code.counts):
        return gap(text, f"the points have the inner products {found.code.inner_products}")
    result = check(certify_code(found))
    if not result.ok:
        return gap(text, f"the checker rejects its certificate: {result.reason}")
    evidence = f"exact Gram matrix of rank {found.rank}, strength {code.strength}; the independent "
    step = Step(text, How.DECIDED, evidence=f"{evidence}checker agrees")
    return saying(step, *moments_said(code, 2 * code.m - 1))


def moments_said(code: PointCode, order: int) -> tuple[Said, ...]:
    """Say that a code is a design of an order: its zonal moments are 0; () without radicals.

    Where it is no design of the next order, that moment is positive.

    Parameters
    ----------
    code : PointCode
    order : int
    """
    products = code.inner_products
    if any(product.has(cos) for product in products):
        return ()
    before, now, said = S.One, z, []
    for k in range(1, order + 1 + (code.strength == order)):
        terms = (count * Subs(now, z, product) for product, count in products.items())
        moment = Add(code.n, *terms, evaluate=False)
        said.append(say(moment, "=", 0) if k <= order else say(0, "<", moment))
        up, down = zonal_step(k, code.d)
        before, now = now, expand((z * now - down * before) / up)
    return tuple(said)


def _called(name: str, code: PointCode) -> tuple[str, int]:
    return ("regular polygon", code.n) if name.endswith("-gon") else (name, 0)


def defect(code: PointCode) -> str:
    """Say why a code isn't sharp: its first moment that isn't 0, exactly."""
    moment = next(islice(code.zonal_moments(), code.strength, None))
    shown = code.field.expr(moment)
    return (
        f"m = {code.m}, a {code.strength}-design, no {2 * code.m - 1}-design: "
        f"ΣΣ Q_{code.strength + 1} = {shown} = {float(shown):.6g}"
    )


def bound_gap(kernel: Expr, code: PointCode, hot: Expr) -> tuple[Any, Any]:
    """Enclose the energy ``Σ_{i≠j} k`` of a code, and how far below it its own bound stays.

    The gap is ``Σ_{k>=1} h_k ΣΣ Q_k``, h the interpolant with double nodes.

    Raises
    ------
    ValueError
        For β <= 0, where divided differences of e^{βt} aren't positive.
    """
    if not hot > 0:
        raise ValueError(
            f"Expected β > 0 but got hot={hot}; the bound needs divided differences that are "
            "positive."
        )
    # Divided differences of many near nodes lose digits.
    with ball_arithmetic(_BITS):
        held, size = code.field, 2 * code.m
        moments = [enclose(held.expr(a)) for a in islice(code.zonal_moments(), size - 1)]
        slopes = _divided_differences(kernel, tuple(code.inner_products), hot)
        left = interval(0)
        for j, row in enumerate(code.newton):
            for k, coefficient in enumerate(row[1:]):
                left += slopes[j] * enclose(held.expr(coefficient)) * moments[k]
        terms = (c * enclose(kernel, {beta: hot, z: t}) for t, c in code.inner_products.items())
        return sum(terms, interval(0)), left


def _divided_differences(kernel: Expr, nodes: Sequence[Expr], hot: Expr) -> list[Any]:
    """``k[s_0], k[s_0, s_1], …`` for the nodes, each double, in intervals."""
    put = {beta: interval(hot)}
    slope = kernel.diff(z)
    places = [node for node in nodes for _ in range(2)]
    at = [interval(node) for node in places]
    table = [enclose(kernel, {**put, z: value}) for value in at]
    found = [table[0]]
    for order in range(1, len(at)):
        table = [
            enclose(slope, {**put, z: at[i]})
            if places[i] == places[i + order]
            else (table[i + 1] - table[i]) / (at[i + order] - at[i])
            for i in range(len(at) - order)
        ]
        found.append(table[0])
    return found
