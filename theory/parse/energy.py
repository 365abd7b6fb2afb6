"""A user's energy, given as text: a sum of pair and anchor terms."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import sympy
from sympy import Expr, Symbol
from sympy.matrices.expressions import MatrixExpr, MatrixSymbol

from theory.energy import anchor_energy, interaction_energy
from theory.parse.kernel import open_reader
from theory.parse.reader import Reader, reserved_names, shortened
from theory.symbols import d


def parse_energy(
    text: str, name: str = "energy", *, parameters: Sequence[str] = ("beta",)
) -> MatrixExpr:
    """Read an energy, a sum of pair and anchor terms, as a scalar expression in ``X`` and ``m``.

    ``pair(h)`` is ``1/2 sum_ij m_i m_j h(<x_i, x_j>)`` and ``anchor(h, W, c)`` is
    ``sum_i sum_a m_i c_a h(<x_i, w_a>)`` with anchors w_a, the rows of W, and weights c_a; h is a
    kernel in the sense of :func:`parse_kernel`. Each term may carry a factor free of t. A text
    with neither word is one pair term.

    Parameters
    ----------
    text : str
        The energy.
    name : str
        What error messages call the text.
    parameters : sequence of str
        Names of the scalar parameters the text may use, each a real number.

    Returns
    -------
    MatrixExpr, shape (1, 1)
        The energy; W and c of an anchor term are matrix symbols of shapes (k_W, d) and (k_W, 1).

    Raises
    ------
    ParseError
        If the text is not of this form, or a kernel is not shown to be regular.

    Examples
    --------
    >>> parse_energy("exp(beta*t)/beta")
    (1/2)*m.T*[exp(beta*z)/beta at z=X*X.T]*m
    >>> parse_energy("pair(t**2) - 3*anchor(t, W, c)").shape
    (1, 1)
    """
    reader = open_reader(text, parameters, name)
    tree = reader.parse()
    if not any(_is_energy_call(node) for node in ast.walk(tree)):
        return interaction_energy(reader.kernel(tree))
    terms = [_energy_term(reader, factor, node) for factor, node in _summands(reader, tree)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _is_energy_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("pair", "anchor")
    )


def _summands(
    reader: Reader, node: ast.expr, factor: Expr = sympy.S.One
) -> Iterator[tuple[Expr, ast.Call]]:
    """Split a sum into (factor, call of pair or anchor)."""
    match node:
        case ast.Call() if _is_energy_call(node):
            yield factor, node
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            sign = -1 if isinstance(node.op, ast.USub) else 1
            yield from _summands(reader, operand, sign * factor)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            sign = -1 if isinstance(node.op, ast.Sub) else 1
            yield from _summands(reader, left, factor)
            yield from _summands(reader, right, sign * factor)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            inside = any(_is_energy_call(child) for child in ast.walk(right))
            number, rest = (left, right) if inside else (right, left)
            scale = _coefficient(reader, number)
            yield from _summands(reader, rest, factor * scale)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            inverse = ast.BinOp(ast.Constant(1), ast.Div(), right)
            scale = _coefficient(reader, inverse)
            yield from _summands(reader, left, factor * scale)
        case _:
            raise reader.error(
                "an energy that is a sum of pair and anchor terms",
                f"{shortened(reader.text(node))!r} is not such a term",
                "Write for instance 'pair(exp(beta*t)/beta) + 0.5*anchor(t, W, c)'.",
            )


def _coefficient(reader: Reader, node: ast.expr) -> Expr:
    term = reader.read(node)
    if term.has_t:
        raise reader.error(
            "factors of pair and anchor that are free of t",
            f"{shortened(term.text)!r} depends on t",
            "Move it inside the parentheses.",
        )
    return term.expr


def _energy_term(reader: Reader, factor: Expr, call: ast.Call) -> MatrixExpr:
    assert isinstance(call.func, ast.Name)
    match call:
        case ast.Call(func=ast.Name(id="pair"), args=[kernel], keywords=[]):
            return factor * interaction_energy(reader.kernel(kernel))
        case ast.Call(
            func=ast.Name(id="anchor"),
            args=[kernel, ast.Name(id=anchors), ast.Name(id=weights)],
            keywords=[],
        ):
            taken = {*reserved_names(), *reader.parameters, "beta"}
            if anchors == weights or {anchors, weights} & taken:
                raise reader.error(
                    "two free names for the anchors and their weights",
                    f"{shortened(reader.text(call))!r} uses {anchors!r} and {weights!r}",
                    "Write for instance anchor(t, W, c).",
                )
            rows = Symbol(f"k_{anchors}", integer=True, positive=True)
            points, column = MatrixSymbol(anchors, rows, d), MatrixSymbol(weights, rows, 1)
            return factor * anchor_energy(reader.kernel(kernel), points, column)
        case _:
            raise reader.error(
                "pair(h) or anchor(h, W, c)",
                f"it has {shortened(reader.text(call))!r}",
                "h is a kernel in t, W the name of the anchors and c that of their weights.",
            )
