"""What a change of a model may do to verdicts: a table, held over the catalogue and 12 kernels.

Each law makes of a model another one of which we know what becomes true or false. Whatever the
table doesn't allow is a fault of the verdicts, whichever of the two is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, Matrix, MatrixSymbol, sqrt

from proofs_checks import check_model
from proofs_checks.own_model.check import rows
from theory import QK_SA, QKV, catalogue
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.masks import GRAPH, Mask
from theory.models import Model, gradient_flow
from theory.parse import parse_kernel
from theory.symbols import X, beta, d, m, n, t, z

Asked = tuple[Model | str, dict[str, Any]]
Pair = tuple[Asked, Asked]

HOLDS = frozenset({"PROVED", "CERTIFIED", "SUPPORTED"})
SAMPLED = frozenset({"SUPPORTED"})
OPEN = frozenset({"UNDECIDED"})
REFUTED = frozenset({"REFUTED"})
SPOKEN = HOLDS | OPEN | REFUTED

KERNELS = (
    *("t", "t**2", "t**3", "cos(t)", "log(2+t)", "1/(3-t)", "t/2 + t**4", "(t-1/2)**3"),
    *("sinh(beta*t)", "-exp(beta*t)", "beta*t + t**2", "exp(-beta*(1-t))*t**2"),
)
NAMES = (*(name for name in catalogue() if name != "post-LN"), *KERNELS)  # post-LN is SA


@dataclass(frozen=True)
class May:
    """Rows that a law may change, from one of some words to one of others, and why.

    Without rows, any; with names, of these models alone.
    """

    rows: tuple[str, ...]
    before: frozenset[str]
    after: frozenset[str]
    why: str
    names: tuple[str, ...] = ()

    def allows(self, name: str, row: str, before: str, after: str) -> bool:
        """Whether a change of a row is of this kind."""
        known = name in (self.names or (name,)) and row in (self.rows or (row,))
        return known and before in self.before and after in self.after


@dataclass(frozen=True)
class Law:
    """A change of models, and what it may do.

    Attributes
    ----------
    pair : callable
        Of a name, what is asked and what is asked after the change; None where it has no meaning.
    names : tuple of str
    may : tuple of May
        Every other row says the same of both.
    directed : tuple of str
        Rows that can't hold of both; what else becomes of them is free.
    same_words : bool
        Whether sentences are the same too.
    """

    pair: Callable[[str], Pair | None]
    names: tuple[str, ...] = NAMES
    may: tuple[May, ...] = ()
    directed: tuple[str, ...] = ()
    same_words: bool = False


@cache
def named(name: str) -> Model:
    """Return a model of the catalogue, or the flow of a kernel."""
    if name in catalogue():
        return catalogue(name)
    said = f"h(t) = {name}, wasserstein"  # as check_model calls it
    return gradient_flow(interaction_energy(parse_kernel(name)), said)


def times(factor: Any) -> Callable[[str], Pair | None]:
    """All velocities times a number or a pace, beside the same energy and metric."""

    def of_rate(rate: Any) -> Any:
        return (
            Tangent(rate.points, factor * rate.field)
            if isinstance(rate, Tangent)
            else factor * rate
        )

    def pair(name: str) -> Pair | None:
        model = named(name)
        if model.kind == "map":
            return None
        rates = {symbol: of_rate(rate) for symbol, rate in model.velocities.items()}
        made = replace(model, velocity=rates if len(model.blocks) > 1 else rates[X])
        return (model, {}), (made, {})

    return pair


def with_own(name: str) -> Pair | None:
    """2 x_i inside each projection of row i, which takes it out."""
    model = named(name)
    rates = {
        symbol: rate.replace(
            lambda part: isinstance(part, Tangent) and part.points == X,
            lambda part: Tangent(X, part.field + 2 * X),
        )
        for symbol, rate in model.velocities.items()
    }
    if rates == model.velocities:
        return None
    made = replace(model, velocity=rates if len(model.blocks) > 1 else rates[X])
    return (model, {}), (made, {})


def at_a_number(name: str) -> Pair | None:
    """β = 2 in place of the symbol."""
    model = named(name)
    return ((model, {}), (model, {"beta": 2})) if beta in model.parameters else None


def by_hand(name: str) -> Pair | None:
    """A kernel's text, and the same flow, written out as a model."""
    h = parse_kernel(name)
    field = Elementwise(h.diff(z), X * X.T) * DiagMatrix(m) * X
    own = tuple(sorted(h.free_symbols - {z}, key=str))
    made = Model(named(name).name, Tangent(X, field), interaction_energy(h), m, own)
    return (name, {}), (made, {})  # rows call a model by its name


