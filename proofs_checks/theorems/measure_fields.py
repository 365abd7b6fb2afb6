"""(3.1) and (3.4), T12: velocities that read the measure of the tokens' states, and nothing else.

The state of a token is a point of S^{d-1}, with its length one of S^{d-1} x (0,∞). A velocity whose
row i is made of the state of token i and of sums Σ_j m_j f(state of i, state of j) is a field of
μ = Σ_j m_j δ at the states: a point without mass moves along it and changes nothing. One that
counts tokens moves differently when a token is split in two, which the measure doesn't see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    DiagMatrix,
    HadamardProduct,
    Inverse,
    MatAdd,
    MatMul,
    OneMatrix,
    S,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.proof import Flow, at_tokens
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.asked import values_in
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    read,
)
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import of_all, wants
from proofs_checks.theorems.readers import (
    LIVE_MOTION,
    LIVE_STILL,
    LIVE_UNIT,
    LIVES,
    OTHER,
    TOKEN,
    Facts,
    along,
    flows,
    moved_by,
    weights_of,
)
from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Sinkhorn, Tangent
from theory.symbols import X, d, m, n, t
from theory.terms import Entry, Item, Name, Norm, Row, at
from theory.weights import SinkSoftmax, SquaredDistances

READS = Definition(
    "reads its measure",
    "what a token of {0} moves by is a function of its own state, of t, and of integrals ∫ f dμ, μ "
    "= Σ_j m_j δ at the states of all tokens, their lengths beside them, or the mean of δ at rows "
    "of another species; so is m_i'/m_i where masses move",
    (Subject,),
)
FIELD = Definition(
    "field of its measure",
    "tokens of {0}, and points without mass beside them, move along one field F[μ] on the sphere, "
    "times (0,∞) for each length, μ = Σ_j m_j δ at the states, and so does each other species that "
    "moves; F reads the measure of each species",
    (Subject,),
)
WEAK = Definition(
    "weak solution",
    "the measure μ of the states of {0}, and that of each other species that moves, has d/dt ∫ f "
    "dμ = ∫ <∇f, F[μ]> dμ for every f in C^1: μ_t + div(F[μ] μ) = 0 weakly",
    (Subject,),
)
POTENTIAL = (
    "the potential p of Sinkhorn's scaling, ∫ e^{p(x)+s(x,y)+p(y)} dμ(y) = 1, is one function for "
    "each measure on a compact space and s symmetric and continuous"
)

_WEIGHTS = (RowSoftmax, Sinkhorn, SinkSoftmax)


@dataclass(frozen=True)
class _Letters:
    """What is a function of a token's state and of the measures of all of them.

    Attributes
    ----------
    rows : frozenset
        The blocks of which a token has a row, masses apart, and those of other species.
    """

    rows: frozenset[Any]

    @property
    def counts(self) -> frozenset[Any]:
        """How many tokens there are, of each species."""
        return frozenset({n, *(row.shape[0] for row in self.rows)})

    @property
    def known(self) -> frozenset[Any]:
        """What may be read as integrals alone: numbers and masses of tokens, and their states."""
        return frozenset({*self.rows, m, *(one for one in self.counts if one.is_Symbol)})

    def _between(self, expr: Any) -> bool:
        """Whether a matrix has an entry for two tokens."""
        return set(expr.shape) <= self.counts

    def _counted(self, body: Any) -> bool:
        return bool(self.known & body.free_symbols)

    def of_row(self, expr: Any) -> bool:
        """Whether row i is one of the state of token i, and of the measure."""
        if expr in self.rows or isinstance(expr, OneMatrix | ZeroMatrix):
            return expr.shape[0] in self.counts and expr.shape[1] not in self.counts
        if isinstance(expr, MatAdd | HadamardProduct):
            return all(map(self.of_row, expr.args))
        if isinstance(expr, Tangent | RowNormalize):
            return all(map(self.of_row, expr.args))
        if isinstance(expr, Elementwise):
            return not self._counted(expr.body) and self.of_row(expr.expr)
        return isinstance(expr, MatMul) and self._of_product(expr, self._row_letters)

    def of_pair(self, expr: Any) -> bool:
        """Whether entry (i, j) is one of the states of both tokens, and of the measure."""
        if isinstance(expr, OneMatrix | ZeroMatrix):
            return True
        if isinstance(expr, MatAdd | HadamardProduct):
            return all(map(self.of_pair, expr.args))
        if isinstance(expr, Elementwise):
            return not self._counted(expr.body) and self.of_pair(expr.expr)
        if isinstance(expr, SquaredDistances):
            return all(map(self.of_row, expr.args))
        if isinstance(expr, Transpose):
            return self.of_pair(expr.arg)
        return isinstance(expr, MatMul) and self._of_product(expr, self._pair_letters)

    def constant(self, expr: Any) -> bool:
        """Whether a matrix is made of parameters, and of integrals against the measure."""
        if self.counts & set(expr.shape):
            return False  # an entry for each token
        if isinstance(expr, Elementwise):
            return not self._counted(expr.body) and self.constant(expr.expr)
        if isinstance(expr, MatAdd):
            return all(map(self.constant, expr.args))
        if isinstance(expr, MatMul):
            return self._of_product(expr, self._constant_letters)
        return not self._counted(expr)

    def _of_product(self, expr: MatMul, letters: Any) -> bool:
        factor, rest = expr.as_coeff_matrices()
        return not self._counted(factor) and letters(tuple(rest))

    def _row_letters(self, word: tuple[Any, ...]) -> bool:
        first, rest = word[0], word[1:]
        if not rest:
            return self.of_row(first)
        if not self._between(first):
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
        sink, count = getattr(weights, "sink", S.Zero), weights.shape[1]
        own = m if count == n else OneMatrix(count, 1)  # other species are weighed alike
        if weights.masses != own or not self.of_pair(weights.scores):
            return False
        if isinstance(sink, MatrixExpr):
            return self.of_row(sink)
        return getattr(weights, "mask", None) is None and not self._counted(sink)

    def _pair_letters(self, word: tuple[Any, ...]) -> bool:
        if self._between(word[0]) and self._scale(word[0]):
            return self._pair_letters(word[1:])
        if self._between(word[-1]) and self._scale(word[-1]):
            return self._pair_letters(word[:-1])
        if len(word) == 1:
            return not isinstance(word[0], MatMul) and self.of_pair(word[0])
        places = (p for p in range(1, len(word)) if word[p - 1].shape[1] not in self.counts)
        return any(
            self.of_row(_joined(word[:p])) and self.of_row(_turned(word[p:])) for p in places
        )

    def _constant_letters(self, word: tuple[Any, ...]) -> bool:
        places = (p for p in range(1, len(word) + 1) if word[p - 1].shape[1] not in self.counts)
        ends = next(places)
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


def _without_mass(rate: Any) -> Any:
    """Return c of ``m_i' = m_i c_i``; None for a rate of another form."""
    if not isinstance(rate, MatMul):
        return None
    factor, letters = rate.as_coeff_matrices()
    if letters[0] != DiagMatrix(m) or len(letters) < 2:
        return None
    return MatMul(factor, *letters[1:]).doit()


