"""What is read off a model's own expressions, for each of its solutions."""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix, Inverse, MatAdd, MatMul, Piecewise, Pow, S, ZeroMatrix, oo
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.propositions import Definition, Is, Proposition, Rel, Subject, Tends, every, some
from proofs_checks.theorems.kernel import Fact, NotConcluded, Reader
from theory.atoms import RowNormalize, Tangent
from theory.symbols import X, m, r
from theory.terms import (
    Image,
    Index,
    Inner,
    Item,
    Multiple,
    Norm,
    Number,
    Projected,
    Row,
    Vec,
    Vector,
    VectorSum,
    VectorTokenSum,
    at,
    ddt,
    item,
    loose,
    moving,
    row,
    total,
)

SOLVES = Definition("solves", "X solves {0} for all {t} >= 0", (Subject,))
"""The state is a solution for all time, from a start of the model's space."""

LIVES = Definition(
    "lives",
    "X moves as {0} does, from any state at which it has a value, while it lives",
    (Subject,),
)
"""What is so at each of its times is so of every state, whatever becomes of the solution."""

CURVE = Definition(
    "curve",
    "X is a smooth curve of states at which {0} has a value, all else constant",
    (Subject,),
)
"""Tokens move somehow, masses don't: what holds of each such curve is said of a differential."""

STATE = Definition("state", "X is a state of {0} at which it has a value", (Subject,))
"""Tokens, masses and whatever else the model has, each in its space: of statements without time."""

TOKEN, OTHER = Index("i"), Index("j")
TO_ONE = some(Vec("z"), every(TOKEN, Tends(Row(X, TOKEN), Vec("z"), oo)))
"""All tokens tend to one point."""
_VALUE = Row(X, OTHER)
Facts = tuple[frozenset[Proposition], Proposition, str]


def solving(subject: Subject) -> Proposition:
    """Say that the tokens solve a model."""
    return Is(SOLVES, subject)


def solved_in(motion: Fact) -> Subject:
    """Return the model of a motion under which nothing but a solution of it is given."""
    models: list[Subject] = [
        one.arguments[0] for one in motion.given if isinstance(one, Is) and one.definition is SOLVES
    ]
    if len(models) != 1 or motion.given != {solving(models[0])}:
        raise NotConcluded("it needs the velocity of a model, and nothing else given")
    return models[0]


def flows(subject: Subject) -> None:
    """Refuse what is no flow, and a state that terms would take to be constant."""
    if subject.kind != "flow" or subject.noisy:
        raise NotConcluded(f"{subject.name} is no flow without noise")
    _known_to_move(subject)


def _known_to_move(subject: Subject) -> None:
    if still := [str(block) for block in subject.velocities if not moving(block)]:
        raise NotConcluded(f"{', '.join(still)} moves, and has no row a token")


def require_sphere(subject: Subject, block: Any = X) -> None:
    """Refuse a model whose tokens aren't on the sphere."""
    _known_to_move(subject)
    if subject.spaces.get(block) != "sphere":
        raise NotConcluded(f"the tokens {block} of {subject.name} aren't on the sphere")


def by_rows(factor: Any) -> bool:
    """Whether a factor multiplies each row by a number: a matrix would add rows up."""
    if isinstance(factor, Inverse):
        return by_rows(factor.args[0])
    return isinstance(factor, DiagMatrix) or not isinstance(factor, MatrixExpr)


def along(velocity: Any, block: Any) -> bool:
    """Whether a velocity is a sum of projections at rows of a block, times factors of rows.

    Examples
    --------
    >>> from theory.models import SA
    >>> along(3 * SA.velocity, X), along(X * X.T * SA.velocity, X)
    (True, False)
    """
    if isinstance(velocity, Tangent):
        return bool(velocity.points == block)
    if isinstance(velocity, MatAdd):
        return all(along(part, block) for part in velocity.args)
    if isinstance(velocity, MatMul):
        *ahead, last = velocity.args
        return all(map(by_rows, ahead)) and along(last, block)
    return False


def field_of(subject: Subject, block: Any = X) -> Any:
    """Return F of tokens that are kept on the sphere: ``x_i' = P_i F_i``.

    What stands in front of projections is under them as well, and a sum of them is one.
    """
    flows(subject)
    require_sphere(subject, block)

    def inside(velocity: Any) -> Any:
        if isinstance(velocity, Tangent) and velocity.points == block:
            return velocity.field
        if isinstance(velocity, MatAdd):
            return MatAdd(*map(inside, velocity.args))
        if isinstance(velocity, MatMul):
            *ahead, last = velocity.args
            if all(map(by_rows, ahead)):
                return MatMul(*ahead, inside(last))
        raise NotConcluded(f"the velocity of {subject.name} isn't written as a projection")

    return inside(subject.velocities.get(block))