GRAPHS: Mapping[str, list[list[int]]] = {
    "triangular": [[1, 0, 0], [1, 1, 0], [1, 1, 1]],
    "directed triangle": [[1, 1, 0], [0, 1, 1], [1, 0, 1]],
    "path": [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]],
    "star": [[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]],
    "two pairs": [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]],
    "bipartite": [[0, 0, 1], [0, 0, 1], [1, 1, 0]],
}


def relabelled(name: str) -> Pair | None:
    """The tokens of a graph in another order."""
    seen = np.array(GRAPHS[name])
    order = [2, 0, 1, *range(3, len(seen))]

    def model(rows: Any) -> Asked:
        mask = Mask(GRAPH, Mask.graph(Matrix(rows.tolist())).parameter, n)
        weights = RowSoftmax(beta * X * X.T, m, mask=mask)
        return Model("graph", Tangent(X, weights * X)), {}

    return model(seen), model(seen[np.ix_(order, order)])


MATRICES: Mapping[str, Model] = {
    "QK-SA": QK_SA,
    "QKV": QKV,
    **{name: catalogue(name) for name in ("low-rank heads", "multi-query", "MLP block")},
}


def rotated(name: str) -> Pair | None:
    """Matrices of numbers, turned along with the tokens by a quarter turn, which is exact."""
    model, turn = MATRICES[name], np.array([[0.0, -1.0], [1.0, 0.0]])
    rng = np.random.default_rng(0)
    first, second = {}, {}
    for symbol in model.parameters:
        if isinstance(symbol, MatrixSymbol):
            shape = tuple(int(size) if size.is_Integer else 2 for size in symbol.shape)
            left, right = (
                turn if size == d else np.eye(rows)
                for size, rows in zip(symbol.shape, shape, strict=True)
            )
            first[str(symbol)] = rng.integers(-3, 4, size=shape) / 2
            second[str(symbol)] = left @ first[str(symbol)] @ right.T
    return (model, first), (model, second)


OF_THE_ENERGY = ("Lemma 3.6", "(3.10)", "Lemma 3.7", "(7.4)")
OF_WHAT_IS_CLIMBED = (
    "(3.16)",
    *("(3.5)", "Proposition 3.4", "Proposition 3.4 maximum", "Proposition 3.4 minimum"),
    "Proposition 3.4 uniqueness",
)
ITS_OWN_GRADIENT = May(
    OF_THE_ENERGY,
    HOLDS | OPEN,
    REFUTED | OPEN,
    "the flow is its energy's own gradient: c = 1 alone",
)
STATED = May(
    ("dissipation identity", "gradient structure"), SAMPLED, REFUTED | OPEN,
    "samples take the metric that the model states, where none is derived",
)  # fmt: skip
DRAWN = May(
    ("energy ascent",), frozenset({"doesn't apply"}), REFUTED,
    "none is stated, and a state where that of SA falls may be drawn",
)  # fmt: skip
DIRECTED = (
    *("(3.16)", "(4.1)", "(4.2)", "(4.3)", "(6.2)", "(6.3)", "(6.4)", "(6.5)", "(6.7)"),
    *("(6.8)", "(6.11)", "(6.12)", "(7.3)", "(7.5)", *OF_THE_ENERGY),
    *("Remark 3.5", "Theorem 4.1", "Theorem 4.2", "Theorem 4.3", "Theorem 5.1", "Theorem 6.1"),
    *("Remark 6.2", "Theorem 6.3", "Lemma 6.4", "Remark 6.5", "Theorem 6.7", "Theorem 6.8"),
    *("circle", "consensus spectrum", "discrete layer", "leader induction", "rate of followers"),
    *("hemisphere under a mask", "moving masses", "energy ascent", "gradient structure"),
    *("dissipation identity", "dissipation identity with ∂E/∂t"),
)
"""What attracts repels when it is turned round, and an energy that rose falls."""

AUTONOMOUS = (
    *("(4.1)", "(4.3)", "(4.4)", "(4.5)", "(6.1)", "(6.3)", "(6.12)", "(7.1) continuity", "(7.2)"),
    *("(7.3)", "(7.4)", "(7.5)", "(8.1)", "Gram closure", "Kuramoto", "Lipschitz bound"),
    *("Remark 3.1", "Remark 6.2", "Remark 6.5", "Theorem 4.1 rates", "Theorem 4.2", "Theorem 6.8"),
    *("consensus spectrum", "consensus spectrum under a mask", "discrete layer"),
    *("rate of followers", "permutation equivariance", "rotation equivariance"),
)
"""Their proofs, and what samples answer, are of flows without a schedule."""

