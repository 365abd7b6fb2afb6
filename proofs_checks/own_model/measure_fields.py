"""(3.1) and (3.4) of tokens with lengths, masses or other weights, T12: fields that read a measure.

The state of a token is a point of S^{d-1}, with its length one of S^{d-1} x (0,∞). A velocity whose
row i is made of the state of token i and of sums Σ_j m_j f(state of i, state of j) is a field of
μ = Σ_j m_j δ at the states: a point without mass moves along it and changes nothing. One that
counts tokens moves differently when a token is split in two, which the measure doesn't see.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    DiagMatrix,
    HadamardProduct,
    Inverse,
    MatAdd,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    S,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.claim import Budget
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.states import lengths_of
from proofs_checks.proof import (
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Witness,
    cited,
    decimal,
    excludes_zero,
    row_defect,
)
from proofs_checks.proof.kinds import UNLABELLED
from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Sinkhorn, Tangent
from theory.models import Model
from theory.symbols import X, m, n
from theory.weights import SinkSoftmax, SquaredDistances

_WEIGHTS = (RowSoftmax, Sinkhorn, SinkSoftmax)


@dataclass(frozen=True)
class _Reader:
    """What is a function of a token's state and of the measure of all of them.

    Attributes
    ----------
    rows : frozenset
        The blocks of which a token has a row, masses apart.
    """

    rows: frozenset[Any]

    def of_row(self, expr: Any) -> bool:
        """Whether row i is one of the state of token i, and of the measure."""
        if expr in self.rows or isinstance(expr, OneMatrix | ZeroMatrix):
            return expr.shape[0] == n and expr.shape[1] != n
        if isinstance(expr, MatAdd | HadamardProduct):
            return all(map(self.of_row, expr.args))
        if isinstance(expr, Tangent | RowNormalize):
            return all(map(self.of_row, expr.args))
        if isinstance(expr, Elementwise):
            return n not in expr.body.free_symbols and self.of_row(expr.expr)
        return isinstance(expr, MatMul) and self._of_product(expr, self._row_letters)

    def of_pair(self, expr: Any) -> bool:
        """Whether entry (i, j) is one of the states of both tokens, and of the measure."""
        if isinstance(expr, OneMatrix):
            return True
        if isinstance(expr, MatAdd | HadamardProduct):
            return all(map(self.of_pair, expr.args))
        if isinstance(expr, Elementwise):
            return n not in expr.body.free_symbols and self.of_pair(expr.expr)
        if isinstance(expr, SquaredDistances):
            return all(map(self.of_row, expr.args))
        if isinstance(expr, Transpose):
            return self.of_pair(expr.arg)
        return isinstance(expr, MatMul) and self._of_product(expr, self._pair_letters)

    def constant(self, expr: Any) -> bool:
        """Whether a matrix is made of parameters, and of integrals against the measure."""
        if n in expr.shape:
            return False  # an entry for each token
        if isinstance(expr, Elementwise):
            return n not in expr.body.free_symbols and self.constant(expr.expr)
        if isinstance(expr, MatAdd):
            return all(map(self.constant, expr.args))
        if isinstance(expr, MatMul):
            return self._of_product(expr, self._constant_letters)
        return not expr.free_symbols & {*self.rows, m, n}

    def _of_product(self, expr: MatMul, letters: Any) -> bool:
        factor, rest = expr.as_coeff_matrices()
        return not factor.free_symbols & {n, *self.rows, m} and letters(tuple(rest))

    def _row_letters(self, word: tuple[Any, ...]) -> bool:
        first, rest = word[0], word[1:]
        if not rest:
            return self.of_row(first)
        if first.shape != (n, n):
            return self.of_row(first) and self.constant(_joined(rest))
        if self._scale(first):
            return self._row_letters(rest)
        if type(first) in _WEIGHTS:
            return self._divided(first) and self._row_letters(rest)
        if not self.of_pair(first):  # such as X Xᵀ, written as letters
            return False
        return self._weighed(rest)

    def _weighed(self, word: tuple[Any, ...]) -> bool:
        """Whether what an integral is of has the masses in front."""
        if word == (m,):
            return True
        return len(word) > 1 and word[0] == DiagMatrix(m) and self._row_letters(word[1:])

    def _scale(self, letter: Any) -> bool:
        """Whether a diagonal matrix has functions of the states of tokens on it."""
        if isinstance(letter, Inverse):
            return self._scale(letter.arg)
        if isinstance(letter, DiagMatrix):
            return self.of_row(letter.args[0])
        return isinstance(letter, DiagonalMatrix) and self.of_pair(letter.args[0])

    def _divided(self, weights: Any) -> bool:
        sink = getattr(weights, "sink", S.Zero)
        if weights.masses != m or not self.of_pair(weights.scores):
            return False
        if isinstance(sink, MatrixExpr):
            return self.of_row(sink)
        return getattr(weights, "mask", None) is None and n not in sink.free_symbols

    def _pair_letters(self, word: tuple[Any, ...]) -> bool:
        if word[0].shape == (n, n) and self._scale(word[0]):
            return self._pair_letters(word[1:])
        if word[-1].shape == (n, n) and self._scale(word[-1]):
            return self._pair_letters(word[:-1])
        if len(word) == 1:
            return not isinstance(word[0], MatMul) and self.of_pair(word[0])
        places = (p for p in range(1, len(word)) if word[p - 1].shape[1] != n)
        return any(
            self.of_row(_joined(word[:p])) and self.of_row(_turned(word[p:])) for p in places
        )

    def _constant_letters(self, word: tuple[Any, ...]) -> bool:
        ends = next(p for p in range(1, len(word) + 1) if word[p - 1].shape[1] != n)
        first, rest = word[:ends], word[ends:]
        if rest and not self._constant_letters(rest):
            return False
        if len(first) == 1:
            return self.constant(first[0])
        left, inside = _turned(first[:1]), first[1:]
        if left == m:
            return self._row_letters(inside)
        return self.of_row(left) and self._weighed(inside)


def _joined(word: tuple[Any, ...]) -> Any:
    return MatMul(*word) if len(word) > 1 else word[0]


def _turned(word: tuple[Any, ...]) -> Any:
    return Transpose(_joined(word)).doit()


@lru_cache(maxsize=16)
def reads_measure(model: Model) -> bool:
    """Whether the velocity of each block is a field of the measure of the tokens' states.

    Masses that move are weights of the measure, and their rates m_i times a field.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> reads_measure(catalogue("pre-LN")), reads_measure(catalogue("sink"))
    (True, False)
    """
    blocks = {block.symbol for block in model.blocks}
    row = frozenset(s for s in blocks if s != m)
    if X not in row or model.kind != "flow" or any(s.shape[0] != n for s in row):
        return False
    reader = _Reader(row)
    for symbol, rate in model.velocities.items():
        own = _without_mass(rate) if symbol == m else rate
        if own is None or not reader.of_row(own):
            return False
    return True


def _without_mass(rate: Any) -> Any:
    """Return c of ``m_i' = m_i c_i``; None for a rate of another form."""
    if not isinstance(rate, MatMul):
        return None
    factor, letters = rate.as_coeff_matrices()
    if letters[0] != DiagMatrix(m) or len(letters) < 2:
        return None
    return MatMul(factor, *letters[1:]).doit()


