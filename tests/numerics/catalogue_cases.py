"""Every model of the catalogue at drawn values: how it is compiled, its state, the same exactly.

Names that are added to the catalogue are drawn as well, whatever parameters and blocks they have.
"""

import numpy as np
from sympy import MatrixSymbol

from numerics import compile_model
from numerics.sphere import random_points
from tests.numerics.exact_expressions import Exact
from theory import catalogue
from theory.masks import Mask
from theory.symbols import d, k, n, t, width

COMBINED = ("causal + pre-LN", "RoPE + sink", "ALiBi + window + nGPT", "causal + long context")
TIME = 0.75


def names():
    """Names of the catalogue, and of some combinations where they are defined."""
    return [*catalogue(), *(name for name in COMBINED if _known(name))]


def _known(name):
    try:
        catalogue(name)
    except ValueError:
        return False
    return True


class Case:
    """A model at drawn values: how it is compiled, its state, and the same for 50 digits."""

    def __init__(self, model, beta, rng):
        self.model = model
        self.sizes = {n: 6, d: 4, k: 3, width: 5}
        self.parameters = {}
        graphs = {mask.parameter for mask in model.velocity.atoms(Mask)}
        for symbol in (*(b.symbol for b in model.blocks), *model.parameters):
            for size in getattr(symbol, "shape", ()):
                if size.is_Symbol:
                    self.sizes.setdefault(size, 2 + len(self.sizes))
        for symbol in model.parameters:
            self.parameters[symbol.name] = self._parameter(symbol, beta, symbol in graphs, rng)
        self.state = {b.symbol.name: self._block(b, rng) for b in model.blocks}
        self.beta = abs(beta)

    def _shape(self, symbol):
        return [int(size.xreplace(self.sizes)) for size in symbol.shape]

    def _parameter(self, symbol, beta, graph, rng):
        if isinstance(symbol, MatrixSymbol):
            rows, columns = self._shape(symbol)
            if graph:
                return np.eye(rows) + np.roll(np.eye(rows), 1, axis=1)
            drawn = rng.standard_normal((rows, columns))
            return drawn / np.linalg.norm(drawn, 2)  # so that β bounds the scores
        if symbol.name == "beta":
            return beta
        return 2.0 if symbol.is_integer else 0.625

    def _block(self, block, rng):
        shape = self._shape(block.symbol)
        if block.space == "sphere" or (block.space == "constant" and block.symbol.shape[1] == d):
            return random_points(*shape, rng)
        if block.space == "euclidean":
            return rng.standard_normal(shape)
        drawn = rng.uniform(0.5, 2.0, shape)
        return drawn / drawn.sum() if block.space == "simplex" else drawn

    def exact(self, masses):
        """Return the evaluator at the same doubles."""
        values = zip(self.model.parameters, self.parameters.values(), strict=True)
        scalars = {p: v for p, v in values if not isinstance(p, MatrixSymbol)}
        matrices = {name: value for name, value in self.parameters.items() if np.ndim(value)}
        given = {"m": masses[:, None], **matrices, **self.state}
        return Exact(self.sizes, {**scalars, t: TIME}, given)

    def computed(self, backend, masses):
        """Velocity of every block by name."""
        moving = "m" in self.state
        field = compile_model(
            self.model, masses=None if moving else masses, backend=backend, **self.parameters
        )
        if len(self.model.blocks) > 1:
            return field.unchecked(self.state, TIME)
        return {"X": field.unchecked(self.state["X"], TIME)}
