"""Definitions, and of whom they speak: the model itself at given values, never its name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from sympy import Basic, MatAdd, MatMul, S, Tuple, ZeroMatrix, preorder_traversal, sympify
from sympy.core.symbol import Str

from proofs_checks.propositions.kinds import Proposition
from theory.models import Model
from theory.terms import Sort, sort_of


def _tidied(velocity: Any) -> Any:
    """Leave out terms that are zero times something: in one place of a velocity as in another."""
    if not any(isinstance(one, MatMul) and _vanishes(one) for one in preorder_traversal(velocity)):
        return velocity
    return velocity.replace(
        lambda one: isinstance(one, MatAdd | MatMul),
        lambda one: ZeroMatrix(*one.shape) if _vanishes(one) else _without_zeros(one),
    )


def _vanishes(one: Any) -> bool:
    if isinstance(one, MatMul):
        return bool(one.as_coeff_matrices()[0] == 0)
    return all(isinstance(part, ZeroMatrix) for part in one.args)


def _without_zeros(one: Any) -> Any:
    rest = [part for part in one.args if not isinstance(part, ZeroMatrix)]
    if isinstance(one, MatMul) or len(rest) == len(one.args):
        return one
    return rest[0] if len(rest) == 1 else MatAdd(*rest)


class Subject(Basic):
    """A model at given values of its parameters; two of other names and one motion are equal.

    Its arguments are what moves and how: (block, space, velocity) of each block, kind, noise.
    """

    _name = ""
    still = True
    """A model doesn't move; its tokens do."""

    def __new__(cls, *args: Any) -> Subject:
        """Keep what moves and how."""
        moves, *rest = args
        moves = Tuple(*(Tuple(block, space, _tidied(how)) for block, space, how in moves))
        obj: Subject = Basic.__new__(cls, moves, *rest)
        return obj

    @classmethod
    def of(cls, model: Model, values: Mapping[Any, Any] | None = None) -> Subject:
        """Take a model at values of its parameters, which are put into its velocity.

        Examples
        --------
        >>> from dataclasses import replace
        >>> from theory.models import SA, USA
        >>> Subject.of(SA) == Subject.of(replace(SA, name="mine"))
        True
        >>> Subject.of(SA) == Subject.of(USA)
        False
        """
        chosen = {key: sympify(value) for key, value in (values or {}).items()}
        own = model.velocities
        moves = Tuple(
            *(
                Tuple(b.symbol, Str(b.space), sympify(own.get(b.symbol, 0)).xreplace(chosen))
                for b in model.blocks
            )
        )
        noise = S.Zero if model.noise is None else Str(repr(model.noise))
        obj = cls(moves, Str(model.kind), noise)
        told = {key: value for key, value in chosen.items() if str(key) != str(value)}
        at = "".join(f" at {key} = {value}" for key, value in sorted(told.items(), key=str))
        obj._name = f"{model.name}{at}"
        return obj

    def __getstate__(self) -> dict[str, str]:
        """Keep the name in a copy."""
        return {"_name": self._name}

    @property
    def kind(self) -> str:
        """Whether it is a flow or a map."""
        return str(self.args[1])

    @property
    def noisy(self) -> bool:
        """Whether noise drives it."""
        return self.args[2] != 0

    @property
    def velocities(self) -> dict[Any, Any]:
        """Velocity of each block that moves, at the given values."""
        return {block: velocity for block, _, velocity in self.args[0] if velocity != 0}

    @property
    def spaces(self) -> dict[Any, str]:
        """Space of each block."""
        return {block: str(space) for block, space, _ in self.args[0]}

    @property
    def name(self) -> str:
        """How it is printed, which is no part of what it is."""
        return self._name or ", ".join(f"{b}' = {v}" for b, v in self.velocities.items())

    def _sympystr(self, printer: Any) -> str:
        return self.name


@dataclass(frozen=True, eq=False)
class Definition:
    """A word of the field: two are one only if they are the same object.

    Attributes
    ----------
    name : str
    words : str
        How it is read, with a hole ``{0}``, ``{1}``, … for each argument.
    sorts : tuple
        `Subject`, or a `Sort`, of each argument.
    unfold : callable, optional
        ``unfold(*arguments)``: what it means, a proposition; None for a word of the paper.
    """

    name: str
    words: str
    sorts: tuple[Any, ...]
    unfold: Callable[..., Proposition] | None = None

    def __reduce__(self) -> Any:
        """Travel as where it stands, as a function does: it is one only as the same object."""
        for name, module in list(sys.modules.items()):  # what stands there may be no module
            for key, value in list(getattr(module, "__dict__", {}).items()):
                if value is self:
                    return _definition_at, (name, key)
        raise TypeError(
            f"Expected a definition that a module holds but got definition={self.name}."
        )


def _definition_at(module: str, key: str) -> Definition:
    found: Definition = getattr(import_module(module), key)
    return found


class Defined(Basic):
    """A definition as an argument of a proposition."""

    definition: Definition

    def __new__(cls, definition: Definition) -> Defined:
        """Keep the definition."""
        obj: Defined = Basic.__new__(cls)
        obj.definition = definition
        return obj

    def __getnewargs__(self) -> tuple[Definition]:
        """Return what a copy is made of."""
        return (self.definition,)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.definition,)

    def sort_key(self, order: Any = None) -> Any:
        """Sort by the name."""
        return self.class_key(), (1, (self.definition.name,)), S.One.sort_key(), S.One


class Is(Proposition):
    """What a definition says of its arguments.

    Examples
    --------
    >>> from theory.models import SA
    >>> SOLVES = Definition("solves", "X solves {0}", (Subject,))
    >>> Is(SOLVES, Subject.of(SA)) == Is(SOLVES, Subject.of(SA))
    True
    """

    def __new__(cls, definition: Any, *arguments: Any) -> Is:
        """Check the sorts of the arguments."""
        if isinstance(definition, Defined):  # as SymPy builds it again from its arguments
            definition = definition.definition
        if not isinstance(definition, Definition):
            raise TypeError(f"Expected a Definition but got {definition!r}; text is no definition.")
        if len(arguments) != len(definition.sorts):
            raise TypeError(
                f"Expected {len(definition.sorts)} arguments of {definition.name} but got "
                f"{len(arguments)}; it reads {definition.words!r}."
            )
        for sort, argument in zip(definition.sorts, arguments, strict=True):
            fits = (
                isinstance(argument, Subject)
                if sort is Subject
                else (not isinstance(argument, Subject) and sort_of(argument) is sort)
            )
            if not fits:
                wanted = sort.value if isinstance(sort, Sort) else "a subject"
                raise TypeError(f"Expected {wanted} in {definition.name} but got {argument}.")
        obj: Is = Basic.__new__(cls, Defined(definition), *map(sympify, arguments))
        return obj

    @property
    def definition(self) -> Definition:
        """The definition."""
        return self.args[0].definition

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Of what it is said."""
        return tuple(self.args[1:])


@lru_cache(maxsize=4096)
def subjects_of(what: Basic) -> frozenset[Subject]:
    """Return the models of which something is said, each by one of its names."""
    return frozenset(what.atoms(Subject))