FROM_ALMOST_ALL = ("Theorem 4.1", "circle", "Theorem 4.3", "Theorem 5.1", "Theorem 6.1")
TWO_SPECIES = ("cross-attention", "encoder-decoder")
OF_HEADS = ("low-rank heads", "multi-query", "MLP block")
WITH_LENGTHS = ("pre-LN", "mix-LN", "CoD", "LNS", "LNS with scores")
ON_A_CLOCK = ("Theorem 6.3", "Lemma 6.4", "(6.4)", "(6.5)", "(6.7)", "Theorem 6.7", "(6.8)")
AT_ZERO = ("(4.1)", "(4.3)", "(7.2)", "(7.3)", "Kuramoto", "Theorem 4.1", "Theorem 4.1 rates")

LAWS: Mapping[str, Law] = {
    "c F": Law(times(3), may=(ITS_OWN_GRADIENT, STATED)),
    "-F": Law(
        times(-1),
        may=(
            May(OF_WHAT_IS_CLIMBED, HOLDS, OPEN | {"doesn't apply"}, "it climbs no energy of SA"),
            May(("Lipschitz bound",), REFUTED, OPEN, "chords that grew shrink: one-sided"),
            May(
                ("(6.1)",), SPOKEN | {"doesn't apply"}, SPOKEN | {"doesn't apply"},
                "said of runs that tend to a consensus, of either, where there are any",
            ),
            May(("Theorem 4.1 rates",), HOLDS, OPEN, "its k is that of (4.1)"),
            May(
                ("(4.4)", "(4.5)"), REFUTED, OPEN, "nearly opposite tokens run together no more",
                ("peri-LN", "nGPT"),
            ),
            May(
                ("(4.5)",), HOLDS, OPEN, "lengths are read where they grow, of what attracts",
                WITH_LENGTHS,
            ),
            May(
                (), SPOKEN | {"doesn't apply"}, OPEN | {"doesn't apply"},
                "two species are asked as pulls, which attract", TWO_SPECIES,
            ),
            May(
                ("(4.4)", "(4.5)"), HOLDS, OPEN, "sup |k'| is of k >= 0",
                ("sigmoid", "summed sigmoid"),
            ),
            May(
                ("energy ascent",), frozenset({"doesn't apply"}), REFUTED,
                "none is stated, and that of SA falls when all turn round",
            ),
        ),
        directed=DIRECTED,
    ),
    "s(t) F": Law(
        times(1 / sqrt(1 + t)),
        may=(
            ITS_OWN_GRADIENT,
            STATED,
            May(("(3.7)",), HOLDS | OPEN, REFUTED, "it states a gradient at each time, with s = 1"),
            May(("(4.1)", "Theorem 4.1 rates"), HOLDS | OPEN, REFUTED, "its k is one constant"),
            May(
                ("Remark 6.5",), HOLDS | OPEN, REFUTED,
                "√t passes where t did: slower than exponentials",
            ),
            DRAWN,
            May(("Remark 6.2",), frozenset({"CERTIFIED"}), HOLDS, "by another argument"),
            May(("time change",), frozenset({"doesn't apply"}), HOLDS | OPEN, "there is one now"),
            May(("Remark 3.5",), HOLDS, frozenset({"doesn't apply"}), "it knows no pace"),
            May(("energy ascent",), SAMPLED, OPEN, "samples know no pace"),
            May(ON_A_CLOCK, HOLDS, OPEN, "a clock by cases isn't integrated", ("mix-LN",)),
            May(("hemisphere under a mask",), HOLDS, OPEN, "T3 of any graph has none", ("graph",)),
            May(("(3.7)",), HOLDS, OPEN, "balanced weights are read without a pace", ("Sinkhorn",)),
            May(
                (), SPOKEN | {"doesn't apply"}, OPEN | {"doesn't apply"},
                "two species are read as pulls, which have no pace", TWO_SPECIES,
            ),
            May((), HOLDS | REFUTED, OPEN, "heads and layers are read without a pace", OF_HEADS),
            May(
                ("dissipation identity", "dissipation identity with ∂E/∂t", "Lemma 3.7"), REFUTED,
                OPEN, "beside masses that move no pace is read", ("moving masses",),
            ),
            May(
                FROM_ALMOST_ALL, frozenset({"OPEN"}), OPEN | SAMPLED,
                "it is listed without a pace, and drawn starts are run",
            ),
            May(("Lemma 6.4",), SAMPLED, OPEN, "samples know no pace"),
            May(AUTONOMOUS, SPOKEN | {"doesn't apply"}, OPEN, "the proof needs AUTONOMOUS"),
        ),
    ),
    "β = 2": Law(
        at_a_number,
        may=(
            May((), HOLDS, HOLDS, "a constant may be enclosed, algebra may decide at a number"),
            May((), OPEN | REFUTED | {"VACUOUS"}, SPOKEN | {"VACUOUS"}, "it may be settled there"),
            May(AT_ZERO, HOLDS | {"doesn't apply"}, frozenset({"VACUOUS"}), "said of β = 0"),
            May(
                ("(4.3)",), HOLDS, frozenset({"doesn't apply"}),
                "said of β = 0, where alone it speaks of layers", ("discrete layer",),
            ),
            May(("Theorem 4.3",), HOLDS, frozenset({"VACUOUS"}), "said below -log(1 - min m)"),
            May(
                ("Theorem 4.3", "Theorem 5.1"), SAMPLED, OPEN,
                "drawn starts are run at β that are small, or large, for n",
            ),
            DRAWN,
        ),
    ),
    "x_i inside P_i": Law(with_own, same_words=True),
    "text": Law(by_hand, names=KERNELS, same_words=True),
    "relabelled": Law(
        relabelled,
        names=tuple(GRAPHS),
        may=(
            May(("leader induction",), HOLDS, frozenset({"doesn't apply"}), "it goes by places"),
        ),
    ),
    "rotated": Law(rotated, names=tuple(MATRICES), same_words=True),
}  # fmt: skip


