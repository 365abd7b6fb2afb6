"""Checks certificates of scalar facts: signs on boxes, roots, values, γ_β(t), modes, (D.9).

Formulas are nested lists, evaluated here with their gradients by forward differentiation in
balls; T(γ) is the integral of 1/γ' of (6.9) and (6.10), Bessel functions are summed from their
series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from proofs_checks.certificates.checker.texts import (
    BESSEL_QUOTIENT,
    FLOW_EQUATIONS,
    dimension_statement,
    equiangular_statement,
    fastest_statement,
    level_statement,
    root_statement,
    sign_statement,
    switch_statement,
    value_statement,
    variable_name,
)
from proofs_checks.certificates.format import Rejected, ball_arithmetic, demand_fields, rational

Dual = tuple[Any, tuple[Any, ...]]
"""A ball and its partial derivatives."""


def evaluate(formula: Any, values: Mapping[str, Dual], flint: Any) -> Dual:
    """Value and gradient of a formula in balls.

    The nodes are a rational as text, a name of ``values`` or ``pi``, ``["+", …]``, ``["*", …]``,
    ``["^", base, integer]`` with an integer other than 0 (a power 0 would hide where its base isn't
    defined) and ``[function, argument]`` for exp, log, sin, cos and sqrt.
    """
    arb = flint.arb
    count = len(next(iter(values.values()))[1]) if values else 0
    zeros = (arb(0),) * count
    if isinstance(formula, str):
        if formula in values:
            return values[formula]
        if formula == "pi":
            return arb.pi(), zeros
        return _ball(rational(formula, "formula"), flint), zeros
    head, *rest = formula
    if head == "^":
        base = evaluate(rest[0], values, flint)
        out: Dual = (arb(1), zeros)
        for _ in range(abs(rest[1])):
            out = _times(out, base)
        if rest[1] >= 0:
            return out
        inverse = 1 / out[0]
        return inverse, tuple(-inverse * inverse * slope for slope in out[1])
    parts = [evaluate(part, values, flint) for part in rest]
    if head == "+":
        total = parts[0]
        for part in parts[1:]:
            slopes = tuple(a + b for a, b in zip(total[1], part[1], strict=True))
            total = total[0] + part[0], slopes
        return total
    if head == "*":
        product = parts[0]
        for part in parts[1:]:
            product = _times(product, part)
        return product
    (value, slopes) = parts[0]
    if head == "exp":
        result = value.exp()
        factor = result
    elif head == "log":
        result, factor = value.log(), 1 / value
    elif head == "sin":
        result, factor = value.sin(), value.cos()
    elif head == "cos":
        result, factor = value.cos(), -value.sin()
    else:
        result = value.sqrt()
        factor = 1 / (2 * result)
    return result, tuple(factor * slope for slope in slopes)


def _times(left: Dual, right: Dual) -> Dual:
    slopes = zip(left[1], right[1], strict=True)
    return left[0] * right[0], tuple(a * right[0] + left[0] * b for a, b in slopes)


def _ball(value: Fraction, flint: Any) -> Any:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _interval(low: Fraction, high: Fraction, flint: Any) -> Any:
    return _ball(low, flint).union(_ball(high, flint))


def _demand(condition: Any, reason: str) -> None:
    """Reject unless a ball comparison is certainly true."""
    if condition is not True:
        raise Rejected(reason)


def _finite_above(value: Any, bound: Any) -> bool:
    """Whether a ball is finite and certainly larger."""
    return bool(value.is_finite() and value > bound)


def _pair(data: Any, where: str) -> tuple[Fraction, Fraction]:
    """Read ``[low, high]`` with low < high."""
    if not isinstance(data, list) or len(data) != 2:
        raise Rejected(f"Expected [low, high] but got {where}={data!r}.")
    low, high = (rational(end, where) for end in data)
    if not low < high:
        raise Rejected(f"Expected low < high but got {where}={data!r}.")
    return low, high


Box = tuple[tuple[Fraction, Fraction], ...]


Test = Callable[[Box], bool]


def _replay(tree: str, box: Box, holds: Test) -> None:
    """Walk a subdivision tree in preorder: "." is a leaf, a digit halves the box along that axis.

    Every leaf must hold; the leaves cover the box because halves do.
    """
    pending, place = [box], 0
    while pending:
        part = pending.pop()
        if place >= len(tree):
            raise Rejected("the tree ends before the box is covered")
        mark = tree[place]
        place += 1
        if mark == ".":
            if not holds(part):
                ends = ", ".join(f"[{low}, {high}]" for low, high in part)
                raise Rejected(f"the sign is not decided on the leaf {ends}")
            continue
        axis = "0123456789".find(mark)
        if not 0 <= axis < len(box):
            raise Rejected(f"Expected '.' or an axis in the tree but got mark={mark!r}.")
        low, high = part[axis]
        middle = (low + high) / 2
        pending.append((*part[:axis], (middle, high), *part[axis + 1 :]))
        pending.append((*part[:axis], (low, middle), *part[axis + 1 :]))
    if place != len(tree):
        raise Rejected("the tree goes on after the box is covered")


def _axes(count: int, flint: Any) -> list[tuple[Any, ...]]:
    """Give the unit gradients."""
    return [tuple(flint.arb(int(i == j)) for j in range(count)) for i in range(count)]


def _on_box(formula: Any, names: Sequence[str], box: Box, flint: Any) -> tuple[Any, Dual]:
    """Centred form over a box, and value and gradient by plain ball arithmetic."""
    axes = _axes(len(names), flint)
    wide = [_interval(low, high, flint) for low, high in box]
    plain = evaluate(formula, dict(zip(names, zip(wide, axes, strict=True), strict=True)), flint)
    middles = [_ball((low + high) / 2, flint) for low, high in box]
    point = dict(zip(names, zip(middles, axes, strict=True), strict=True))
    centred = evaluate(formula, point, flint)[0]
    for slope, ball, middle in zip(plain[1], wide, middles, strict=True):
        centred = centred + slope * (ball - middle)
    return centred, plain


def check_sign(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Replay the sign of a formula on a box: each leaf by plain balls or by the centred form."""
    demand_fields(parameters, {"formula": list, "relation": str, "box": list}, "parameters")
    demand_fields(evidence, {"tree": str}, "evidence")
    formula, relation = parameters["formula"], parameters["relation"]
    if relation not in (">", "<"):
        raise Rejected(f"Expected '>' or '<' but got relation={relation!r}.")
    names, ends = [], []
    for side in parameters["box"]:
        if not isinstance(side, list) or len(side) != 3 or not isinstance(side[0], str):
            raise Rejected(f"Expected [name, low, high] but got side={side!r}.")
        names.append(variable_name(side[0]))
        ends.append(_pair(side[1:], f"box.{side[0]}"))
    if not 1 <= len(names) <= 10 or len(set(names)) != len(names):
        raise Rejected(f"Expected 1 to 10 different names but got names={names}.")
    statement = sign_statement(parameters)

    with ball_arithmetic(precision) as flint:

        def holds(box: Box) -> bool:
            centred, plain = _on_box(formula, names, box, flint)
            if relation == ">":
                return _finite_above(plain[0], 0) or _finite_above(centred, 0)
            return _finite_above(-plain[0], 0) or _finite_above(-centred, 0)

        _replay(evidence["tree"], tuple(ends), holds)
    return statement, ()


