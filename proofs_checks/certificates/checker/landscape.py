"""Checks certificates on the energy of n tokens on the circle: saddles over β, critical points.

Angles are θ_i, the force is s(φ) = sin φ e^{β cos φ} and g = s'. In units of 1/(2βn²) the energy
(7.4) has the gradient -2β Σ_j s(θ_i - θ_j) and the Hessian 2β g(θ_i - θ_j), on the diagonal -2β
Σ_{j≠i} g(θ_i - θ_j): (B.1). The factor 2β is left out: what remains are the derivatives of E
itself, for β of any sign, and at β = 0 those of its limit.

*Half circle.* If a cyclic gap exceeds π, the tokens seen from its end span less than π: every
term of the end token's force has one sign, and it vanishes only at consensus (Lemma 6.4).

*Cuts.* For a set S of tokens, v = 1_S has v'Hv = -Σ_{S x S^c} g. Where that is positive for one
S, the energy has a direction of ascent to second order.

*Masses.* With masses m_i a pair counts m_i m_j times in the gradient m_i Σ_j m_j s(θ_i - θ_j) of E
and in its Hessian; the half circle and the cuts stay as they are. None of it asks for a sign of β.

*Large β.* g(φ) >= 0 exactly for |φ| <= τ*, where β sin²τ* = cos τ*. If no cut has a negative
sum, every cut is crossed by a pair within τ*, so these pairs connect the tokens, which span at
most (n-1)τ*. That is less than π if and only if β > cos(π/(n-1))/sin²(π/(n-1)), since β =
c/(1-c²) rises with c = cos τ*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, permutations
from math import gcd, lcm
from typing import Any

from proofs_checks.certificates.checker.slices import SCALE, Slice
from proofs_checks.certificates.checker.texts import list_text, point_text, saddles_text
from proofs_checks.certificates.format import Rejected, ball_arithmetic, demand_fields, rational

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Digits of a tree: a split's axis, a cut's first and last token."""


SADDLES = "strict-saddles-circle"


WEIGHTED = "strict-saddles-circle-masses"


POINT = "critical-point-circle"


LIST = "critical-points-circle"


_LEAVES = {".": 0, "+": 2, "!": 2, "=": 1}


_HOTTEST = 1000  # Above, e^β is beyond what integers should hold.


def _crossing(cut: list[int], n: int) -> tuple[list[int], list[int]]:
    """Return the tokens of an arc first..last that holds not token 0, and the others."""
    first, last = cut
    if not 1 <= first <= last < n:
        raise Rejected(f"Expected tokens from 1 to {n - 1} but got cut={cut}.")
    return list(range(first, last + 1)), [k for k in range(n) if not first <= k <= last]


def _outside(lo: list[int], hi: list[int], full: int, alike: bool) -> bool:
    """Whether a box has no point in the domain that ``_check_saddles`` describes.

    Its last condition, on the first gap, is there if the tokens are ``alike``.
    """
    n = len(lo)
    return (
        any(hi[k + 1] < lo[k] for k in range(n - 1))
        or any(lo[k + 1] - hi[k] > full - lo[-1] for k in range(n - 2))
        or 2 * lo[-1] - hi[-2] > full
        or (alike and lo[1] > hi[-1] - lo[-2])
    )


Masses = tuple[int, ...]


def _has_direction(
    bounds: Slice, lo: list[int], hi: list[int], cut: list[int], masses: Masses
) -> bool:
    """Whether Σ_{S x S^c} mm g < 0 on the box, for every β of the slice: v'Hv > 0 for v = 1_S."""
    ours, others = _crossing(cut, len(lo))
    ends, growth = [0, 0], 0
    for i in ours:
        for j in others:
            left, right, weight, _, _ = bounds.span(lo[i] - hi[j], hi[i] - lo[j])
            times = masses[i] * masses[j]
            ends[0] += times * left
            ends[1] += times * right
            growth += times * weight
    return max(ends) * bounds.bend.denominator + bounds.bend.numerator * growth < 0


