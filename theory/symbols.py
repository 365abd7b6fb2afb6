"""The shared alphabet: every symbol that two files of attnflow must agree on is defined here, once.

Rows of ``X`` are the tokens x_i; ``m`` holds their masses (1/n each in the paper).
"""

from sympy import MatrixSymbol, Symbol

n = Symbol("n", integer=True, positive=True)
"""Number of tokens."""
d = Symbol("d", integer=True, positive=True)
"""Dimension of the ambient space; the tokens live on S^{d-1}."""
k = Symbol("k", integer=True, positive=True)
"""Rows of the query and key matrices (``k = d`` for square ones)."""
width = Symbol("width", integer=True, positive=True)
"""Hidden width of a feed-forward layer."""
heads = Symbol("H", integer=True, positive=True)
"""Number of attention heads."""

beta = Symbol("beta", real=True)
"""Inverse temperature."""
t = Symbol("t", real=True)
"""Time."""
z = Symbol("z", real=True)
"""Argument of a kernel: an inner product <x_i, x_j>."""
eta = Symbol("eta", real=True)
"""Step of a discrete layer."""
gamma = Symbol("gamma", real=True)
"""Common inner product of an equiangular configuration."""

rho = Symbol("rho", positive=True)
"""Common inner product of the inputs of a layer, in (0, 1)."""
load = Symbol("g", positive=True)
"""γ(1-ρ) for inputs of inner product ρ at β = γ log n: a token's own weight is n^g."""

alpha = Symbol("alpha", positive=True)
"""Gain of a scheme that normalises its outputs (nGPT); rate at which masses move."""
kappa = Symbol("kappa", nonnegative=True)
"""Strength of noise: dX = F dt + sqrt(2κ) P∘dB."""
tau = Symbol("tau", nonnegative=True)
"""When a mixed scheme turns to another (mix-LN)."""
growth = Symbol("sigma", real=True)
"""Rate at which tokens of R^d are scaled down: y = e^{-σt} x."""

X = MatrixSymbol("X", n, d)
"""Tokens, one a row."""
m = MatrixSymbol("m", n, 1)
"""Masses of the tokens."""
r = MatrixSymbol("r", n, 1)
"""Lengths of the vectors whose directions the tokens are."""
G = MatrixSymbol("G", n, n)
"""Gram matrix of the tokens, G_ij = <x_i, x_j>."""
Q = MatrixSymbol("Q", k, d)
"""Query matrix."""
K = MatrixSymbol("K", k, d)
"""Key matrix."""
V = MatrixSymbol("V", d, d)
"""Value matrix."""