def _is_known(subject: Subject, block: Any) -> bool:
    """Whether a block is a length of each token, or another species, on the sphere or at rest."""
    space, how = subject.spaces[block], subject.velocities.get(block)
    if block.shape == (n, 1):
        return space == "positive"
    still = space == "constant" and how is None
    return bool(block.shape[1] == d) and (still or (space == "sphere" and along(how, block)))


def _reads(subject: Subject) -> Facts:
    """Read each rate letter by letter."""
    flows(subject)
    rows = frozenset(s for s in subject.spaces if s != m)
    if X not in subject.velocities or not all(_is_known(subject, s) for s in rows - {X}):
        raise NotConcluded(f"a state of {subject.name} is more than tokens, masses and lengths")
    sizes = [one.shape[0] for one in rows if one.shape[1] == d]
    if len(set(sizes)) < len(sizes):
        raise NotConcluded("rows of two species of one size may be paired")
    reader = _Letters(rows)
    for symbol, rate in subject.velocities.items():
        own = _without_mass(rate) if symbol == m else rate
        if own is None or not reader.of_row(own):
            raise NotConcluded(f"{symbol}' isn't seen to read the measure alone")
    return frozenset(), Is(READS, subject), "masses enter as m_j in sums over j, n doesn't"


READING = Reader("measure of the states", _reads)


def _plans(subject: Subject) -> set[Any]:
    return set[Any]().union(*(how.atoms(Sinkhorn) for how in subject.velocities.values()))


def _of_measure(reading: Fact, unit: Fact) -> Subject:
    says = reading.says
    if not isinstance(says, Is) or says.definition is not READS or reading.given:
        raise NotConcluded("it needs a velocity that reads the measure of the states alone")
    subject: Subject = says.arguments[0]
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    of_all(unit, TOKEN, t)
    if unit.given != {Is(LIVES, subject)}:
        raise NotConcluded("it needs tokens of that model on the sphere")
    return subject


def _light(reading: Fact, unit: Fact) -> Proposition:
    subject = _of_measure(reading, unit)
    if _plans(subject):
        raise NotConcluded("potentials are no sums over tokens")
    return Is(FIELD, subject)


def _balanced(reading: Fact, unit: Fact) -> Proposition:
    subject = _of_measure(reading, unit)
    if any(Transpose(one.scores).doit() != one.scores for one in _plans(subject)):
        raise NotConcluded("one potential is that of symmetric scores")
    return Is(FIELD, subject)


def _weakly(field: Fact, still: Fact) -> Proposition:
    says = field.says
    if not isinstance(says, Is) or says.definition is not FIELD:
        raise NotConcluded("it needs a field of the measure")
    subject: Subject = says.arguments[0]
    wants(still, Rel("=", Item(m, TOKEN), at(Item(m, TOKEN))))
    of_all(still, TOKEN, t)
    if still.given != {Is(LIVES, subject)}:
        raise NotConcluded("it needs masses of that model")
    return Is(WEAK, subject)