def _has_force(bounds: Slice, lo: list[int], hi: list[int], cut: list[int], masses: Masses) -> bool:
    """Whether F = Σ_{i in S, j not in S} m_i m_j s(θ_i - θ_j) has one sign on the box, for all β.

    F is minus the sum of the gradient over S (pairs inside S cancel), so no point of the box is
    critical then. By the mean value theorem |F| >= |F(middle)| - Σ_k half-width_k sup |∂_k F|.
    """
    n = len(lo)
    if any((hi[k] - lo[k]) % 2 for k in range(n)):
        return False  # the middle isn't on the grid
    middle = [(a + b) // 2 for a, b in zip(lo, hi, strict=True)]
    ours, others = _crossing(cut, n)
    least, most, growth = [0, 0], [0, 0], 0
    below, above = [0] * n, [0] * n
    for i in ours:
        for j in others:
            row = bounds.values(middle[i] - middle[j])
            times = masses[i] * masses[j]
            for end in (0, 1):
                least[end] += times * row[5 * end]
                most[end] += times * row[5 * end + 1]
            growth += times * row[-1]
            _, _, _, small, large = bounds.span(lo[i] - hi[j], hi[i] - lo[j])
            for k in (i, j):
                below[k] += times * small
                above[k] += times * large
    force = max(min(least), -max(most))  # of one sign at both ends of the slice, or not positive
    slope = sum((hi[k] - lo[k]) * max(above[k], -below[k]) for k in range(n))
    bend = bounds.bend_force
    # π < 355/113; the half-width of an axis is (hi - lo) π / 2^grid.
    left = (force * bend.denominator - bend.numerator * growth) * 113 << bounds.grid
    return left > 355 * bend.denominator * slope


def _replay(
    n: int,
    grid: int,
    tree: str,
    test: Callable[[str, list[int], list[int], list[int]], bool],
    alike: bool = True,
) -> None:
    """Walk a subdivision tree in preorder; raise Rejected unless every leaf holds.

    A split is the digit of its axis (the token), lower half first. A leaf is ``.`` (outside the
    domain), or another symbol with the digits that ``_LEAVES`` counts, which ``test`` decides.
    """
    full = 1 << grid
    pending = [([0] * (n - 1) + [full // 2], [0] + [full] * (n - 1))]
    symbols = iter(tree)
    while pending:
        lo, hi = pending.pop()
        symbol = next(symbols, "")
        axis = DIGITS.find(symbol) if symbol else -1
        if symbol in _LEAVES:
            digits = [DIGITS.find(next(symbols, "?")) for _ in range(_LEAVES[symbol])]
            holds = _outside(lo, hi, full, alike) if symbol == "." else test(symbol, digits, lo, hi)
            if not holds:
                raise Rejected(f"the leaf {symbol}{digits} fails on the box {lo} to {hi} of {full}")
        elif 1 <= axis < n and hi[axis] > lo[axis] and (hi[axis] - lo[axis]) % 2 == 0:
            half = (lo[axis] + hi[axis]) // 2
            pending.append(([*lo[:axis], half, *lo[axis + 1 :]], hi))
            pending.append((lo, [*hi[:axis], half, *hi[axis + 1 :]]))
        else:
            raise Rejected(f"Expected a split or a leaf but got symbol={symbol!r}.")
    if next(symbols, ""):
        raise Rejected("the tree goes on after its last leaf")


def _check_slice(bounds: Slice, tree: Any, masses: Masses, alike: bool) -> None:
    """Replay one tree on one slice of β."""
    if type(tree) is not str:
        raise Rejected(f"Expected a tree but got {type(tree).__name__}.")

    def test(symbol: str, cut: list[int], lo: list[int], hi: list[int]) -> bool:
        # A leaf "=" belongs to lists of critical points; here it means nothing.
        tests = {"+": _has_direction, "!": _has_force}
        return symbol in tests and tests[symbol](bounds, lo, hi, cut, masses)

    _replay(len(masses), bounds.grid, tree, test, alike)


def _slices(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> Iterator[tuple[Slice, Any]]:
    """Yield the slices of β, each with its evidence, once knots and threshold are in order."""
    n, grid = parameters["n"], evidence["grid"]
    low, high = _span(parameters)
    knots = [rational(text, "knots") for text in evidence["knots"]]
    trees = evidence["trees"]
    if not 2 <= grid <= 24:
        raise Rejected(f"Expected grid from 2 to 24 but got grid={grid}.")
    if not knots or len(knots) != len(trees) + 1:
        raise Rejected(f"Expected a tree between two knots but got {len(trees)} trees.")
    if knots[0] != low or any(a >= b for a, b in pairwise(knots)):
        raise Rejected(f"Expected knots that rise from beta_from={low} but got knots={knots}.")
    if max(knots[-1], -knots[0]) > _HOTTEST:
        raise Rejected(f"Expected |beta| <= {_HOTTEST} but got beta from {low} to {knots[-1]}.")
    if high is not None and (knots[-1] != high or not trees):
        raise Rejected(f"Expected knots up to beta_to={high} but got {knots[-1]}.")
    with ball_arithmetic(precision) as flint:
        if high is None:
            sine, cosine = (flint.arb(1) / (n - 1)).sin_cos_pi()
            last = flint.arb(flint.fmpq(knots[-1].numerator, knots[-1].denominator))
            if not last * sine * sine > cosine:
                raise Rejected(f"the large-β argument doesn't hold yet at β = {knots[-1]}")
        for (a, b), tree in zip(pairwise(knots), trees, strict=True):
            yield Slice(flint, grid, a, b), tree


def _span(parameters: Mapping[str, Any]) -> tuple[Fraction, Fraction | None]:
    """Return both ends of the range of β; None is infinity."""
    low, high = parameters["beta_from"], parameters["beta_to"]
    return rational(low, "beta_from"), None if high == "infinity" else rational(high, "beta_to")


def _check_saddles(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Replay the trees of all slices of β, and the threshold from which none is needed.

    The domain of a tree is θ_1 = 0 <= θ_2 <= … <= θ_n with the last gap 2π - θ_n the largest, at
    most π, and the first gap at most the last but one. That is no restriction: relabelling,
    rotating and reflecting the circle keep the energy; a cyclic shift of the labels brings a
    largest gap last; a reflection that keeps it last reverses the order of the other gaps; and a
    gap above π is the half circle.
    """
    demand_fields(parameters, {"n": int, "beta_from": str, "beta_to": str}, "parameters")
    demand_fields(evidence, {"grid": int, "knots": list, "trees": list}, "evidence")
    n = parameters["n"]
    if not 3 <= n <= 16:
        raise Rejected(f"Expected n from 3 to 16 but got n={n}.")
    for bounds, tree in _slices(parameters, evidence, precision):
        _check_slice(bounds, tree, (1,) * n, alike=True)
    return saddles_text(n, *_span(parameters))


def arrangements(masses: Sequence[Fraction]) -> list[Masses]:
    """Orders of the masses round the circle that a check must go through, as whole numbers.

    A tree's domain begins after a largest gap, so that every order of the labels occurs; a
    reflection reads an order backwards, and of the two one is enough.
    """
    unit = lcm(*(mass.denominator for mass in masses))
    whole = [int(mass * unit) for mass in masses]
    shared = gcd(*whole)
    orders = set(permutations(mass // shared for mass in whole))
    return sorted({max(order, order[::-1]) for order in orders})


def _check_weighted(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Replay a tree for every order of the masses and every slice of β.

    Without equal masses the domain has no condition on the first gap.
    """
    fields = {"n": int, "masses": list, "beta_from": str, "beta_to": str}
    demand_fields(parameters, fields, "parameters")
    demand_fields(evidence, {"grid": int, "knots": list, "trees": list}, "evidence")
    n = parameters["n"]
    masses = [rational(text, "masses") for text in parameters["masses"]]
    if not 3 <= n <= 6 or len(masses) != n or min(masses) <= 0 or max(masses) > 10**6:
        raise Rejected(f"Expected n from 3 to 6 masses in (0, 10^6] but got masses={masses}.")
    orders = arrangements(masses)
    for bounds, trees in _slices(parameters, evidence, precision):
        if type(trees) is not list or len(trees) != len(orders):
            raise Rejected(f"Expected {len(orders)} trees, one for each order of the masses.")
        for order, tree in zip(orders, trees, strict=True):
            _check_slice(bounds, tree, order, alike=False)
    return saddles_text(n, *_span(parameters), masses)


@dataclass(frozen=True)
class _Point:
    """A configuration at one β, to be shown critical; angles over 2π are ``turns``."""

    flint: Any
    beta: Any
    turns: list[Any]

    def force(self) -> Any:
        """Return Σ_j s(θ_i - θ_j) for i = 1, …, n-1, as a column; token 0 is held."""
        rows = []
        for i in range(1, len(self.turns)):
            total = self.flint.arb(0)
            for other in self.turns:
                sine, cosine = (2 * (self.turns[i] - other)).sin_cos_pi()
                total += sine * (self.beta * cosine).exp()
            rows.append([total])
        return self.flint.arb_mat(rows)

    def curvature(self, i: int, j: int) -> Any:
        """Return g(θ_i - θ_j)."""
        sine, cosine = (2 * (self.turns[i] - self.turns[j])).sin_cos_pi()
        return (cosine - self.beta * sine * sine) * (self.beta * cosine).exp()


def _jacobian(flint: Any, n: int, curvature: Callable[[int, int], Any]) -> Any:
    """Return the derivative of ``force``, minus the Hessian with token 0 held."""
    pairs = {(i, j): curvature(i, j) for i in range(n) for j in range(i)}
    rows = []
    for i in range(1, n):
        row = [-pairs[max(i, j), min(i, j)] if i != j else flint.arb(0) for j in range(n)]
        row[i] = -sum(row, flint.arb(0))
        rows.append(row[1:])
    return flint.arb_mat(rows)


def _holds_one_zero(point: _Point, jacobian: Any, lower: list[Any], upper: list[Any]) -> bool:
    """Whether a box around a point holds exactly one critical point: Krawczyk's test.

    Parameters
    ----------
    point : _Point
    jacobian : arb_mat
        Encloses the derivative of the force on the box.
    lower, upper : list of arb
        Ends of the box less the point, in turns, exact.
    """
    flint, size = point.flint, len(point.turns) - 1
    here = _jacobian(flint, size + 1, point.curvature)
    try:
        inverse = flint.arb_mat([[x.mid() for x in row] for row in here.tolist()]).inv()
    except ZeroDivisionError:
        return False
    inverse = flint.arb_mat([[x.mid() for x in row] for row in inverse.tolist()])
    box = flint.arb_mat([[a.union(b)] for a, b in zip(lower, upper, strict=True)])
    one = flint.arb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])
    step = inverse * point.force() * (1 / (2 * flint.arb.pi()))
    image = (one - inverse * jacobian) * box - step
    return all(bool(image[i, 0] > lower[i]) and bool(image[i, 0] < upper[i]) for i in range(size))


def _signs(matrix: Any) -> tuple[int, int] | None:
    """Count positive and negative eigenvalues by LDLᵀ, largest pivot first; None if undecided."""
    rows = [list(row) for row in matrix.tolist()]
    positive = negative = 0
    while rows:
        k = max(range(len(rows)), key=lambda i: float(abs(rows[i][i].mid())))
        pivot = rows[k][k]
        if pivot > 0:
            positive += 1
        elif pivot < 0:
            negative += 1
        else:
            return None
        rest = [i for i in range(len(rows)) if i != k]
        rows = [[rows[i][j] - rows[i][k] * rows[k][j] / pivot for j in rest] for i in rest]
    return positive, negative


def _index(flint: Any, beta: Any, turns: list[Any], radius: Any) -> tuple[int, int]:
    """Show one critical point within a radius, non-degenerate, and count its eigenvalues' signs.

    Token 0 is held at its angle. ``turns`` and ``radius`` are exact.
    """
    around = [turns[0], *(t + radius * flint.arb(0, 1) for t in turns[1:])]
    jacobian = _jacobian(flint, len(turns), _Point(flint, beta, around).curvature)
    size = len(turns) - 1
    if not _holds_one_zero(_Point(flint, beta, turns), jacobian, [-radius] * size, [radius] * size):
        raise Rejected(f"Krawczyk's test finds no critical point at {turns}")
    signs = _signs(-jacobian)
    if signs is None:
        raise Rejected(f"the signs of the eigenvalues are undecided at {turns}")
    return signs


def count_signs(
    flint: Any, beta: Fraction, turns: list[Fraction], radius: Fraction
) -> tuple[int, int]:
    """Show one non-degenerate critical point within a radius; count positive and negative signs.

    Raises
    ------
    Rejected
        When that can't be shown.
    """
    if abs(beta) > _HOTTEST:
        raise Rejected(f"Expected |beta| <= {_HOTTEST} but got beta={beta}.")
    if any(x.denominator & (x.denominator - 1) for x in (*turns, radius)):
        raise Rejected("Expected dyadic angles and radius, that balls hold exactly.")
    *exact, reach = [flint.arb(x.numerator) / x.denominator for x in (*turns, radius)]
    hot = flint.arb(flint.fmpq(beta.numerator, beta.denominator))
    return _index(flint, hot, exact, reach)


def _check_point(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Show one critical point and its index; it needs no evidence."""
    fields = {"n": int, "beta": str, "turns": list, "radius": str, "positive": int, "negative": int}
    demand_fields(parameters, fields, "parameters")
    demand_fields(evidence, {}, "evidence")
    n = parameters["n"]
    beta, radius = rational(parameters["beta"], "beta"), rational(parameters["radius"], "radius")
    turns = [rational(text, "turns") for text in parameters["turns"]]
    if not 2 <= n <= 64 or len(turns) != n or radius <= 0:
        raise Rejected(f"Expected n angles and a radius > 0 but got n={n}, radius={radius}.")
    with ball_arithmetic(precision) as flint:
        found = count_signs(flint, beta, turns, radius)
    if found != (parameters["positive"], parameters["negative"]):
        raise Rejected(f"the Hessian has {found} positive and negative eigenvalues")
    return point_text(n, beta, turns, radius, *found)


FINE = 50  # Centres are integers over 2^50 turns.


_NARROW = 1 << 14  # Radius of the first enclosure of a centre, in the same units.


def _orbits(n: int, centres: list[list[int]]) -> list[tuple[int, ...]]:
    """Return all images of centres under relabelling and reflection, each critical point once.

    An image keeps token 0 at angle 0, so its critical point is within 2 ``_NARROW`` of the image
    of the centre. Centres of two images more than 4 ``_NARROW`` apart belong to different points.
    Otherwise the two points differ by at most 8 ``_NARROW``, 16 after carrying both back to where
    the second one's centre is; the box of that centre reaches 17 ``_NARROW`` from it (checked by
    the caller) and holds one critical point only: they are the same.
    """
    full = 1 << FINE
    found: list[tuple[int, ...]] = []
    origin: list[int] = []
    for number, centre in enumerate(centres):
        for order in permutations(range(n)):
            for sign in (1, -1):
                image = tuple(sign * (centre[k] - centre[order[0]]) % full for k in order)
                near = (
                    all(min((a - b) % full, (b - a) % full) <= 4 * _NARROW for a, b in pairs)
                    for pairs in (list(zip(image, other, strict=True)) for other in found)
                )
                if not any(near):
                    found.append(image)
                    origin.append(number)
    return [(*image, number) for image, number in zip(found, origin, strict=True)]


def unique_point(bounds: Slice, centre: list[int], lo: list[int], hi: list[int]) -> tuple[int, int]:
    """Show that a box of the grid holds one critical point, near a centre; return its type."""
    flint, n, shift = bounds.flint, len(centre), FINE - bounds.grid
    reach = 17 * _NARROW
    if centre[0] or lo[0] or hi[0]:
        raise Rejected(f"Expected token 0 at 0 but got centre={centre}, box {lo} to {hi}.")
    if any(
        not (a << shift <= c - reach and c + reach <= b << shift)
        for a, b, c in zip(lo[1:], hi[1:], centre[1:], strict=True)
    ):
        raise Rejected(f"the box {lo} to {hi} doesn't reach around its centre {centre}")
    if all(min(c % (1 << FINE), -c % (1 << FINE)) <= reach for c in centre):
        raise Rejected("consensus is counted apart: it must not be listed")
    turns = [flint.arb(c) / (1 << FINE) for c in centre]

    def curvature(i: int, j: int) -> Any:
        *_, small, large = bounds.span(lo[i] - hi[j], hi[i] - lo[j])
        return (flint.arb(small) / (1 << SCALE)).union(flint.arb(large) / (1 << SCALE))

    if any(abs(x) > 1 << bounds.grid for x in (*lo, *hi)):
        raise Rejected(f"Expected a box within one turn but got {lo} to {hi}.")
    lower = [flint.arb((a << shift) - c) / (1 << FINE) for a, c in zip(lo, centre, strict=True)]
    upper = [flint.arb((b << shift) - c) / (1 << FINE) for b, c in zip(hi, centre, strict=True)]
    point = _Point(flint, bounds.ends[0], turns)
    if not _holds_one_zero(point, _jacobian(flint, n, curvature), lower[1:], upper[1:]):
        raise Rejected(f"Krawczyk's test fails on the box {lo} to {hi} around {centre}")
    return _index(flint, bounds.ends[0], turns, flint.arb(_NARROW) / (1 << FINE))


def point_types(n: int, centres: list[list[int]], kinds: list[tuple[int, int]]) -> dict[str, int]:
    """Count critical points modulo rotation by type "positive,negative", consensus among them."""
    types = Counter({f"0,{n - 1}": 1})
    for *_, number in _orbits(n, centres):
        types["{},{}".format(*kinds[number])] += 1
    return dict(types)


def _check_list(
    parameters: Mapping[str, Any], evidence: Mapping[str, Any], precision: int
) -> tuple[str, tuple[str, ...]]:
    """Show that a list of critical points is complete, and count them by type.

    Each listed point comes with a box of the tree's grid in which Krawczyk's test finds exactly
    one critical point. The tree covers the domain of ``_check_saddles``; a leaf has a force, or
    lies in one of these boxes. Consensus, the only critical point outside of the domain's orbit,
    has the Hessian g(0)(J - nI), with n-1 negative eigenvalues.
    """
    demand_fields(parameters, {"n": int, "beta": str, "count": int, "types": dict}, "parameters")
    demand_fields(evidence, {"grid": int, "points": list, "tree": str}, "evidence")
    n, grid, points = parameters["n"], evidence["grid"], evidence["points"]
    beta = rational(parameters["beta"], "beta")
    if (
        not 3 <= n <= 6
        or not 2 <= grid <= 24
        or not 0 <= beta <= _HOTTEST
        or len(points) > len(DIGITS)
    ):
        raise Rejected(f"Expected n from 3 to 6, beta from 0 but got n={n}, beta={beta}.")
    boxes: list[tuple[list[int], list[int]]] = []
    centres: list[list[int]] = []
    for point in points:
        demand_fields(point, {"at": list, "lo": list, "hi": list}, "point")
        if not all(
            len(part) == n and all(type(x) is int and abs(x) < 1 << 60 for x in part)
            for part in point.values()
        ):
            raise Rejected(f"Expected n integers each but got point={point}.")
        boxes.append((point["lo"], point["hi"]))
        centres.append(point["at"])
    with ball_arithmetic(precision) as flint:
        bounds = Slice(flint, grid, beta, beta)
        kinds = [
            unique_point(bounds, centre, *box) for centre, box in zip(centres, boxes, strict=True)
        ]

        def test(symbol: str, digits: list[int], lo: list[int], hi: list[int]) -> bool:
            if symbol == "!":
                return _has_force(bounds, lo, hi, digits, (1,) * n)
            if symbol != "=" or not 0 <= digits[0] < len(boxes):
                return False
            low, high = boxes[digits[0]]
            inside = (a >= c and b <= d for a, b, c, d in zip(lo, hi, low, high, strict=True))
            return all(inside)

        _replay(n, grid, evidence["tree"], test)
    types = point_types(n, centres, kinds)
    count = sum(types.values())
    if count != parameters["count"] or types != dict(parameters["types"]):
        raise Rejected(f"there are {count} critical points: {types}")
    # Morse theory on the torus of dimension n - 1, whose Euler characteristic is 0.
    if sum((-1) ** int(name.split(",")[1]) * times for name, times in types.items()):
        raise Rejected(f"Expected Euler characteristic 0 but got types={types}.")
    return list_text(n, beta, count, types)


KINDS: dict[
    str, Callable[[Mapping[str, Any], Mapping[str, Any], int], tuple[str, tuple[str, ...]]]
] = {
    SADDLES: _check_saddles,
    WEIGHTED: _check_weighted,
    POINT: _check_point,
    LIST: _check_list,
}
"""What this file checks."""
