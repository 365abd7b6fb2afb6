"""Attention put together from its parts: positions, who sees whom, the weights, the scheme.

Each of the four slots holds one part, so that "RoPE + sink" or "causal + pre-LN" is a model. With
nothing chosen it is SA. Scores are ``β<x_i,x_j>``, value matrices the identity.
"""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix, Expr, HadamardProduct, MatrixSymbol, OneMatrix, Symbol, exp, log
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise, RowSoftmax, Tangent, row_normalised
from theory.energy import ENERGY, interaction_energy
from theory.masks import Mask
from theory.models.model import Model, softmax_metric
from theory.models.paper import CAUSAL, QK_SA, SA
from theory.models.schemes import SCHEMES, in_scheme
from theory.positions import Distances, Rotary
from theory.positive_part import PositivePart
from theory.symbols import K, Q, X, beta, d, m, n, z
from theory.weights import SinkSoftmax, SquaredDistances

slope = Symbol("slope", nonnegative=True)
"""How fast scores fall with the distance of two places (ALiBi); each head's own in its paper."""
base = Symbol("base", positive=True)
"""Base of the frequencies by which places turn (RoPE); 10000 in most models."""
sink = Symbol("sink", real=True)
"""Score of a key that is no token (sink)."""
bias = Symbol("bias", real=True)
"""What is added to every score (sigmoid), of order 1.

Its paper adds -log n and sums over the tokens. Here masses 1/n do that: with -log n too, n would
count twice. "summed sigmoid" is the paper's.
"""
exponent = Symbol("exponent", real=True)
"""The factor of log n in an inverse temperature that grows with the context."""
W = MatrixSymbol("W", n, n)
"""Who sees whom: the 0/1 matrix of a graph."""

POSITIONS = ("ALiBi", "RoPE")
MASKS: dict[str, Mask] = {
    "causal": Mask.causal(),
    "strictly causal": Mask.strictly_causal(),
    "window": Mask.band(2),
    "graph": Mask.graph(W),
    "bipartite": Mask.bipartite(2),
}
KERNELS: dict[str, tuple[Expr, tuple[Any, ...], str]] = {
    "sigmoid": (1 / (1 + exp(-z - bias)), (bias,), "arXiv 2409.04431, by masses"),
    "summed sigmoid": (1 / (exp(-z) + 1 / n), (), "arXiv 2409.04431"),
    "linear": (z, (), "arXiv 2212.07677"),
    "ReLU": (PositivePart(z, 1), (), "arXiv 2309.08586"),
}
"""Weights that are a function of a score each, its parameters, and where it is from."""
SOFTMAXES: dict[str, str] = {
    "sink": "arXiv 2309.17453",
    "softmax-off-by-one": "e^s/(1 + Σ e^s)",
    "L2": "arXiv 2006.04710",
    "long context": "arXiv 2510.05554",
}
WEIGHTS = (
    *("sink", "softmax-off-by-one", "sigmoid", "summed sigmoid", "linear", "ReLU", "L2"),
    "long context",
)
SLOTS: dict[str, tuple[str, ...]] = {
    "positions": POSITIONS,
    "mask": tuple(MASKS),
    "weights": WEIGHTS,
    "scheme": SCHEMES,
}
"""The parts that each slot may hold."""


def attention_model(
    positions: str | None = None,
    mask: str | Mask | None = None,
    weights: str | None = None,
    scheme: str | None = None,
    *,
    matrices: bool = False,
) -> Model:
    """Attention with these parts, and softmax, no mask, no positions, post-LN where none is given.

    Parameters
    ----------
    positions : {"ALiBi", "RoPE"}, optional
        ``-slope·|i-j|`` in the scores, which with ``mask="causal"`` is what ALiBi's paper has, or
        rows turned by their place before the scores.
    mask : str or Mask, optional
        Who sees whom: ``"causal"``, ``"strictly causal"``, ``"window"`` (two places),
        ``"graph"`` (of matrix W), ``"bipartite"`` (two tokens and the rest), or any mask.
    weights : str, optional
        ``"sink"``: a key more, of score `sink` and of one token's mass 1/n, that pulls nobody;
        ``"softmax-off-by-one"``: the same with score 0, so ``e^s/(1 + Σ e^s)`` for masses 1/n;
        ``"sigmoid"``, ``"linear"``, ``"ReLU"``: a function of each score, not divided by row sums;
        ``"summed sigmoid"``: ``σ(s - log n)`` for masses 1/n, as in its paper;
        ``"L2"``: softmax of ``-β|x_i - x_j|²``; ``"long context"``: ``β = exponent·log n``.
    scheme : str, optional
        Normalisation scheme, see `theory.models.schemes`.
    matrices : bool
        Whether scores are of queries ``Q x_i`` and keys ``K x_j``, and not of the tokens.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        For an unknown part, or a scheme that divides by an output that may be zero.

    Examples
    --------
    >>> attention_model() is SA
    True
    >>> attention_model("RoPE", weights="sink").parameters
    (beta, base, sink)
    """
    given = {"positions": positions, "mask": mask, "weights": weights, "scheme": scheme}
    for slot, part in given.items():
        if part is not None and part not in SLOTS[slot] and not isinstance(part, Mask):
            raise ValueError(f"Expected {slot} one of {SLOTS[slot]} but got {slot}={part!r}.")
    name = " + ".join(str(part) for part in given.values() if part is not None)
    if name in ("", "post-LN"):
        return QK_SA if matrices else SA
    if name == "causal" and not matrices:
        return CAUSAL
    sight = MASKS[mask] if isinstance(mask, str) else mask
    if sight is not None and not sight.everybody_sees and scheme in ("peri-LN", "nGPT"):
        raise ValueError(
            f"Expected an output that isn't zero but got scheme={scheme!r} with mask={sight}, "
            "whose first token sees nobody; use 'causal'."
        )
    name += " with Q, K" if matrices else ""
    parameters = (*_parameters(positions, sight, weights), *((Q, K) if matrices else ()))
    matrix = _matrix(_scores(positions, weights, matrices), sight, weights)
    if scheme not in (None, "post-LN"):
        rate = exponent if weights == "long context" else beta
        return in_scheme(str(scheme), matrix * X, parameters, name, rate)
    plain = positions is None and sight is None and not matrices
    energy, metric = _climbed(weights) if plain else (None, None)
    reference = KERNELS[weights][2] if weights in KERNELS else SOFTMAXES.get(str(weights), "")
    if positions == "ALiBi" and not reference:
        reference = "arXiv 2108.12409" + (", symmetric" if sight is None else "")
    return Model(
        name,
        Tangent(X, matrix * X),
        energy,
        metric,
        parameters,
        reference=reference or "extension",
    )


