"""Four tokens on the circle that stay apart: an attracting state, found by runs and shown in balls.

Where weights depend on inner products of tokens, or of tokens turned by their places, angles
between tokens move by themselves. A zero of their velocity is enclosed by Krawczyk's operator, and
its eigenvalues have negative real parts by Routh and Hurwitz: starts near it stay near it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sympy import Dummy, Matrix, Mul, Rational, S, Symbol, cos, diff, lambdify, sin

from proofs_checks.claim import Budget
from proofs_checks.decide import Interval, NoEnclosureError, enclose, interval
from proofs_checks.proof import Counterexample, Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Refusal, pull_of
from theory.atoms import Tangent
from theory.engines import Evaluator
from theory.positions import Rotary
from theory.symbols import X, beta, d, m, n, t
from theory.terms import Entry, Inner, Row, shares

_HEAT = Rational(9, 4)
"""The β of the paper's Figure 4, where none is given."""
_TOKENS, _STARTS, _STEPS, _STEP = 4, 100, 300, 0.4
"""Of RoPE at β = 9/4 about one start in forty ends apart."""
_REACH = Rational(1, 10**9)
"""Half the width of the box: far less than the distance at which the linearisation changes."""
_LATER = Symbol("t", nonnegative=True)
ANGLES = tuple(Symbol(f"phi_{k}", real=True) for k in range(2, _TOKENS + 1))


def _turns_freely(flow: Flow) -> bool:
    """Whether weights are of inner products alone, so that a common turn of the circle is none.

    A clock of all, a factor s(t) > 0, changes no curve.
    """
    pull = pull_of(Subject.of(flow.model, flow.values))
    if isinstance(pull, Refusal) or set(flow.model.velocities) != {X}:
        return False
    clock = Mul(*(one for one in Mul.make_args(pull.weight) if t in one.free_symbols))
    if not clock.xreplace({t: _LATER}).is_positive:
        return False
    weight = pull.weight / clock
    parts = [weight.xreplace({one: Dummy() for one in weight.atoms(Entry)})]
    try:
        parts += [side for one in weight.atoms(Entry) for side in shares(one)]
    except ValueError:
        return False
    plain = [part.xreplace({one: Dummy() for one in part.atoms(Inner)}) for part in parts]
    rows = {row for part in parts for row in part.atoms(Row)}
    of_tokens = all(row.args[0] == X or _is_turned(row.args[0]) for row in rows)
    still = not any(part.has(Row) or t in part.free_symbols for part in plain)
    return of_tokens and still and any(_is_turned(row.args[0]) for row in rows)


def _is_turned(field: Any) -> bool:
    return isinstance(field, Rotary) and field.args[0] == X


def _velocity(flow: Flow) -> tuple[list[Any], dict[Any, Any]] | None:
    """Return the velocities of the angles from the first token to the others, as formulas.

    With the parameters that were chosen, β and others that matter.
    """
    places = (S.Zero, *ANGLES)
    tokens = [[cos(a), sin(a)] for a in places]
    chosen = {} if beta in flow.values else {beta: _HEAT}
    state = {X: tokens, m: [[Rational(1, _TOKENS)]] * _TOKENS}
    velocity = flow.model.velocities[X].xreplace({**flow.values, **chosen})
    if not isinstance(velocity, Tangent):
        return None
    pulls = Evaluator(state, {n: _TOKENS, d: 2})(velocity.field)  # along the circle P_i y is y
    turns = [-sin(a) * x + cos(a) * y for a, (x, y) in zip(places, pulls, strict=True)]
    found = [one - turns[0] for one in turns[1:]]
    found = [one.xreplace({t: S.Zero}) for one in found]
    rest = set[Any]().union(*(one.free_symbols for one in found)) - set(ANGLES)
    if not rest <= set(flow.model.parameters) or any(one.is_nonpositive for one in rest):
        return None
    chosen |= dict.fromkeys(sorted(rest, key=str), S.One)
    return [one.xreplace(chosen) for one in found], chosen


