"""Everything that a public function returns, or a result holds, has a short form."""

import inspect
import typing
from dataclasses import fields, is_dataclass

import attnflow
from attnflow.rooms import MODULES, ROOMS
from theory.summaries import Summarised

ARGUMENTS = {
    "Block", "Budget", "Control", "Equivalent", "Event", "Grid", "Hypothesis", "Noise", "Sample",
    "Style",
}  # fmt: skip
"""What users write themselves, or get a line of: its `repr` is how it is written."""
OWN = {"Certificate", "CheckResult", "Claim", "Evaluator", "FunctionModel"}
"""A `repr` of its own, or of words and numbers."""


def named(annotation):
    """Classes in an annotation."""
    if inspect.isclass(annotation) and not typing.get_origin(annotation):
        yield annotation
    for part in typing.get_args(annotation):
        yield from named(part)


def hints(thing):
    try:
        return typing.get_type_hints(thing)
    except (NameError, TypeError):  # names that are imported for a type checker alone
        return {}


def functions(value):
    if inspect.isclass(value):
        return [f for name, f in vars(value).items() if name[0] != "_" and inspect.isfunction(f)]
    return [inspect.unwrap(value)] if callable(value) else []


def public_values():
    for name in attnflow.__all__:
        yield name, getattr(attnflow, name)
    for name in MODULES:
        module = getattr(attnflow, name)
        for inner in getattr(module, "__all__", [n for n in vars(module) if n[0] != "_"]):
            yield inner, getattr(module, inner)


def results():
    """All dataclasses of ours among public names, what they return, and the fields of these."""
    found, waiting = set(), []
    for _, value in public_values():
        waiting += [value] if inspect.isclass(value) else []
        for function in functions(value):
            waiting += named(hints(function).get("return"))
    while waiting:
        kind = waiting.pop()
        ours = kind.__module__.partition(".")[0] in ROOMS
        if kind in found or not (ours and is_dataclass(kind)):
            continue
        found.add(kind)
        given = hints(kind)
        for part in fields(kind):
            if not part.name.startswith("_"):
                waiting += named(given.get(part.name))
    return found


def test_every_result_is_summarised():
    found = results()
    assert len(found) > 80
    left = {kind.__name__ for kind in found if not issubclass(kind, Summarised)}
    assert left == ARGUMENTS | OWN


def test_every_public_value_is_short():
    seen = [value for _, value in public_values() if isinstance(value, Summarised)]
    assert len(seen) > 15
    assert max(len(repr(value).splitlines()) for value in seen) <= 5