LIGHT = Rule(
    "points without mass",
    "the velocity reads the measure of the states alone, no potential among what it reads; |x_i| = "
    "1: tokens, and points without mass, move along one field of the measure",
    "a point of mass 0 adds 0 to each integral",
    _light,
)
BALANCED = Rule(
    "points without mass, beside potentials",
    "the velocity reads the measure of the states alone, and the potentials of symmetric scores; "
    "|x_i| = 1: tokens, and points without mass, move along one field of the measure",
    "a point of mass 0 adds 0 to each integral, and a potential is one function for each measure",
    _balanced,
    (POTENTIAL,),
)
WEAKLY = Rule(
    "weak form",
    "tokens move along one field of their measure; m_i = m_i(0): d/dt ∫ f dμ = ∫ <∇f, F[μ]> dμ",
    "d/dt Σ_i m_i f(s_i) = Σ_i m_i <∇f(s_i), s_i'>, s_i the state of token i",
    _weakly,
)


def _field(subject: Subject) -> Found:
    facts = read(READING, subject), read(LIVE_UNIT, subject)
    return apply(BALANCED if _plans(subject) else LIGHT, *facts)


def measure_field(subject: Subject) -> Conclusion | None:
    """Claim (3.1).

    Examples
    --------
    >>> from theory.models import catalogue
    >>> names = "SA", "pre-LN", "Sinkhorn", "sink"
    >>> [measure_field(Subject.of(catalogue(name))) is None for name in names]
    [False, False, False, True]
    """
    return _claimed(_field(subject), subject)


def weak_solution(subject: Subject) -> Conclusion | None:
    """Claim (3.4).

    Examples
    --------
    >>> from theory.models import catalogue
    >>> names = "pre-LN", "moving masses"
    >>> [weak_solution(Subject.of(catalogue(name))) is None for name in names]
    [False, True]
    """
    return _claimed(apply(WEAKLY, _field(subject), read(LIVE_STILL, subject)), subject)


def along_field(own: Conclusion | None, subject: Subject, field: Any) -> Conclusion | Refusal:
    """Say of (3.1) or (3.4) which field it is as well: what it is at the tokens, ``P_i F_i``.

    Parameters
    ----------
    own : Conclusion or None
        Of `measure_field` or `weak_solution`.
    subject : Subject
    field : MatrixExpr, shape (n, d)
        The field at the tokens.

    Examples
    --------
    >>> from theory.models import SA, USA
    >>> subject = Subject.of(USA)
    >>> own = along_field(weak_solution(subject), subject, USA.velocity)
    >>> own.found.says == own.says.then
    True
    >>> own = along_field(weak_solution(subject), subject, SA.velocity)
    >>> own.found.says == own.says.then
    False
    """
    if own is None:
        return Refusal("tokens aren't seen to move along a field of their measure")
    if not isinstance(field, Tangent) or field.points != X:
        return Refusal("the field isn't written as a projection")
    motion = read(LIVE_MOTION, subject)
    if isinstance(motion, Refusal):
        return motion
    shares = (a for a in weights_of(subject).atoms(Entry) if a.args[1:] == (TOKEN, OTHER))
    names = tuple(Name("A", one, (TOKEN, OTHER)) for one in shares)
    found, then = apply(together, own.found, motion), All(own.says.then, moved_by(field.field))
    return claimed(found, then, own.says.given, names if len(names) == 1 else ())


def stated_field(prediction: Any, values: Mapping[Any, Any]) -> Any:
    """Return a field at the tokens that is stated at ``PROBES``, with values of parameters.

    A function 0 of products gives points their rows, which a matrix of zeros hasn't.

    Examples
    --------
    >>> from proofs_checks.proof import MEAN_FIELD
    >>> from theory.models import SA
    >>> stated_field(MEAN_FIELD, {}) == SA.velocity
    True
    """
    return (
        at_tokens(prediction)
        .xreplace(dict(values))
        .replace(
            lambda one: isinstance(one, Elementwise) and one.body == 0,
            lambda one: ZeroMatrix(*one.shape),
        )
    )


@dataclass(frozen=True)
class AlongField:
    """Say (3.1) or (3.4) of a flow, with its field at each ``PROBES``; in t, while it lives.

    Attributes
    ----------
    claim : callable
        `measure_field` or `weak_solution`.
    """

    claim: Callable[[Subject], Conclusion | None]

    def __call__(self, flow: Flow, prediction: Any) -> Conclusion | Refusal:
        """Return what is concluded. A partial function would be no equal of its copy."""
        values = values_in(flow)
        if isinstance(values, Refusal):
            return values
        subject = Subject.of(flow.model, values)
        return along_field(self.claim(subject), subject, stated_field(prediction, values))


def _claimed(found: Found, subject: Subject) -> Conclusion | None:
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, (Is(LIVES, subject),))
