"""Example 9.3, E.Example 9.3: hardmax dynamics have several futures; how many, exactly.

How it is proved
----------------
z_3 is a path (p, q) in s = 1 - e^{-t}. The path solves (9.5) if its derivative is (1-s) of what the
row of the hardmax gives, C_3 being read off two differences of scores that are sums of positive
terms. The middle path may be left at any s = a. There are no others: a solution stays in the
triangle of the tokens, where C_3 is read off the sign of p, so that q' = 1 - q and |p| only rises.

References
----------
arXiv 2312.10794, Example 9.3, (9.5)-(9.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Add, Derivative, Expr, Matrix, Rational, S, Symbol, expand, ones, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    LEAST,
    SUM,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Step,
    apply,
    cited,
    derived,
    gap,
    not_asked,
    of_no_flow,
)
from proofs_checks.said import Said, say, saying
from theory.hardmax import Hardmax

ELAPSED = Symbol("s", positive=True)
"""s = 1 - e^{-t}, in (0, 1)."""

LEAVE = Symbol("a", nonnegative=True)
"""Where the middle path is left, in [0, 1)."""

P, Q = Symbol("p", real=True), Symbol("q", real=True)
"""Coordinates of z_3, where a formula of them is said."""

Path = tuple[Expr, Expr]
FIRST: Path = (ELAPSED, ELAPSED)
SECOND: Path = (-ELAPSED, ELAPSED)
MIDDLE: Path = (S.Zero, ELAPSED)


@dataclass(frozen=True)
class Futures:
    """Paths of z_3 that are said to solve (9.5)-(9.6), z_1 = (1, 1) and z_2 = (-1, 1) at rest.

    Attributes
    ----------
    paths : tuple of pairs of Expr
        Coordinates as functions of s; each starts at ``start``.
    start : pair of Expr
        z_3 at s = 0.
    late : bool
        Whether the middle path may be left at every s = a, towards z_1 or z_2.
    only : bool
        Whether these are said to be all solutions.
    """

    paths: tuple[Path, ...] = (FIRST, SECOND, MIDDLE)
    start: tuple[Expr, Expr] = (S.Zero, S.Zero)
    late: bool = False
    only: bool = False


def _late(side: int) -> Path:
    """Path that leaves the middle at s = a: s is a + (1-a)u at u, which is written s here."""
    return side * ELAPSED, LEAVE + (1 - LEAVE) * ELAPSED


def _row(p: Expr, q: Expr) -> Matrix:
    """Where the hardmax sends z_3 at (p, q), the mean over C_3, by the atom itself."""
    tokens = Matrix([[1, 1], [-1, 1], [p, q]])
    weights = Hardmax(tokens * tokens.T, ones(3, 1)).as_explicit()
    return weights[2, :] * tokens


def _off(path: Path, at: dict[Symbol, Expr]) -> str:
    """Say where a path doesn't move as (9.5) says, or ""."""
    place = [part.subs(at) for part in path]
    speed = [((1 - ELAPSED) * part.diff(ELAPSED)).subs(at) for part in path]
    wanted = _row(*place)
    own = [w - z for w, z in zip(wanted, place, strict=True)]
    if speed == own:
        return ""
    return f"z_3 = ({place[0]}, {place[1]}) moves by ({own[0]}, {own[1]}), not {tuple(speed)}"


def refute(flow: Flow, said: Futures | None, budget: Budget) -> Counterexample | None:
    """Find a place where a path breaks (9.5), or a solution that isn't among those said."""
    if said is None:
        return None
    for path in said.paths:
        first = tuple(part.subs(ELAPSED, 0) for part in path)
        if first != said.start:
            return Counterexample(
                f"the path ({path[0]}, {path[1]}) starts at {first}, not at {said.start}"
            )
        for share in (Rational(1, 4), Rational(1, 2), Rational(7, 8)):
            wrong = _off(path, {ELAPSED: share})
            if wrong:
                return Counterexample(f"at s = {share} {wrong}")
    if said.only and not said.late:
        at = {LEAVE: Rational(1, 2), ELAPSED: Rational(1, 2)}
        if not any(_off(_late(side), at) for side in (1, -1)):
            return Counterexample(
                "one more solution: the middle path to (0, 1/2), then straight to z_1, "
                "through (1/2, 3/4), where C_3 = {1}; so for every place in (0, 1)"
            )
    return None