def _unit(subject: Subject) -> Facts:
    field_of(subject)
    says = Rel("=", Norm(Row(X, TOKEN)), 1)
    return frozenset({solving(subject)}), says, "<x_i, P_i F_i> = 0"


def _curve_unit(subject: Subject) -> Facts:
    require_sphere(subject)
    return frozenset({Is(CURVE, subject)}), Rel("=", Norm(Row(X, TOKEN)), 1), "their space"


def _curve_masses(subject: Subject) -> Facts:
    _known_to_move(subject)
    says = Rel("=", Item(m, TOKEN), at(Item(m, TOKEN)))
    return frozenset({Is(CURVE, subject)}), says, "they don't move"


def _curve_positive(subject: Subject) -> Facts:
    _known_to_move(subject)
    _, says, evidence = _positive_masses(subject)
    return frozenset({Is(CURVE, subject)}), says, evidence


def _curve_lengths(subject: Subject) -> Facts:
    _, says, evidence = _positive_lengths(subject)
    return frozenset({Is(CURVE, subject)}), says, evidence


def _pulls(v: Vector, value: Vector = _VALUE, across: bool = True) -> Any:
    """Return p_ij of a row ``Σ_j p_ij v_j``; where it is across x_i P_i takes out what is along."""
    if (across and v == Row(X, TOKEN)) or (
        isinstance(v, Row) and isinstance(v.args[0], ZeroMatrix)
    ):
        return S.Zero
    if isinstance(v, VectorSum):
        return sum((_pulls(part, value, across) for part in v.args), S.Zero)
    if isinstance(v, Multiple):
        return v.args[0] * _pulls(v.args[1], value, across)
    if isinstance(v, VectorTokenSum) and v.bound[0].count == OTHER.count:
        inside = v.opened(OTHER)
        scale, token = inside.args if isinstance(inside, Multiple) else (S.One, inside)
        if token == value:
            return scale
    raise NotConcluded("the field isn't a sum of the tokens with weights, Σ_j p_ij x_j")


def weights_of(subject: Subject) -> Any:
    """Return p_ij of a model in pull form, ``x_i' = P_i Σ_j p_ij x_j``.

    Raises
    ------
    NotConcluded
        For another form.
    """
    return _pulls(row(field_of(subject), TOKEN))


def values_of(subject: Subject) -> tuple[Any, Vector]:
    """Return p_ij and v_j of ``x_i' = P_i Σ_j p_ij v_j``, v_j = x_j or M x_j.

    Raises
    ------
    NotConcluded
        For another form.
    """
    field = row(field_of(subject), TOKEN)
    outside = field.xreplace(dict.fromkeys(field.atoms(Inner), S.One))  # maps in scores are theirs
    maps = {one.args[0] for one in outside.atoms(Image) if not moving(one.args[0])}
    value = Image(maps.pop(), _VALUE) if len(maps) == 1 else _VALUE
    return _pulls(field, value), value


def stepped(subject: Subject) -> Any:
    """Return p_ij of a layer ``x_i <- N(x_i + Σ_j p_ij x_j)``, N a vector over its length.

    Raises
    ------
    NotConcluded
        For another form.
    """
    if subject.kind != "map" or subject.noisy or set(subject.velocities) != {X}:
        raise NotConcluded(f"{subject.name} is no layer that moves the tokens alone")
    require_sphere(subject)
    put = subject.velocities[X]
    inside = put.args[0] if isinstance(put, RowNormalize) else None
    if not isinstance(inside, MatAdd) or X not in inside.args:
        raise NotConcluded(f"{subject.name} isn't N(x_i + something)")
    rest = MatAdd(*(part for part in inside.args if part != X))
    return _pulls(row(rest, TOKEN), across=False)


def pulled(weight: Any, value: Vector = _VALUE) -> Rel:
    """Say ``x_i' = P_i Σ_j p_ij v_j``, v_j = x_j unless another is given."""
    field = total(value * weight, OTHER)
    return Rel("=", ddt(Row(X, TOKEN)), Projected(Row(X, TOKEN), field))


def moved_by(field: Any) -> Rel:
    """Say ``x_i' = P_i F_i`` of a matrix F, as `pulled` does where it is a sum of the tokens."""
    inside = row(field, TOKEN)
    try:
        return pulled(_pulls(inside))
    except NotConcluded:
        return Rel("=", ddt(Row(X, TOKEN)), Projected(Row(X, TOKEN), inside))


def _motion(subject: Subject) -> Facts:
    says = pulled(weights_of(subject))
    return frozenset({solving(subject)}), says, "row i of the velocity, as P_i x_i = 0"