@cache
def _plain(name: str, only: tuple[str, ...] | None) -> Any:
    return check_model(named(name), only=only)


def faults(law: str, name: str, only: tuple[str, ...] | None = None) -> list[str]:
    """Changes of a model's rows that the table doesn't explain."""
    pair = LAWS[law].pair(name)
    if pair is None:
        return []
    (model, given), (changed, other) = pair
    shared = not given and name in NAMES and model is named(name)  # one report for all laws
    first = _plain(name, only) if shared else check_model(model, only=only, **given)
    second = check_model(changed, only=only, **other)
    return [
        f"{row.name}: {row.evidence.word}, then {put.evidence.word}: {put.evidence.detail[:200]}"
        for row, put in zip(first.rows, second.rows, strict=True)
        if not explained(LAWS[law], name, row, put)
    ]


def explained(law: Law, name: str, row: Any, put: Any) -> bool:
    """Whether the table allows what became of a row."""
    before, after = row.evidence.word, put.evidence.word
    if row.name in law.directed and row.applies and put.applies:
        if {before, after} <= HOLDS:  # of an energy that isn't stated the sentence says the sign
            return "E = " in put.statement and row.statement != put.statement
        return True
    if before == after:
        return not law.same_words or row.statement == put.statement
    return any(may.allows(name, row.name, before, after) for may in law.may)


CHEAP = (
    ("c F", "sink", ("(6.4)",)),
    ("-F", "beta*t + t**2", ("(3.1)", "(4.2)")),
    ("-F", "SA", ("energy ascent", "Lemma 6.4")),
    ("-F", "sink", ("Remark 3.8",)),
    ("c F", "beta*t + t**2", ("Remark 6.2",)),
    ("s(t) F", "multi-query", ("(2.7)", "Remark 3.1")),
    ("s(t) F", "sink", ("(6.4)",)),
    ("c F", "no projection", ("(2.5)",)),
    ("-F", "no projection", ("(2.5)",)),
    ("β = 2", "sinh(beta*t)", ("hemisphere under a mask",)),
    ("β = 2", "USA", ("(3.1)", "(7.1) continuity")),
    ("β = 2", "CoD", ("discrete layer",)),
    ("β = 2", "nGPT", ("(3.5)",)),
    ("c F", "nGPT", ("(4.5)", "(6.11)")),
    ("s(t) F", "nGPT", ("(6.11)",)),
    ("c F", "peri-LN", ("(6.7)",)),
    ("x_i inside P_i", "nGPT", ("(2.5)",)),
    ("x_i inside P_i", "pre-LN", ("(6.2)",)),
    ("x_i inside P_i", "cross-attention", ("(3.1)", "(6.2)", "Lipschitz bound")),
    ("x_i inside P_i", "encoder-decoder", ("(3.3)", "(6.4)")),
    ("text", "log(2+t)", ("energy ascent", "(4.2)")),
    ("relabelled", "star", ("(4.2)",)),
    ("relabelled", "two pairs", ("consensus spectrum",)),
    ("rotated", "QK-SA", ("(4.2)",)),
)


@pytest.mark.slow
@pytest.mark.every(5)
@pytest.mark.parametrize(("law", "name", "only"), CHEAP)
def test_some_rows(law: str, name: str, only: tuple[str, ...]) -> None:
    assert faults(law, name, only) == []


@pytest.mark.full
@pytest.mark.parametrize(("name", "law"), [(name, law) for law in LAWS for name in LAWS[law].names])
def test_every_row(name: str, law: str) -> None:
    assert faults(law, name) == []


def test_the_table_names_rows() -> None:
    known = {name for name, _, _ in rows()}
    for law in LAWS.values():
        assert set(law.directed) <= known
        assert {row for may in law.may for row in may.rows} <= known
