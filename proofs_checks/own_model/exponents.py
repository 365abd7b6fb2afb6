"""(6.1) where weights aren't k(<x_i,x_j>), or clocks and lengths enter: the exponent of a run.

A run to consensus has x_i - x* = u_i with u' = s(t) (L + o(1)) u, L the linearisation: by Perron's
theorem log |u| / ∫s tends to the real part of an eigenvalue of L, below 0 as the run ends there.
Lengths that grow alike are one clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Mul,
    Piecewise,
    S,
    Sum,
    Symbol,
    exp,
    oo,
    piecewise_fold,
    simplify,
)

from proofs_checks.own_model.states import lengths_of, velocities_at
from proofs_checks.proof import (
    CONTINUOUS,
    CONTINUOUS_AT_EQUAL_ANGLES,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    cited,
    derived,
    gap,
    schedule_of,
)
from proofs_checks.propositions import Rel, Subject, written
from proofs_checks.theorems import Pull, Theorem, common_sight, legend, pull_of
from theory.atoms import MaskedSoftmax, RowSoftmax
from theory.linearize import PLACE, consensus
from theory.masks import Mask
from theory.symbols import X, beta, d, m, n, r, t
from theory.terms import Entry, Index, Item, Number, Row, TokenSum
from theory.weights import SinkSoftmax

PERRON = (
    "Coppel, Stability and Asymptotic Behavior of Differential Equations, Theorem IV.5 (Perron): "
    "of u' = (L + o(1)) u, u not 0, log |u| / t tends to the real part of an eigenvalue of L"
)


@dataclass(frozen=True)
class Modes:
    """Rates of the modes at consensus, and the clock that they share.

    Attributes
    ----------
    rates : tuple
        Eigenvalues over the clock's pace, with how often they occur; of token ``PLACE`` in places.
    places : tuple
        The same under masks that order tokens.
    pace : Expr
        s, in ``t`` and the lengths.
    weight : str
        Of models whose eigenvalues aren't listed: p_ij in words.
    """

    rates: tuple[tuple[Expr, Expr], ...] = ()
    places: tuple[tuple[Expr, Expr], ...] = ()
    pace: Expr = S.One
    weight: str = ""


def derive_modes(flow: Flow) -> Modes | None:
    """Return the modes at consensus of a model that rests there, lengths apart."""
    model = flow.model
    spaces = {block.space for block in model.blocks}
    if flow.code or model.kind != "flow" or model.noise is not None:
        return None
    if not spaces <= {"sphere", "positive", "simplex"} or model.blocks[0].symbol != X:
        return None
    if flow.schedule is not None and flow.schedule.ends:
        return None
    try:
        found = consensus(model)
    except (ValueError, NotImplementedError):
        return _pulled(flow)
    if found.moving or found.multipliers or found.matrices or found.factors or found.operators:
        return None
    if any(value != 0 for value, _ in found.others):
        return None
    if m in model.velocities:
        return _pulled(flow)
    rates = tuple((value.subs(flow.values), count) for value, count in found.eigenvalues)
    places = tuple((value.subs(flow.values), count) for value, count in found.places)
    pace = _pace(flow, [value for value, _ in rates if value != 0])
    if pace is None or (pace != 1 and places):
        return None
    return Modes(tuple((simplify(v / pace), k) for v, k in rates), places, pace)


def _pace(flow: Flow, values: list[Expr]) -> Expr | None:
    """Return what time and lengths make of the rates: 1, or one factor of the one rate.

    They must stand in front of weights of the tokens alone: else lengths that grow may undo that
    tokens come together.
    """
    lengths = lengths_of(flow)
    if not lengths and not any(t in rate.free_symbols for rate in flow.model.velocities.values()):
        return S.One
    pull = pull_of(Subject.of(flow.model, flow.values))
    if len(values) != 1 or not isinstance(pull, Pull) or not set(lengths) <= {r}:
        return None
    for factor in Mul.make_args(pull.weight):
        moves = t in factor.free_symbols or r in factor.free_symbols
        if moves and (factor.atoms(Row, Entry, TokenSum) or Index("j") in factor.free_symbols):
            return None
    pace = -values[0]
    return piecewise_fold(pace) if pace.has(Piecewise) else pace


def _pulled(flow: Flow) -> Modes | None:
    """Return the modes of weights that aren't listed, where tokens of a hemisphere meet."""
    model = flow.model
    if not set(model.velocities) <= {X, m}:
        return None
    if any(t in rate.free_symbols for rate in model.velocities.values()):
        return None
    pull = pull_of(Subject.of(model, flow.values))
    if not isinstance(pull, Pull) or not isinstance(common_sight(pull.subject), Theorem):
        return None
    if not all(map(_continuous, Mul.make_args(pull.weight))):
        return None
    names = tuple(name for name in legend(pull) if name.term != pull.weight)
    weight, _, _ = written(Rel("=", pull.weight, pull.weight), "text", names).partition(" = ")
    return Modes(weight=weight)


