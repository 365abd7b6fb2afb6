"""SymPy expressions as text, and back without evaluating the text.

The text is `sympy.srepr`: nested calls of class names. It is read by a walk over its syntax tree
that knows some classes of SymPy and those of `theory` and nothing else: no attributes, and a text
inside only where it is a name. Names are identifiers, because compiled code will contain them.
Numbers are bounded before SymPy works with them (`numerics.records.bounds`).
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sympy
from sympy import Basic, MatrixBase, srepr

from numerics.records.bounds import Bounds, TooLargeError, allowed, check_float

_NAMED = ("Symbol", "Dummy", "Wild", "Str", "Function")
"""Whose first argument is a name."""

_LONGEST = 1_000_000


class UnreadableError(ValueError):
    """A text that isn't one of `written`."""


def written(expr: Any) -> str:
    """Write an expression as text.

    Raises
    ------
    ValueError
        If `read` would not give the same expression back.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> written(beta**2)
    "Pow(Symbol('beta', real=True), Integer(2))"
    >>> read(written(beta**2)) == beta**2
    True
    """
    expr = expr.as_immutable() if isinstance(expr, MatrixBase) else expr
    text = str(srepr(expr, order="none"))  # terms of a matrix sum keep their places
    if read(text) != expr:
        raise UnreadableError(f"{type(expr).__name__} that its text doesn't give back")
    return text


def read(text: str) -> Any:
    """Read what `written` wrote.

    Raises
    ------
    UnreadableError
        For any other text.
    """
    if len(text) > _LONGEST:
        raise UnreadableError(f"an expression of {len(text)} characters")
    try:
        return _value(ast.parse(text, mode="eval").body, Bounds())
    except UnreadableError:
        raise
    except TooLargeError as error:
        raise UnreadableError(f"{error}, which no file of ours holds") from error
    except Exception as error:  # a constructor that refuses its arguments, a text too deep
        raise UnreadableError(f"{text[:80]!r}, {type(error).__name__}") from error


def _value(node: ast.AST, bounds: Bounds) -> Any:
    """Build the object that a node stands for."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            keywords = _keywords(name, node)
            return _built(_class(name), _arguments(name, node, keywords, bounds), keywords, bounds)
        case ast.Call(func=ast.Call(func=ast.Name(id="Function"))):
            return _value(node.func, bounds)(*(_value(part, bounds) for part in node.args))
        case ast.Name(id=name):
            return _class(name)
        case ast.Constant(value=bool() | int() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
        case ast.List(elts=parts):
            return [_value(part, bounds) for part in parts]
        case ast.Tuple(elts=parts):
            return tuple(_value(part, bounds) for part in parts)
    raise UnreadableError(ast.unparse(node)[:80])


def _built(kind: Any, arguments: list[Any], keywords: dict[str, Any], bounds: Bounds) -> Any:
    """Build an object of a class, once it is known to take no time."""
    bounds.check(kind, arguments)
    return kind(*arguments, **keywords)


def _arguments(name: str, call: ast.Call, keywords: dict[str, Any], bounds: Bounds) -> list[Any]:
    """Arguments of a class: a name where it takes one, digits of a `Float`, expressions else."""
    if name == "Float" or name in _NAMED:
        match call.args:
            case [ast.Constant(value=str() as given)] if name == "Float" or _is_name(name, given):
                if name == "Float":
                    check_float(given, keywords.get("precision"))
                return [given]
        raise UnreadableError(ast.unparse(call)[:80])
    return [_value(argument, bounds) for argument in call.args]


def _is_name(owner: str, text: str) -> bool:
    words = text.split(" ") if owner == "Str" else [text]  # a kind of mask may be two words
    return all(word.isidentifier() and not keyword.iskeyword(word) for word in words)


def _keywords(name: str, call: ast.Call) -> dict[str, Any]:
    """Assumptions, a precision, the number of a dummy: nothing else has keywords."""
    found = {}
    if call.keywords and name not in ("Float", *_NAMED):
        raise UnreadableError(ast.unparse(call)[:80])
    for part in call.keywords:
        if part.arg is None or not isinstance(part.value, ast.Constant):
            raise UnreadableError(ast.unparse(call)[:80])
        if not isinstance(part.value.value, bool | int | None):
            raise UnreadableError(ast.unparse(call)[:80])
        found[part.arg] = part.value.value
    return found


@lru_cache(maxsize=256)
def _class(name: str) -> Any:
    """Find a class of expressions, or one of SymPy's constants, by its name."""
    known = getattr(sympy, name, None)
    if known is sympy.Function or isinstance(known, Basic):
        return known
    if isinstance(known, type) and issubclass(known, Basic | MatrixBase) and allowed(known):
        return known
    for found in _subclasses(Basic):
        if found.__name__ == name and allowed(found):
            return found
    raise UnreadableError(name)


def _subclasses(parent: type) -> Iterator[type]:
    children: list[type] = type.__subclasses__(parent)
    for child in children:
        yield child
        yield from _subclasses(child)