def _valued(subject: Subject) -> Facts:
    says = pulled(*values_of(subject))
    return frozenset({solving(subject)}), says, "row i of the velocity, as P_i x_i = 0"


def _masses(subject: Subject) -> Facts:
    flows(subject)
    return _positive_masses(subject)


def _positive_masses(subject: Subject) -> Facts:
    if m in subject.velocities and subject.spaces[m] not in ("positive", "simplex"):
        raise NotConcluded(f"the masses of {subject.name} move, and may vanish")
    return frozenset({solving(subject)}), Rel("<", 0, Item(m, TOKEN)), "masses are positive"


def _constant_masses(subject: Subject) -> Facts:
    flows(subject)
    if m in subject.velocities:
        raise NotConcluded(f"the masses of {subject.name} move")
    says = Rel("=", Item(m, TOKEN), at(Item(m, TOKEN)))
    return frozenset({solving(subject)}), says, "no velocity moves them"


def _mass_motion(subject: Subject) -> Facts:
    flows(subject)
    if m not in subject.velocities:
        raise NotConcluded(f"the masses of {subject.name} stay")
    says = Rel("=", ddt(Item(m, TOKEN)), item(subject.velocities[m], TOKEN))
    return frozenset({solving(subject)}), says, "entry i of the masses' velocity"


def _lengths(subject: Subject) -> Facts:
    flows(subject)
    if r not in subject.velocities:
        raise NotConcluded(f"{subject.name} has no lengths that move")
    says = Rel("=", ddt(Item(r, TOKEN)), item(subject.velocities[r], TOKEN))
    return frozenset({solving(subject)}), says, "entry i of the lengths' velocity"


def _positive_lengths(subject: Subject) -> Facts:
    flows(subject)
    if subject.spaces.get(r) != "positive":
        raise NotConcluded(f"{subject.name} has no positive lengths")
    return frozenset({solving(subject)}), Rel("<", 0, Item(r, TOKEN)), "a state of the model"


def rooted(weight: Any) -> list[Any]:
    """Return what a weight divides by the root of, wherever it is a number.

    What stands in one case of several is left out: it has a value in that case alone.
    """
    return sorted(_root_bases(weight), key=str)


def _root_bases(weight: Any) -> set[Any]:
    if isinstance(weight, Piecewise):
        return set()
    own = isinstance(weight, Pow) and weight.exp.is_negative and weight.exp.is_integer is False
    found = {weight.base} if own and weight.base.has(Number) and not loose(weight.base) else set()
    return found.union(*map(_root_bases, weight.args))


def _rooted(subject: Subject) -> Facts:
    """Say of what the weights divide by the root of that it is positive, as they are numbers."""
    bases = rooted(weights_of(subject))
    if len(bases) != 1:
        raise NotConcluded(f"the weights of {subject.name} divide by {len(bases)} roots")
    said = "the velocity along a solution has a value"
    return frozenset({solving(subject)}), Rel("<", 0, bases[0]), said


def _under(definition: Definition, reader: Reader, words: str) -> Reader:
    """Say under another hypothesis on the model what is read at each time, or at each state."""

    def read(subject: Subject) -> Facts:
        _, says, evidence = reader.read(subject)
        return frozenset({Is(definition, subject)}), says, evidence

    return Reader(f"{reader.name}, {words}", read)


UNIT = Reader("tokens on the sphere", _unit)
MOTION = Reader("pull form", _motion)
VALUED = Reader("pull of values", _valued)
MASSES = Reader("masses", _masses)
MASS_MOTION = Reader("motion of masses", _mass_motion)
LENGTHS = Reader("lengths", _lengths)
ROOTED = Reader("roots", _rooted)
POSITIVE_LENGTHS = Reader("positive lengths", _positive_lengths)
CONSTANT_MASSES = Reader("constant masses", _constant_masses)
CURVE_UNIT = Reader("states on the sphere", _curve_unit)
CURVE_LENGTHS = Reader("lengths of a curve", _curve_lengths)
CURVE_POSITIVE = Reader("positive masses of a curve", _curve_positive)
CURVE_MASSES = Reader("masses of a curve", _curve_masses)
CURVE_ROOTED = _under(CURVE, ROOTED, "along a curve")
STATE_UNIT, STATE_POSITIVE, STATE_ROOTED = (
    _under(STATE, a, "at one time") for a in (CURVE_UNIT, CURVE_POSITIVE, ROOTED)
)
LIVE_UNIT, LIVE_MOTION, LIVE_MASSES, LIVE_LENGTHS, LIVE_STILL = (
    _under(LIVES, a, "while it lives")
    for a in (UNIT, MOTION, MASSES, POSITIVE_LENGTHS, CONSTANT_MASSES)
)
