"""Layers x_i <- N(x_i + η A_i): rows on hemispheres, for every step η > 0 (T10a).

``y = x/s``, s = <x,w>, becomes a mean of the y with weights ``C_ij = (δ_ij + η a_ij) s_j`` over
their sum, of which λ m_j at least are shared, λ = h η e^{-2β}/(1+η).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Abs, Dummy, Expr, MatAdd, MatMul, S, exp, simplify, symbols

from proofs_checks.own_model.uniform_points import wendel_steps
from proofs_checks.proof import (
    ALMOST_ALL_INDEPENDENT,
    LIMIT_POINT,
    SYMBOLIC,
    TRIANGLE,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    by_statement,
    cited,
    derived,
)
from theory.atoms import RowNormalize, RowSoftmax
from theory.symbols import X, beta, eta, m


@dataclass(frozen=True)
class Layer:
    """A layer N(x + step · A x), A the softmax of heat <x_i,x_j>."""

    step: Expr
    heat: Expr

    @property
    def share(self) -> Expr:
        """The factor λ over h."""
        reach = Abs(self.heat).subs(Abs(beta), beta)
        return self.step * exp(-2 * reach) / (1 + self.step)


def derive_layer(flow: Flow) -> Layer | None:
    """Return step and heat of a layer of one softmax over all tokens, its step > 0.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> derive_layer(Flow.of(catalogue("discrete layer"))).share
    eta*exp(-2*beta)/(eta + 1)
    """
    model = flow.model
    if flow.code or model.kind != "map" or model.space != "sphere" or len(model.blocks) > 1:
        return None
    put = model.velocities[X].xreplace(flow.values)
    inside = put.args[0] if isinstance(put, RowNormalize) else None
    if not isinstance(inside, MatAdd) or len(inside.args) != 2 or X not in inside.args:
        return None
    (term,) = (part for part in inside.args if part != X)
    step, factors = term.as_coeff_matrices() if isinstance(term, MatMul) else (S.Zero, [])
    if len(factors) != 2 or type(factors[0]) is not RowSoftmax or factors[1] != X:
        return None
    scores = factors[0].scores
    if factors[0].masses != m or not isinstance(scores, MatMul):
        return None
    heat, rows = scores.as_coeff_mmul()
    # η, and what is declared as nothing, is any positive number
    plain = {a for a in step.free_symbols if a == eta or a.is_real is None}
    known = {a: Dummy(str(a), positive=True) for a in plain}
    fits = rows == X * X.T and step.subs(known).is_positive
    return (
        Layer(step, heat) if fits and not (heat.free_symbols | step.free_symbols) & {X, m} else None
    )


def _bound(layer: Layer) -> str:
    return f"D_k <= D_0 (1 - h {layer.share})^k"


def _quotient() -> Step:
    """Reduce y of two tokens, one of them itself, after the layer: the lengths cancel."""
    a, g, s, r, x, z, length = symbols("a eta s r x z length", positive=True)
    moved, height = (x + g * a * z) / length, (s + g * a * r) / length
    left = simplify(moved / height - (s * (x / s) + g * a * r * (z / r)) / (s + g * a * r))
    return derived(
        "y_i becomes Σ_j C_ij y_j, C_ij = (δ_ij + η a_ij) s_j/Σ_k (δ_ik + η a_ik) s_k", left
    )


def _steps(layer: Layer) -> tuple[Step, ...]:
    form = Step("z_i = x_i + η Σ_j a_ij x_j, a_ij > 0, Σ_j a_ij = 1, η > 0", How.DERIVED)
    short = apply(TRIANGLE, "|z_i| <= 1 + η, <z_i,w> >= (1+η) h", form)
    high = Step("s_i becomes <z_i,w>/|z_i| >= h", How.BY_RULE, evidence="h > 0")
    text = f"a_ij >= e^(-2b) m_j/M, C_ij >= h {layer.share} m_j/M =: λ m_j/M"
    least = Step(text, How.BY_RULE, evidence="|β g_ij| <= b, h <= s_j <= 1")
    text = "two rows of C share λ, so D = max |y_i - y_j| becomes (1-λ) D at most"
    falls = Step(text, How.BY_RULE, evidence="C_ij - λ m_j/M >= 0, of sum 1-λ in each row")
    quotient = _quotient()
    bound = Step(_bound(layer), How.BY_RULE, evidence="induction on k")
    tends = apply(LIMIT_POINT, "x_i -> x*, |x_i - x*| <= D", form, high, quotient, falls, bound)
    return form, short, high, quotient, least, falls, bound, tends


def _words(**more: str) -> dict[str, str]:
    return {**SYMBOLIC, "beta": "symbolic, >= 0", "eta": "> 0", **more}


def decide_meeting(flow: Flow, layer: Layer) -> Sheet:
    """Lemma 6.4 of a layer."""
    return Sheet(_steps(layer), _words(), (), _bound(layer))


def say_meeting(flow: Flow, layer: Layer) -> str:
    """Say the factor of a layer."""
    return f"from an open hemisphere, h <= <x_i(0),w>: consensus, {_bound(layer)} after k layers"


def decide_independent(flow: Flow, layer: Layer) -> Sheet:
    """Theorem 6.3 of a layer."""
    pole = Step("independent tokens have w with all <x_i,w> = 1, up to length", How.DERIVED)
    steps = (*_steps(layer), pole, cited(ALMOST_ALL_INDEPENDENT, pole))
    return Sheet(steps, _words(d="symbolic, d >= n"), (), _bound(layer))


def say_independent(flow: Flow, layer: Layer) -> str:
    """Say the factor of a layer."""
    return f"d >= n, uniform data: consensus almost surely, {_bound(layer)} after k layers"


def decide_uniform(flow: Flow, layer: Layer) -> Sheet:
    """Theorem 6.7 of a layer."""
    return Sheet((*wendel_steps(), *_steps(layer)), _words(), (), _bound(layer))


def say_uniform(flow: Flow, layer: Layer) -> str:
    """Say the probability."""
    chance = "one cluster with probability 2^(1-n) Σ_(k<d) C(n-1,k) at least"
    return f"uniform data: {chance}; from a hemisphere {_bound(layer)} after k layers"


def decide_cones(flow: Flow, layer: Layer) -> Sheet:
    """(6.4) of a layer: tokens become combinations with weights >= 0."""
    steps = _steps(layer)
    text = "z_i is in the cone of the tokens, so is x_i after the layer, and so is the limit x*"
    inside = Step(text, How.BY_RULE, evidence="closed cones of finitely many points")
    return Sheet((*steps, inside), _words(), (), text)


def say_cones(flow: Flow, layer: Layer) -> str:
    """Say whose cone."""
    return "from an open hemisphere: the limit x* is in the cone of the tokens after every layer"


def decide_equal(flow: Flow, layer: Layer) -> Sheet:
    """Theorem 6.8 of a layer: equal angles stay equal, and orthonormal tokens have a pole."""
    from proofs_checks.own_model.equal_lengths import LAYER

    equal = by_statement(LAYER, flow)
    pole = derived("orthonormal tokens: w = Σ_j x_j/√n has <x_i,w> = 1/√n", S.Zero)
    steps = (equal, pole, *_steps(layer))
    words = _words(d="symbolic, d >= n", masses="1/n")
    return Sheet(steps, words, (), f"h = 1/√n: {_bound(layer)}")


def say_equal(flow: Flow, layer: Layer) -> str:
    """Say that angles meet."""
    return (
        "from an orthonormal start, masses 1/n, all angles equal one γ_k after k layers, γ_k -> 1"
    )


def _row(name: str, decide: Any, says: Any) -> Statement[Layer]:
    return Statement(name, "", decide, derive_layer, says=says)


OF_LAYERS: Mapping[str, Statement[Layer]] = {
    one.name: one
    for one in (
        _row("Lemma 6.4", decide_meeting, say_meeting),
        _row("Theorem 6.3", decide_independent, say_independent),
        _row("Theorem 6.7", decide_uniform, say_uniform),
        _row("Theorem 6.8", decide_equal, say_equal),
        _row("(6.4)", decide_cones, say_cones),
    )
}
"""Rows of layers, as statements of their own."""


__all__ = ["OF_LAYERS", "Layer", "derive_layer"]
