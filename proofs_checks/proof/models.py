"""Facts about a model that checks ask for: softmax, β as a parameter, spectra, equiangular law.

`ByModel` is a prediction with and without the division by the row sum. The spectra, at consensus
and for p tokens against q, and the equiangular law are derived once and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    MatrixSymbol,
    S,
    Symbol,
    cancel,
    exp,
    expand,
    expand_log,
    log,
    together,
)

from proofs_checks.proof.alphabet import HOT
from proofs_checks.proof.equilibria import COUNT_P, COUNT_Q
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.scores import NORM, scores_of
from theory.bounded import simplified
from theory.derivations import equiangular
from theory.linearize import Spectrum, antipodal, consensus
from theory.models import Model, attention_form
from theory.symbols import beta, n


def without_temperature(model: Model) -> str:
    """Say that a model can't be run at several β, all else drawn, "" if it can."""
    # runs draw matrices, but know no range of another number
    if {one for one in model.parameters if not isinstance(one, MatrixSymbol)} == {beta}:
        return ""
    besides = "besides" if beta in model.parameters else "without"
    return f"{model.name} has the parameters {model.parameters}, {besides} β"


def has_softmax(model: Model) -> bool:
    """Whether the velocity divides by the row sums of its weights."""
    form = attention_form(model) or scores_of(model)
    return form is not None and form.normalised


@dataclass(frozen=True)
class ByModel:
    """A prediction with and without the division by the row sum.

    Attributes
    ----------
    softmax, plain : Expr
    scored : ByModel, optional
        The same with query and key matrices, in `NORM`; where there is none it is as without them.
    """

    softmax: Expr
    plain: Expr
    scored: ByModel | None = None

    def of(self, model: Model) -> Expr:
        """Return the one that speaks of a model."""
        if self.scored is not None and scores_of(model) is not None:
            return self.scored.of(model)
        return self.softmax if has_softmax(model) else self.plain

    def at(self, flow: Flow) -> Expr:
        """Return the one that speaks of a flow, at the numbers that it was given."""
        numbers = {symbol: value for symbol, value in flow.values.items() if value.is_number}
        return self.of(flow.model).subs({NORM: flow.norm, **numbers})


@lru_cache(maxsize=16)
def consensus_spectrum(model: Model) -> Spectrum:
    """Spectrum at consensus with equal masses, derived once a model."""
    return consensus(model)


def spectrum_trace(spectrum: Spectrum) -> Expr:
    """Sum of all eigenvalues with their multiplicities, in n and d."""
    return Add(*(value * count for value, count in spectrum.eigenvalues))


def never_exceeds(small: Expr, large: Expr) -> bool:
    """Whether a product of exponentials is at most another, for every β >= 0 and n >= 1."""
    ratio = simplified((large / small).subs(beta, HOT))
    tokens = Symbol("n", integer=True, positive=True)
    left = expand_log(log(ratio.subs(n, tokens)), force=True).expand()
    return bool(ratio == 1 or left.is_nonnegative)


@lru_cache(maxsize=16)
def equiangular_law(model: Model) -> Any:
    """Equation of equal inner products, derived once a model."""
    return equiangular(model)


@lru_cache(maxsize=32)
def antipodal_spectrum(model: Model) -> Spectrum:
    """Spectrum at p tokens against q opposite ones, derived once a model."""
    return antipodal(model, COUNT_P, COUNT_Q)


MORE_TOKENS = Symbol("m", integer=True, positive=True)
"""n - 1, in which normal forms are written."""


@lru_cache(maxsize=256)
def rational_form(expr: Expr) -> Expr:
    """Reduce a rational function of γ, n and exponentials to normal form, in m = n - 1.

    With n itself γ(1 + 1/(n-1)) = γ n/(n-1) goes unseen.
    """
    powers: dict[Expr, Symbol] = {}

    def power(node: Expr) -> Expr:
        out: Expr = S.One
        for term in Add.make_args(expand(node.args[0])):
            count, rest = term.as_coeff_Mul()
            out *= powers.setdefault(rest, Dummy("s", positive=True)) ** count
        return out

    plain = expr.subs(n, MORE_TOKENS + 1).replace(lambda node: isinstance(node, exp), power)
    return cancel(together(plain)).subs({s: exp(rest) for rest, s in powers.items()})
