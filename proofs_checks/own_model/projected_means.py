"""(3.2) and (3.3) of softmaxes at speeds: x_i' = s_i P_i A_i, A_i = Σ_j a_ij x_j a mean of tokens.

|A_i| <= 1, and so is |P_i A_i|/|A_i|: a speed that divides by |A_i| leaves the rest of itself as
the bound. Z_i takes x_i' to that of the flow without 1/Z where no speed knows the weights; one that
divides by |A_i| moves as it did, and Z x_i' isn't that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Abs, DiagMatrix, Expr, Mul, S, Symbol, exp, simplify, sqrt, sympify

from proofs_checks.claim import Budget
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import (
    HOT,
    TRIANGLE,
    WARM_ONLY,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Witness,
    apply,
    decimal,
    derived,
    excludes_zero,
)
from proofs_checks.proof.kinds import DIVIDED, EXPONENTIALS, UNLABELLED
from proofs_checks.propositions import Rel, Subject, written
from proofs_checks.theorems import Refusal, pull_of
from theory.atoms import RowSoftmax, Sinkhorn
from theory.engines import inner, project, residual, vectors
from theory.symbols import X, beta, m, r, t, z
from theory.terms import Entry, Index, Inner, Item, Multiple, Row, total
from theory.terms import weight as as_quotient

_I, _J, _K = Index("i"), Index("j"), Index("k")
_SYMBOLIC = {"n": "symbolic", "d": "symbolic", "beta": "symbolic", "masses": "symbolic"}


@dataclass(frozen=True)
class Mean:
    """``p_ij = s_i w_ij``, w_ij of a softmax, or before it is divided.

    Attributes
    ----------
    share : Expr
        w_ij.
    speed : Expr
        s_i, a term in i.
    size : Expr
        |A_i| as a term, where s_i divides by it; else 1.
    positive : bool
        Whether s_i is known to be >= 0.
    """

    share: Any
    speed: Any
    size: Any
    positive: bool

    @property
    def rest(self) -> Any:
        """s_i |A_i| where s_i divides by |A_i|, or s_i."""
        return self.speed * self.size

    @property
    def bound(self) -> str:
        """What |X[μ]| is at most."""
        said = _words(self.rest)
        return said if self.positive else f"|{said}|"


def _size(share: Entry) -> Any:
    """Return ``|A_i|`` as a velocity's diagonal is read."""
    softmax, i, _ = share.args
    mean = total(Multiple(Entry(softmax, i, _J), Row(X, _J)), _J)
    return sqrt(total(Entry(softmax, i, _K) * Inner(Row(X, _K), mean), _K))


def read_mean(flow: Flow) -> Mean | None:
    """Return the speed and the weights of a flow in pull form, its speeds of any sign."""
    if is_code_or_ends(flow) or flow.model.noise is not None or flow.model.space != "sphere":
        return None
    pull = pull_of(Subject.of(flow.model, flow.values))
    if isinstance(pull, Refusal):
        return None
    known = not isinstance(pull.positive, Refusal)
    of_pairs = [one for one in Mul.make_args(pull.weight) if _J in one.free_symbols]
    share = Mul(*of_pairs)
    speed = pull.weight / share
    if not isinstance(share, Entry):
        return Mean(share, speed, S.One, known)
    size = _size(share)
    rest = speed * size
    size = S.One if rest.has(Entry) else size
    return Mean(share, speed, size if speed.has(Entry) else S.One, known)


def derive_length(flow: Flow) -> Mean | None:
    """Return the mean of a flow whose speeds know the weights by |A_i| alone, and no masses."""
    own = read_mean(flow)
    if own is None or not isinstance(own.share, Entry):
        return None
    softmax = own.share.args[0]
    if type(softmax) not in (RowSoftmax, Sinkhorn) or softmax.masses != m:
        return None
    known = not own.rest.has(Entry) and m not in own.rest.free_symbols
    return own if known and m not in softmax.scores.free_symbols else None


def decide_length(flow: Flow, own: Mean) -> Sheet:
    """Bound a projected mean, and the same over the mean's length."""
    x, v = vectors("x v", unit="x")
    short = inner(v, v) - inner(x, v) ** 2 - inner(project(x, v), project(x, v))
    form = Step(
        "x_i' = s_i P_i A_i, A_i = Σ_j a_ij x_j, a_ij > 0 of sum 1: A is a softmax", How.DERIVED
    )
    same = Step("a_ij of masses c m_j is a_ij: masses enter in the softmax alone", How.DERIVED)
    radial = derived("<x, P_x v> = 0", residual(inner(x, project(x, v))))
    mean = apply(TRIANGLE, "|A_i| <= Σ_j a_ij |x_j| = 1", form)
    below = derived("|P_x v|² = |v|² - <x,v>² <= |v|²", residual(short))
    last = f"|X[μ]| <= {own.bound}"
    last += "" if own.size == 1 else ", as |P_i A_i|/|A_i| <= 1"
    steps = (form, same, radial, mean, below, Step(last, How.DERIVED))
    where = {} if own.size == 1 else {"states": "where A_i isn't 0"}
    return Sheet(steps, {**_SYMBOLIC, **where}, (), last)


def _words(term: Any) -> str:
    found, _, _ = written(Rel("=", term, term)).partition(" = ")
    return found


