"""Checks certificates of trajectories of SA and USA: where the exact flow is, with an error bound.

Between nodes the exact solution is compared with its Taylor polynomial from the node, computed
in balls; how errors grow from node to node is a bound on one number, the largest geodesic
distance:

- Growth. For two solutions, D = max_i dist(x_i, y_i) has D' <= μ D along the geodesics that join
  them, μ = max_i Σ_{j≠i} a_ij (1-g_ij)(1+2β(1+g_ij)), a_ij = e^{βg_ij}/Z_i (SA), e^{βg_ij}/n
  (USA): with u_i tangent, v = u_i/|u_i| and |u_i| = D the largest, <v, Σ_j a_ij u_j> <= D Σ_j
  a_ij, and the weights' derivative gives β Cov_a(<u_i,x_j> + <x_i,u_j>, <v,x_j>) <= 2βD Σ_j a_ij
  (1-g_ij²).
- Remainder. On complex |x_i - c_i| <= r, c the node: |g_ij - <c_i,c_j>| <= 2r + r², so weights
  change by at most κ = e^{β(2r+r²)} - 1 of themselves and |f_i| <= M(r), of closed form. In time
  ρ(r) = ∫_0^r ds/M(s) nothing leaves that set: Cauchy bounds the k-th coefficient by r/ρ^k.

Doubles are never trusted: nodes are exact numbers, however they were found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from operator import mul
from typing import Any

from proofs_checks.certificates.checker.texts import CONE_LEMMA, hemisphere_statement, run_statement
from proofs_checks.certificates.format import Rejected, ball_arithmetic, demand_fields, rational

_RUNGS = 24
"""Radii at which M(r) is evaluated, equally spaced."""


Points = list[list[Any]]
"""n rows of d balls or exact rationals."""


def check_hemisphere(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Follow the exact solution through the nodes, and find it in an open hemisphere at the end."""
    fields = {"model": str, "beta": str, "points": list, "radius": str, "time": str}
    demand_fields(parameters, fields, "parameters")
    demand_fields(
        evidence,
        {"bits": int, "steps": list, "nodes": list, "order": int, "pole": list},
        "evidence",
    )
    model, hot, start = _start(parameters, parameters["points"])
    n, d = len(start), len(start[0])
    radius = _radius(parameters)
    unit = _unit_of(evidence["bits"])
    steps = [_whole(step, "step") * unit for step in evidence["steps"]]
    nodes = [start]
    for node in evidence["nodes"]:
        nodes.append(_rows(node, n, d, lambda entry: _whole(entry, "node") * unit))
    if sum(steps, Fraction(0)) != rational(parameters["time"], "time"):
        raise Rejected(f"the steps add up to {sum(steps, Fraction(0))}, not to the time stated")
    pole = _rows([evidence["pole"]], 1, d, lambda entry: Fraction(_whole(entry, "pole")))[0]
    with ball_arithmetic(precision) as flint:
        errors = follow(model, hot, nodes, steps, _order(evidence["order"]), flint, radius)
        axis = [_ball(entry, flint) for entry in pole]
        length = _length(axis, flint)
        for i, row in enumerate(_on_sphere(nodes[-1], flint)):
            height = sum(map(mul, axis, row), flint.arb(0)) - length * errors[-1]
            if not (height.is_finite() and height > 0):
                raise Rejected(
                    f"token {i + 1} is not shown to lie in the hemisphere: its height is "
                    f"{height.str(6)} with an error of {errors[-1].str(3, radius=False)}"
                )
    return hemisphere_statement(parameters), (CONE_LEMMA,)


