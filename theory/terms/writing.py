"""One way through a term, and three ways to write what is met: text, LaTeX, MathML.

Names of long terms (``s_i`` for ``<x_i, w>``) are the reader's: a legend is handed to the writer,
and terms know nothing of it, so that two terms are equal or not whatever they are called.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from sympy import (
    Abs,
    Add,
    DiagMatrix,
    Expr,
    Function,
    Identity,
    Integer,
    Max,
    Min,
    Mul,
    OneMatrix,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    Transpose,
    Tuple,
    ZeroMatrix,
    besseli,
    exp,
    factorial,
    latex,
)
from sympy.core.relational import Relational
from sympy.matrices.expressions import MatPow, MatrixExpr, MatrixSymbol
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.atoms import MatrixExponential, RowSoftmax, Tangent
from theory.positive_part import PositivePart
from theory.symbols import m, n, t
from theory.terms.algebra import match
from theory.terms.indices import BOUND, Index
from theory.terms.nodes import (
    Binder,
    Diameter,
    Elapsed,
    Entry,
    Greatest,
    Image,
    Inner,
    Item,
    Least,
    Multiple,
    Norm,
    OperatorNorm,
    Projected,
    Row,
    Smaller,
    TokenSum,
    Vec,
    VectorSum,
    VectorTokenSum,
    free,
    is_derivative,
    is_value,
)

SUM, PRODUCT, ATOM = range(3)
"""How tightly what is written holds together."""


@dataclass(frozen=True)
class Name:
    """A name for a term on one sheet: ``Name("s", Inner(x_i, w), (i,))`` is read s_i.

    Attributes
    ----------
    name : str
    term : Expr or Vector
    indices : tuple of Index
    """

    name: str
    term: Any
    indices: tuple[Index, ...] = ()


def _greek(name: str) -> str:
    case = "SMALL" if name.islower() else "CAPITAL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")
    except KeyError:
        return ""


class Text:
    """Plain text."""

    minus, dot, equal_or_less, unequal, less = "-", " ", " <= ", " != ", " < "

    def words(self, said: str) -> str:
        """Write words between formulas."""
        return said

    def symbol(self, name: str) -> str:
        """Write a letter, Greek where it has such a name."""
        return _greek(name) or name

    def digits(self, number: str) -> str:
        """Write a whole number."""
        return number

    def sign(self, said: str) -> str:
        """Write an operator or a relation."""
        return said

    def below(self, base: str, index: str) -> str:
        """Write a subscript."""
        return f"{base}_{index}" if index.isalnum() else f"{base}_({index})"

    def above(self, base: str, power: str, plain: bool) -> str:
        """Write a power."""
        return f"{base}^{power}" if plain else f"{base}^({power})"

    def over(self, top: str, bottom: str, tops: int, bottoms: int) -> str:
        """Write a quotient, of what holds together so tightly."""
        top = top if tops >= PRODUCT else self.fenced(top)
        return f"{top}/{bottom if bottoms >= ATOM else self.fenced(bottom)}"

    def root(self, inside: str) -> str:
        """Write a square root."""
        return f"√({inside})"

    def fenced(self, inside: str, left: str = "(", right: str = ")") -> str:
        """Write what stands in brackets."""
        return f"{left}{inside}{right}"

    def slope(self, inside: str, atom: bool) -> str:
        """Write a derivative in t."""
        return f"{inside}'" if atom else f"({inside})'"

    def map(self, expr: MatrixExpr) -> str:
        """Write a matrix expression of a model."""
        return str(expr)


class Latex(Text):
    """LaTeX of mathematics mode."""

    minus, dot, equal_or_less, unequal, less = "-", r" \, ", r" \le ", r" \ne ", " < "
    signs = (
        {"Σ": r"\sum", "∫": r"\int", "min": r"\min", "max": r"\max", "≠": r"\ne "}
        | {
            "diam": r"\operatorname{diam}",
            "<": r"\langle ",
            ">": r"\rangle ",
            "for every ": r"\text{for every } ",
        }
        | {name: rf"\operatorname{{{name}}}" for name in ("softmax", "diag")}
    )

    def words(self, said: str) -> str:
        """Write words between formulas."""
        return rf"\text{{{said}}}"

    def symbol(self, name: str) -> str:
        """Write a letter, Greek where it has such a name."""
        if _greek(name):
            return f"\\{name}"
        return name if len(name) == 1 else rf"\mathrm{{{name}}}"

    def sign(self, said: str) -> str:
        """Write an operator or a relation."""
        return self.signs.get(said, said)

    def below(self, base: str, index: str) -> str:
        """Write a subscript."""
        return f"{base}_{{{index}}}"

    def above(self, base: str, power: str, plain: bool) -> str:
        """Write a power."""
        return f"{base}^{{{power}}}"

    def over(self, top: str, bottom: str, tops: int, bottoms: int) -> str:
        """Write a quotient."""
        return rf"\frac{{{top}}}{{{bottom}}}"

    def root(self, inside: str) -> str:
        """Write a square root."""
        return rf"\sqrt{{{inside}}}"

    def fenced(self, inside: str, left: str = "(", right: str = ")") -> str:
        """Write what stands in brackets."""
        left, right = self.sign(left), self.sign(right)
        return rf"\left{left}{inside}\right{right}"

    def slope(self, inside: str, atom: bool) -> str:
        """Write a derivative in t."""
        return rf"\dot{{{inside}}}" if atom else rf"\frac{{d}}{{dt}}\left({inside}\right)"

    def map(self, expr: MatrixExpr) -> str:
        """Write a matrix expression of a model."""
        return latex(expr)


class MathML(Text):
    """Presentation MathML, without the outermost element."""

    minus, dot, equal_or_less, unequal, less = (
        "<mo>-</mo>",
        "<mspace width='0.17em'/>",
        "<mo>≤</mo>",
        "<mo>≠</mo>",
        "<mo>&lt;</mo>",
    )

    def words(self, said: str) -> str:
        """Write words between formulas."""
        return f"<mtext>{escape(said)}</mtext>"

    def symbol(self, name: str) -> str:
        """Write a letter, Greek where it has such a name."""
        return f"<mi>{escape(_greek(name) or name)}</mi>"

    def digits(self, number: str) -> str:
        """Write a whole number."""
        return f"<mn>{number}</mn>"

    def sign(self, said: str) -> str:
        """Write an operator or a relation."""
        return f"<mo>{escape(said.strip())}</mo>"

    def below(self, base: str, index: str) -> str:
        """Write a subscript."""
        return f"<msub><mrow>{base}</mrow><mrow>{index}</mrow></msub>"

    def above(self, base: str, power: str, plain: bool) -> str:
        """Write a power."""
        return f"<msup><mrow>{base}</mrow><mrow>{power}</mrow></msup>"

    def over(self, top: str, bottom: str, tops: int, bottoms: int) -> str:
        """Write a quotient."""
        return f"<mfrac><mrow>{top}</mrow><mrow>{bottom}</mrow></mfrac>"

    def root(self, inside: str) -> str:
        """Write a square root."""
        return f"<msqrt>{inside}</msqrt>"

    def fenced(self, inside: str, left: str = "(", right: str = ")") -> str:
        """Write what stands in brackets."""
        left, right = {"<": "⟨", ">": "⟩"}.get(left, left), {">": "⟩"}.get(right, right)
        return f"<mrow>{self.sign(left)}{inside}{self.sign(right)}</mrow>"

    def slope(self, inside: str, atom: bool) -> str:
        """Write a derivative in t."""
        if atom:
            return f"<mover><mrow>{inside}</mrow><mo>˙</mo></mover>"
        return f"<msup>{self.fenced(inside)}<mo>′</mo></msup>"

    def map(self, expr: MatrixExpr) -> str:
        """Write a matrix expression of a model."""
        return f"<mtext>{escape(str(expr))}</mtext>"


LETTERS = {Index: "jklqabcpi", Vec: ("z", "u", "v"), Symbol: "cabpq"}
"""Letters for what is bound, by what it is."""
OF_ANOTHER = "bcapqjk"
"""Letters for tokens of another species."""


class Writer:
    """Writes terms in a style, with a legend of names.

    Parameters
    ----------
    style : Text
    legend : iterable of Name
    whole : object, optional
        What is written: nothing bound in it bears the name of what is free anywhere in it.

    Examples
    --------
    >>> from theory.symbols import X, beta
    >>> i, j = Index("i"), Index("j")
    >>> product = Inner(Row(X, i), Row(X, j))
    >>> Writer(Text()).term(exp(-2 * beta) * product)
    '<x_i,x_j> e^(-2 β)'
    """

    def __init__(self, style: Text, legend: Iterable[Name] = (), whole: Any = None) -> None:
        self.style, self.legend = style, tuple(legend)
        self._taken = set() if whole is None else self._letters(whole)
        self.used: set[Name] = set()

    @staticmethod
    def _letters(a: Any) -> set[str]:
        return {str(v.args[0] if isinstance(v, Vec) else v) for v in free(a)}

    def letters(self, binder: Any) -> tuple[Any, ...]:
        """Choose variables for what is bound, which aren't free in it, nor in the whole."""
        taken = self._taken | self._letters(binder)
        chosen: list[Any] = []
        for variable in binder.bound:
            kind = next(c for c in (Index, Vec, Symbol) if isinstance(variable, c))
            if kind is Symbol:  # |a| of a matrix isn't |a| of a number
                taken |= {str(one) for one in binder.atoms(MatrixSymbol)}
            another = kind is Index and variable.count != n
            letters = OF_ANOTHER if another else LETTERS[kind]
            name = next(letter for letter in letters if letter not in taken)
            taken.add(name)
            chosen.append(
                Index(name, variable.count)
                if kind is Index
                else Vec(name)
                if kind is Vec
                else Symbol(name, **variable._assumptions_orig)
            )
        return tuple(chosen)

    def term(self, a: Any, least: int = SUM) -> str:
        """Write a term, in brackets if it holds together less tightly than asked."""
        written, tight = self._named(a) or self._written(a)
        return written if tight >= least else self.style.fenced(written)

    def _named(self, a: Any) -> tuple[str, int] | None:
        for entry in self.legend:
            if type(entry.term) is type(a):
                values = match(entry.term, a, entry.indices)
                if values is not None:
                    self.used.add(entry)
                    return self._letter(
                        entry.name, *(values.get(i, i) for i in entry.indices)
                    ), ATOM
        return None

    def _letter(self, name: str, *indices: Any) -> str:
        base, _, below = name.partition("_")
        inside = self.style.digits(below) if below.isdigit() else below and self.style.symbol(below)
        inside += "".join(self._index(index) for index in indices)
        return (
            self.style.below(self.style.symbol(base), inside)
            if inside
            else (self.style.symbol(base))
        )

    def _index(self, index: Any) -> str:
        return self.style.symbol(str(index).removeprefix(BOUND))

    def _ranged(self, index: Any) -> str:
        """Write an index with its range, where that isn't 1, ..., n."""
        if index.count == n:
            return self._index(index)
        return self._index(index) + self.style.equal_or_less + self.term(index.count)

    def _sum(self, parts: Iterable[tuple[bool, str]]) -> str:
        style, found = self.style, ""
        for negative, part in sorted(parts, key=lambda one: one[0]):
            plus = style.sign(" + ") if not negative else style.sign(" - ")
            found += (plus if found else style.minus if negative else "") + part
        return found

    def _written(self, a: Any) -> tuple[str, int]:
        style = self.style
        if isinstance(a, Index):
            return self._index(a), ATOM
        if isinstance(a, Symbol):
            return self._letter(a.name), ATOM
        if isinstance(a, Vec):
            return self._letter(str(a.args[0])), ATOM
        if isinstance(a, Integer):
            return (style.digits(str(a)), ATOM) if a >= 0 else (self._signed(a), SUM)
        if isinstance(a, Add | VectorSum):
            return self._sum(map(self._part, _ordered(a))), SUM
        if isinstance(a, Mul | Rational | Multiple):
            return self._product(a)
        if isinstance(a, Pow | exp):
            return self._power(a)
        if isinstance(a, Binder):
            return self._over_tokens(a)
        if is_derivative(a):
            inside, tight = self._named(a.args[0]) or self._written(a.args[0])
            return style.slope(inside, tight >= ATOM), ATOM
        if is_value(a):
            return self.term(a.args[0], ATOM) + style.fenced(self.term(a.args[1])), ATOM
        if isinstance(a, Piecewise):
            return style.fenced(self._pieces(a)), ATOM
        if isinstance(a, Abs):
            return style.fenced(self.term(a.args[0]), "|", "|"), ATOM
        if isinstance(a, PositivePart) and a.args[1] == 1:
            inside = self.term(a.args[0]) + style.sign(", ") + style.digits("0")
            return style.sign("max") + style.fenced(inside), ATOM
        if isinstance(a, factorial):
            return self.term(a.args[0], ATOM) + style.sign("!"), ATOM
        if isinstance(a, besseli):
            order = style.below(style.symbol("I"), self.term(a.args[0]))
            return order + style.fenced(self.term(a.args[1])), ATOM
        if isinstance(a, Function | Smaller | Max | Min):
            inside = style.sign(", ").join(map(self.term, a.args))
            own = a.func.__name__
            name = {"Smaller": "min", "Max": "max", "Min": "min"}.get(own, own)
            return style.sign(name) + style.fenced(inside), ATOM
        if isinstance(a, Expr) and a.func in (S.Zero.func, S.Infinity.func, S.Pi.func):
            return style.symbol({"oo": "∞", "pi": "pi"}.get(str(a), str(a))), ATOM
        return self._node(a)

    def _pieces(self, a: Any) -> str:
        parts = [self.term(piece) for piece, _ in a.args]
        for place, (_, when) in enumerate(a.args[:-1] if a.args[-1][1] == True else a.args):  # noqa: E712
            said = self.style.words(str(when))
            if isinstance(when, Relational):
                sides = self.term(when.lhs), self.term(when.rhs)
                said = self.style.sign(f" {when.rel_op} ").join(sides)
            parts[place] += self.style.words(" if ") + said
        return self.style.words(", else ").join(parts)

    def _signed(self, a: Any) -> str:
        return self.style.minus + self.term(-a, PRODUCT)

    def _part(self, a: Any) -> tuple[bool, str]:
        negative = isinstance(a, Multiple) and a.args[0].could_extract_minus_sign()
        negative = negative or (isinstance(a, Expr) and a.could_extract_minus_sign())
        if negative and isinstance(a, Multiple):
            a = a.args[1] if a.args[0] == -1 else Multiple(-a.args[0], a.args[1])
            return True, self.term(a, PRODUCT)
        return negative, self.term(-a if negative else a, PRODUCT)

    def _product(self, a: Any) -> tuple[str, int]:
        style = self.style
        scale, arm = a.args if isinstance(a, Multiple) else (a, None)
        if scale.could_extract_minus_sign():
            rest = -scale if arm is None else Multiple(-scale, arm)
            return style.minus + self.term(rest, PRODUCT), SUM
        tops, bottoms = [], []
        for factor in Mul.make_args(scale):
            if isinstance(factor, Rational) and not isinstance(factor, Integer):
                tops += [Integer(factor.p)] * (factor.p != 1)
                bottoms.append(Integer(factor.q))
            elif isinstance(factor, Pow) and factor.exp.could_extract_minus_sign():
                bottoms.append(1 / factor)
            elif factor != 1:
                tops.append(factor)
        tops += [] if arm is None else [arm]
        inside = len(tops) > 1 or bool(bottoms)  # a sum would take what is below along
        top = style.dot.join(self.term(f, PRODUCT + inside) for f in tops)
        if not bottoms:
            return top, PRODUCT if len(tops) > 1 else ATOM
        low = style.dot.join(self.term(f, PRODUCT * (len(bottoms) > 1)) for f in bottoms)
        tight = SUM if len(bottoms) == 1 and isinstance(bottoms[0], Add) else PRODUCT
        if len(bottoms) == 1 and not isinstance(bottoms[0], Add | Mul):
            tight = ATOM
        return style.over(top or style.digits("1"), low, PRODUCT, tight), PRODUCT

    def _power(self, a: Any) -> tuple[str, int]:
        style = self.style
        if isinstance(a, exp):
            base, power = style.symbol("e"), a.args[0]
        elif a.exp == S.Half:
            return style.root(self.term(a.base)), ATOM
        elif a.exp.could_extract_minus_sign():
            return style.over(
                style.digits("1"), self.term(1 / a), ATOM, self._tight(1 / a)
            ), PRODUCT
        else:
            base, power = self.term(a.base, ATOM), a.exp
        plain = isinstance(power, Symbol) or (isinstance(power, Integer) and power >= 0)
        return style.above(base, self.term(power), plain), ATOM

    def _tight(self, a: Any) -> int:
        return (self._named(a) or self._written(a))[1]

    def _over_tokens(self, a: Any) -> tuple[str, int]:
        style = self.style
        indices = self.letters(a)
        opened = a.opened(*indices)
        if isinstance(opened, Tuple):
            inside = style.fenced(style.sign(", ").join(map(self.term, opened)))
            names = style.sign(",").join(map(self._ranged, indices))
        else:
            inside = self.term(opened, PRODUCT)
            names = style.sign("≠").join(map(self._ranged, indices))
        if isinstance(a, TokenSum) and a.but:
            names += style.sign("≠") + style.sign(",").join(map(self._index, a.but))
        sign = {Least: "min", Greatest: "max", Diameter: "diam"}.get(type(a), "Σ")
        assert isinstance(a, Least | Greatest | Diameter | TokenSum | VectorTokenSum)
        return style.below(style.sign(sign), names) + style.dot + inside, PRODUCT

    def _node(self, a: Any) -> tuple[str, int]:
        style = self.style
        if isinstance(a, Row | Item | Entry):
            map_, *indices = a.args
            below = "".join(map(self._index, indices))
            if isinstance(map_, MatrixSymbol):
                name = map_.name.lower() if isinstance(a, Row) else map_.name
                return style.below(style.symbol(name), below), ATOM
            return style.below(style.fenced(self.term(map_), "[", "]"), below), ATOM
        if isinstance(a, Inner):
            inside = style.sign(",").join(map(self.term, sorted(a.args, key=_tokens_first)))
            return style.fenced(inside, "<", ">"), ATOM
        if isinstance(a, Norm | OperatorNorm):
            return style.fenced(self.term(a.args[0]), "|", "|"), ATOM
        if isinstance(a, Projected):
            foot = self.term(a.args[0])
            return style.below(style.symbol("P"), foot) + style.dot + self.term(
                a.args[1], PRODUCT
            ), PRODUCT
        if isinstance(a, Image):
            return self.term(a.args[0], PRODUCT) + style.dot + self.term(a.args[1], ATOM), PRODUCT
        if isinstance(a, Elapsed):
            start = style.below(style.sign("∫"), style.digits("0"))
            sign = style.above(start, self.term(t, ATOM), True)
            return sign + style.dot + self.term(a.args[0], PRODUCT), PRODUCT
        if isinstance(a, MatrixExpr):
            return self._matrix(a), ATOM
        return style.words(str(a)), ATOM

    def _matrix(self, a: MatrixExpr) -> str:
        """Write what isn't a sum or a product of matrices."""
        style = self.style
        if isinstance(a, MatrixSymbol):
            return self._letter(a.name)
        if isinstance(a, Transpose):
            return style.above(self.term(a.args[0], ATOM), style.symbol("T"), True)
        if isinstance(a, MatPow):
            return style.above(self.term(a.args[0], ATOM), self.term(a.args[1]), True)
        if isinstance(a, MatrixExponential):
            return style.above(style.symbol("e"), self.term(a.args[0]), False)
        if type(a) is RowSoftmax and (a.masses == m or isinstance(a.masses, OneMatrix)):
            return style.sign("softmax") + style.fenced(self.term(a.scores))
        if isinstance(a, Tangent):
            return style.below(style.symbol("P"), self.term(a.points)) + style.fenced(
                self.term(a.field)
            )
        if isinstance(a, DiagMatrix | DiagonalMatrix):
            return style.sign("diag") + style.fenced(self.term(a.args[0]))
        if isinstance(a, OneMatrix | ZeroMatrix | Identity):
            unit = style.digits("0" if isinstance(a, ZeroMatrix) else "1")
            return style.symbol("I") if isinstance(a, Identity) else unit
        return style.map(a)


def _ordered(a: Any) -> tuple[Any, ...]:
    return tuple(a.as_ordered_terms()) if isinstance(a, Add) else a.args


def _tokens_first(v: Any) -> tuple[int, Any]:
    return (not isinstance(v, Row), str(v.args[-1]) if isinstance(v, Row) else v.sort_key())
