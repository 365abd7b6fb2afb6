"""(3.3): the weight Z[mu] takes SA to USA, and lies in [e^{-β}, e^β] for mass one.

How it is proved
----------------
A theorem on means of tokens: Z_i x_i' of SA is the field of USA, as both are written, and e^{-β} <=
e^{β<x_i,x_j>} <= e^β, summed with masses. Drawn rational points, enclosed by intervals, watch the
identity; all mass at one end refutes nearer bounds.

References
----------
arXiv 2312.10794, (3.3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import (
    Abs,
    DiagMatrix,
    Expr,
    OneMatrix,
    S,
    Symbol,
    exp,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    HOT,
    KERNEL_MASS,
    KNOWN,
    ON_SPHERE,
    PROBE_KERNEL,
    PROBES,
    TEMPERATURES,
    WARM_ONLY,
    Counterexample,
    Flow,
    Identity,
    Statement,
    at_tokens,
    heat,
    identities,
    vanishes,
)
from proofs_checks.proof.kinds import EXPONENTIALS, UNLABELLED
from proofs_checks.theorems import Concludes, Conclusion, Refusal, divided_field
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.bounded import remainder, simplified
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import X, beta, m, n, t, z


@dataclass(frozen=True)
class Weight:
    """``Z[mu]`` at the rows of ``PROBES``, and bounds of it for mass one, functions of β >= 0."""

    total: MatrixExpr
    low: Expr
    high: Expr


_LATER = {beta: HOT, t: Symbol("t", nonnegative=True)}
"""β >= 0, and times from 0 on."""


def _as_one_pair(model: Any, prediction: Any) -> Any:
    """Return the first flow, and the prediction with the other flow, of a claim about two."""
    first, other = model
    return ((first, (prediction, other)),)


Weighed = tuple[Weight, Model]
"""Z with its bounds, and the flow of which Z divides the field, or that it is the field of."""


@lru_cache(maxsize=8)
def _heat(flow: Flow) -> Expr | None:
    """Return c of weights e^{cg}, its parameters as symbols, or None."""
    return heat(replace(flow, given={}))


def _other(flow: Flow) -> Model | None:
    """Return the flow without 1/Z of one by a softmax, and the other way round; None for others."""
    form, hot = attention_form(flow.model), _heat(flow)
    if form is None or hot in (None, 0) or flow.model.kind != "flow":
        return None
    own = flow.model.parameters
    if form.normalised:
        field = Elementwise(exp(hot * z), X * X.T) * DiagMatrix(m) * X
        return Model("without 1/Z", Tangent(X, form.scale * field), parameters=own)
    scale = simplified(form.scale * form.kernel / exp(hot * z))
    if form.scale * form.kernel != scale * exp(hot * z):
        return None
    mean = RowSoftmax(hot * X * X.T, m) * X
    return Model("with 1/Z", Tangent(X, scale * mean), parameters=own)


def derive_weight(flow: Flow) -> Weighed | None:
    """Return ``Z[mu] = ∫ e^{c<x,y>} dmu`` for weights e^{cg}, in [e^{-|c|}, e^{|c|}]."""
    other, hot = _other(flow), _heat(flow)
    if other is None or hot is None:
        return None
    size = Abs(hot.subs(_LATER)).subs({late: plain for plain, late in _LATER.items()})
    total = Elementwise(exp(hot * z), PROBES * X.T) * m
    return Weight(total, exp(-size), exp(size)), other


def _ordered(flow: Flow, other: Model) -> tuple[Model, Model]:
    """Return the normalised flow, and the one that isn't."""
    form = attention_form(flow.model)
    if form is not None and not form.normalised:
        return other, flow.model
    return flow.model, other


@lru_cache(maxsize=8)
def _taken(flow: Flow, prediction: Weighed) -> tuple[Identity, ...]:
    """``Z(x_i) x_i'`` of the normalised flow is x_i' of the other."""
    weight, other = prediction
    normalised, plain = _ordered(flow, other)
    text = f"Z x_i' of {normalised.name} - x_i' of {plain.name}"
    return (Identity(text, normalised.velocity, plain.velocity, at_tokens(weight.total)),)