def _solves(path: Path, followed: tuple[int, ...], room: Expr) -> tuple[Step, ...]:
    """Show that a path moves as (9.5) says, C_3 is what it follows, and z_1 and z_2 rest.

    ``room`` is 1 - q, a product of factors that are > 0 for 0 < s < 1, 0 <= a < 1.
    """
    p, q = path
    towards = {(1,): (1, 1), (2,): (-1, 1), (1, 2): (0, 1)}[followed]
    name = f"({p}, {q})"
    moves = [
        expand((1 - ELAPSED) * part.diff(ELAPSED) - (goal - part))
        for part, goal in zip(path, towards, strict=True)
    ]
    text = f"{name}: (1-s) dz_3/ds is the mean over {{{', '.join(map(str, followed))}}} minus z_3"
    law = derived(text, sum(move**2 for move in moves))
    law = saying(law, *_speeds(path, towards))
    at = (say(P, "=", p), say(Q, "=", q))
    sign = {(1,): 1, (2,): -1, (1, 2): 0}[followed]
    size = sign * p
    best = q + size
    below = derived(f"{name}: 1-q = {room}", expand(1 - q - room))
    below = saying(below, say(1 - Q, "=", room, at))
    parts = size * (1 - size) + q * room
    lead = derived(
        f"{name}: its score there minus |z_3|² is {parts}", expand(best - p**2 - q**2 - parts)
    )
    lead = saying(lead, say(Q + sign * P - (P**2 + Q**2), "=", parts, at))
    signs = {"|p|(1-|p|)": ">= 0", "q(1-q)": "> 0"}
    above = apply(
        SUM, f"{name}: token 3 isn't in C_3, for 0 < s < 1, 0 <= a < 1", lead, below, terms=signs
    )
    other = derived(
        f"{name}: scores with z_1, z_2 differ by 2p = {2 * p}", 2 * p - (q + p - (q - p))
    )
    other = saying(other, say(Add(Q + P, P - Q, evaluate=False), "=", 2 * p, at))
    left = derived(f"{name}: 2 - (q+|p|) = (1-q) + (1-|p|)", expand(2 - best - room - (1 - size)))
    split = Add(room, 1 - sign * P, evaluate=False)
    left = saying(left, say(2 - (Q + sign * P), "=", split, at))
    terms = {"1-q": "> 0", "1-|p|": "> 0"}
    text = f"{name}: <z_1,z_3>, <z_2,z_3> <= q + |p| < 2: C_1 = {{1}}, C_2 = {{2}}"
    rest = apply(SUM, text, left, below, terms=terms)
    return law, below, lead, above, other, left, rest


def _speeds(path: Path, towards: tuple[int, int]) -> tuple[Said, ...]:
    """Say that z_3 moves to where the hardmax sends it, a coordinate that isn't constant each."""
    return tuple(
        say((1 - ELAPSED) * Derivative(part, ELAPSED), "=", goal - part)
        for part, goal in zip(path, towards, strict=True)
        if part != goal
    )


def _own_scores() -> Step:
    """Derive that z_1 and z_2 score 2 with themselves, 0 with each other."""
    one, two = Matrix([1, 1]), Matrix([-1, 1])
    off = (one.dot(one) - 2) ** 2 + (two.dot(two) - 2) ** 2 + one.dot(two) ** 2
    return derived("<z_1,z_1> = <z_2,z_2> = 2, <z_1,z_2> = 0", off)