def _continuous(factor: Any) -> bool:
    """Whether a factor of the weights is continuous: a share of a softmax, or an exponential."""
    if isinstance(factor, Entry):
        return isinstance(factor.args[0], RowSoftmax | MaskedSoftmax | SinkSoftmax)
    return isinstance(factor, Item | exp) or bool(factor.is_positive and not factor.has(Number))


def _signed(value: Expr) -> tuple[bool, str]:
    """Whether a rate is below 0 for n >= 2, and the range of β where it is so."""
    for words, hot in (("symbolic, >= 0", {"nonnegative": True}), ("> 0", {"positive": True})):
        later = value.subs(PLACE, 1 + Dummy("k", positive=True, integer=True))
        later = later.replace(
            lambda e: isinstance(e, Sum) and bool(e.function.is_positive),
            lambda e: Dummy("sum", positive=True),
        )
        at = later.subs({n: 1 + Dummy("n", positive=True), beta: Dummy("b", **hot)})
        if simplify(at).is_negative:
            return True, words
    return False, ""


def decide_modes(flow: Flow, modes: Modes) -> Sheet:
    """Count rotations, read off signs, and apply Perron's theorem in the shared clock."""
    words = {"n": "symbolic, >= 2", "d": "symbolic, >= 2", "beta": "symbolic, >= 0"}
    if modes.weight:
        return _of_weights(flow, modes, words)
    turns = Add(*(count for value, count in modes.rates if value == 0))
    still = derived("0 is counted d-1 times, for the rotations", turns - (d - 1))
    listed = ", ".join(f"{v} ({k} times)" for v, k in modes.rates)
    listed += "".join(f"; of token k {v.subs(PLACE, _K)} ({k} times)" for v, k in modes.places)
    smooth = CONTINUOUS_AT_EQUAL_ANGLES.test(flow)  # or it has no modes at some consensus
    steps = [
        Step(f"modes at consensus over s = {modes.pace}: {listed}", How.DERIVED),
        smooth,
        still,
    ]
    if beta in flow.model.parameters and not CONTINUOUS_AT_EQUAL_ANGLES.test(flow.cold).holds:
        words["beta"] = "> 0"  # at 0 weights such as max(β g, 0) are 0
    if flow.model.velocity.atoms(Mask) and not modes.places:
        words["n"] = "symbolic, several in each group"
    for value, _ in (*modes.rates, *modes.places):
        if value == 0:
            continue
        below, warm = _signed(value)
        text = f"{value} < 0"
        steps.append(Step(text, How.DECIDED) if below else gap(text, "its sign isn't known"))
        words["beta"] = warm if warm == "> 0" else words["beta"]
    if modes.pace != 1:
        steps.append(_clock(flow, modes))
    if lengths_of(flow):
        steps.append(_alike(flow))
        words |= {"beta": "symbolic", "n": ", ".join(map(str, _SIZES))}
    return Sheet((*steps, cited(PERRON, *steps)), {**words, "masses": "1/n"}, (), _said(modes))


_K = Symbol("k", positive=True, integer=True)
_SIZES = (2, 3, 5)
"""Numbers of tokens at which lengths are looked at, and of which the row is: no n is free there."""