TAKEN = vanishes("", "", identities(_taken, ""), derive_weight)


def _kernel(flow: Flow, prediction: Weighed) -> Expr | None:
    """Kernel whose integral Z is, for β >= 0; None if the normalised flow has none."""
    form = attention_form(_ordered(flow, prediction[1])[0])
    return None if form is None else form.kernel.subs(_LATER)


def _excess(kernel: Expr, prediction: Weighed) -> tuple[Expr, Expr]:
    """By how much Z stays within its bounds with all mass at -x, and at x."""
    weight, ends = prediction[0], _ends(kernel)
    return ends[0] - weight.low.subs(_LATER), weight.high.subs(_LATER) - ends[1]


def _ends(kernel: Expr) -> tuple[Expr, Expr]:
    """Values of a kernel at -1 and 1, the other way round for one that falls."""
    low, high = kernel.subs(z, -1), kernel.subs(z, 1)
    return (high, low) if kernel.diff(z).is_nonpositive else (low, high)


def refute_weight(flow: Flow, prediction: Weighed | None, budget: Budget) -> Counterexample | None:
    """Draw a point where Z doesn't take one flow to the other, or concentrate all mass."""
    found = TAKEN.refute(flow, prediction, budget)
    kernel = None if found is not None or prediction is None else _kernel(flow, prediction)
    if kernel is None or prediction is None:
        return found
    names = (("low", "all mass at -x"), ("high", "all mass at x"))
    for left, (name, place) in zip(_excess(kernel, prediction), names, strict=True):
        for hot in () if remainder(left) == 0 else TEMPERATURES:
            value = left.subs(HOT, hot).evalf(20)
            if value.is_number and value < -1e-15:
                return Counterexample(
                    f"{place}, β = {hot}: Z is beyond the {name} bound by {(-value).n(6)}"
                )
    return None


def conclude_weight(flow: Flow, prediction: Weighed) -> Conclusion | Refusal:
    """Say that Z_i takes one flow to the other, and where it lies for mass one."""
    weight, other = prediction
    return divided_field(flow, other, weight.total, (weight.low, weight.high))


WEIGHT: Statement[Weighed] = Statement(
    "(3.3)",
    "Z[mu](x_i) = ∫e^{c<x_i,y>} dmu takes a flow with 1/Z to that without; its bounds",
    Concludes(conclude_weight),
    derive_weight,
    refute_weight,
    TAKEN.trial,
    domain=(UNLABELLED, EXPONENTIALS, WARM_ONLY),
    premises=(KNOWN, ON_SPHERE),
    cases=_as_one_pair,
    typed=True,
)


_WEIGHT = Weight(KERNEL_MASS, exp(-beta), exp(beta))


_COUNTED = PROBE_KERNEL * OneMatrix(n, 1)


EQUATION_3_3 = Claim(
    "(3.3)",
    "Z[mu](x_i) = ∫e^{β<x_i,y>} dmu, Z_i/n for tokens, takes SA to USA; for mass one "
    "e^{-β} <= Z <= e^β.",
    (SA, USA),
    _WEIGHT,
    WEIGHT,
    (
        Control("Z_i, tokens counted", prediction=replace(_WEIGHT, total=_COUNTED)),
        Control(
            "β -> 2β in Z", prediction=replace(_WEIGHT, total=KERNEL_MASS.subs(beta, 2 * beta))
        ),
        Control("Z <= e^{β/2}", prediction=replace(_WEIGHT, high=exp(beta / 2))),
        Control("Z >= 1", prediction=replace(_WEIGHT, low=S.One)),
        Control("V = -I", model=(REPULSIVE, USA)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=3,
    equivalents=(
        Equivalent(
            "a smaller lower bound", ("prediction.low: sign", "prediction.low: e^u -> e^2u")
        ),
        Equivalent("a larger upper bound", ("prediction.high: e^u -> e^2u",)),
    ),
)


CLAIMS = (EQUATION_3_3,)