@dataclass(frozen=True)
class Field:
    """A field of the measure of states.

    Attributes
    ----------
    states : str
        Of what the measure is.
    moves : str
        Which rates are the field.
    """

    states: str
    moves: str


def derive_field(flow: Flow) -> Field | None:
    """Return the field of a model whose velocity reads the measure of states alone."""
    if is_code_or_ends(flow) or not _tokens_with_lengths(flow) or not reads_measure(flow.model):
        return None
    if not isinstance(flow.model.velocities[X], Tangent) and not flow.on_sphere.holds:
        return None
    own = [str(symbol) for symbol in lengths_of(flow) if symbol != m]
    states = "S^{d-1}" + " x (0,∞)" * len(own)
    moves = ", ".join([f"{x}_i'" for x in ("x", *own)])
    return Field(states, moves)


def decide_empirical(flow: Flow, field: Field) -> Sheet:
    """Read that masses enter as weights of integrals alone."""
    read = Step(
        f"{field.moves} are functions of the state of token i and of ∫ f dμ, "
        f"μ = Σ_j m_j δ on {field.states}: masses enter as m_j in sums over j, n doesn't",
        How.DERIVED,
        evidence="read letter by letter",
    )
    light = Step("a point of mass 0 adds 0 to each integral", How.DERIVED)
    potential = (cited(_POTENTIAL, read),) if _of_sinkhorn(flow) else ()
    steps = (read, light, *potential)
    where = {} if not _divides(flow) else {"states": "where no divisor is 0"}
    words = {"n": "symbolic", "d": "symbolic", "beta": "symbolic", "masses": "symbolic", **where}
    return Sheet(steps, words, (), f"{field.moves} at a state, and μ on {field.states}")


_POTENTIAL = (
    "the potential p of Sinkhorn's scaling, ∫ e^{p(x)+s(x,y)+p(y)} dμ(y) = 1, is one function for "
    "each measure on a compact space and s symmetric and continuous"
)


def _of_sinkhorn(flow: Flow) -> bool:
    return any(rate.atoms(Sinkhorn) for rate in flow.model.velocities.values())