def _ends(velocity: Sequence[Any]) -> Iterator[tuple[float, ...]]:
    """Run from drawn starts, and improve by Newton's method what ends apart."""
    rate = lambdify([ANGLES], velocity, cse=True)
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, (len(ANGLES), _STARTS))
    for _ in range(_STEPS):
        angles = angles + _STEP * np.array(rate(angles))
    small = 1e-6 * np.eye(len(ANGLES))  # differences of the velocity are its slope
    for end in angles.T[np.cos(angles).min(axis=0) < 0.5]:
        for _ in range(8):
            ahead, behind = (np.array(rate(end[:, None] + one)) for one in (small, -small))
            slope = (ahead - behind) / 2e-6
            end = end - np.linalg.lstsq(slope, np.array(rate(end)))[0]
        rests = np.abs(rate(end)).max() < 1e-12 and np.cos(end).min() < 0.5
        if rests and np.linalg.eigvals(slope).real.max() < 0:
            yield tuple(map(float, end))


def _attracts(velocity: Sequence[Any], jacobian: Matrix, end: Sequence[float]) -> bool:
    """Whether balls show a zero near a point, and that it attracts."""
    middle = [Rational(x) for x in end]
    box = {a: interval(x - _REACH, x + _REACH) for a, x in zip(ANGLES, middle, strict=True)}
    point = {a: interval(x) for a, x in zip(ANGLES, middle, strict=True)}
    size = range(len(ANGLES))
    slope = [[enclose(jacobian[i, j], box) for j in size] for i in size]
    value = [enclose(one, point) for one in velocity]
    guess = np.linalg.inv(np.array([[one.mid for one in row] for row in slope]))
    inverse = [[interval(Rational(float(x))) for x in row] for row in guess]
    radius = interval(-_REACH, _REACH)
    for i in size:
        moved = -sum((inverse[i][k] * value[k] for k in size), interval(0))
        for j in size:
            product = sum((inverse[i][k] * slope[k][j] for k in size), interval(0))
            moved = moved + (interval(int(i == j)) - product) * radius
        if not (radius.a < moved.a and moved.b < radius.b):
            return False
    return _is_stable(slope)


def _is_stable(a: list[list[Interval]]) -> bool:
    """Whether all eigenvalues of every 3 x 3 matrix have negative real parts: Routh, Hurwitz."""

    def minor(i: int, j: int) -> Interval:
        return a[i][i] * a[j][j] - a[i][j] * a[j][i]

    one = -(a[0][0] + a[1][1] + a[2][2])
    two = minor(0, 1) + minor(0, 2) + minor(1, 2)
    three = -(
        a[0][0] * minor(1, 2)
        - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0])
        + a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0])
    )
    return bool(one.a > 0 and three.a > 0 and (one * two - three).a > 0)


def stays_apart_on_circle(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find four tokens on the circle at an attracting state that isn't consensus.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import SA
    >>> stays_apart_on_circle(Flow.of(SA), None, Budget(1, np.random.default_rng(0))) is None
    True
    """
    if flow.code or flow.model.kind != "flow" or flow.model.noise is not None:
        return None
    if not _turns_freely(flow):
        return None
    known = _velocity(flow)
    if known is None:
        return None
    velocity, chosen = known
    jacobian = Matrix([[diff(one, a) for a in ANGLES] for one in velocity])
    for end in _ends(velocity):
        try:
            shown = _attracts(velocity, jacobian, end)
        except NoEnclosureError:
            continue
        if shown:
            places = ", ".join(f"{x % (2 * np.pi):.8f}" for x in (0.0, *end))
            values = "".join(f", {one} = {value}" for one, value in chosen.items())
            said = f"n = 4, masses 1/4, d = 2{values}: tokens at angles {places} stay there"
            why = "Krawczyk's operator in balls; all eigenvalues have negative real parts"
            rest = "so an open set of starts stays near it"
            return Counterexample(f"{said}, up to rotation ({why}); {rest}", {"n": "4", "d": "2"})
    return None