def decide(flow: Flow, said: Futures) -> Sheet:
    """Prove that the paths solve the equation, and if asked that no others do."""
    known = {FIRST: (1,), SECOND: (2,), MIDDLE: (1, 2)}
    if not set(said.paths) <= set(known) or said.start != (0, 0):
        return Sheet((gap("the paths solve (9.5)", "other paths than those of the example"),))
    steps = [_own_scores()]
    for path in said.paths:
        steps += _solves(path, known[path], 1 - ELAPSED)
    if said.late:
        for side, followed in ((1, (1,)), (-1, (2,))):
            steps += _solves(_late(side), followed, (1 - LEAVE) * (1 - ELAPSED))
    if said.only:
        steps += _no_others(said)
    return Sheet(
        tuple(steps),
        {"n": "3", "d": "2", "t": ">= 0"},
        summary="C_3 is read off p and q + |p| - p² - q², a sum of positive terms, along each path",
    )


_AT_ZEROS = (
    "Evans and Gariepy, Theorem 4.4: f absolutely continuous, f' = 0 almost everywhere on f = 0"
)


def _in_the_triangle() -> tuple[Step, Step]:
    """Show that a solution stays in the triangle of the three tokens: |p| <= q <= 1."""
    sides = (Matrix([0, 1]), Matrix([1, -1]), Matrix([-1, -1]))
    corners = (Matrix([1, 1]), Matrix([-1, 1]), Matrix([0, 0]))
    most = [max(corner.dot(side) for corner in corners) for side in sides]
    bounds = derived(
        "at t = 0 the largest q, p - q, -p - q of the tokens are 1, 0, 0",
        (most[0] - 1) ** 2 + most[1] ** 2 + most[2] ** 2,
    )
    text = "z_i' is a mean of tokens minus z_i: none of them rises, |p| <= q <= 1"
    return bounds, apply(LEAST, text, bounds)


def _no_others(said: Futures) -> tuple[Step, ...]:
    """Show that every solution is the middle path up to some time, then straight."""
    if not said.late:
        return (gap("no other solutions", "leaving the middle path later"),)
    bounds, inside = _in_the_triangle()
    w, q = Symbol("w", real=True), Symbol("q", positive=True)
    left = derived("2 - (q+|p|) = (1-q) + (1-|p|)", expand(2 - q - w - (1 - q) - (1 - w)))
    left = saying(left, say(2 - (q + w), "=", Add(1 - q, 1 - w, evaluate=False)))
    text = "C_1 = {1}, C_2 = {2} while q < 1: z_1 and z_2 rest"
    rest = apply(SUM, text, inside, left, terms={"1-q": "> 0", "1-|p|": ">= 0"})
    at_zero = _row(S.Zero, S.Zero)
    moves = derived(
        "at z_3 = 0 the mean over C_3 = {1, 2, 3} is (0, 2/3): z_3' isn't 0",
        (at_zero[0]) ** 2 + (at_zero[1] - Rational(2, 3)) ** 2,
    )
    zeros = cited(_AT_ZEROS, moves)
    gain = expand(q + w * q - q**2 - (w * q) ** 2 - (q * (1 - q) + w * q * (1 - w * q)))
    parts = derived("|p| = w q, 0 <= w <= 1: q + |p| - |z_3|² = q(1-q) + |p|(1-|p|)", gain)
    score = say(q + w * q - (q**2 + (w * q) ** 2), "=", q * (1 - q) + w * q * (1 - w * q))
    parts = saying(parts, score)
    text = "q > 0: C_3 is {1}, {2} or {1, 2} as p > 0, p < 0, p = 0, by the sign of 2p"
    signs = {"q(1-q)": "> 0", "|p|(1-|p|)": ">= 0"}
    which = apply(SUM, text, inside, parts, terms=signs)
    # with each of these sets the second coordinate of the mean is 1, the first the sign of p
    height = derived(
        "q' = 1-q almost everywhere, z_3 = 0 being a null set: q = s",
        expand((1 - ELAPSED) * ELAPSED.diff(ELAPSED) - (1 - ELAPSED)),
    )
    height = saying(height, *_speeds((S.Zero, ELAPSED), (0, 1)))
    text = "|p|' = 1-|p| where p isn't 0, and 0 elsewhere: |p| never falls"
    rises = apply(SUM, text, which, rest, terms={"1-|p|": ">= 0"})
    gone = (ELAPSED - LEAVE) / (1 - LEAVE)
    after = derived(
        "p = 0 up to one s = a, then ±p = (s-a)/(1-a): (1-s) d|p|/ds = 1-|p|",
        simplify((1 - ELAPSED) * gone.diff(ELAPSED) - (1 - gone)) ** 2
        + simplify(gone.subs(ELAPSED, LEAVE)) ** 2,
    )
    early = say(LEAVE, "<", 1)
    after = saying(
        after,
        say((1 - ELAPSED) * Derivative(gone, ELAPSED), "=", 1 - gone, (early,)),
    )
    u = (ELAPSED - LEAVE) / (1 - LEAVE)
    same = derived(
        "that is the path of the family, at u = (s-a)/(1-a)",
        sum(
            simplify(part.subs(ELAPSED, u) - goal) ** 2
            for part, goal in zip(_late(1), (gone, ELAPSED), strict=True)
        ),
    )
    own = Symbol("u", real=True)
    place = _late(1)[1].subs(ELAPSED, own)
    same = saying(same, say(place, "=", ELAPSED, (early, say(own, "=", u))))
    return (*(bounds, inside, left, rest, moves, zeros, parts, which, height, rises, after, same),)