def check_run(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Bound the distance of the exact solution from each of the nodes stated."""
    fields = {
        "model": str,
        "beta": str,
        "radius": str,
        "times": list,
        "nodes": list,
        "error": str,
    }
    demand_fields(parameters, fields, "parameters")
    demand_fields(evidence, {"order": int}, "evidence")
    if not parameters["nodes"] or len(parameters["nodes"]) != len(parameters["times"]):
        raise Rejected("Expected as many nodes as times, at least one.")
    model, hot, start = _start(parameters, parameters["nodes"][0])
    n, d = len(start), len(start[0])
    nodes = [start] + [
        _rows(node, n, d, lambda entry: rational(entry, "nodes"))
        for node in parameters["nodes"][1:]
    ]
    times = [rational(time, "times") for time in parameters["times"]]
    steps = [after - before for before, after in pairwise(times)]
    bound, radius = rational(parameters["error"], "error"), _radius(parameters)
    with ball_arithmetic(precision) as flint:
        errors = follow(model, hot, nodes, steps, _order(evidence["order"]), flint, radius)
        for time, error in zip(times, errors, strict=True):
            if not (error.is_finite() and error <= _ball(bound, flint)):
                raise Rejected(f"the error at t = {time} is bounded by {error.str(5)} only")
    return run_statement(parameters), ()


def _start(
    parameters: Mapping[str, Any], points: Any
) -> tuple[str, Fraction, list[list[Fraction]]]:
    model, hot = parameters["model"], rational(parameters["beta"], "beta")
    if model not in ("SA", "USA"):
        raise Rejected(f"Expected SA or USA but got model={model!r}.")
    if not 0 <= hot <= 1000:
        raise Rejected(f"Expected 0 <= beta <= 1000 but got beta={hot}.")
    if not isinstance(points, list) or len(points) < 2 or not isinstance(points[0], list):
        raise Rejected(f"Expected at least two rows but got points={str(points)[:200]}.")
    d = len(points[0])
    if d < 2:
        raise Rejected(f"Expected at least two coordinates but got d={d}.")
    return model, hot, _rows(points, len(points), d, lambda entry: rational(entry, "points"))


def _radius(parameters: Mapping[str, Any]) -> Fraction:
    radius = rational(parameters["radius"], "radius")
    if radius < 0:
        raise Rejected(f"Expected an angle >= 0 but got radius={radius}.")
    return radius


def _rows(data: Any, n: int, d: int, read: Callable[[Any], Fraction]) -> list[list[Fraction]]:
    """Read n rows of d exact numbers, none of them zero."""
    if not isinstance(data, list) or len(data) != n:
        raise Rejected(f"Expected {n} rows but got rows={str(data)[:200]}.")
    rows = []
    for row in data:
        if not isinstance(row, list) or len(row) != d:
            raise Rejected(f"Expected {d} coordinates but got row={str(row)[:200]}.")
        values = [read(entry) for entry in row]
        if not any(values):
            raise Rejected("Expected a direction but got a row of zeros.")
        rows.append(values)
    return rows


def _whole(value: Any, name: str) -> int:
    if type(value) is not int:
        raise Rejected(f"Expected an integer but got {name}={value!r}.")
    return value


def _unit_of(bits: int) -> Fraction:
    if not 1 <= bits <= 1100:
        raise Rejected(f"Expected 1 to 1100 bits but got bits={bits}.")
    return Fraction(1, 2**bits)


def _order(order: int) -> int:
    if not 2 <= order <= 200:
        raise Rejected(f"Expected an order from 2 to 200 but got order={order}.")
    return order


def _ball(value: Fraction, flint: Any) -> Any:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _length(row: Sequence[Any], flint: Any) -> Any:
    """Upper bound of the length of a row, finite for balls around 0 too."""
    return sum(map(mul, row, row), flint.arb(0)).abs_upper().sqrt()


def _on_sphere(rows: list[list[Fraction]], flint: Any) -> Points:
    """Balls around the rows divided by their lengths."""
    out = []
    for row in rows:
        length = _ball(sum((entry * entry for entry in row), Fraction(0)), flint).sqrt()
        out.append([_ball(entry, flint) / length for entry in row])
    return out


def follow(
    model: str,
    beta: Fraction,
    nodes: list[list[list[Fraction]]],
    steps: list[Fraction],
    order: int,
    flint: Any,
    radius: Fraction = Fraction(0),
) -> list[Any]:
    """Bound the geodesic distance of the exact solution from each node.

    The solution starts within ``radius`` of the first node; rows count as divided by their lengths.

    Parameters
    ----------
    model : {"SA", "USA"}
    beta : Fraction
    nodes : list of K + 1 lists of n rows
    steps : list of K positive Fractions
    order : int
        Degree of the Taylor polynomials.
    flint : module
        From ``ball_arithmetic``.
    radius : Fraction
        Angle.

    Returns
    -------
    list of K + 1 exact balls
        The first is the radius.

    Raises
    ------
    Rejected
        When a step is longer than the solution is known to be analytic, or an error grows so fast
        that nothing is known.
    """
    if len(nodes) != len(steps) + 1 or any(step <= 0 for step in steps):
        raise Rejected(
            f"Expected one positive step between nodes but got {len(steps)} steps, "
            f"{len(nodes)} nodes."
        )
    arb = flint.arb
    hot = _ball(beta, flint)
    half_turn = arb.pi() / 2
    error = _ball(radius, flint).abs_upper()
    errors = [error]
    points = _on_sphere(nodes[0], flint)
    for number, (step, after) in enumerate(zip(steps, nodes[1:], strict=True), 1):
        h = _ball(step, flint)
        jets = _taylor(points, hot, model, order, flint)
        rungs = _ladder(points, jets, hot, model, flint)
        remainder, moved = _remainder(rungs, h, order, flint)
        pad = 2 * (moved + 2 * error)
        factor = (_growth(points, pad, hot, model, flint) * h).exp()
        if not factor < 2:
            raise Rejected(f"step {number}: the error may double, so its growth is not bounded")
        points = _on_sphere(after, flint)
        worst = arb(0)
        for jet, row in zip(jets, points, strict=True):
            gap = []
            for coefficients, target in zip(jet, row, strict=True):
                value = arb(0)
                for coefficient in reversed(coefficients):
                    value = value * h + coefficient
                gap.append(value - target)
            worst = worst.max(_length(gap, flint))
        # A chord c <= 2 belongs to an angle <= πc/2.
        error = (factor * error + half_turn * (worst + remainder)).abs_upper()
        if not (error.is_finite() and error < 3):
            raise Rejected(f"step {number}: the error bound is {error.str(3)}, which says nothing")
        errors.append(error)
    return errors


def _taylor(points: Points, hot: Any, model: str, order: int, flint: Any) -> list[list[list[Any]]]:
    """Taylor coefficients of each coordinate, degrees 0 to ``order``, by recurrence.

    On the sphere g_ii = 1, so the diagonal weight e^β is constant.
    """
    arb = flint.arb
    n, d = len(points), len(points[0])
    x = [[[entry] for entry in row] for row in points]
    pairs = [(i, j) for i in range(n) for j in range(i)]
    gram: dict[tuple[int, int], list[Any]] = {pair: [] for pair in pairs}
    heat: dict[tuple[int, int], list[Any]] = {pair: [] for pair in pairs}
    slope: dict[tuple[int, int], list[Any]] = {pair: [] for pair in pairs}  # β k g_k, k >= 1
    own = hot.exp()
    partition: list[list[Any]] = [[] for _ in range(n)]
    mean: list[list[list[Any]]] = [[[] for _ in range(d)] for _ in range(n)]
    height: list[list[Any]] = [[] for _ in range(n)]
    zero = arb(0)
    for k in range(order):
        for i, j in pairs:
            total = zero
            for a, b in zip(x[i], x[j], strict=True):
                total = sum(map(mul, a, reversed(b)), total)
            gram[i, j].append(total)
            if k == 0:
                heat[i, j].append((hot * total).exp())
                continue
            slope[i, j].append(hot * k * total)
            heat[i, j].append(sum(map(mul, slope[i, j], reversed(heat[i, j])), zero) / k)
        for i in range(n):
            around = [(j, heat[max(i, j), min(i, j)]) for j in range(n) if j != i]
            if model == "SA":
                partition[i].append(sum((e[k] for _, e in around), own if k == 0 else zero))
            for c in range(d):
                total = own * x[i][c][k]
                for j, e in around:
                    total = sum(map(mul, e, reversed(x[j][c])), total)
                if model == "SA":
                    done = sum(map(mul, partition[i][1:], reversed(mean[i][c])), zero)
                    mean[i][c].append((total - done) / partition[i][0])
                else:
                    mean[i][c].append(total / n)
            total = zero
            for a, b in zip(x[i], mean[i], strict=True):
                total = sum(map(mul, a, reversed(b)), total)
            height[i].append(total)
        for i in range(n):
            for c in range(d):
                normal = sum(map(mul, height[i], reversed(x[i][c])), zero)
                x[i][c].append((mean[i][c][k] - normal) / (k + 1))
    return x


def _ladder(
    points: Points, jets: list[list[list[Any]]], hot: Any, model: str, flint: Any
) -> list[tuple[Any, Any]]:
    """Radii r with times ρ(r) in which the complex solution stays within r of the node.

    With κ as above and m_i the (weighted) mean: |m_i - m̂_i| <= (1+κ)/(1-κ) r + 2κ/(1-κ) V_i for
    SA, V_i² = 1 - |m̂_i|² the variance of the tokens under the weights, and <= ((1+κ)(1+r) - 1) s_i
    for USA, s_i = Σ_j a_ij; then |f_i - f̂_i| <= (1+(1+r)²)|m_i - m̂_i| + r(2+r)|m̂_i|.
    """
    arb = flint.arb
    n = len(points)
    speeds = [_length([c[1] for c in jet], flint) for jet in jets]
    means, spreads = [], []
    for i, row in enumerate(points):
        weights = [(hot * sum(map(mul, row, other), arb(0))).exp() for other in points]
        weights[i] = hot.exp()
        total = sum(weights, arb(0))
        divisor = total if model == "SA" else arb(n)
        mean = [
            sum(map(mul, weights, column), arb(0)) / divisor for column in zip(*points, strict=True)
        ]
        means.append(_length(mean, flint))
        variance = 1 - sum(map(mul, mean, mean), arb(0))
        spreads.append(variance.abs_upper().sqrt() if model == "SA" else total / n)
    # Any radii do, if κ < 1; these are chosen so that κ < 4/5 at the last one.
    top = min(0.5, (1 + 0.58 / max(float(hot.mid()), 1e-3)) ** 0.5 - 1)
    gap = _ball(Fraction(top).limit_denominator(10**6) / _RUNGS, flint)
    rungs, elapsed = [], arb(0)
    for rung in range(1, _RUNGS + 1):
        r = gap * rung
        kappa = (hot * r * (2 + r)).exp() - 1
        if not kappa < 1:
            break
        fastest = arb(0)
        for speed, mean, spread in zip(speeds, means, spreads, strict=True):
            if model == "SA":
                change = ((1 + kappa) * r + 2 * kappa * spread) / (1 - kappa)
            else:
                change = ((1 + kappa) * (1 + r) - 1) * spread
            bound = speed + (1 + (1 + r) * (1 + r)) * change + r * (2 + r) * mean
            fastest = fastest.max(bound)
        elapsed = (elapsed + gap / fastest).lower()
        rungs.append((r, elapsed))
    return rungs


def _remainder(rungs: list[tuple[Any, Any]], h: Any, order: int, flint: Any) -> tuple[Any, Any]:
    """Least bound of the terms beyond the order, and a radius not left within the step."""
    best = moved = None
    for r, time in rungs:
        if not time > h:
            continue
        moved = r if moved is None else moved
        ratio = h / time
        power = flint.arb(1)
        for _ in range(order + 1):
            power = power * ratio
        bound = (r * power / (1 - ratio)).abs_upper()
        if best is None or bound < best:
            best = bound
    if best is None or not best.is_finite():
        raise Rejected("a step is longer than the time in which the solution is known analytic")
    return best, moved


def _growth(points: Points, pad: Any, hot: Any, model: str, flint: Any) -> Any:
    """Bound μ where every inner product is within ``pad`` of that of the points."""
    arb = flint.arb
    n = len(points)
    worst = arb(0)
    for i, row in enumerate(points):
        numerator, partition = arb(0), hot.exp()
        for j, other in enumerate(points):
            if j == i:
                continue
            g = sum(map(mul, row, other), arb(0))
            weight = (hot * (g + pad)).exp()
            numerator = numerator + weight * (1 - g + pad) * (1 + 2 * hot * (1 + g + pad))
            partition = partition + (hot * (g - pad)).exp()
        worst = worst.max(numerator / (partition if model == "SA" else arb(n)))
    return worst.abs_upper()


KINDS: dict[
    str, Callable[[Mapping[str, Any], Mapping[str, Any], int], tuple[str, tuple[str, ...]]]
] = {"hemisphere": check_hemisphere, "run": check_run}
"""The checks by kind of certificate."""
