r"""Models and what is derived from them in the mathematics that people write, as LaTeX.

A matrix expression is written by what one token does: row i of ``A X V^T`` is
``\sum_j A_{ij} V x_j``, entry (i, j) of ``X Q^T K X^T`` is ``\langle Q x_i, K x_j\rangle``. Where
an expression has no such form, it is written as a matrix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from sympy import (
    Add,
    Basic,
    DiagMatrix,
    Expr,
    HadamardProduct,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Mul,
    OneMatrix,
    S,
    Symbol,
    Transpose,
    ZeroMatrix,
    exp,
    sqrt,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.printing.latex import LatexPrinter

from theory.atoms import (
    Elementwise,
    RowNormalize,
    RowSoftmax,
    Sinkhorn,
    SinkhornPotential,
    Tangent,
)
from theory.finite_sums import FiniteSum, Member
from theory.hardmax import TopK
from theory.masks import BAND, BIPARTITE, CAUSAL, CROSS, STRICT, Mask
from theory.norms import LayerNorm
from theory.positions import Distances, Rotary
from theory.symbols import n, z
from theory.weights import SinkSoftmax, SquaredDistances

__all__ = ["dotted", "latex_equation", "latex_of"]

_LETTERS = "ijklpqrsuvw"

_DIAGONAL = (DiagMatrix, DiagonalMatrix)


class Written(NamedTuple):
    """A piece of LaTeX, and how tightly it binds."""

    text: str
    level: int

    def inside(self, least: int) -> str:
        """Return the text, in parentheses where it binds less than is needed."""
        return self.text if self.level >= least else rf"\left({self.text}\right)"


SUM, BIG, PRODUCT, ATOM = 0, 1, 2, 3
"""A sum, a product that begins with a big sign, a product, and what stands by itself."""


class NoIndices(Exception):
    """An expression that has no form by tokens."""


class Printer(LatexPrinter):
    """LaTeX of scalars and, where there is no form by tokens, of matrices."""

    def __init__(self, names: Mapping[Any, str] | None = None) -> None:
        super().__init__({"symbol_names": dict(names or {}), "inv_trig_style": "power"})

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        """Write a word upright, a letter as it is."""
        text = str(super()._print_Symbol(expr, style))
        head, mark, rest = text.partition("_")
        word = len(head) > 1 and head.isascii() and head.isalpha()
        return rf"\mathrm{{{head}}}{mark}{rest}" if word else text

    _print_MatrixSymbol = _print_Symbol

    def _print_DiagMatrix(self, expr: Any) -> str:
        return rf"\operatorname{{diag}}\left({self._print(expr.args[0])}\right)"

    _print_DiagonalMatrix = _print_DiagMatrix

    def _print_RowSoftmax(self, expr: Any) -> str:
        inner = ",\\, ".join(self._print(part) for part in expr.args if part != expr.args[1])
        return rf"\operatorname{{softmax}}_{{{self._print(expr.args[1])}}}\left({inner}\right)"

    _print_MaskedSoftmax = _print_RowSoftmax
    _print_SinkSoftmax = _print_RowSoftmax

    def _print_Sinkhorn(self, expr: Any) -> str:
        return rf"\operatorname{{Sinkhorn}}\left({self._print(expr.args[0])}\right)"

    def _print_TopK(self, expr: Any) -> str:
        return rf"\operatorname{{hardmax}}\left({self._print(expr.args[0])}\right)"

    _print_Hardmax = _print_TopK

    def _print_Tangent(self, expr: Any) -> str:
        points, field = (self._print(part) for part in expr.args)
        return rf"P_{{{points}}}^\perp\left[{field}\right]"

    def _print_RowNormalize(self, expr: Any) -> str:
        return rf"\mathrm{{N}}\left({self._print(expr.args[0])}\right)"

    def _print_MatrixExponential(self, expr: Any) -> str:
        return rf"e^{{{self._print(expr.args[0])}}}"

    def _print_Rotary(self, expr: Any) -> str:
        return rf"\mathcal R\left({self._print(expr.args[0])}\right)"

    def _print_SquaredDistances(self, expr: Any) -> str:
        return r"\left[|x_i-x_j|^2\right]"

    def _print_OneMatrix(self, expr: Any) -> str:
        return r"\mathbf 1"

    def _print_ZeroMatrix(self, expr: Any) -> str:
        return "0"

    def _print_Transpose(self, expr: Any) -> str:
        inner = expr.args[0]
        text = self._print(inner)
        return rf"{text}^\top" if isinstance(inner, MatrixSymbol) else rf"\left({text}\right)^\top"

    def _print_HadamardProduct(self, expr: Any) -> str:
        return r" \circ ".join(self.parenthesize(part, 60) for part in expr.args)


class Indices:
    """Writes matrix expressions by their rows and entries."""

    def __init__(self, tokens: Iterable[Any], taken: Iterable[str] = ()) -> None:
        self.tokens = set(tokens)
        self._letters = [letter for letter in _LETTERS if letter not in set(taken)]

    def scalar(self, expr: Any) -> Written:
        """Write a number."""
        level = SUM if isinstance(expr, Add) or expr.could_extract_minus_sign() else ATOM
        return Written(Printer().doprint(expr), PRODUCT if isinstance(expr, Mul) else level)

    def row(self, expr: Any, i: str | None, scope: frozenset[str]) -> Written:
        """Write row i as a vector."""
        match expr:
            case MatAdd():
                return _added([self.row(term, i, scope) for term in expr.args])
            case MatMul():
                return self._product(expr, i, None, scope, True)
            case MatrixSymbol() if expr.shape[0] in self.tokens:
                return Written(_indexed(expr.name.lower(), i or ""), ATOM)
            case MatrixSymbol() | Member() if expr.shape[0] == 1:
                return Written(Printer().doprint(expr), ATOM)
            case Transpose(args=[(MatrixSymbol() | Member()) as column]) if column.shape[1] == 1:
                return Written(Printer().doprint(column), ATOM)
            case Tangent():
                at = self.row(expr.points, i, scope).text
                coefficient, rest = S.One, expr.field
                if isinstance(rest, MatMul):
                    coefficient, matrices = rest.as_coeff_matrices()
                    rest = MatMul(*matrices) if len(matrices) > 1 else matrices[0]
                if coefficient != 1:
                    inner = self.row(Tangent(expr.points, rest), i, scope)
                    return _scaled(self.scalar(coefficient), inner)
                field = self.row(rest, i, scope)
                text = field.text if field.level >= BIG else rf"\left[{field.text}\right]"
                return Written(rf"P_{{{at}}}^\perp {text}", BIG)
            case RowNormalize():
                text = self.row(expr.args[0], i, scope).text
                return Written(rf"\mathrm{{N}}\left({text}\right)", ATOM)
            case LayerNorm():
                name = "LN" if expr.centred else "RMS"
                text = self.row(expr.field, i, scope).text
                return Written(rf"\mathrm{{{name}}}\left({text}\right)", ATOM)
            case Rotary():
                text = self.row(expr.args[0], i, scope).inside(ATOM)
                return Written(rf"R^{{{i}}} {text}", PRODUCT)
            case Elementwise():
                return _put(expr.body, self.row(expr.expr, i, scope))
            case FiniteSum():
                index, count = (Printer().doprint(part) for part in (expr.args[2], expr.count))
                text = self.row(expr.term, i, scope).inside(BIG)
                return Written(rf"\sum_{{{index}=1}}^{{{count}}} {text}", BIG)
            case OneMatrix():
                return Written(r"\mathbf 1", ATOM)
            case ZeroMatrix():
                return Written("0", ATOM)
        raise NoIndices(expr)

    def entry(
        self, expr: Any, a: str | None, b: str | None, scope: frozenset[str]
    ) -> tuple[Written, str]:
        """Write entry (a, b), and the condition on (a, b) outside which it is 0."""
        match expr:
            case MatrixSymbol():
                return Written(_indexed(expr.name, (a or "") + (b or "")), ATOM), ""
            case Transpose():
                return self.entry(expr.args[0], b, a, scope)
            case OneMatrix():
                return Written("1", ATOM), ""
            case ZeroMatrix():
                return Written("0", ATOM), ""
            case MatAdd():
                return _added([self._whole(term, a, b, scope) for term in expr.args]), ""
            case MatMul():
                return self._product(expr, a, b, scope, False), ""
            case Elementwise():
                inner, condition = self.entry(expr.expr, a, b, scope)
                return _put(expr.body, _conditional(inner, condition)), ""
            case HadamardProduct():
                parts = [self.entry(part, a, b, scope) for part in expr.args]
                conditions = [condition for _, condition in parts if condition]
                return _multiplied([part for part, _ in parts]), ",\\, ".join(conditions)
            case Mask():
                return Written("1", ATOM), sight(expr, a, b)
            case Distances():
                return Written(f"|{a}-{b}|", ATOM), ""
            case SquaredDistances():
                left, right = self.row(expr.args[0], a, scope), self.row(expr.args[1], b, scope)
                return Written(rf"|{left.inside(PRODUCT)}-{right.inside(PRODUCT)}|^2", ATOM), ""
            case SinkhornPotential():
                return Written(f"p_{a}", ATOM), ""
            case FiniteSum():
                index, count = (Printer().doprint(part) for part in (expr.args[2], expr.count))
                text = self._whole(expr.term, a, b, scope).inside(BIG)
                return Written(rf"\sum_{{{index}=1}}^{{{count}}} {text}", BIG), ""
        if isinstance(expr, RowSoftmax | SinkSoftmax | TopK):
            return self._attention(expr, a, b, scope)
        if isinstance(expr, _DIAGONAL) and a == b:
            return self.diagonal(expr, a, scope), ""
        raise NoIndices(expr)

    def _whole(self, expr: Any, a: str | None, b: str | None, scope: frozenset[str]) -> Written:
        """Entry of a term, its condition as a factor."""
        return _conditional(*self.entry(expr, a, b, scope))

    def diagonal(self, expr: Any, a: str | None, scope: frozenset[str]) -> Written:
        """Entry (a, a) of a diagonal matrix."""
        match expr:
            case DiagMatrix():
                return self._whole(expr.args[0], a, None, scope)
            case DiagonalMatrix():
                return self._whole(expr.args[0], a, a, scope)
            case Inverse() | MatPow():
                return Written(rf"\frac{{1}}{{{self.diagonal(expr.args[0], a, scope).text}}}", ATOM)
        raise NoIndices(expr)

    def _attention(
        self, expr: Any, a: str | None, b: str | None, scope: frozenset[str]
    ) -> tuple[Written, str]:
        """``m_b e^{S_ab} / Σ_k m_k e^{S_ak}``, over whom the token sees."""
        if isinstance(expr, Sinkhorn):
            score = self._whole(expr.scores, a, b, scope).text
            mass = self._masses(expr.masses, b)
            return Written(rf"{mass} e^{{p_{a} + {score} + p_{b}}}".strip(), PRODUCT), ""
        if isinstance(expr, TopK):
            score = self._whole(expr.args[0], a, b, scope).text
            return Written(rf"\operatorname{{hardmax}}_{b}\left({score}\right)", ATOM), ""
        masks = [part for part in expr.args[2:] if isinstance(part, Mask)]
        k = self._fresh(scope | {x for x in (a, b) if x})
        further = scope | {k}
        over, condition = k, ""
        if masks:
            condition, over = sight(masks[0], a, b), sight(masks[0], a, k)
        scores = [self._whole(expr.args[0], a, c, further).text for c in (b, k)]
        masses = [self._masses(expr.args[1], c) for c in (b, k)]
        top, below = (rf"{m} e^{{{score}}}" for m, score in zip(masses, scores, strict=True))
        sums = _sum(over, Written(below.strip(), PRODUCT)).text
        if isinstance(expr, SinkSoftmax):
            sink = expr.args[2]
            own = self._whole(sink, a, None, scope) if _is_matrix(sink) else self.scalar(sink)
            sums = rf"e^{{{own.text}}} + {sums}"
        return Written(rf"\frac{{{top.strip()}}}{{{sums}}}", ATOM), condition

    def _masses(self, masses: Any, b: str | None) -> str:
        text = self._whole(masses, b, None, frozenset()).text
        return "" if text == "1" else text

    def _fresh(self, scope: frozenset[str]) -> str:
        for letter in self._letters:
            if letter not in scope:
                return letter
        raise NoIndices("more sums than letters")

    def _is_place(self, size: Any) -> bool:
        return size == 1 or size in self.tokens

    def _product(
        self, expr: Any, a: str | None, b: str | None, scope: frozenset[str], vector: bool
    ) -> Written:
        """Write row a of a product, or its entry (a, b): a sum over each token between."""
        coefficient, rest = expr.as_coeff_matrices()
        parts = _segments(rest, self._is_place, vector)
        places, sums = self._places(parts, a, b, scope, vector)
        summed = frozenset(sums)
        scope = scope | {x for x in (a, b) if x} | summed
        before: list[Written] = []
        masses: list[Written] = []
        factors: list[Written] = []
        for k, part in enumerate(parts):
            here, there = places[k], places[k + 1]
            if k == len(parts) - 1 and vector:
                factors.append(self._vector(part, here, scope))
            elif len(part) == 1 and _is_diagonal(part[0]):
                named = isinstance(part[0], DiagMatrix) and _is_column([part[0].args[0]])
                group = before if here not in summed else masses if named else factors
                group.append(self.diagonal(part[0], here, scope))
            else:
                found, condition = self._between(part, here, there, scope)
                own = next((x for x in (there, here) if x in sums), None)
                if condition and own is not None:
                    sums[sums.index(own)] = condition
                    condition = ""
                (masses if _is_column(part) else factors).append(_conditional(found, condition))
        inner = _multiplied([*masses, *factors])
        if sums:
            inner = _sum(", ".join(sums), inner)
        inner = _multiplied([*before, inner])
        return inner if coefficient == 1 else _scaled(self.scalar(coefficient), inner)

    def _places(
        self,
        parts: Sequence[Sequence[Any]],
        a: str | None,
        b: str | None,
        scope: frozenset[str],
        vector: bool,
    ) -> tuple[list[str | None], list[str]]:
        """Name the token before and after each part of a product, and those to sum over."""
        diagonal = [len(part) == 1 and _is_diagonal(part[0]) for part in parts]
        places: list[str | None] = [a]
        sums: list[str] = []
        for k, part in enumerate(parts):
            there = places[-1]
            if not diagonal[k]:
                there = b if not vector and all(diagonal[k + 1 :]) else None
                if (
                    there is None
                    and part[-1].shape[1] in self.tokens
                    and not (vector and k == len(parts) - 1)
                ):
                    there = self._fresh(scope | {x for x in (a, b) if x} | set(sums))
                    sums.append(there)
            places.append(there)
        return places, sums

    def _vector(self, part: Sequence[Any], here: str | None, scope: frozenset[str]) -> Written:
        """Row of what remains of a product, matrices applied to it."""
        found = self.row(part[0], here, scope)
        for matrix in part[1:]:
            found = _applied(Transpose(matrix).doit(), found)
        return found

    def _between(
        self, part: Sequence[Any], a: str | None, b: str | None, scope: frozenset[str]
    ) -> tuple[Written, str]:
        """Write an entry of one factor, or the inner product of two rows."""
        if len(part) == 1:
            return self.entry(part[0], a, b, scope)
        left = self.row(part[0], a, scope)
        right = self.row(Transpose(part[-1]).doit(), b, scope)
        middle = list(part[1:-1])
        while middle and isinstance(middle[0], Transpose):
            left = _applied(middle.pop(0).args[0], left)
        for matrix in reversed(middle):
            right = _applied(matrix, right)
        return Written(rf"\langle {left.text}, {right.text}\rangle", ATOM), ""


def _indexed(name: str, places: str) -> str:
    text = Printer().doprint(Symbol(name))
    text = f"{{{text}}}" if "_" in text and places else text
    return f"{text}_{{{places}}}" if len(places) > 1 else f"{text}_{places}" if places else text


def sight(mask: Mask, a: str | None, b: str | None) -> str:
    """Condition that token a sees token b."""
    value = Printer().doprint(mask.parameter)
    if mask.kind == CAUSAL:
        return rf"{b} \le {a}"
    return {
        STRICT: f"{b} < {a}",
        BAND: rf"|{a}-{b}| \le {value}",
        BIPARTITE: rf"({a} \le {value}) \ne ({b} \le {value})",
        CROSS: rf"{b} \le {value}",
    }.get(mask.kind, rf"{b} :\, {value}_{{{a}{b}}} = 1")


def _segments(factors: Sequence[Any], is_place: Any, vector: bool) -> list[list[Any]]:
    """Cut a product where it passes from token to token, or through a number."""
    parts: list[list[Any]] = [[]]
    for factor in factors:
        parts[-1].append(factor)
        if is_place(factor.shape[1]):
            parts.append([])
    if not parts[-1]:
        parts.pop()
    elif not vector:
        raise NoIndices(factors)
    return parts


def _is_matrix(value: Any) -> bool:
    return isinstance(value, MatrixExpr)


def _is_diagonal(factor: Any) -> bool:
    if isinstance(factor, Inverse | MatPow):
        return isinstance(factor.args[0], _DIAGONAL)
    return isinstance(factor, _DIAGONAL)


def _is_column(part: Sequence[Any]) -> bool:
    """Whether it is a column of numbers by name, such as the masses, which are written first."""
    factor = part[0].args[0] if isinstance(part[0], Transpose) else part[0]
    return len(part) == 1 and isinstance(factor, MatrixSymbol) and factor.shape[1] == 1


def _added(parts: Sequence[Written]) -> Written:
    text = parts[0].text
    for part in parts[1:]:
        text += f" - {part.text[1:].lstrip()}" if part.text.startswith("-") else f" + {part.text}"
    return Written(text, SUM) if len(parts) > 1 else parts[0]


def _multiplied(parts: Sequence[Written]) -> Written:
    kept = [part for part in parts if part.text != "1"]
    if not kept:
        return Written("1", ATOM)
    if len(kept) == 1:
        return kept[0]
    texts = [part.inside(PRODUCT) for part in kept[:-1]] + [kept[-1].inside(BIG)]
    return Written(" ".join(texts), PRODUCT if kept[-1].level >= PRODUCT else BIG)


def _sum(over: str, inner: Written) -> Written:
    below = over if len(over) == 1 else f"{{{over}}}"
    return Written(rf"\sum_{below} {inner.inside(BIG)}", BIG)


def _scaled(coefficient: Written, inner: Written) -> Written:
    if coefficient.text == "-1":
        return Written(f"-{inner.inside(BIG)}", SUM)
    text = coefficient.text if coefficient.text.startswith("-") else coefficient.inside(PRODUCT)
    level = SUM if text.startswith("-") else min(inner.level, PRODUCT) or PRODUCT
    return Written(text if inner.text == "1" else f"{text} {inner.inside(BIG)}", level)


def _conditional(inner: Written, condition: str) -> Written:
    """Write a condition as a factor, where no sum takes it."""
    if not condition:
        return inner
    return _multiplied([Written(rf"\mathbf 1_{{{condition}}}", ATOM), inner])


def _applied(matrix: Any, vector: Written) -> Written:
    """Write a matrix applied to a vector."""
    if isinstance(matrix, Identity):
        return vector
    text = Printer().doprint(matrix)
    if isinstance(matrix, MatAdd):
        text = rf"\left({text}\right)"
    return Written(f"{text} {vector.inside(PRODUCT)}", PRODUCT)


def _put(body: Expr, inner: Written) -> Written:
    """Write a function of ``theory.symbols.z`` at something written."""
    if body == z:
        return inner
    if body == 1 / z:
        return Written(rf"\frac{{1}}{{{inner.text}}}", ATOM)
    if body == sqrt(z):
        return Written(rf"\sqrt{{{inner.text}}}", ATOM)
    if body == exp(z):
        return Written(f"e^{{{inner.text}}}", ATOM)
    place = Symbol("zz", real=True)  # sorted behind the factors beside it
    text = Printer({place: inner.inside(ATOM)}).doprint(body.xreplace({z: place}))
    twice = rf"\left({inner.inside(ATOM)} \right)"
    if inner.level < ATOM:
        text = text.replace(twice, inner.inside(ATOM))
    loose = isinstance(body, Add) or body.could_extract_minus_sign()
    return Written(text, SUM if loose else PRODUCT if isinstance(body, Mul) else ATOM)


def latex_of(
    expr: Any, tokens: Iterable[Any] = (n,), names: Mapping[Any, str] = MappingProxyType({})
) -> str:
    r"""Write an expression: rows and entries of a matrix by tokens, a number as it stands.

    Parameters
    ----------
    expr : Expr or MatrixExpr
        Of shape (n, d): its row; of shape (n, n): its entry; of shape (1, 1): the number.
    tokens : iterable of Expr
        Sizes that count tokens.
    names : mapping from Symbol to str
        LaTeX of symbols of a number, where it isn't their name.

    Examples
    --------
    >>> from theory.models import USA
    >>> print(latex_of(USA.energy))
    \frac{1}{2} \sum_{i, j} m_i m_j \frac{e^{\beta \langle x_i, x_j\rangle}}{\beta}
    """
    if not isinstance(expr, MatrixExpr):
        return str(Printer(names).doprint(expr))
    tokens = tuple(tokens)
    left, right = "i", "j"
    writer = Indices(tokens, {str(s) for s in _free(expr)})
    rows, columns = expr.shape
    try:
        if rows in tokens and columns in tokens:
            return writer._whole(expr, left, right, frozenset((left, right))).text
        if rows in tokens and columns != 1:
            return writer.row(expr, left, frozenset((left,))).text
        if rows in tokens or rows == columns == 1:
            start = frozenset((left,)) if rows in tokens else frozenset()
            return writer._whole(expr, left if rows in tokens else None, None, start).text
    except NoIndices:
        pass
    return str(Printer().doprint(expr))


def _free(expr: Basic) -> set[Any]:
    """Scalars that stand in an expression, sizes of matrices apart."""
    return {s for s in expr.free_symbols if isinstance(s, Symbol)}


def latex_equation(symbol: Any, rate: Any, kind: str = "flow", tokens: Iterable[Any] = (n,)) -> str:
    r"""Write an equation of motion, ``\dot x_i = ...`` or ``x_i \leftarrow ...``.

    Parameters
    ----------
    symbol : Symbol or MatrixSymbol
        What moves.
    rate : Expr or MatrixExpr
        How.
    kind : {"flow", "map"}
        Differential equation, or layer.
    tokens : iterable of Expr
        Sizes that count tokens.

    Examples
    --------
    >>> from theory.models import USA
    >>> from theory.symbols import X
    >>> print(latex_equation(X, USA.velocity))
    \dot x_i = P_{x_i}^\perp \sum_j m_j e^{\beta \langle x_i, x_j\rangle} x_j
    """
    tokens = tuple(tokens)
    right = latex_of(rate, tokens)
    name = latex_of(symbol, tokens)
    matrix = isinstance(rate, MatrixExpr) and right == str(Printer().doprint(rate))
    if matrix:
        name = str(Printer().doprint(symbol))
    if kind == "map":
        return rf"{name} \leftarrow {right}"
    return f"{dotted(name)} = {right}"


def dotted(name: str) -> str:
    r"""Write the derivative in time of a letter with indices.

    Examples
    --------
    >>> print(dotted("x_i"), dotted(r"\gamma"), dotted("{G_{XY}}_{ij}"))
    \dot x_i \dot\gamma \dot{G_{XY}}_{ij}
    """
    if name.startswith("{"):
        return rf"\dot{name}"
    bare = name.partition("_")[0]
    if bare.startswith("\\"):
        return rf"\dot{name}"
    return rf"\dot {name}" if len(bare) == 1 else rf"\dot{{{name}}}"