FUTURES: Statement[Futures] = Statement(
    "", "solutions of Example 9.3", decide, not_asked, refute, cases=of_no_flow
)

_AT_ONCE = Futures()
_ALL = Futures(late=True, only=True)
_MOVED = (Rational(1, 10), Rational(1, 5))
_SHIFTED = tuple(
    (x + (1 - x) * (px / ELAPSED) * ELAPSED if px else x, y + (1 - y) * ELAPSED)
    for (px, _), (x, y) in (((S.Zero, S.One), _MOVED),)
)

EXAMPLE_9_3 = Claim(
    "Example 9.3",
    "z_1 = (1,1), z_2 = (-1,1), z_3 = 0: z_3 may follow z_1, z_2 or their mean; each solves "
    "(9.5)-(9.6) for almost every t.",
    None,
    _AT_ONCE,
    FUTURES,
    (
        Control(
            "z_3 = 0 -> (1/10, 1/5), towards the mean",
            prediction=replace(_AT_ONCE, paths=_SHIFTED, start=_MOVED),
        ),
        Control(
            "(s, s) -> (s, s/2)", prediction=replace(_AT_ONCE, paths=((ELAPSED, ELAPSED / 2),))
        ),
        Control(
            "z_3 rests at 0, Filippov's solution",
            prediction=replace(_AT_ONCE, paths=((S.Zero, S.Zero),)),
        ),
    ),
    Verdict.PROVED,
    about=frozenset(),
    equivalents=(
        Equivalent("a path named twice: it solves as well", ("prediction.paths.1.0: sign*",)),
        Equivalent("the families as well, which the erratum adds", ("prediction.late: not*",)),
    ),
)

ERRATUM = Claim(
    "E.Example 9.3",
    "z_3 may follow z_1, z_2 or their mean, and may leave the mean at any time for z_1 or z_2: two "
    "families with a free time and one path, and no other solutions.",
    None,
    _ALL,
    FUTURES,
    (
        Control("never left: three solutions", prediction=replace(_ALL, late=False)),
        Control(
            "(-s, s) -> (-s, s²)",
            prediction=replace(_ALL, paths=(FIRST, (-ELAPSED, ELAPSED**2), MIDDLE)),
        ),
    ),
    Verdict.PROVED,
    printed=Control("either of three equations", prediction=Futures(only=True)),
    origin="erratum",
    kind="statement",
    about=frozenset(),
    equivalents=(
        Equivalent(
            "a path named twice: the family left at a = 0 is the one that isn't named",
            ("prediction.paths.1.0: sign*",),
        ),
        Equivalent("that there are others isn't denied: weaker", ("prediction.only: not*",)),
    ),
)

CLAIMS = (EXAMPLE_9_3, ERRATUM)
