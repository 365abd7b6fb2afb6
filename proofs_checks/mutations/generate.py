"""All automatic mutations of a claim, in a fixed order, and which of them leave its statement true.

A mutation that leaves the statement true is an `Equivalent` of its claim, with its reason, and
isn't counted.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import sympy as sp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Part
from proofs_checks.mutations.operations import Mutation, changes_of, join_place, symbols_of
from theory.models import Model


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are the same; expressions also after expansion."""
    if isinstance(one, sp.Expr) and isinstance(other, sp.Expr):
        if isinstance(one, MatrixExpr) or isinstance(other, MatrixExpr):
            return bool(one == other)
        return one == other or sp.expand(one - other) == 0
    return bool(one == other)


def mutations(claim: Claim[Any, Any]) -> tuple[Mutation, ...]:
    """All automatic mutations of a claim, in a fixed order and without repetition.

    Parameters
    ----------
    claim : Claim
        Its model and its prediction are walked through: models, expressions, numbers, and
        dataclasses, tuples and mappings of those. Text is left alone.

    Returns
    -------
    tuple of Mutation
        Each differs from the claim and from the others.

    Examples
    --------
    >>> from proofs_checks import CLAIMS
    >>> factor = next(claim for claim in CLAIMS if claim.label == "E.(D.15)")
    >>> [m.change for m in mutations(factor) if m.name.startswith("prediction")]
    ['4 -> -4', '4 -> 5', '4 -> 8', '4 -> 2']
    """
    energetic = Part.ENERGY in claim.about
    # A prediction in words, such as a symmetry, can be broken through the model only.
    bare = isinstance(claim.prediction, str)
    found: list[Mutation] = []
    for side in ("model", "prediction"):
        original = getattr(claim, side)
        seen = [original]
        for name, value in changes_of(original, energetic, symbols_of(original), bare):
            if any(_equal(value, other) for other in seen):
                continue
            seen.append(value)
            twin = replace(claim, **{side: value})
            place = (
                name if side == "model" and isinstance(original, Model) else join_place(side, name)
            )
            place = place.removeprefix("model.")
            found.append(Mutation(place, _difference(original, value), twin))
    return tuple(found)


def _difference(before: Any, after: Any) -> str:
    """Innermost parts that differ, as text."""
    if type(before) is type(after):
        pairs: Iterable[tuple[Any, Any]] = ()
        if isinstance(before, tuple | list):
            pairs = zip(before, after, strict=True)
        elif isinstance(before, Mapping):
            pairs = ((before[key], after[key]) for key in before)
        elif dataclasses.is_dataclass(before) and not isinstance(before, type):
            names = [field.name for field in dataclasses.fields(before)]
            pairs = ((getattr(before, name), getattr(after, name)) for name in names)
        for one, other in pairs:
            if not _equal(one, other):
                return _difference(one, other)
    if inspect.isfunction(before):
        return f"{before.__name__} -> another function"
    return f"{before} -> {after}"


def equivalence(mutation: Mutation) -> str:
    """Reason why a mutation leaves the statement true, or ""."""
    claim = mutation.twin
    for equivalent in claim.equivalents:
        if any(fnmatchcase(mutation.name, name) for name in equivalent.names):
            return equivalent.reason
    if claim.about == {Part.ENERGY} and fnmatchcase(mutation.name, "*.velocity: *"):
        return "the statement is on the energy alone"
    return ""