def say_length(flow: Flow, own: Mean) -> str:
    """Say the flow's own bound of the length."""
    return (
        f"X[μ], a projected mean at a speed, is tangent, at most {own.bound} long, the same for c μ"
    )


# -- (3.3) ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """A mean, and c of its weights e^{c<x_i,x_j>}."""

    mean: Mean
    heat: Expr


def _heat(share: Any) -> Expr | None:
    """Return c of ``m_j e^{c<x_i,x_j>}``, over its sum or not."""
    above = as_quotient(share) if isinstance(share, Entry) else share
    kernel = (above / Item(m, _J)).xreplace({Inner(Row(X, _I), Row(X, _J)): z})
    slope = sympify(simplify(kernel.diff(z) / kernel))
    known = z not in slope.free_symbols and _J not in kernel.free_symbols
    return slope if known else None


def derive_taken(flow: Flow) -> Taken | None:
    """Return c, of a flow whose speeds don't know the weights."""
    own = read_mean(flow)
    if own is None or own.speed.has(Entry) or m in own.speed.free_symbols:
        return None
    entry = own.share
    if isinstance(entry, Entry) and type(entry.args[0]) is not RowSoftmax:
        return None
    hot = _heat(entry)
    return None if hot is None else Taken(own, hot)


_LATER = {beta: HOT, t: Symbol("t", nonnegative=True)}


def _ends(own: Taken) -> tuple[Expr, Expr]:
    """Return e^{-|c|} and e^{|c|}, for β >= 0."""
    size = Abs(own.heat.subs(_LATER)).subs({late: plain for plain, late in _LATER.items()})
    return exp(-size), exp(size)


def decide_taken(flow: Flow, own: Taken) -> Sheet:
    """Multiply a weight by the sum of its row."""
    share = own.mean.share
    weights = Item(m, _J) * exp(own.heat * Inner(Row(X, _I), Row(X, _J)))
    z_i = total(weights.xreplace({_J: _K}), _K)
    if isinstance(share, Entry):
        left = simplify(as_quotient(share) * z_i - weights)
    else:
        left = simplify(share - weights)
    low, high = _ends(own)
    steps = (
        derived(f"Z_i a_ij = {_words(weights)}, Z_i = {_words(z_i)}", left),
        Step(f"s_i = {_words(own.mean.speed)} knows no weights: Z_i x_i' is x_i' without 1/Z",
             How.DERIVED),
        Step(f"e^(c z), c = {own.heat}, is monotone on [-1, 1]: {low} <= Z <= {high} for mass one",
             How.DERIVED),
    )  # fmt: skip
    words = {**_SYMBOLIC, "masses": "symbolic; sum 1 in the bounds", "beta": "symbolic, >= 0"}
    return Sheet(steps, words, (), f"Z_i x_i' is x_i' without 1/Z; {low} <= Z <= {high}")


def say_taken(flow: Flow, own: Taken) -> str:
    """Say c."""
    low, high = _ends(own)
    said = "takes x_i' with 1/Z to x_i' without"
    return f"Z[mu](x_i) = ∫e^(c<x_i,y>) dmu, c = {own.heat}, {said}; {low} <= Z <= {high}"


def other_without(flow: Flow, prediction: Taken | None, budget: Budget) -> Counterexample | None:
    """Find a state where Z_i x_i' isn't x_i' of the flow without 1/Z."""
    velocity = flow.model.velocities[X]
    softmaxes = velocity.atoms(RowSoftmax)
    if prediction is not None or flow.code or len(softmaxes) != 1:
        return None
    if flow.model.kind != "flow" or flow.model.noise is not None:
        return None
    (softmax,) = softmaxes
    if type(softmax) is not RowSoftmax or softmax.scores.as_coeff_mmul()[1] != X * X.T:
        return None
    if {b.symbol for b in flow.model.blocks} - {X, m, *lengths_of(flow)}:
        return None
    plain = velocity.xreplace({softmax: softmax.kernel() * DiagMatrix(m)})
    sums = softmax.kernel() * m
    point = Witness(budget.rng, [velocity, plain, sums])
    if r in {block.symbol for block in flow.model.blocks}:
        point.matrices[r] = [[S(2) ** k] for k in range(len(point.matrices[X]))]
    at = point.evaluator()
    for i, (total_, own, other) in enumerate(
        zip(at(sums), at(velocity), at(plain), strict=True), 1
    ):
        for a, b in zip(own, other, strict=True):
            if excludes_zero(total_[0] * a - b):
                said = (
                    f"without 1/Z a component of x_{i}' is {decimal(b)}, Z_{i} times that with it"
                )
                return Counterexample(f"{said} {decimal(total_[0] * a)}, at {point}")
    return None


LENGTH: Statement[Mean] = Statement(
    "(3.2)",
    "X[mu], a projected mean, is tangent, at most as long as its factor says, the same for c mu",
    decide_length,
    derive_length,
    domain=(UNLABELLED, DIVIDED),
    several_blocks=True,
    says=say_length,
)
TAKEN: Statement[Taken] = Statement(
    "(3.3)",
    "Z[mu](x_i) = ∫e^{c<x_i,y>} dmu takes a flow with 1/Z to that without; its bounds",
    decide_taken,
    derive_taken,
    other_without,
    domain=(UNLABELLED, EXPONENTIALS, WARM_ONLY),
    several_blocks=True,
    says=say_taken,
)


__all__ = ["LENGTH", "TAKEN", "Mean", "Taken"]