def _clock(flow: Flow, modes: Modes) -> Step:
    """Say that s is positive, a power of the lengths times what time makes of it."""
    later, long = Dummy("t", nonnegative=True), Dummy("r", positive=True)
    own = {a: long for a in modes.pace.free_symbols if str(a) in map(str, lengths_of(flow))}
    parts = [part.subs({t: later, **own}) for part in _pieces(modes.pace)]
    text = f"s = {_in_words(modes.pace)} > 0, a power of the lengths"
    powers = (simplify(long * part.diff(long) / part) for part in parts)
    if all(part.is_positive for part in parts) and all(power.is_number for power in powers):
        return Step(text, How.DECIDED)
    return gap(text, "not shown")


def _alike(flow: Flow) -> Step:
    """Say that at consensus lengths grow at one rate, without end, so that r_i/r_j -> 1."""
    length = lengths_of(flow)[0]
    text = f"at consensus {length}_i' is one number > 0 for all tokens, its integral oo: "
    rates = set()
    for size in _SIZES:
        tokens, masses = [[1, 0]] * size, [S.One / size] * size
        longs = [Symbol(f"r{k}", positive=True) for k in range(size)]
        found = velocities_at(flow, tokens, masses, longs)[length]
        rates |= {simplify(_pieces(row[0])[-1]) for row in found}
    rate = rates.pop()
    grows = schedule_of(rate)
    shown = f"{length}_i' = {rate} of {', '.join(map(str, _SIZES))} tokens, any lengths"
    text += f"{length}_i/{length}_j -> 1"
    if not rates and grows.sign == 1 and grows.total == oo and grows.lifetime == oo:
        return Step(text, How.DERIVED, evidence=shown)
    return gap(text, shown)


def _pieces(value: Expr) -> list[Expr]:
    folded = piecewise_fold(value)
    return [part for part, _ in folded.args] if folded.is_Piecewise else [value]


def _in_words(value: Expr) -> str:
    """Write a pace that may change at a time."""
    if not value.is_Piecewise:
        return str(value)
    (first, until), *rest = value.args
    return f"{first} while {until}, then {_in_words(rest[-1][0])}"


def _of_weights(flow: Flow, modes: Modes, words: dict[str, str]) -> Sheet:
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    smooth, meets = CONTINUOUS.test(flow), asked(questions()["Lemma 6.4"], flow)
    text = f"x_i' = P_i Σ_j p_ij x_j, p_ij = {modes.weight}: u_i' = Σ_j p_ij (u_j - u_i) + o(u)"
    linear = Step(text, How.DERIVED, evidence="P_i x_j = u_j - u_i + o(u) at consensus")
    falls = Step(meets.sentence, How.BY_STATEMENT)
    steps = (smooth, linear, falls)
    given = {key: meets.scope[key] for key in ("given", "existence") if key in meets.scope}
    return Sheet((*steps, cited(PERRON, *steps)), {**words, **given}, (), _said(modes))


def _said(modes: Modes, several: bool = False) -> str:
    whose = "max |x_i - x*|, of all species," if several else "max |x_i - x*|"
    begin = f"along runs to consensus -log {whose} is"
    if modes.pace != 1:
        return f"{begin} (1 + o(1)) ∫s dt, s = {_in_words(modes.pace)}"
    if modes.weight:
        where = f"the eigenvalues of u_i' = Σ_j p_ij (u_i - u_j), p_ij = {modes.weight} in the end"
        return f"{begin} (c + o(1)) t, c the real part of one of {where}"
    rates = [-v for v, _ in modes.rates if v != 0]
    later = [simplify(-v).subs(PLACE, _K) for v, _ in modes.places]
    shown = ", ".join(map(str, (*rates, *later)))
    places = ", k = 2, ..., n" if any(v.has(_K) for v in later) else ""
    one = len(rates) + len(later) == 1 and not places
    return f"{begin} (c + o(1)) t, c {'=' if one else 'one of'} {shown}{places}"


def say_modes(flow: Flow, modes: Modes) -> str:
    """Say the exponent."""
    return _said(modes, _species(flow))


def _species(flow: Flow) -> bool:
    return sum(block.space == "sphere" for block in flow.model.blocks) > 1


EXPONENTS: Statement[Modes] = Statement(
    "(6.1)",
    "the exponent of runs to consensus is that of its modes",
    decide_modes,
    derive_modes,
    several_blocks=True,
    says=say_modes,
)


__all__ = ["EXPONENTS", "Modes"]
