"""What replaces a parameter of a model: an expression, a number, or a matrix of numbers.

Parameters go by their symbols or their names; matrices come as arrays, lists of rows, or SymPy's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sympy import Expr, ImmutableMatrix, MatrixSymbol, SympifyError, sympify
from sympy.matrices.expressions import MatrixExpr


def refuse_shared_names(known: Iterable[Any], parameters: Sequence[Any]) -> None:
    """Refuse two symbols of one name, as values are given by name, and a parameter given twice.

    Parameters
    ----------
    known : iterable
        Symbols that have their values from elsewhere: tokens, masses, time; sizes of matrices,
        those of parameters too, are.
    parameters : sequence
        What is given by name.

    Raises
    ------
    ValueError
        For two symbols of one name, a parameter given twice, or one that is known.

    Examples
    --------
    >>> from theory.symbols import beta, n
    >>> refuse_shared_names((n,), (beta, n))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: Expected parameters beside n but got n among the parameters ...
    """
    known = tuple(known)
    matrices = (one for one in (*known, *parameters) if isinstance(one, MatrixSymbol))
    sizes = [size for one in matrices for size in one.shape if size.is_Symbol]
    known = (*known, *(size for size in sizes if size not in known))
    named: dict[str, Any] = {}
    for symbol in (*known, *parameters):
        other = named.setdefault(str(symbol), symbol)
        if other != symbol:
            said = " and one ".join(sorted(map(_assumed, (other, symbol))))
            raise ValueError(
                f"Expected a name for each symbol but got two symbols {symbol}, one {said}; rename "
                "one, or write both as one symbol."
            )
    if twice := next((one for one in parameters if parameters.count(one) > 1), None):
        raise ValueError(
            f"Expected each symbol once but got {twice} twice in parameters; leave one out."
        )
    if own := next((one for one in parameters if one in known), None):
        raise ValueError(
            f"Expected parameters beside {', '.join(dict.fromkeys(map(str, known)))} but got {own} "
            f"among the parameters {tuple(map(str, parameters))}: its value comes with tokens, "
            f"time or shapes; leave {own} out, or rename it where you mean another number."
        )


def _assumed(symbol: Any) -> str:
    """Write what a symbol is declared with."""
    said = sorted(getattr(symbol, "_assumptions_orig", {}).items())
    return f"with {', '.join(f'{a}={b}' for a, b in said)}" if said else "without assumptions"


def read_values(
    parameters: Sequence[Any], numbers: Mapping[Any, Any], values: Mapping[Any, Any]
) -> tuple[dict[Any, Any], dict[Any, Any], str]:
    """Sort what replaces parameters: expressions, numbers for matrices, and how both are written.

    Parameters
    ----------
    parameters : sequence
        Those that there are.
    numbers : mapping
        Numbers that matrices have already; those of other matrices are kept.
    values : mapping
        What is given, by symbols or names.

    Raises
    ------
    ValueError
        For a name that is no parameter, or a value that isn't of its kind.
    """
    given = {named_parameter(parameters, key): value for key, value in values.items()}
    kept: dict[Any, Any] = {k: v for k, v in numbers.items() if k not in given}
    fresh = matrices_of_numbers(given, kept)
    expressions = {k: expression_of(k, v) for k, v in given.items() if k not in fresh}
    written = {k: f"{rows}x{columns} numbers" for k, (rows, columns) in fresh.items()} | expressions
    return expressions, kept, ", ".join(f"{key}={value}" for key, value in written.items())


def named_parameter(parameters: Sequence[Any], key: Any) -> Any:
    """Find a parameter by its symbol or its name.

    Raises
    ------
    ValueError
        For another, with the parameters that there are.
    """
    for parameter in parameters:
        if key == parameter or key == str(parameter):
            return parameter
    raise ValueError(
        f"Expected a parameter among {tuple(str(p) for p in parameters)} but got values with "
        f"{key!s}; see model.parameters."
    )


def expression_of(parameter: Any, value: Any) -> Any:
    """Read what replaces a parameter, of its kind: a number or an expression for a scalar.

    Raises
    ------
    ValueError
        For anything else.
    """
    try:
        expr = sympify(value)
    except (SympifyError, TypeError, ValueError, AttributeError):
        expr = None
    if not isinstance(expr, MatrixExpr if isinstance(parameter, MatrixSymbol) else Expr):
        raise ValueError(
            f"Expected a number or an expression for {parameter} but got {parameter}={value!r}; "
            f'write for instance {{"{parameter}": 2}}.'
        )
    return expr


def matrices_of_numbers(
    given: Mapping[Any, Any], numbers: dict[Any, Any]
) -> dict[Any, tuple[int, int]]:
    """Put what is given as numbers for matrix parameters beside the numbers there are.

    Parameters
    ----------
    given : mapping
        Parameters to what a user wrote for them.
    numbers : dict
        Numbers by parameter; those found are added.

    Returns
    -------
    dict
        Shape of each matrix that was added.

    Raises
    ------
    ValueError
        For entries that aren't finite real numbers, or shapes that don't go together.
    """
    found = {}
    for parameter, value in given.items():
        if isinstance(parameter, MatrixSymbol) and not isinstance(value, MatrixExpr):
            matrix = _matrix(parameter, value)
            numbers[parameter] = matrix
            found[parameter] = (int(matrix.rows), int(matrix.cols))
    sizes: dict[Any, tuple[Any, int]] = {}
    for parameter, matrix in numbers.items():
        for symbol, size in zip(parameter.shape, matrix.shape, strict=True):
            other, expected = sizes.setdefault(symbol, (parameter, size))
            if symbol.is_Integer and symbol != size:
                other, expected = parameter, int(symbol)
            if expected != size:
                raise ValueError(
                    f"Expected {parameter} of shape {parameter.shape}, with {symbol}={expected} as "
                    f"in {other}, but got {parameter} of shape {matrix.shape}; make them agree."
                )
    return found


def _matrix(parameter: Any, value: Any) -> ImmutableMatrix:
    """Read rows of numbers: an array and a SymPy matrix have a list of them."""
    rows = value.tolist() if hasattr(value, "tolist") else value
    try:
        matrix = ImmutableMatrix(rows)
        ragged = not isinstance(rows, list | tuple) or not all(
            isinstance(row, list | tuple) for row in rows
        )
        good = not ragged and matrix.rows * matrix.cols > 0
        good = good and all(entry.is_real and entry.is_finite for entry in matrix)
    except (ValueError, TypeError, AttributeError, SympifyError):
        good = False
    if not good:
        raise ValueError(
            f"Expected an expression, or a matrix of finite numbers, for {parameter} but got "
            f"{parameter}={value!r}; write for instance {parameter}=[[1, 0], [0, 1]]."
        )
    return matrix
