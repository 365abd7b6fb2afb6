"""Two species in pull form: rows on hemispheres, of the tokens of both (T1, T2).

Every token is pulled by ``Σ_j p_ij z_j``, a sum of softmaxes over blocks, so cones never grow.
Where every token moves and sees one block C of l tokens by a weight of κ/l at least, the y = x/s,
s = <x,w>, have ``y_i' = Σ_j c_ij (y_j - y_i)``, c_ij >= h κ/l for j in C: consensus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    Expr,
    Min,
    S,
    exp,
    simplify,
    symbols,
)

from proofs_checks.own_model.for_all_time import lasts
from proofs_checks.own_model.mean_fields import Head, fields_of
from proofs_checks.own_model.uniform_points import wendel_steps
from proofs_checks.proof import (
    ALMOST_ALL_INDEPENDENT,
    CONTRACTION,
    GRONWALL,
    LEAST,
    LIMIT_POINT,
    SUM,
    SYMBOLIC,
    TRIANGLE,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    cited,
    derived,
)
from theory.engines import inner, project, residual, vectors
from theory.symbols import X, beta

ORTHANT = "a linear system with nonnegative off-diagonal entries preserves the positive orthant"
HEAT = symbols("b", nonnegative=True)


@dataclass(frozen=True)
class Species:
    """The pulls of two species.

    Attributes
    ----------
    fields : dict
    common : MatrixSymbol or None
        The block C that every token sees, where all tokens move.
    share : Expr
        κ: each token sees those of C by κ/l at least.
    closed : bool
        Whether those of C see C alone.
    """

    fields: Mapping[Any, tuple[Head, ...]]
    common: Any = None
    share: Expr = S.Zero
    closed: bool = False


def _seen(heads: tuple[Head, ...], block: Any) -> Expr:
    """Return κ of the heads over a block: factor times e^{-2h}."""
    shares = [p.scale * exp(-2 * p.reach) for p in heads if p.over == block]
    return sum(shares, start=S.Zero)


def derive_pulls(flow: Flow) -> Species | None:
    """Return the pulls of a flow of two blocks of vectors, at β >= 0.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> found = derive_pulls(Flow.of(catalogue("encoder-decoder")))
    >>> found.common, found.share, found.closed
    (Y, exp(-2*beta), True)
    """
    blocks = [block.symbol for block in flow.model.blocks]
    found = fields_of(flow) if len(blocks) == 2 else None
    if found is None:
        return None
    fields = {a: tuple(p for p in parts if isinstance(p, Head)) for a, parts in found.items()}
    if any(len(fields[a]) < len(parts) for a, parts in found.items()):
        return None
    for part in (part for parts in fields.values() for part in parts):
        if part.middle or part.values or not part.scale.is_positive:
            return None
    if set(fields) != set(blocks):
        return Species(fields)
    for block in (one for one in blocks if one != X):  # weighed alike, by 1/l
        shares = [_seen(parts, block) for parts in fields.values()]
        if all(share != 0 for share in shares):
            least = Min(*(share.subs(beta, HEAT) for share in shares)).subs(HEAT, beta)
            closed = {part.over for part in fields[block]} == {block}
            return Species(fields, block, least, closed)
    return Species(fields)


def derive_consensus(flow: Flow) -> Species | None:
    """Return the pulls where every token moves and sees one block."""
    found = derive_pulls(flow)
    return found if found is not None and found.common is not None else None


def _closed(flow: Flow) -> Species | None:
    found = derive_consensus(flow)
    return found if found is not None and found.closed else None


# -- steps ---------------------------------------------------------------------------------------


def pulls_of(flow: Flow, found: Species) -> Step:
    """Write the velocities as pulls over all tokens."""
    rows = [
        f"{str(points).lower()}_i' = P_i ({' + '.join(map(str, parts))})"
        for points, parts in found.fields.items()
    ]
    still = [str(b.symbol) for b in flow.model.blocks if b.symbol not in found.fields]
    rows += [f"{name} stays: no pulls" for name in still]
    text = f"{'; '.join(rows)}: x_i' = P_i Σ_j p_ij z_j over all tokens, p_ij >= 0"
    return Step(text, How.DERIVED, evidence="softmaxes, factors > 0")


def _heights(flow: Flow, found: Species) -> tuple[Step, ...]:
    x, z, w = vectors("x z w", unit="x")
    left = residual(inner(project(x, z), w) - (inner(z, w) - inner(x, z) * inner(x, w)))
    pulls = pulls_of(flow, found)
    rate = derived("s_i' = Σ_j p_ij (s_j - g_ij s_i), s = <x,w>", left, "P_i z = z - <x_i,z> x_i")
    lowest = apply(
        SUM,
        "at a lowest token s_j >= s_i: s_i' >= s_i Σ_j p_ij (1-g_ij) >= 0",
        pulls,
        rate,
        terms={"s_j - s_i": ">= 0", "1 - g_ij": ">= 0"},
    )
    return pulls, rate, lowest, apply(LEAST, "h = min s_i >= 0 never falls", lowest)


def quotients() -> Step:
    """Reduce the rate of <x,u>/s, for every u, of one pull."""
    g, s, r, a, b = symbols("g s r a b")  # <x,z>, <x,w>, <z,w>, <x,u>, <z,u>
    rate = (b - g * a) / s - a * (r - g * s) / s**2
    left = simplify(rate - (r / s) * (b / r - a / s))
    return derived("y_i' = Σ_j c_ij (y_j - y_i), y = x/s, c_ij = p_ij s_j/s_i", left)


def _meeting(flow: Flow, found: Species) -> tuple[Step, ...]:
    heights, block = _heights(flow, found), found.common
    means = quotients()
    size = block.shape[0]
    scores = Step(f"scores of tokens of {block} are in [-h, h], h as read", How.DERIVED)
    share = Step(
        f"a_ij >= e^(-2h)/{size}: p_ij >= {found.share}/{size} for j in {block}",
        How.BY_RULE,
        evidence=f"e^(s_ij) >= e^(-h), Σ_k e^(s_ik) <= {size} e^h",
    )
    least = Step(
        f"c_ij >= h {found.share}/{size} for j in {block}",
        How.BY_RULE,
        evidence="h <= s_j, s_i <= 1",
    )
    falls = apply(
        CONTRACTION,
        f"D' <= -h {found.share} D, D = max |y_i - y_j|",
        means,
        share,
        rate=found.share,
    )
    bound = apply(GRONWALL, _bound(found), falls, rate=found.share)
    tends = apply(LIMIT_POINT, "all y_i, so all x_i, tend to one point, |x_i - x*| <= D", bound)
    return (*heights, means, scores, share, least, falls, bound, tends)


def _bound(found: Species) -> str:
    return f"D(t) <= D(0) e^(-h {found.share} t)"


def words_of(flow: Flow, **more: str) -> dict[str, str]:
    """Return the scope: every n and l, and whether solutions last."""
    words = {**SYMBOLIC, "l": "symbolic", "beta": "symbolic, >= 0", **more}
    return words if lasts(flow) else {**words, "existence": "not shown"}


def whose(flow: Flow) -> str:
    """Name the species."""
    return "of " + " and ".join(str(block.symbol) for block in flow.model.blocks)


# -- rows ----------------------------------------------------------------------------------------


def decide_heights(flow: Flow, found: Species) -> Sheet:
    """(6.2), (6.5): T1c."""
    return Sheet(_heights(flow, found), words_of(flow), (), "s_i' >= s_i Σ_j p_ij (1-g_ij)")


def say_heights(flow: Flow, found: Species) -> str:
    """Say which tokens."""
    return (
        f"x_i' = P_i Σ_j p_ij z_j: the least height h >= 0 of all tokens, {whose(flow)}, has "
        "h' >= h Σ_j p_ij (1-g_ij) >= 0"
    )


def say_limits(flow: Flow, found: Species) -> str:
    """Say that the pole is a limit."""
    return (
        f"α = min <x_i,x*> >= 0 over all tokens, {whose(flow)}, has α' >= α Σ_j p_ij (1-g_ij), x* "
        "their limit"
    )


def decide_cones(flow: Flow, found: Species) -> Sheet:
    """(6.4): T1b."""
    x, y, w = vectors("x y w", unit="x")
    left = residual(inner(project(x, y), w) - (inner(y, w) - inner(x, y) * inner(x, w)))
    pulls = pulls_of(flow, found)
    rows = derived("x_i' = Σ_j p_ij z_j - c_i x_i", left, "P_i z = z - <x_i,z> x_i")
    orthant = cited(ORTHANT, pulls, rows)
    text = "so a token at t+s is in the cone of those at t, and so is a limit point"
    inside = Step(text, How.BY_RULE, evidence="closed cones of finitely many points")
    return Sheet((pulls, rows, orthant, inside), words_of(flow), (), text)


def say_cones(flow: Flow, found: Species) -> str:
    """Say whose cone."""
    said = "every limit point of a token is in the cone of all tokens"
    return f"{said}, {whose(flow)}, at every time"


def decide_meeting(flow: Flow, found: Species) -> Sheet:
    """Lemma 6.4: T2."""
    return Sheet(_meeting(flow, found), words_of(flow), (), _bound(found))


def say_meeting(flow: Flow, found: Species) -> str:
    """Say the bound."""
    said = f"all tokens, {whose(flow)}, in an open hemisphere, h <= <x_i(0),w>"
    return f"{said}: consensus, {_bound(found)}"


def say_attraction(flow: Flow, found: Species) -> str:
    """Say that it is near consensus too."""
    return f"consensus attracts exponentially, as a set: {say_meeting(flow, found)}"


def decide_independent(flow: Flow, found: Species) -> Sheet:
    """Theorem 6.3: independent tokens have a pole."""
    pole = Step("independent tokens have w with all <x_i,w> = 1, up to length", How.DERIVED)
    steps = (*_meeting(flow, found), pole, cited(ALMOST_ALL_INDEPENDENT, pole))
    return Sheet(steps, words_of(flow, d="symbolic, d >= n + l"), (), _bound(found))


def say_independent(flow: Flow, found: Species) -> str:
    """Say how many."""
    return f"d >= n + l, uniform data {whose(flow)}: consensus almost surely, {_bound(found)}"


def decide_uniform(flow: Flow, found: Species) -> Sheet:
    """Theorem 6.7, of which the chance is that of N = n + l points in place of n."""
    whole = Step("n is N = n + l in what follows on points", How.DERIVED)
    steps = (whole, *wendel_steps(), *_meeting(flow, found))
    return Sheet(steps, words_of(flow), (), _bound(found))


def say_uniform(flow: Flow, found: Species) -> str:
    """Say the probability."""
    chance = "one cluster with probability 2^(1-N) Σ_(k<d) C(N-1,k) at least, N = n + l"
    return f"uniform data {whose(flow)}: {chance}; from a hemisphere {_bound(found)}"


def _late(flow: Flow, found: Species) -> tuple[Step, ...]:
    block, size = found.common, found.common.shape[0]
    meeting = _meeting(flow, found)
    inside = apply(
        LIMIT_POINT, f"x* = Σ_j θ_j z_j, θ >= 0, over {block}, which sees itself alone", *meeting
    )
    least = apply(TRIANGLE, "1 = |x*| <= Σ θ_j, so some j has g_ij <= <x_i,x*>", inside)
    text = f"α' >= α p_ij (1-g_ij) >= {found.share}/(2 {size}) (1-α) where α >= 1/2"
    return (*meeting, inside, least, apply(SUM, text, least, terms={"1 - g_ij": ">= 0"}))


def decide_growth(flow: Flow, found: Species) -> Sheet:
    """(6.7): T9a over the block that all see."""
    steps = _late(flow, found)
    return Sheet(steps, words_of(flow), (), steps[-1].text)


def _rate(found: Species) -> str:
    return f"({found.share}/(2 {found.common.shape[0]}))"


def say_growth(flow: Flow, found: Species) -> str:
    """Say the constant."""
    return f"α = min <x_i,x*> >= 1/2 over all tokens, {whose(flow)}: α' >= {_rate(found)} (1-α)"


def decide_decay(flow: Flow, found: Species) -> Sheet:
    """(6.8): Grönwall of (6.7)."""
    steps = _late(flow, found)
    decay = apply(GRONWALL, f"1-α <= ½ e^(-{_rate(found)} (t-t0))", steps[-1], rate=found.share)
    return Sheet((*steps, decay), words_of(flow), (), decay.text)


def say_decay(flow: Flow, found: Species) -> str:
    """Say the constant."""
    said = f"1-α <= ½ e^(-{_rate(found)} (t-t0)) once α(t0) >= 1/2"
    return f"α = min <x_i,x*> over all tokens, {whose(flow)}: {said}"


def row(name: str, decide: Any, says: Any, derive: Any = derive_consensus) -> Statement[Species]:
    """Make a row of two species, as a statement of its own."""
    return Statement(name, "", decide, derive, several_blocks=True, says=says)


OF_SPECIES: Mapping[str, Statement[Species]] = {
    one.name: one
    for one in (
        row("(6.2)", decide_heights, say_heights, derive_pulls),
        row("(6.5)", decide_heights, say_limits, derive_pulls),
        row("(6.4)", decide_cones, say_cones, derive_pulls),
        row("Lemma 6.4", decide_meeting, say_meeting),
        row("Remark 6.5", decide_meeting, say_attraction),
        row("Theorem 6.3", decide_independent, say_independent),
        row("Theorem 6.7", decide_uniform, say_uniform),
        row("(6.7)", decide_growth, say_growth, _closed),
        row("(6.8)", decide_decay, say_decay, _closed),
    )
}
"""Rows of two species, as statements of their own."""


__all__ = [
    "OF_SPECIES",
    "ORTHANT",
    "Species",
    "derive_consensus",
    "derive_pulls",
    "pulls_of",
    "quotients",
    "row",
    "whose",
    "words_of",
]
