"""`evaluate`: whether a proposition is so at numbers of one's own.

Nothing here knows how a proposition was concluded: numbers are put into it, and where it speaks of
derivatives, of other times or of integrals, the model is integrated from the point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import MatrixSymbol, Symbol, preorder_traversal

from proofs_checks.audit.places import FALSE, TRUE, Place
from proofs_checks.audit.solution import Solution, solved
from proofs_checks.proof import Flow
from proofs_checks.propositions import Proposition, free_of, written
from theory.models import Model
from theory.symbols import X, d, k, m, n, t
from theory.terms import Elapsed, Index, Vec, is_derivative, is_value, sizes_in


def evaluate(
    proposition: Proposition,
    flow: Flow | Model | None = None,
    point: Mapping[Any, Any] | None = None,
) -> bool | None:
    """Say whether a typed proposition is so at given numbers.

    It shares nothing with the derivation of what it evaluates: terms are arrays, derivatives are
    differences of a solution through the point, integrals are sums.

    Parameters
    ----------
    proposition : Proposition
        Of numbers, of tokens, or of a flow.
    flow : Model or Flow, optional
        What moves the tokens; nothing does without it.
    point : mapping, optional
        Values by name, or by the symbols themselves: the blocks of the state at time 0, such as
        ``"X"`` of shape (n, d); masses ``"m"`` (1/n by default); parameters of the model; and what
        is free in the proposition: a token index (1 to n), a number, a named vector. ``"t"`` is
        the time at which it is evaluated, 0 by default.

    Returns
    -------
    bool or None
        None where it isn't told by numbers at one time: limits, almost every start, what is said
        of all vectors. Equal means equal up to 1e-6, beside the size of both sides, and so much
        is left to < and <= too: no proposition is false by it.

    Raises
    ------
    TypeError
        If it is no proposition, or the flow no model.
    ValueError
        For a name that nothing has, a value that is missing, a token that isn't there, a state
        that the model doesn't take, or a time that its solution doesn't reach.

    Examples
    --------
    Heights over a lowest token grow under SA, and what would be too fast is seen to be:

    >>> from proofs_checks.propositions import Rel
    >>> from theory import SA
    >>> from theory.symbols import beta
    >>> from theory.terms import Index, Inner, Row, Vec, ddt
    >>> i, w = Index("i"), Vec("w")
    >>> height = Inner(Row(X, i), w)
    >>> here = {"X": [[1, 0], [0.6, 0.8]], "beta": 2, "w": [1, 0], "i": 2, "t": 0.5}
    >>> evaluate(Rel("<", 0, ddt(height)), SA, here)
    True
    >>> evaluate(Rel("<=", beta * height, ddt(height)), SA, here)
    False

    Of numbers alone no model is needed:

    >>> evaluate(Rel("<", beta, 3), point={"beta": 2})
    True
    """
    if not isinstance(proposition, Proposition):
        raise TypeError(
            f"Expected a proposition but got proposition={proposition!r}; make one with "
            f"proofs_checks.propositions, such as Rel('<', 0, beta)."
        )
    given = dict(point or {})
    model = flow
    if isinstance(flow, Flow):
        model, given = flow.model, {**flow.given, **given}
    if model is not None and (not isinstance(model, Model) or model.kind != "flow"):
        raise TypeError(
            f"Expected a Model of kind 'flow', a Flow or None but got flow={flow!r}; a discrete "
            f"layer has no derivative in t."
        )
    if model is None and any(map(_needs_a_flow, preorder_traversal(proposition))):
        raise ValueError(
            f"Expected a flow but got none; {written(proposition)} speaks of derivatives, of "
            f"other times or of what has elapsed: say what moves the tokens."
        )
    named = _by_symbol(proposition, model, given)
    time = float(named.pop(t, 0.0))
    on = _solution(proposition, model, named, time)
    own = {a: _free_value(a, v, on) for a, v in named.items() if not _is_state(a)}
    return {TRUE: True, FALSE: False}.get(float(Place(on, on.times[0], own).holds(proposition)))


def _needs_a_flow(term: Any) -> bool:
    return is_derivative(term) or is_value(term) or isinstance(term, Elapsed)


def _is_state(symbol: Any) -> bool:
    return isinstance(symbol, MatrixSymbol)


def _name(symbol: Any) -> str:
    return str(symbol.args[0]) if isinstance(symbol, Vec) else str(symbol)


def _by_symbol(proposition: Any, model: Model | None, given: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the values by symbol; refuse names that nothing has, and values that are missing."""
    matrices = set(proposition.atoms(MatrixSymbol))
    wanted = {*free_of(proposition), *matrices} - {t, n, d, k, *sizes_in(proposition)}
    if model is not None:
        blocks = {block.symbol for block in model.blocks}
        own = {*model.parameters, *blocks}
        wanted |= own
    known = {_name(a): a for a in (*wanted, X, m, t)}
    names = set(map(_name, given))
    if strange := sorted(names - set(known)):
        raise ValueError(
            f"Expected names among {', '.join(sorted(known))} but got {', '.join(strange)}; drop "
            f"what neither the proposition nor the model has."
        )
    if lacking := sorted({_name(a) for a in wanted if a != m} - names):
        raise ValueError(
            f"Expected a value of {', '.join(lacking)} but got none; {written(proposition)} "
            f"needs it in point."
        )
    return {known[_name(a)]: value for a, value in given.items()}


def _free_value(symbol: Any, value: Any, on: Solution) -> Any:
    if isinstance(symbol, Index):
        size = on.count(symbol)
        if int(value) != value or not 1 <= value <= size:
            raise ValueError(
                f"Expected a token from 1 to {size} but got {_name(symbol)}={value}; tokens are "
                f"counted from 1, as in x_1."
            )
        return np.asarray(int(value) - 1)
    return np.asarray(value, dtype=float) if isinstance(symbol, Vec) else float(value)


def _solution(
    proposition: Any, model: Model | None, named: Mapping[Any, Any], time: float
) -> Solution:
    """Return the solution from the point, at one time; of no model the state alone."""
    state = {a: np.asarray(v, dtype=float) for a, v in named.items() if isinstance(a, MatrixSymbol)}
    if X in state and state[X].ndim != 2:
        raise ValueError(f"Expected X of shape (n, d) but got shape={state[X].shape}; give rows.")
    rows = len(state[X]) if X in state else np.size(state[m]) if m in state else 1
    masses = state[m].reshape(-1) if m in state else np.full(rows, 1 / rows)
    if model is None:
        numbers = {a: v for a, v in named.items() if isinstance(a, Symbol)}
        numbers |= {a: v for a, v in state.items() if a not in (X, m)}
        return Solution(None, numbers, masses, {time: {**state, m: masses[:, None]}}, (time,))
    start = {b.symbol: state[b.symbol] for b in model.blocks}
    if m in start:
        start[m] = masses[:, None]
    values = {str(a): named[a] for a in model.parameters}
    found = solved(model, values, start, masses, times=(time,))
    return replace(found, ending=lambda: None)


__all__ = ["evaluate"]