def _divides(flow: Flow) -> bool:
    """Whether 1/z stands somewhere, of a length or of an output."""
    rates = flow.model.velocities.values()
    return any(rate.atoms(RowNormalize) or rate.atoms(Elementwise) for rate in rates)


def decide_weakly(flow: Flow, field: Field) -> Sheet:
    """Take the derivative of ``Σ_i m_i f(state of i)`` by the chain rule."""
    own = decide_empirical(flow, field)
    chain = Step(
        "d/dt Σ_i m_i f(s_i) = Σ_i m_i <∇f(s_i), s_i'> = ∫ <∇f, F[μ]> dμ for f in C^1, "
        "s_i the state of token i, as m_i' = 0",
        How.DERIVED,
        evidence="chain rule",
    )
    words = {**own.words, "existence": "as long as the tokens solve the model"}
    return Sheet((*own.steps, chain), words, (), f"weak form on {field.states}")


def derive_flux(flow: Flow) -> Field | None:
    """Return the field of a model whose masses stay."""
    field = derive_field(flow)
    return None if m in flow.model.velocities else field


def splits(flow: Flow, prediction: Field | None, budget: Budget) -> Counterexample | None:
    """Find a state where the velocity changes when a token is split in two at its place."""
    if prediction is not None or not _tokens_with_lengths(flow) or n in flow.values:
        return None
    rates = list(flow.model.velocities.values())
    point = Witness(budget.rng, rates)
    if point.own_tokens is not None:
        return None
    lengths = [symbol for symbol in lengths_of(flow) if symbol != m]
    for symbol in lengths:
        point.matrices[symbol] = [[S.One]] * len(point.matrices[X])
    tokens, masses = point.matrices[X], point.matrices[m]
    parts = [[masses[0][0] / 4], [3 * masses[0][0] / 4]]
    more = {X: [tokens[0], *tokens], m: [*parts, *masses[1:]]}
    more |= {symbol: [[S.One], *point.matrices[symbol]] for symbol in lengths}
    velocity = flow.model.velocities[X]
    before, after = point.evaluator()(velocity), point.evaluator(more)(velocity)
    said = "the same measure, another velocity: token 1 split into m_1/4 and 3 m_1/4 changes x_{i}'"
    found = row_defect(after[1:], before, said, point)
    return Counterexample(found) if found else None


def _tokens_with_lengths(flow: Flow) -> bool:
    known = {X, m, *lengths_of(flow)}
    model = flow.model
    blocks = {block.symbol for block in model.blocks} <= known
    scalar = not any(isinstance(p, MatrixSymbol) and n in p.shape for p in model.parameters)
    flows = model.kind == "flow" and model.space == "sphere" and model.noise is None
    return blocks and scalar and flows and not flow.code


def refute_flux(flow: Flow, prediction: Field | None, budget: Budget) -> Counterexample | None:
    """Find a token whose mass moves, or one whose split is seen."""
    if prediction is None and m in flow.model.velocities and _tokens_with_lengths(flow):
        rate: Any = flow.model.velocities[m]
        point = Witness(budget.rng, [rate, flow.model.velocities[X]])
        for i, row in enumerate(point.evaluator()(rate), start=1):
            if len({tuple(x) for x in point.matrices[X]}) == len(point.matrices[X]):
                if excludes_zero(row[0]):
                    said = f"m_{i}' = {decimal(row[0])}, so ∫ f dμ moves for an f that is constant"
                    return Counterexample(f"{said} near each token, at {point}")
    return splits(flow, prediction, budget)


def say_field(flow: Flow, field: Field) -> str:
    """Say of which states the measure is."""
    said = "tokens, and points without mass, move along the field of their measure"
    return f"{said}: {field.moves} = F[μ], μ = Σ_j m_j δ at the states, on {field.states}"


def say_weakly(flow: Flow, field: Field) -> str:
    """Say of which states the measure is."""
    return f"the measure of the states, on {field.states}, solves μ_t + div(F[μ] μ) = 0 weakly"


EMPIRICAL: Statement[Field] = Statement(
    "(3.1)",
    "x_i' = X[mu](x_i): tokens, and points without mass, move along the field of their measure",
    decide_empirical,
    derive_field,
    splits,
    domain=(UNLABELLED,),
    several_blocks=True,
    says=say_field,
)
WEAKLY: Statement[Field] = Statement(
    "(3.4)",
    "the tokens' measure solves mu_t + div(X[mu] mu) = 0 weakly",
    decide_weakly,
    derive_flux,
    refute_flux,
    domain=(UNLABELLED,),
    several_blocks=True,
    says=say_weakly,
)


__all__ = ["EMPIRICAL", "WEAKLY", "Field", "reads_measure"]
