"""Rules on the joint law of tokens that start alike: what symmetry keeps, and what moves a law.

They serve the hierarchy (8.1): exchangeable tokens, reflections of the circle, conditional means.
`rules` has the others.
"""

from __future__ import annotations

from typing import Any

from sympy import simplify, sympify

from proofs_checks.proof.rule import Rule, unconditional


def _that_many(copies: Any, tokens: Any, named: int) -> str:
    left = simplify(sympify(copies) - (sympify(tokens) - named))
    return "" if left == 0 else f"{copies} terms were counted, {tokens} - {named} tokens are left"


def _swaps(image: tuple[Any, Any], swapped: tuple[Any, Any]) -> str:
    """Say that the images of the two given tokens aren't these tokens swapped."""
    ends = [simplify(sympify(a) - sympify(b)) for a, b in zip(image, swapped, strict=True)]
    return "" if ends == [0, 0] else f"the images are {image}, not {swapped}"


KEPT_LAW = Rule(
    "a law that a symmetry keeps",
    "a flow commutes with a map and the law at t = 0 is kept by it: so is the law at every t",
    "X_t(gX_0) = gX_t(X_0) and gX_0 has the law of X_0; uniqueness of solutions",
    2,
    unconditional,
)


EXCHANGED = Rule(
    "exchangeable tokens",
    "the law of n tokens is kept by permutations: given two of them, the n - 2 others have one law",
    "a permutation that fixes the two and takes one of the others to another",
    1,
    _that_many,
)


MIRRORED = Rule(
    "swapped by a reflection",
    "a law is kept by reflections and permutations: a reflection that swaps the two given tokens "
    "keeps the law of a third, given these",
    "apply the reflection, then exchange the two",
    2,
    _swaps,
)


CARRIED_LAW = Rule(
    "a law moves at its mean velocity",
    "x has the law ψ and E[x' | x] = v: ∂_t ψ + ∂_x(vψ) = 0 in the weak sense",
    "d/dt E f(x) = E f'(x) x' = E f'(x) E[x' | x]",
    1,
    unconditional,
)


LAW_RULES = (KEPT_LAW, EXCHANGED, MIRRORED, CARRIED_LAW)
