"""Two species in pull form: what each softmax is, and rates at consensus.

(3.3), (3.7), Remark 6.2, (7.1) and the spectrum, of the tokens of both species or of keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import (
    Matrix,
    S,
    Symbol,
    cos,
    diag,
    diff,
    exp,
    log,
    simplify,
    sin,
    symbols,
)

from proofs_checks.own_model.two_species import (
    Species,
    derive_consensus,
    derive_pulls,
    pulls_of,
    row,
    whose,
    words_of,
)
from proofs_checks.proof import Flow, How, Sheet, Statement, Step, cited, derived
from theory.engines import inner, project, residual, vectors
from theory.symbols import X, beta

NULL = "zeros of an analytic function that isn't 0 are null: so are critical points"


def decide_gradient(flow: Flow, found: Species) -> Sheet:
    """(3.7): each softmax is a logarithmic derivative."""
    z, h = symbols("z h")
    left = diff(log(exp(h * z)) / h, z) - 1
    one = derived("d/dg of h^(-1) log e^(hg) is 1", simplify(left))
    text = "grad h^(-1) log ∫e^(h<x,z>) dν = P_x ∫z e^(h<x,z>) dν / ∫e^(h<x,z>) dν, h not 0"
    chain = Step(text, How.DERIVED, evidence="chain rule, h the factor of the scores")
    words = {**words_of(flow), "beta": "symbolic, nonzero"}
    return Sheet((pulls_of(flow, found), one, chain), words, (), chain.text)


def derive_heated(flow: Flow) -> Species | None:
    """Return the pulls whose scores have a factor that isn't 0, β > 0 where it is free."""
    found = derive_pulls(flow)
    heads = () if found is None else [head for parts in found.fields.values() for head in parts]
    warm = Symbol("b", positive=True)
    known = all(head.heat.subs(beta, warm).is_nonzero for head in heads)
    return found if known else None


def say_gradient(flow: Flow, found: Species) -> str:
    """Say of which measures."""
    sums = {
        str(points): " + ".join(
            f"{'' if head.scale == 1 else f'{head.scale} '}({head.heat})^(-1) log ∫e^({head.heat} "
            f"<x,z>) d{'mu' if head.over == X else f'nu_{head.over}'}"
            for head in parts
        )
        for points, parts in found.fields.items()
    }
    said = "; ".join(f"of {points} grad of {total}" for points, total in sums.items())
    return f"velocity {said}, at the tokens"


def derive_one(flow: Flow) -> Species | None:
    """Return the pulls where each token has one softmax."""
    found = derive_heated(flow)
    one = found is not None and all(len(parts) == 1 for parts in found.fields.values())
    return found if one else None


def decide_sum(flow: Flow, found: Species) -> Sheet:
    """(3.3): a softmax is what its sum divides."""
    text = "Z(x_i) x_i' = P_i Σ_j e^(h<x_i,z_j>) z_j, the flow without 1/Z: its time has dτ = dt/Z"
    taken = Step(text, How.DERIVED, evidence="rows of a softmax are e^(h<x_i,z_j>) over their sum")
    bounds = Step("e^(-h) <= Z <= e^h, the mean of e^(h<x,z>), |<x,z>| <= 1", How.DERIVED)
    return Sheet((pulls_of(flow, found), taken, bounds), words_of(flow), (), text)


def say_sum(flow: Flow, found: Species) -> str:
    """Say which sum."""
    ((head,),) = found.fields.values()
    own = f"nu_{head.over}"
    taken = f"Z[{own}](x_i) = ∫e^({head.heat} <x_i,z>) d{own} takes a flow with 1/Z to that without"
    return f"{taken}; e^(-h) <= Z <= e^h, h = {head.reach}"


def derive_alone(flow: Flow) -> Species | None:
    """Return the pulls of tokens that see one block that stays, and not each other."""
    found = derive_one(flow)
    if found is None or list(found.fields) != [X]:
        return None
    (head,) = found.fields[X]
    positive = head.heat.subs(beta, Symbol("b", positive=True)).is_positive
    return found if positive and head.over != X else None


def decide_nowhere(flow: Flow, found: Species) -> Sheet:
    """Remark 6.2: each token climbs a function of its own that isn't constant."""
    climbs = decide_gradient(flow, found).steps
    text = (
        "φ(x) = log Σ_a e^(h<x,y_a>) isn't constant: on a circle through y_1, at the angle iτ from "
        "it, the term of y_1 is e^(h cosh τ), and no other has a larger real exponent or another "
        "sign, so the sum isn't bounded"
    )
    varies = Step(text, How.DERIVED, evidence="τ -> ∞")
    null = cited(NULL, varies)
    text = "an invariant finite measure has ∫(φ(x_i(T)) - φ(x_i(0))) dν = 0, so it lives at rest"
    stays = Step(text, How.BY_RULE, evidence="φ never falls along x_i, and rises where x_i moves")
    steps = (*climbs, varies, null, stays)
    return Sheet(steps, {**words_of(flow), "beta": "symbolic, > 0", "d": ">= 2"}, (), stays.text)


