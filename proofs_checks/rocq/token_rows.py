"""Rows of a model at tokens that a statement names: along a trajectory, relabelled, with masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import MatrixSymbol

from proofs_checks.readings import Values, Weights
from proofs_checks.rocq.rows import Rows
from proofs_checks.rocq.scalars import Names, NotExported, scalar
from theory.atoms import MaskedSoftmax
from theory.masks import BAND, BIPARTITE, CAUSAL, CROSS, GRAPH, STRICT, Mask
from theory.symbols import X, m, n, t, z

_BOUND = "a h s t u v w y z M T S U order back".split()
"""Names that statements bind themselves: no parameter is called so."""


@dataclass
class TokenRows(Rows):
    """Read rows of matrix expressions whose tokens are a family of a statement's own.

    Parameters
    ----------
    tokens : str
        Term of the family, such as "x" or "x t".
    order : str
        Term of a relabelling of the tokens, "" for none.
    turn : str
        Term of a map of the tokens, "" for none.
    """

    tokens: str = "x"
    order: str = ""
    turn: str = ""

    @classmethod
    def of(cls, values: Values) -> TokenRows:
        """Start a statement, with the values of parameters that are given."""
        names = Names()
        names.take("E", "E", "IPS")
        for word in _BOUND:
            names.types[word] = ""
        rows = cls(names)
        for symbol, value in values:
            names.owners[symbol] = scalar(value, names)
        return rows

    def at(self, tokens: str, time: str = "") -> TokenRows:
        """Go on at other tokens and another time; at any time by default."""
        self.tokens = tokens
        if time:
            self.names.owners[t] = time
        return self

    def _place(self, i: str) -> str:
        return f"({self.order} {i})" if self.order else i

    def vector(self, expr: Any, i: str) -> str:
        """Row i; of the tokens, the statement's own."""
        if expr == X:
            token = f"({self.tokens} {self._place(i)})"
            return f"(app {self.turn} {token})" if self.turn else token
        return super().vector(expr, i)

    def family(self, expr: Any) -> str:
        """Column as a function of its index; of the masses, relabelled."""
        if expr == m and self.order:
            h, depth = self._index(), self.depth
            body = self._symbol_entry(expr, h, "0")
            self.depth = depth - 1
            return f"(fun {h} => {body})"
        return super().family(expr)

    def entry(self, expr: Any, i: str, j: str) -> str:
        """Entry (i, j), of masks too."""
        if isinstance(expr, Mask):
            return self.sight(expr, i, j)
        if isinstance(expr, MaskedSoftmax):
            h, depth = self._index(), self.depth
            scores, seen = self.entry(expr.scores, i, h), self.sight(expr.mask, i, h)
            masses, count = self.family(expr.masses), self.count(expr.shape[1])
            self.depth = depth - 1
            return f"(masked {count} {masses} (fun {h} => {scores}) (fun {h} => {seen}) {j})"
        return super().entry(expr, i, j)

    def _symbol_entry(self, expr: Any, i: str, j: str) -> str:
        return super()._symbol_entry(expr, self._place(i) if expr == m and i else i, j)

    def _opaque(self, expr: Any, i: str, j: str) -> str:
        """Refuse: a reading is about what is in a matrix."""
        raise NotExported(f"no entries of {type(expr).__name__}")

    def sight(self, mask: Mask, i: str, j: str) -> str:
        """Who sees whom, 1 or 0."""
        if mask.kind == GRAPH:
            if not isinstance(mask.parameter, MatrixSymbol):
                raise NotExported("a graph with a given number of tokens")
            return self._symbol_entry(mask.parameter, i, j)
        width = str(mask.parameter)
        seen = {
            CAUSAL: f"Nat.leb {j} {i}",
            STRICT: f"Nat.ltb {j} {i}",
            BAND: f"andb (Nat.leb {i} ({j} + {width})) (Nat.leb {j} ({i} + {width}))",
            BIPARTITE: f"xorb (Nat.ltb {i} {width}) (Nat.ltb {j} {width})",
            CROSS: f"Nat.ltb {j} {width}",
        }[mask.kind]
        return f"(if {seen} then 1 else 0)"

    def weight(self, weights: Weights, i: str, j: str) -> str:
        """Write A_ij with its row sum, whatever the model calls it."""
        alone = self._unnormalised(weights, i, j)
        if not weights.normalised:
            return alone
        h, depth = self._index(), self.depth
        total = self._unnormalised(weights, i, h)
        self.depth = depth - 1
        return f"({alone} / rsum {self.count(n)} (fun {h} => {total}))"

    def _unnormalised(self, weights: Weights, i: str, j: str) -> str:
        score = self.entry(weights.scores, i, j)
        kernel = scalar(weights.kernel, self.names, lambda part: score if part == z else None)
        seen = "" if weights.mask is None else f"{self.sight(weights.mask, i, j)} * "
        return f"({seen}({self.entry(m, j, '0')} * {kernel}))"