def _rate(weights: str | None) -> Expr:
    return exponent * log(n) if weights == "long context" else beta


def _parameters(positions: str | None, sight: Mask | None, weights: str | None) -> tuple[Any, ...]:
    found = [exponent if weights == "long context" else beta]
    found += {"ALiBi": [slope], "RoPE": [base]}.get(str(positions), [])
    found += sorted(sight.parameter.free_symbols - {n}, key=str) if sight is not None else []
    found += [sink] if weights == "sink" else []
    found += list(KERNELS[weights][1]) if weights in KERNELS else []
    return tuple(found)


def _scores(positions: str | None, weights: str | None, matrices: bool) -> MatrixExpr:
    left, right = (X * Q.T, X * K.T) if matrices else (X, X)
    if positions == "RoPE":
        left, right = Rotary(left, base), Rotary(right, base)
    rate = _rate(weights)
    near = -rate * SquaredDistances(left, right) if weights == "L2" else rate * left * right.T
    return near - slope * Distances(n) if positions == "ALiBi" else near


def _matrix(scores: MatrixExpr, sight: Mask | None, weights: str | None) -> MatrixExpr:
    """Weights ``A_ij``, shape (n, n)."""
    if weights in KERNELS:
        kernel = Elementwise(KERNELS[weights][0], scores)
        seen = kernel if sight is None else HadamardProduct(sight, kernel)
        return seen * DiagMatrix(m)
    if weights in ("sink", "softmax-off-by-one"):
        return SinkSoftmax(scores, m, _sink_score(weights), sight)
    return RowSoftmax(scores, m, mask=sight)


def _sink_score(weights: str | None) -> Expr:
    """Score of the sink, a key of mass 1/n: ``e^sink/n`` in the denominator."""
    return (sink if weights == "sink" else 0) - log(n)


def _climbed(weights: str | None) -> tuple[MatrixExpr | None, MatrixExpr | None]:
    """Energy and metric of weights on the sphere, without a mask and positions."""
    if weights == "sigmoid":
        return interaction_energy(log(1 + exp(beta * z + bias)) / beta), m
    if weights == "summed sigmoid":
        return interaction_energy(n * log(1 + exp(beta * z) / n) / beta), m
    if weights == "linear":
        return interaction_energy(beta * z**2 / 2), m
    if weights == "ReLU":
        return interaction_energy(PositivePart(beta * z, 2) / (2 * beta)), m
    if weights == "L2":
        return ENERGY.xreplace({beta: 2 * beta}), softmax_metric(2 * beta * X * X.T)
    if weights == "long context":
        rate = _rate(weights)
        return ENERGY.xreplace({beta: rate}), softmax_metric(rate * X * X.T)
    if weights is None:
        return SA.energy, SA.metric
    totals = SinkSoftmax(beta * X * X.T, m, _sink_score(weights)).totals()
    return ENERGY, HadamardProduct(m, totals)


CAUSAL_ALIBI = attention_model("ALiBi", "causal")
"""ALiBi as its paper has it: ``-slope·(i-j)`` in the scores of the tokens before."""

_FEATURES = Elementwise(PositivePart(z, 1) + exp(-PositivePart(-z, 1)), beta * X)

POSITIVE_FEATURES = Model(
    "positive features",
    Tangent(X, row_normalised(_FEATURES * _FEATURES.T, m) * X),
    reference="arXiv 2006.16236",
)
"""Linear attention of its paper: weights ``<φ(βx_i), φ(βx_j)>``, φ = elu + 1 in each component,
divided by row sums. The kernel "linear" is neither positive nor divided."""

_KEY = MatrixSymbol("y", 1, d)
_WITH_KEY = SinkSoftmax(beta * X * X.T, m, beta * X * _KEY.T - log(n) * OneMatrix(n, 1))

EXTRA_KEY = Model(
    "extra key",
    Tangent(X, _WITH_KEY * X + (OneMatrix(n, 1) - _WITH_KEY * OneMatrix(n, 1)) * _KEY),
    parameters=(beta, _KEY),
    reference="arXiv 2309.17453",
)
"""Attention to the tokens and to a fixed token y of mass 1/n, which pulls with the sink's share."""


__all__ = [
    "CAUSAL_ALIBI",
    "EXTRA_KEY",
    "KERNELS",
    "MASKS",
    "POSITIONS",
    "POSITIVE_FEATURES",
    "SLOTS",
    "WEIGHTS",
    "attention_model",
]
