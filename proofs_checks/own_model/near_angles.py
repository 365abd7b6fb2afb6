"""(6.11) where weights aren't k(<x_i,x_j>): two solutions part at a bounded rate, and tokens meet.

Tokens x and equal angles y, both independent: |g_ij - γ| <= 2 max |x_i - y_i|, which a one-sided
Lipschitz bound holds early, and <= max(1 - g_ij, 1 - γ), which Theorem 6.3 holds late.
"""

from __future__ import annotations

from dataclasses import dataclass

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.own_model.least_weight import LEAST_WEIGHT
from proofs_checks.proof import (
    TRIANGLE,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    derived,
)
from proofs_checks.proof.kinds import ALIKE, IN_TIME, SPHERE
from theory.engines import inner, residual, vectors


@dataclass(frozen=True)
class Near:
    """What is joined: the rows "Lipschitz bound" and Theorem 6.3 of the model, both proved."""

    close: Evidence
    meets: Evidence


def derive_near(flow: Flow) -> Near | None:
    """Return both rows of a flow of tokens alone whose equal angles stay equal.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> derive_near(Flow.of(catalogue("softmax-off-by-one"))).meets.word
    'PROVED'
    >>> derive_near(Flow.of(catalogue("nGPT"))) is None
    True
    """
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    if flow.code or len(flow.model.blocks) != 1 or flow.equal_angles[0] is None:
        return None
    found = [asked(questions()[row], flow) for row in ("Lipschitz bound", "Theorem 6.3")]
    known = all(e.verdict is Verdict.PROVED and "existence" not in e.scope for e in found)
    return Near(*found) if known else None


def decide_near(flow: Flow, near: Near) -> Sheet:
    """Split a difference of inner products, and put both bounds in."""
    x, y, u, v = vectors("x y u v", unit="x y u v")
    left = inner(x, y) - inner(u, v) - inner(x - u, y) - inner(u, y - v)
    split = derived("g_ij - γ = <x_i-y_i,x_j> + <y_i,x_j-y_j>", residual(left))
    chord = derived("1 - g_ij = |x_i-x_j|²/2", residual(1 - inner(x, y) - inner(x - y, x - y) / 2))
    curve = Step("<y_i,y_j> = γ of equal angles from orthonormal tokens", How.DERIVED)
    close = Step(f"Lipschitz bound: {near.close.sentence}", How.BY_STATEMENT)
    meets = Step(f"Theorem 6.3: {near.meets.sentence or near.meets.detail}", How.BY_STATEMENT)
    text = "max|x-y| <= e^{∫L} ε_0, ε_0 its start, L the constant"
    part = Step(text, How.BY_RULE, evidence="Gronwall's inequality")
    early = apply(TRIANGLE, "|g_ij - γ| <= 2 e^{∫L} ε_0", split, curve, part)
    both = "δ(t) the bound of |x_i - x*| and of |y_i - y*|: 1 - g_ij, 1 - γ <= 2 δ²"
    late = apply(TRIANGLE, f"{both}; |g_ij - γ| <= max(1 - g_ij, 1 - γ) <= 2 δ²", chord, meets)
    words = {"n": "symbolic", "d": "symbolic, >= n", "masses": "1/n"}
    words |= {k: v for k, v in near.meets.scope.items() if k in ("beta", "given")}
    steps = (split, chord, curve, close, part, early, meets, late)
    return Sheet(steps, words, (), "the rows Lipschitz bound and Theorem 6.3, joined")


def say_near(flow: Flow, near: Near) -> str:
    """Say both bounds."""
    said = "masses 1/n: independent tokens have |g_ij - γ| <= min(early, late)"
    rate = near.close.detail or near.close.sentence
    return f"{said}, early 2 e^(∫L) ε_0, L the {rate}; late 2 δ², δ the bound of Theorem 6.3"


NEAR: Statement[Near] = Statement(
    "(6.11)",
    "masses 1/n: independent tokens have |g_ij - γ| <= min(early, late)",
    decide_near,
    derive_near,
    domain=(IN_TIME, SPHERE, ALIKE, LEAST_WEIGHT),
    says=say_near,
)


__all__ = ["NEAR"]
