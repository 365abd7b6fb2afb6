"""Equal angles stay equal, and orthonormal tokens meet where an open hemisphere does.

(6.9), (6.10) and Theorem 6.8 of any model that treats its tokens alike. Orthonormal tokens are at
the height h = 1/√n over the equator of w = Σ_j x_j/√n, a unit vector.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import collect, exp, expand

from proofs_checks.propositions import (
    All,
    Definition,
    Is,
    Proposition,
    Rel,
    Subject,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared, undefined
from proofs_checks.theorems.hemisphere import common_sight_given
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.meeting_layers import AFTER, CONES, TOGETHER, layers_meet
from proofs_checks.theorems.one_solution import ONE_SOLUTION, UNIQUE
from proofs_checks.theorems.order import REPLACE, wants
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, WIDTH, H, Pull, W, legend
from proofs_checks.theorems.readers import TO_ONE, Facts, flows, solving
from theory.blocks import Block
from theory.derivations import equiangular
from theory.models import Model
from theory.symbols import X, d, m, n, t
from theory.terms import Name, Sort

LAYER_ANGLES = Definition(
    "equal angles of a layer",
    "masses 1/n: tokens with all <x_i,x_j> = γ >= 0, i != j, have equal angles after a layer of "
    "{0}, γ <- {1}",
    (Subject, Sort.NUMBER),
)
LAYERS_ALIGN = Definition(
    "layers align",
    "masses 1/n: from orthonormal tokens all <x_i,x_j>, i != j, are one number after each layer of "
    "{0}, which tends to 1",
    (Subject,),
)
FLOW_ANGLES = Definition(
    "equal angles of a flow",
    "masses 1/n: states of {0} with all <x_i,x_j> = γ, i != j, of tokens that are alike in all "
    "else, are kept by its velocity, γ' = {1}",
    (Subject, Sort.NUMBER),
)
ALIGNS = Definition(
    "aligns",
    "masses 1/n: from orthonormal tokens of {0}, alike in all else, all <x_i,x_j>, i != j, are one "
    "γ, γ' = {1}, γ -> 1",
    (Subject, Sort.NUMBER),
)


def model_of(subject: Subject, at: Mapping[Any, Any] | None = None) -> Model:
    """Return a model that moves as a subject does, with values put into its velocity."""
    moves = {symbol: how.xreplace(dict(at or {})) for symbol, how in subject.velocities.items()}
    own = {symbol for symbol, _, _ in subject.args[0]} | {X, m, n, d, t}
    own |= {size for symbol in subject.spaces for size in symbol.shape}
    free = set[Any]().union(*(how.free_symbols for how in moves.values()))
    return Model(
        "model",
        moves,
        parameters=tuple(sorted(free - own, key=str)),
        kind=subject.kind,
        blocks=tuple(Block(symbol, space) for symbol, space in subject.spaces.items()),
    )


@lru_cache(maxsize=16)
def reduced(subject: Subject) -> Any:
    """Return the equation of equal angles of a model, as the algebra of I and J has it."""
    try:
        found = equiangular(model_of(subject))
    except (ValueError, NotImplementedError, TypeError, AssertionError) as short:
        raise NotConcluded(str(short)) from short
    if not found.proved:
        raise NotConcluded("the algebra of I and J leaves something else than 0")
    return found


def _layer_angles(subject: Subject) -> Facts:
    if subject.kind != "map" or subject.noisy or set(subject.spaces) != {X}:
        raise NotConcluded(f"{subject.name} is no layer of the tokens alone")
    if subject.spaces[X] != "sphere":
        raise NotConcluded(f"the tokens of {subject.name} aren't on the sphere")
    says = Is(LAYER_ANGLES, subject, reduced(subject).rate)
    return frozenset(), says, "G = (1-γ)I + γJ becomes (1-γ')I + γ'J in their algebra: residual 0"


EQUAL_IN_LAYERS = Reader("equal angles of a layer", _layer_angles)


def _layers_align(angles: Fact, meets: Fact) -> Concluded:
    if not isinstance(angles.says, Is) or angles.says.definition is not LAYER_ANGLES:
        raise NotConcluded("it needs that equal angles stay equal")
    subject = angles.says.arguments[0]
    parts: tuple[Any, ...] = meets.says.args if isinstance(meets.says, All) else ()
    wanted = Is(TOGETHER, subject, WIDTH), Is(CONES, subject)
    if parts[1:] != wanted or not _after(parts[0], subject):
        raise NotConcluded("it needs that tokens of an open hemisphere meet")
    given = meets.given - {HIGH, UNIT_AXIS}
    if any({H, W} & one.free_symbols for one in given):
        raise NotConcluded("more is assumed of the hemisphere")
    return Concluded(Is(LAYERS_ALIGN, subject), {1: (HIGH, UNIT_AXIS)})


def _after(says: Proposition, subject: Subject) -> bool:
    after = isinstance(says, Is) and says.definition is AFTER
    return after and says.arguments[:2] == (subject, WIDTH)


LAYERS_MEET_ALIGNED = Rule(
    "layers of orthonormal tokens",
    "masses 1/n: equal angles γ >= 0 stay equal under a layer; tokens of an open hemisphere meet, "
    "in the cone of those before: from orthonormal tokens all angles are equal after each layer, "
    "and <x_i,x_j> -> 1",
    "w = Σ_j x_j/√n has <x_i,w> = 1/√n = h and |w| = 1 of orthonormal tokens; inner products stay "
    ">= 0 in their cone, so equal angles stay equal, and tokens that meet have <x_i,x_j> -> 1",
    _layers_align,
)


def equal_in_layers(subject: Subject) -> Conclusion | None:
    """Conclude what a layer makes of equal angles.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> own = equal_in_layers(Subject.of(catalogue("discrete layer")))
    >>> own.found.says.definition.name
    'equal angles of a layer'
    """
    found = read(EQUAL_IN_LAYERS, subject)
    return None if isinstance(found, Refusal) else claimed(found, found.says, ())


def layers_align(subject: Subject) -> Conclusion | None:
    """Conclude Theorem 6.8 of a layer."""
    own = layers_meet(subject)
    angles = read(EQUAL_IN_LAYERS, subject)
    if own is None or isinstance(angles, Refusal):
        return None
    found = apply(LAYERS_MEET_ALIGNED, angles, own.found)
    names = Name("f", angles.says.arguments[1]), *own.names
    return claimed(found, Is(LAYERS_ALIGN, subject), own.says.given, names)


# -- flows ---------------------------------------------------------------------------------------


def _flow_angles(subject: Subject) -> Facts:
    flows(subject)
    columns = all(symbol == X or symbol.shape == (n, 1) for symbol in subject.spaces)
    if subject.spaces.get(X) != "sphere" or not columns:
        raise NotConcluded(f"{subject.name} isn't of tokens on the sphere and columns beside them")
    says = Is(FLOW_ANGLES, subject, reduced(subject).rate)
    return frozenset(), says, "G' is in the algebra of I and J where G is: residual 0"


EQUAL_IN_FLOWS = Reader("equal angles of a flow", _flow_angles)


def _aligns(angles: Fact, unique: Fact, meets: Fact) -> Concluded:
    if not isinstance(angles.says, Is) or angles.says.definition is not FLOW_ANGLES:
        raise NotConcluded("it needs that equal angles stay equal")
    subject, rate = angles.says.arguments
    wants(unique, Is(UNIQUE, subject))
    wants(meets, TO_ONE)
    if solving(subject) not in meets.given:
        raise NotConcluded("it needs that tokens of the model meet")
    given = meets.given - {HIGH, UNIT_AXIS}
    if any({H, W} & one.free_symbols for one in given):
        raise NotConcluded("more is assumed of the hemisphere")
    return Concluded(Is(ALIGNS, subject, rate), {2: (HIGH, UNIT_AXIS)})


ALIGNED = Rule(
    "orthonormal tokens",
    "masses 1/n: equal angles are kept by the velocity; one solution from each start; from h <= "
    "<x_i(0),w>, |w| = 1, x_i -> z: from orthonormal tokens all <x_i,x_j> are one γ, and γ -> 1",
    "w = Σ_j x_j/√n has <x_i,w> = 1/√n = h and |w| = 1 of orthonormal tokens. States with equal "
    "angles are one curve up to rotations; along it γ' = f(γ) has a solution, of which tokens "
    "are the one of the start; and tokens that meet have <x_i,x_j> -> 1",
    _aligns,
)


def equal_in_flows(subject: Subject, said: Any) -> Conclusion:
    """Equal angles are kept, γ' = f; one solution from each start, so they stay equal.

    Parameters
    ----------
    subject : Subject
    said : Expr
        f, as it is claimed, in n and γ.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.predictions import equiangular_rate
    >>> own = equal_in_flows(Subject.of(SA), equiangular_rate(model="SA"))
    >>> own.found.by.name
    'and'
    >>> twice = equal_in_flows(Subject.of(SA), 2 * equiangular_rate(model="SA"))
    >>> isinstance(twice.found, Refusal)
    True
    """
    angles = read(EQUAL_IN_FLOWS, subject)
    own = said if isinstance(angles, Refusal) else angles.says.arguments[1]
    if own != said:
        angles = restated(angles, own, said)
    found = apply(together, angles, read(ONE_SOLUTION, subject))
    return claimed(found, All(Is(FLOW_ANGLES, subject, said), Is(UNIQUE, subject)), (SEVERAL,))


def restated(found: Found, own: Any, said: Any) -> Found:
    """Write γ' in a theorem as it is claimed."""
    signs = map(positive_base, undefined((own, said), ()))
    return apply(REPLACE, settle(EQUAL, Rel("=", own, said), *signs), found)


def positive_base(base: Any) -> Found:
    """``0 < a`` of a sum of exponentials with factors such as n - 1."""
    parts = collect(expand(base), sorted(base.atoms(exp), key=str))
    sign = spared(SIGNS, Rel("<", 0, parts), assume(SEVERAL))
    return sign if parts == base else settle(ADDED, Rel("<", 0, base), sign)


def aligns(pull: Pull, sight: Found) -> Conclusion | None:
    """Conclude Theorem 6.8 of a flow, from what T2 says of it.

    Examples
    --------
    >>> from proofs_checks.theorems import common_sight, pull_of
    >>> from theory.models import PRE_LN
    >>> subject = Subject.of(PRE_LN)
    >>> aligns(pull_of(subject), common_sight(subject)).found.by.name
    'orthonormal tokens'
    """
    subject = pull.subject
    angles, unique = read(EQUAL_IN_FLOWS, subject), read(ONE_SOLUTION, subject)
    meets = apply(part, apply(part, sight, place=1), place=0)
    found = apply(ALIGNED, angles, unique, meets)
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, common_sight_given(subject), legend(pull))