def check_root(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Replay a root: opposite signs at the ends of its enclosure, a derivative of one sign."""
    fields = {"formula": list, "variable": str, "range": list, "enclosure": list}
    demand_fields(parameters, fields, "parameters")
    demand_fields(evidence, {"tree": str}, "evidence")
    formula, name = parameters["formula"], variable_name(parameters["variable"])
    low, high = _pair(parameters["range"], "range")
    left, right = _pair(parameters["enclosure"], "enclosure")
    if not low <= left < right <= high:
        raise Rejected(f"Expected a part of the range but got enclosure=[{left}, {right}].")
    statement = root_statement(parameters)
    with ball_arithmetic(precision) as flint:
        (axis,) = _axes(1, flint)
        ends = [
            evaluate(formula, {name: (_ball(end, flint), axis)}, flint)[0] for end in (left, right)
        ]
        rising = _finite_above(-ends[0], 0) and _finite_above(ends[1], 0)
        falling = _finite_above(ends[0], 0) and _finite_above(-ends[1], 0)
        if not rising and not falling:
            raise Rejected("the signs at the ends of the enclosure are not opposite")

        def holds(box: Box) -> bool:
            slope = evaluate(formula, {name: (_interval(*box[0], flint), axis)}, flint)[1][0]
            return _finite_above(slope if rising else -slope, 0)

        _replay(evidence["tree"], ((low, high),), holds)
    return statement, ()


def check_value(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Evaluate a constant formula."""
    demand_fields(parameters, {"formula": list, "enclosure": list}, "parameters")
    demand_fields(evidence, {}, "evidence")
    left, right = _pair(parameters["enclosure"], "enclosure")
    statement = value_statement(parameters)
    with ball_arithmetic(precision) as flint:
        value = evaluate(parameters["formula"], {}, flint)[0]
        inside = _finite_above(value, _ball(left, flint)) and _finite_above(
            _ball(right, flint) - value, 0
        )
        _demand(inside, f"the value {value.str(10)} is not inside [{left}, {right}]")
    return statement, ()


def _time(gamma: Fraction, beta: Any, n: int, model: str, flint: Any) -> Any:
    """T(γ), the integral of 1/γ' from 0 to γ."""
    acb = flint.acb
    more = n - 1

    def slowness(g: Any, _: bool) -> Any:
        shape = 2 * (1 - g) * (more * g + 1)
        if model == "SA":
            return ((acb(beta) * (1 - g)).exp() + more) / shape
        return n * (-acb(beta) * g).exp() / shape

    end = acb(_ball(gamma, flint))
    return acb.integral(slowness, acb(0), end).real


def _system(parameters: Mapping[str, Any]) -> tuple[str, int]:
    model, n = parameters["model"], parameters["n"]
    if model not in FLOW_EQUATIONS:
        raise Rejected(f"Expected SA or USA but got model={model!r}.")
    if n < 2:
        raise Rejected(f"Expected n >= 2 but got n={n}.")
    return model, n


def check_equiangular(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Compare the time with T at both ends of the enclosure of γ: T increases, as γ' > 0."""
    fields = {"model": str, "n": int, "beta": str, "time": str, "enclosure": list}
    demand_fields(parameters, fields, "parameters")
    demand_fields(evidence, {}, "evidence")
    model, n = _system(parameters)
    left, right = _pair(parameters["enclosure"], "enclosure")
    hot, time = rational(parameters["beta"], "beta"), rational(parameters["time"], "time")
    if not 0 <= left < right < 1 or hot < 0 or time <= 0:
        raise Rejected(
            "Expected 0 <= low < high < 1, beta >= 0 and time > 0 but got "
            f"enclosure=[{left}, {right}], beta={hot}, time={time}."
        )
    with ball_arithmetic(precision) as flint:
        ball, moment = _ball(hot, flint), _ball(time, flint)
        early = _time(left, ball, n, model, flint)
        late = _time(right, ball, n, model, flint)
        _demand(_finite_above(moment - early, 0), f"γ = {left} is not shown to come before {time}")
        _demand(_finite_above(late - moment, 0), f"γ = {right} is not shown to come after {time}")
    return equiangular_statement(parameters), ()


def check_level(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Compare T(1-δ) with the time at both ends of the enclosure of β.

    For SA the integrand holds β in e^{β(1-γ)} alone, so T increases with β.
    """
    demand_fields(
        parameters, {"n": int, "delta": str, "time": str, "enclosure": list}, "parameters"
    )
    demand_fields(evidence, {}, "evidence")
    n, left_right = parameters["n"], _pair(parameters["enclosure"], "enclosure")
    delta, time = rational(parameters["delta"], "delta"), rational(parameters["time"], "time")
    if n < 2 or not 0 < delta < 1 or left_right[0] < 0:
        raise Rejected(
            "Expected n >= 2, 0 < delta < 1 and beta >= 0 but got "
            f"n={n}, delta={delta}, enclosure={parameters['enclosure']}."
        )
    with ball_arithmetic(precision) as flint:
        early, late = (_time(1 - delta, _ball(b, flint), n, "SA", flint) for b in left_right)
        moment = _ball(time, flint)
        _demand(_finite_above(moment - early, 0), f"T at β = {left_right[0]} is not below {time}")
        _demand(_finite_above(late - moment, 0), f"T at β = {left_right[1]} is not above {time}")
    return level_statement(parameters), ()


def check_dimension(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Replay (D.9): enclose γ(1/n), then u - log u = log(16 c²/γ²) at u = log d."""
    demand_fields(parameters, {"n": int, "beta": str, "enclosure": list}, "parameters")
    demand_fields(evidence, {"gamma": list}, "evidence")
    n, hot = parameters["n"], rational(parameters["beta"], "beta")
    left, right = _pair(parameters["enclosure"], "enclosure")
    low, high = _pair(evidence["gamma"], "gamma")
    if n < 2 or hot < 0 or left < 1 or not 0 < low < high < 1:
        raise Rejected(
            "Expected n >= 2, beta >= 0, log10 d >= 1 and 0 < γ < 1 but got "
            f"n={n}, beta={hot}, enclosure=[{left}, {right}], gamma=[{low}, {high}]."
        )
    with ball_arithmetic(precision) as flint:
        ball, moment = _ball(hot, flint), _ball(Fraction(1, n), flint)
        _demand(
            _finite_above(moment - _time(low, ball, n, "SA", flint), 0)
            and _finite_above(_time(high, ball, n, "SA", flint) - moment, 0),
            f"γ(1/{n}) is not shown to lie in [{low}, {high}]",
        )
        # log 16c² = log 16 + 20 max(1, β); d/log d increases for d > e.
        need = flint.arb(16).log() + 20 * _ball(max(Fraction(1), hot), flint)
        below, above = (
            (u := _ball(end, flint) * flint.arb(10).log()) - u.log() for end in (left, right)
        )
        least = need - 2 * _ball(high, flint).log()
        most = need - 2 * _ball(low, flint).log()
        _demand(_finite_above(least - below, 0), f"log10 d = {left} is not shown to be too small")
        _demand(_finite_above(above - most, 0), f"log10 d = {right} is not shown to be enough")
    return dimension_statement(parameters), ()


def _series(order: Fraction, square: Any, flint: Any) -> Any:
    """``Σ_m (x²/4)^m / (m! (order)_m)``: I_{order-1}(x) over its leading term; ``square`` is x²/4.

    Once the quotient of successive terms is at most 1/2, the rest is at most the last term.
    """
    arb = flint.arb
    total, term, m = arb(1), arb(1), 0
    smallest = arb(2) ** (-flint.ctx.prec - 10)
    while True:
        quotient = square / ((m + 1) * _ball(order + m, flint))
        term = term * quotient
        total = total + term
        m += 1
        if not quotient.is_finite() or m > 10**5:
            raise Rejected("the Bessel series does not converge fast enough")
        if 2 * quotient < 1 and term < smallest * total:
            return total + term.union(arb(0))


def _mode_weight(degree: int, dimension: int) -> int:
    return degree * (degree + dimension - 2)


def _rise(degree: int, dimension: int, beta: Any, flint: Any) -> Any:
    """Rate of degree k+1 over that of degree k: weights times I_{k+d/2}/I_{k+d/2-1}."""
    order = degree + Fraction(dimension, 2)
    square = beta * beta / 4
    quotient = _series(order + 1, square, flint) / _series(order, square, flint)
    weights = Fraction(_mode_weight(degree + 1, dimension), _mode_weight(degree, dimension))
    return _ball(weights / (2 * order), flint) * beta * quotient


def check_switch(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Compare the rates of degree k and k+1 at both ends of the enclosure of β."""
    demand_fields(parameters, {"d": int, "mode": int, "enclosure": list}, "parameters")
    demand_fields(evidence, {}, "evidence")
    degree, dimension = parameters["mode"], parameters["d"]
    left, right = _pair(parameters["enclosure"], "enclosure")
    if degree < 1 or dimension < 2 or left <= 0:
        raise Rejected(
            "Expected mode >= 1, d >= 2 and beta > 0 but got "
            f"mode={degree}, d={dimension}, enclosure=[{left}, {right}]."
        )
    with ball_arithmetic(precision) as flint:
        low, high = (_rise(degree, dimension, _ball(b, flint), flint) for b in (left, right))
        _demand(_finite_above(1 - low, 0), f"degree {degree} is not shown faster at β = {left}")
        _demand(_finite_above(high, 1), f"degree {degree + 1} is not shown faster at β = {right}")
    return switch_statement(parameters), (BESSEL_QUOTIENT,)


def check_fastest(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Compare neighbouring degrees up to ``last``, and bound the quotients beyond.

    Rates rise up to the mode and fall after it as far as ``last``; beyond, the quotient is at most
    ``(k+1)(k+d-1)/(k(k+d-2)) β/(2k+d)``, which falls with k.
    """
    demand_fields(parameters, {"d": int, "beta": str, "mode": int}, "parameters")
    demand_fields(evidence, {"last": int}, "evidence")
    degree, dimension, last = parameters["mode"], parameters["d"], evidence["last"]
    hot = rational(parameters["beta"], "beta")
    if not (1 <= degree <= last <= 10**4 and dimension >= 2 and hot > 0):
        raise Rejected(
            "Expected 1 <= mode <= last <= 10000, d >= 2 and beta > 0 but got "
            f"mode={degree}, last={last}, d={dimension}, beta={hot}."
        )
    weights = Fraction(_mode_weight(last, dimension), _mode_weight(last + 1, dimension))
    if not hot < weights * (2 * last + dimension):
        raise Rejected(f"the rates are not shown to fall beyond degree {last}")
    with ball_arithmetic(precision) as flint:
        ball = _ball(hot, flint)
        for k in range(1, last):
            rise = _rise(k, dimension, ball, flint)
            decided = _finite_above(rise, 1) if k < degree else _finite_above(1 - rise, 0)
            _demand(decided, f"degrees {k} and {k + 1} are not in the order stated")
    return fastest_statement(parameters), ()


KINDS: dict[
    str, Callable[[Mapping[str, Any], Mapping[str, Any], int], tuple[str, tuple[str, ...]]]
] = {
    "sign": check_sign,
    "root": check_root,
    "value": check_value,
    "equiangular": check_equiangular,
    "level": check_level,
    "dimension": check_dimension,
    "switch": check_switch,
    "fastest": check_fastest,
}
"""The checks by kind of certificate."""
