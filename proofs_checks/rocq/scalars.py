"""Numbers as Rocq writes them: a SymPy expression becomes a term over the reals, as it stands.

What has no such term is refused by `NotExported`, whose message is the reason that is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from theory.recorded import Pairing
from theory.symbols import d, n

_GREEK = {
    "β": "beta", "γ": "gamma", "ε": "eps", "φ": "phi", "θ": "theta", "μ": "mu", "σ": "sigma",
    "τ": "tau", "η": "eta", "κ": "kappa", "ρ": "rho", "α": "alpha", "λ": "lambda", "ψ": "psi",
    "δ": "delta_", "ω": "omega",
}  # fmt: skip
_TAKEN = frozenset(
    "as at cofix else end exists fix for forall fun if in let match mod return then using where "
    "with Prop Set Type R nat exp ln sin cos sqrt PI e app tra inner proj vsum rsum softmax units "
    "E F S O I delta standard matrix tan tanh sinh cosh Rabs INR lengths parseval i j k l "
    "Rmax Rmin acos asin atan Rpower RInt Derive pow".split()
)
_FUNCTIONS = {
    sp.exp: "exp", sp.log: "ln", sp.sin: "sin", sp.cos: "cos", sp.tanh: "tanh", sp.sinh: "sinh",
    sp.cosh: "cosh", sp.Abs: "Rabs", sp.tan: "tan", sp.atan: "atan", sp.acos: "acos",
    sp.asin: "asin",
}  # fmt: skip


class NotExported(ValueError):
    """There is no term of Rocq for it; the message says of what."""


MOST_POWER = 64
"""The largest whole power that is exported: tactics multiply them out, n^128 takes too long."""


def identifier(name: str) -> str:
    """Name that Rocq takes: letters, digits, underscores and primes.

    Examples
    --------
    >>> identifier("β"), identifier("x_i"), identifier("Q_(H + 1)"), identifier("exp")
    ('beta', 'x_i', 'Q__H_1', 'exp_')
    """
    plain = "".join(_GREEK.get(letter, letter) for letter in name)
    plain = re.sub(r"[^A-Za-z0-9_']+", "_", plain).strip("_") or "v"
    plain = plain if plain[0].isalpha() else f"v{plain}"
    return f"{plain}_" if plain in _TAKEN else plain


@dataclass
class Names:
    """Variables of a statement, in the order in which they are met, with their types.

    Attributes
    ----------
    types : dict
        Type of each name.
    hypotheses : dict
        Statements that are assumed, with their order kept.
    """

    types: dict[str, str] = field(default_factory=dict)
    hypotheses: dict[str, None] = field(default_factory=dict)
    owners: dict[Any, str] = field(default_factory=dict)

    def take(self, owner: Any, name: str, kind: str) -> str:
        """Return the name of a variable, made when it is first met."""
        if owner not in self.owners:
            plain = name if kind == "IPS" else identifier(name)
            while plain in self.types:
                plain += "'"
            self.owners[owner] = plain
            self.types[plain] = kind
        return self.owners[owner]

    def need(self, text: str) -> None:
        """Assume a statement."""
        self.hypotheses[text] = None

    @property
    def binders(self) -> str:
        """Variables with their types: spaces first, then sizes, numbers, what depends on them."""
        rank = {"IPS": 0, "nat": 1, "R": 2}
        kept = [(name, kind) for name, kind in self.types.items() if kind]
        kept.sort(key=lambda item: rank.get(item[1], 3))
        return " ".join(f"({name} : {kind})" for name, kind in kept)


Special = Callable[[Expr], str | None]


def scalar(expr: Any, names: Names, special: Special = lambda _: None) -> str:
    """Term of a number, in parentheses where it isn't an atom.

    Parameters
    ----------
    expr : Expr
    names : Names
        Its variables are taken from here.
    special : callable, optional
        ``special(expr)`` is the term of what the caller reads itself, None of the rest.

    Raises
    ------
    NotExported
        It holds a function that the prelude doesn't know.
    """
    expr = sp.sympify(expr)
    own = special(expr)
    if own is not None:
        return own

    def read(part: Any) -> str:
        return scalar(part, names, special)

    if isinstance(expr, sp.Integer):
        return str(expr) if expr >= 0 else f"(- {-expr})"
    if isinstance(expr, sp.Rational):
        return f"({expr.p} / {expr.q})" if expr.p >= 0 else f"(- {-expr.p} / {expr.q})"
    if expr is sp.S.Pi:
        return "PI"
    if expr is sp.S.Exp1:
        return "(exp 1)"
    if isinstance(expr, Symbol):
        return _symbol(expr, names)
    if isinstance(expr, sp.Add):
        return _sum(expr.args, read)
    if isinstance(expr, sp.Mul):
        return _product(expr, names, read)
    if isinstance(expr, sp.Pow):
        return _power(expr, names, read)
    if type(expr) in _FUNCTIONS:
        return f"({_FUNCTIONS[type(expr)]} {read(expr.args[0])})"
    raise NotExported(f"no term for {type(expr).__name__}")


def _symbol(symbol: Symbol, names: Names) -> str:
    if symbol in (n, d):
        count = names.take(symbol, str(symbol), "nat")
        names.need(f"(0 < {count})%nat")
        return f"(INR {count})"
    found = names.take(symbol, str(symbol), "R")
    if symbol.is_positive:
        names.need(f"0 < {found}")
    elif symbol.is_nonnegative:
        names.need(f"0 <= {found}")
    elif symbol.is_negative:
        names.need(f"{found} < 0")
    return found


def _sum(terms: Any, read: Callable[[Any], str]) -> str:
    """Terms with a minus sign last, and subtracted."""
    falling = [term for term in terms if term.could_extract_minus_sign()]
    rising = [term for term in terms if term not in falling]
    if not rising:
        rising, falling = falling[:1], falling[1:]
    text = " + ".join(map(read, rising))
    return "(" + "".join([text, *(f" - {read(-term)}" for term in falling)]) + ")"


def _product(expr: Expr, names: Names, read: Callable[[Any], str]) -> str:
    above, below = [], []
    for factor in sp.Mul.make_args(expr):
        base, exponent = factor.as_base_exp()
        if isinstance(factor, sp.Pow) and exponent.is_Rational and exponent < 0:
            below.append(base**-exponent)
            _nonzero(base, names, read)
        elif isinstance(factor, sp.Rational) and not isinstance(factor, sp.Integer):
            above += [sp.Integer(factor.p)] if factor.p != 1 else []
            below.append(sp.Integer(factor.q))
        else:
            above.append(factor)
    top = " * ".join(map(read, above)) or "1"
    if not below:
        return f"({top})"
    bottom = read(below[0]) if len(below) == 1 else "(" + " * ".join(map(read, below)) + ")"
    return f"({top} / {bottom})"


def _nonzero(base: Expr, names: Names, read: Callable[[Any], str]) -> None:
    """Assume that a symbol, or an inner product, in a denominator isn't 0.

    Of anything else, such as a sum of positive numbers, the proof shows it.
    """
    if isinstance(base, Pairing):
        names.need(f"{read(base)} <> 0")
    if isinstance(base, Symbol) and not base.is_positive and base not in (n, d):
        term = read(base)
        if term in names.types:  # nothing is assumed of what is bound
            names.need(f"{term} <> 0")


def _power(expr: Expr, names: Names, read: Callable[[Any], str]) -> str:
    base, exponent = expr.args
    if exponent.is_Rational and exponent.q == 2 and base.free_symbols and not base.is_positive:
        raise NotExported("a square root of what isn't known to be >= 0")
    if exponent == sp.Rational(1, 2):
        return f"(sqrt {read(base)})"
    if exponent.is_Integer and 0 < exponent <= MOST_POWER:
        return f"({read(base)} ^ {exponent})"
    if exponent.is_Rational and exponent < 0:
        _nonzero(base, names, read)
        return f"(/ {read(base**-exponent)})"
    if exponent.is_Rational and exponent.q == 2 and exponent > 0:
        return f"(sqrt {read(base)} ^ {exponent.p})"
    if base is sp.S.Exp1:
        return f"(exp {read(exponent)})"
    raise NotExported(f"no term for the power {expr}")
