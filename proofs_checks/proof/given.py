"""Parameters as they are given: exact numbers, functions of t, and value matrices that are I."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr, Float, Identity, Rational, sympify

from proofs_checks.decide import exact
from theory.atoms import Elementwise
from theory.bounded import vanishes
from theory.energy import pair_kernel
from theory.models import Model
from theory.symbols import X, d, t, z
from theory.weights import on_unit_rows

_TIMES = (0.0, 0.37, 1.0, 2.5, 11.0)
"""Where code is compared with the expression that it answered with."""


def number_of(value: Any) -> Expr | None:
    """Exact value of a number, or None."""
    try:
        return exact(sympify(value))
    except (TypeError, ValueError, AttributeError):
        return None


def answer_of(value: Callable[[Any], Any]) -> Expr | None:
    """Ask a function of t about the symbol t; None where its answer isn't all there is to it."""
    try:
        found = sympify(value(t))
        if not isinstance(found, Expr) or found.free_symbols - {t}:
            return None
        for time in _TIMES:
            seen, said = float(value(time)), float(found.subs(t, Float(time)))
            if not abs(seen - said) <= 1e-9 * (1 + abs(said)):
                return None
    except Exception:  # code of a user's own: whatever it raises, nothing is known of it
        return None
    return exact(found)


def settled(model: Model, given: Mapping[str, Any]) -> tuple[Model, dict[str, Any]]:
    """Put the identity for the square matrices that are given as one; what else is given.

    Weights are written as the derivative of the energy is, where both are the same.
    """
    left = dict(given)
    model = _in_one_form(model)
    for symbol in (p for p in model.parameters if getattr(p, "shape", ()) == (d, d)):
        value = given.get(str(symbol))
        if value is None or callable(value) or np.ndim(value) != 2:
            continue
        if np.array_equal(value, np.eye(len(value))):
            model, _ = model.subs({symbol: Identity(d)}, model.name), left.pop(str(symbol))
    return model, left


@lru_cache(maxsize=256)
def _in_one_form(model: Model) -> Model:
    """Write distances of unit rows as inner products, and a kernel as the energy's derivative."""
    if model.space != "sphere" or len(model.blocks) > 1:
        return model
    velocity = on_unit_rows(model.velocity)
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is not None:
        slope = kernel.diff(z)
        same = {
            atom: Elementwise(slope, atom.expr)
            for atom in velocity.atoms(Elementwise)
            if atom.expr == X * X.T and atom.body != slope and vanishes(atom.body - slope)
        }
        velocity = velocity.xreplace(same)
    return model if velocity == model.velocity else replace(model, velocity=velocity)


def exact_model(model: Model) -> Model:
    """Return the model with every float replaced by the rational number that it prints as."""
    parts = {
        name: part.xreplace({f: Rational(str(f)) for f in part.atoms(Float)})
        for name in ("velocity", "energy", "metric")
        if (part := getattr(model, name)) is not None and part.atoms(Float)
    }
    return replace(model, **parts) if parts else model


__all__ = ["answer_of", "exact_model", "number_of", "settled"]