def say_nowhere(flow: Flow, found: Species) -> str:
    """Say for which keys."""
    return f"for every {found.fields[X][0].over}: no finite measure with a density is invariant"


def decide_circle(flow: Flow, found: Species) -> Sheet:
    """(7.1): angles of all tokens on the circle."""
    one, other = symbols("theta_i theta_j", real=True)
    turn = sin(other) * cos(one) - cos(other) * sin(one) - sin(other - one).expand(trig=True)
    x, y, along = vectors("x y tau", unit="x")
    left = residual(inner(project(x, y), along) - inner(y, along) + inner(x, y) * inner(x, along))
    steps = (
        pulls_of(flow, found),
        derived("<P_i y, τ_i> = <y, τ_i>, as <x_i, τ_i> = 0", left, "P_i y = y - <x_i,y> x_i"),
        derived("<z_j, τ_i> = sin(θ_j - θ_i), <x_i', τ_i> = θ_i'", turn),
        Step("<x_i,z_j> = cos(θ_i - θ_j), so p_ij reads differences", How.DERIVED),
    )
    return Sheet(steps, words_of(flow, d="2"), (), "θ_i' = -Σ_j p_ij sin(θ_i - θ_j)")


def say_circle(flow: Flow, found: Species) -> str:
    """Say over which tokens."""
    return f"on the circle θ_i' = -Σ_j p_ij sin(θ_i - θ_j) over all tokens, {whose(flow)}"


def say_convolutions(flow: Flow, found: Species) -> str:
    """Say which quotients."""
    return (
        "d = 2: the velocity is a sum of quotients (h' * ν)/(h * ν) up to factors, h = e^(c cos), "
        "ν the measure of a species"
    )


def _rates(found: Species) -> dict[Any, int]:
    """Return rates at consensus with their multiplicities for n = l = 2, d = 2 (tangents)."""
    blocks = list(found.fields)
    pulls = Matrix(
        [
            [
                sum((p.scale for p in found.fields[one] if p.over == other), start=S.Zero)
                for other in blocks
            ]
            for one in blocks
        ]
    )
    sums = [sum(pulls.row(i)) for i in range(len(blocks))]
    between = (pulls - diag(*sums)).eigenvals()
    inside = {-rate: 1 for rate in sums}
    return {rate: between.get(rate, 0) + inside.get(rate, 0) for rate in {*between, *inside}}


def decide_spectrum(flow: Flow, found: Species) -> Sheet:
    """Rates at consensus of both species: between their means, and inside each."""
    rates = _rates(found)
    form = Step(
        "δ_i' = Σ_j p_ij (δ_j - δ_i), p_ij a factor times a mass: differences inside a species "
        "decay at the sum of its factors, and means follow the matrix of factors",
        How.DERIVED,
        evidence="P_i z_j at z = x",
    )
    rest = {rate: k for rate, k in rates.items() if rate != 0}
    one = derived("0 is simple but for rotations", rates.get(S.Zero, 0) - 1)
    signs = [derived(f"{rate} < 0", 0 if rate.is_negative else rate) for rate in rest]
    return Sheet(
        (pulls_of(flow, found), form, one, *signs), words_of(flow), (), say_spectrum(flow, found)
    )


def say_spectrum(flow: Flow, found: Species) -> str:
    """Say the rates."""
    rates = ", ".join(map(str, sorted(rate for rate in _rates(found) if rate != 0)))
    said = f"consensus of all tokens, {whose(flow)}, is linearly stable, rotations apart"
    return f"{said}: rates {rates}"


OF_SOFTMAXES: Mapping[str, Statement[Species]] = {
    one.name: one
    for one in (
        row("(3.7)", decide_gradient, say_gradient, derive_heated),
        row("(3.3)", decide_sum, say_sum, derive_one),
        row("Remark 6.2", decide_nowhere, say_nowhere, derive_alone),
        row("(7.1)", decide_circle, say_circle, derive_pulls),
        row("(7.1) continuity", decide_circle, say_convolutions, derive_heated),
        row("consensus spectrum", decide_spectrum, say_spectrum, derive_consensus),
    )
}
"""Rows on softmaxes of two species, as statements of their own."""


__all__ = ["OF_SOFTMAXES"]
