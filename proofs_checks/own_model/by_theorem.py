"""Rows that a typed theorem answers where the paper's proof lacks a premise.

The theorems are T1, T2 and T5a of models in pull form, x_i' = P_i Σ_j p_ij x_j with p_ij >= 0, read
off a model's own expressions; a row says what was concluded, with the model's constant and clock.
That the tokens solve the model for all t >= 0 is among what is given, and in the scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sympy import MatrixBase, S, log, oo

from proofs_checks.claim import Evidence, Question, Verdict, not_applicable
from proofs_checks.own_model.by_argument import ARGUED, AT_A_PACE, FROM_ROWS, OF_KINDS
from proofs_checks.own_model.by_choice import chosen
from proofs_checks.own_model.by_graph import GRAPHED, isolated, unknown
from proofs_checks.own_model.by_witness import WITNESSED
from proofs_checks.own_model.first_sizes import from_first_size
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.own_model.heats_part import of_parting, of_staying
from proofs_checks.own_model.level_set import OF_ORTHONORMAL, of_later
from proofs_checks.own_model.measure_fields import of_field, of_weak_form
from proofs_checks.own_model.no_object import lacks
from proofs_checks.own_model.projected_means import of_divisor, of_length, of_slope
from proofs_checks.own_model.runs_part import of_exponents, of_runs
from proofs_checks.own_model.shown import Shown, existence, stated
from proofs_checks.own_model.uniform_points import wendel_steps
from proofs_checks.proof import (
    SYMBOLIC,
    Domain,
    Flow,
    How,
    Outcome,
    Statement,
    Step,
)
from proofs_checks.proof.kinds import DIVIDED, EXPONENTIALS, UNLABELLED
from proofs_checks.propositions import All, Bound, Proposition, Subject, written
from proofs_checks.theorems import (
    IN_SPACE,
    KINDS,
    Concludes,
    Conclusion,
    Found,
    Pull,
    Refusal,
    Theorem,
    aligns,
    almost_every_start,
    almost_surely,
    angles_move,
    ascent,
    at_the_pole,
    barycentre,
    common_sight,
    dissipation,
    equal_in_layers,
    exponential,
    gradient,
    in_its_time,
    in_metric_of,
    is_of_attention,
    lasting_of,
    layers_align,
    layers_meet,
    least_product,
    meeting,
    names_of,
    near_angles,
    near_limit,
    near_said,
    nearing,
    no_density,
    of_energy,
    one_sided,
    pull_in,
    seen_through,
    sight_in,
    stable_consensus,
    states_of,
    subject_in,
    with_time,
    words_of,
)
from theory.energy import ENERGY as STATED
from theory.symbols import beta
from theory.terms import Projected, Vec


def _pull(flow: Flow) -> Pull | None:
    """Return the pulls of a flow that neither code nor its end bars."""
    if is_code_or_ends(flow):
        return None  # of code nothing is known, and what ends is solved for all t by nobody
    pull = pull_in(flow)
    return pull if isinstance(pull, Pull) else None


def _sight(flow: Flow) -> tuple[Pull, Theorem] | None:
    """Return the pulls of a flow, and T2."""
    if (pull := _pull(flow)) is None:
        return None
    sight = common_sight(pull.subject)
    return (pull, sight) if isinstance(sight, Theorem) else None


def _layer(flow: Flow) -> Subject | None:
    """Return a layer whose parameters are known, None for a flow."""
    if flow.code or flow.model.kind != "map":
        return None
    subject = subject_in(flow)
    return subject if isinstance(subject, Subject) else None


def _meeting(flow: Flow) -> Conclusion | None:
    """Return that tokens of an open hemisphere meet, at a rate: T2, or T10a of a layer."""
    if (layer := _layer(flow)) is not None:
        return layers_meet(layer)
    found = _sight(flow)
    return None if found is None else meeting(*found)


def _meeting_in_its_time(flow: Flow) -> Conclusion | None:
    schedule = flow.schedule
    if schedule is None or schedule.total != oo or schedule.constant:
        return None
    found = sight_in(flow)
    return None if isinstance(found, Refusal) else in_its_time(flow, meeting(*found))


# -- what theorems say ---------------------------------------------------------------------------


def _bound(own: Conclusion) -> str:
    return words_of(own, 0)


def of_attraction(flow: Flow) -> Shown | None:
    """Remark 6.5, T2 and T3 where the clock of a model is t itself, times a constant."""
    if (found := _sight(flow)) is None:
        return None
    own = meeting(*found)
    if not exponential(found[1].says.args[0].right):
        return None
    said = "consensus attracts exponentially, as a set: from an open hemisphere, so near consensus,"
    return Shown(f"{said} h <= <x_i(0),w>: {_bound(own)}, |x_i - z| <= D, x_i -> z", own)


def of_independent(flow: Flow) -> Shown | None:
    """Theorem 6.3: independent tokens have a pole w, of height r0; in a time of its own too."""
    own = _meeting(flow) or _meeting_in_its_time(flow)
    if own is None:
        return None
    whole = almost_surely(at_the_pole(own))
    said = (
        f"d >= n, uniform data: consensus almost surely, {_bound(own)}, h <= (1^T G^(-1) 1)^(-1/2)"
    )
    return Shown(with_time(flow, own, said), whole, words={"d": "symbolic, d >= n"}, high=True)


def _of_few(flow: Flow) -> Shown | None:
    """Theorem 6.1 of a graph of three tokens at most, where d >= 3 makes them independent."""
    pull = _pull(flow)
    mask = None if pull is None else seen_through(pull)
    if mask is None or not isinstance(mask.parameter, MatrixBase) or mask.parameter.rows > 3:
        return None
    found, size = of_independent(flow), mask.parameter.rows
    if found is None:
        return None
    said = f"n = {size}, d >= 3: {found.sentence.removeprefix('d >= n, uniform data: ')}"
    return replace(found, sentence=said, words={"n": str(size), "d": ">= 3"})


def of_layers(flow: Flow) -> Shown | None:
    """Lemma 6.4 of a layer."""
    layer = _layer(flow)
    own = None if layer is None else layers_meet(layer)
    if own is None:
        return None
    return Shown(f"from an open hemisphere, h <= <x_i(0),w>: {_bound(own)}, x_i -> z", own)


def of_layer_angles(ask: Callable[[Subject], Conclusion | None], flow: Flow) -> Shown | None:
    """(6.9), (6.10) or Theorem 6.8 of a layer."""
    layer = _layer(flow)
    own = None if layer is None else ask(layer)
    return None if own is None else Shown(words_of(own), own, words=OF_ORTHONORMAL)


def of_aligned(flow: Flow) -> Shown | None:
    """Theorem 6.8: orthonormal tokens are in an open hemisphere, and their angles stay equal."""
    if flow.model.kind == "map":
        return of_layer_angles(layers_align, flow)
    found = _sight(flow)
    own = None if found is None else aligns(*found)
    if own is None:
        return None
    return Shown(words_of(own), own, words=OF_ORTHONORMAL, high=True)


def of_acute_angles(flow: Flow) -> Shown | None:
    """(4.2) of weights that are >= 0 while all inner products are."""
    own = None if is_code_or_ends(flow) else least_product(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    at_pair = f"{words_of(own, 0)} for g_0 >= 0, at least pairs {words_of(own, 1)}"
    return Shown(f"min <x_i,x_j> never falls once it is >= 0: {at_pair}", own)


def of_near_angles(flow: Flow) -> Shown | None:
    """(6.11): how near inner products are to the angle of orthonormal tokens."""
    found = _sight(flow)
    own = None if found is None else near_angles(*found)
    if own is None:
        return None
    return Shown(near_said(own), own, words=OF_ORTHONORMAL)


def of_modes(flow: Flow) -> Shown | None:
    """Spectrum at consensus, of tokens at equal lengths, and at a time that is held."""
    if is_code_or_ends(flow):
        return None
    own = stable_consensus(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    lengths = {"lengths": "equal"} if len(flow.model.blocks) > 1 else {}
    return Shown(words_of(own), own, words={**SYMBOLIC, "masses": "1/n", **lengths})


def of_uniform(flow: Flow) -> Shown | None:
    """Theorem 6.7: what the paper's proof says of uniform tokens, and T2 in a hemisphere."""
    from proofs_checks.discovery import questions

    own, paper = _meeting(flow), questions()["Theorem 6.7"]
    if own is None:
        return None
    return Shown(f"{paper.sentence}; from a hemisphere {_bound(own)}", own, wendel_steps())


def of_cones(flow: Flow) -> Shown | None:
    """(6.4) of a layer, T10a."""
    layer = _layer(flow)
    own = None if layer is None else layers_meet(layer)
    return None if own is None else Shown(f"from an open hemisphere: {words_of(own, 2)}", own)


def of_circle(flow: Flow) -> Shown | None:
    """(7.1): angles of tokens on the circle."""
    own = None if (pull := _pull(flow)) is None else angles_move(pull.subject)
    if own is None:
        return None
    names = names_of(own.names, [own.says.then])
    return Shown(f"on the circle {words_of(own)}{names and '; '}{names}", own, words={"d": "2"})


def of_growth(flow: Flow) -> Shown | None:
    """(6.7), T9a: how near tokens come to a point of their cone."""
    own = None if (found := _sight(flow)) is None else nearing(found[0])
    if own is None or isinstance(own, Refusal):
        return None
    said = f"a unit vector z in the tokens' cone, α = min <x_i,z>: {_said_of(own.says.then, own)}"
    return Shown(said, own)


def of_decay(flow: Flow) -> Shown | None:
    """(6.8), T9a: near their limit, in the clock of the model."""
    own = None if (found := _sight(flow)) is None else near_limit(*found)
    if own is None:
        return None
    assert isinstance(own.says.then, All)  # as it is claimed
    said = _said_of(own.says.then.args[1], own)
    return Shown(f"from an open hemisphere, x_i -> z, α = min <x_i,z>: {said}", own)


def _said_of(says: Proposition, own: Conclusion) -> str:
    """Write what is said of every such z."""
    assert isinstance(says, Bound)
    return written(says.opened(Vec("z")).args[1], "text", own.names)


def of_climbing(ask: Callable[[Subject], Found], flow: Flow) -> Shown | None:
    """T5: an energy of pairs, which has no t in it, where the model states none, or that of SA."""
    stated = flow.model.energy
    if flow.code or stated not in (None, STATED):
        return None
    found = of_energy(ask, Subject.of(flow.model, flow.values))
    if found is None or (stated is not None and not is_of_attention(found[1], flow.values)):
        return None
    return _of_pairs(flow, *found)


def of_metric(flow: Flow) -> Shown | None:
    """(3.16), T5a: the gradient of the energy of SA in a metric that speeds and lengths weigh."""
    if flow.code or flow.model.energy not in (None, STATED):
        return None
    subject = Subject.of(flow.model, flow.values)
    found = in_metric_of(gradient, subject)
    if found is None or not is_of_attention(found[1], flow.values):
        return None  # of weights of the other sign it is no metric
    shown = _of_pairs(flow, *found)
    said = f"the gradient of E in the metric Σ_i m_i w_i <., .>, w_i > 0: {shown.sentence}"
    return replace(shown, sentence=said)


def _of_pairs(flow: Flow, own: Conclusion, pair: Any) -> Shown:
    """Say what is concluded of an energy of pairs."""
    whose = ", the energy of SA" if is_of_attention(pair, flow.values) else ""
    of = "of every curve of tokens: " if own.says.then.has(Projected) else ""
    energy, *rest = names_of(own.names).split("; ")
    return Shown("; ".join((f"{of}{words_of(own)}", f"{energy}{whose}", *rest)), own)


def of_cold(flow: Flow) -> Shown | None:
    """(4.1), T5 at β = 0."""
    values = dict(flow.values)
    if flow.code or values.setdefault(beta, S.Zero) != 0:
        return None
    own = barycentre(Subject.of(flow.model, values))
    return None if own is None else Shown(f"β = 0: {words_of(own)}", own, words={"beta": "0"})


def of_starts(row: str, flow: Flow) -> Shown | None:
    """T6 and T7: consensus from almost every start."""
    if is_code_or_ends(flow):
        return None
    values = dict(flow.values)
    if row == "Theorem 4.1" and values.setdefault(beta, S.Zero) != 0:
        return None
    found = almost_every_start(row, Subject.of(flow.model, values))
    if found is None:
        return _of_few(flow) if row == "Theorem 6.1" else None
    said, own = found
    space = IN_SPACE in own.says.given
    where = {"d": ">= 3" if space else "2" if row == "circle" else ">= 2"}
    return Shown(said, own, words={**where, **({"beta": "0"} if row == "Theorem 4.1" else {})})


def _of_warm(row: str, flow: Flow) -> Step:
    """Say that rows on almost every start are about heats b >= 0; the circle about any number."""
    text = "b >= 0, weights of b<x_i,x_j>"
    states = _states(flow)
    if states is None or row == "Theorem 4.1":
        return Step(text, How.DECIDED)
    known = row == "circle" and states.heat.is_number
    if states.heat != 0 and states.heat.is_nonpositive and not known:
        return Step(text, How.DECIDED, Outcome.FAILS, f"b = {states.heat}")
    return Step(text, How.DECIDED)


def _of_small(flow: Flow) -> Step:
    """Say that Theorem 4.3 is about b < log 2 where it isn't shown for d >= 3 besides."""
    text, states = "b < -log(1 - min m), weights of b<x_i,x_j>", _states(flow)
    if states is None or not (states.heat.is_number and states.heat >= log(2)):
        return Step(text, How.DECIDED)
    if all(isinstance(kind(states), Refusal) for kind in KINDS["Theorem 4.3"]):
        return Step(text, How.DECIDED, Outcome.FAILS, f"b = {states.heat}, and min m <= 1/2")
    return Step(text, How.DECIDED)


def _states(flow: Flow) -> Any:
    """Return what a flow's states are, None of code and where they aren't of one kind."""
    return None if flow.code else states_of(Subject.of(flow.model, flow.values))


def of_existence(flow: Flow) -> Shown | None:
    """Remark 3.1, T8e: what is Lipschitz on a compact state that it keeps."""
    if is_code_or_ends(flow):
        return None
    own = lasting_of(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    how = "the velocity is locally Lipschitz on a compact state, which it keeps"
    return Shown(f"{words_of(own)}: {how}", own)


def of_chords(flow: Flow) -> Shown | None:
    """T13: how fast two solutions part."""
    if is_code_or_ends(flow):
        return None
    own = one_sided(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    return Shown(
        f"one-sided Lipschitz: {words_of(own)}, {names_of(own.names, [own.says.then])}", own
    )


def of_measures(flow: Flow) -> Shown | None:
    """Remark 6.2, T5a: a measure that stays lives where no token moves."""
    if is_code_or_ends(flow):
        return None
    own = no_density(Subject.of(flow.model, flow.values))
    if own is None:
        return None
    said = "no finite measure with a density on the states is invariant, as E climbs"
    return Shown(said, own, words={"d": ">= 2", "n": ">= 2"})


# -- rows ----------------------------------------------------------------------------------------


_ASKED: tuple[tuple[str, Callable[[Flow], Shown | None]], ...] = (
    ("Remark 3.1", of_existence),
    ("(4.1)", of_cold),
    ("(4.2)", of_acute_angles),
    ("Lemma 6.4", of_layers),
    ("equiangular ODE", partial(of_layer_angles, equal_in_layers)),
    ("Theorem 6.8", of_aligned),
    ("(6.11)", of_near_angles),
    ("(6.12)", of_later),
    ("consensus spectrum", of_modes),
    ("(3.1)", of_field),
    ("(3.2)", of_length),
    ("(3.3)", of_divisor),
    ("(3.4)", of_weak_form),
    ("(3.7)", of_slope),
    ("(7.1)", of_circle),
    ("Theorem 6.3", of_independent),
    ("(6.4)", of_cones),
    ("Remark 6.5", of_attraction),
    ("(6.7)", of_growth),
    ("(6.8)", of_decay),
    ("Theorem 6.7", of_uniform),
    ("dissipation identity", partial(of_climbing, dissipation)),
    ("dissipation identity with ∂E/∂t", partial(of_climbing, dissipation)),
    ("energy ascent", partial(of_climbing, ascent)),
    ("gradient structure", partial(of_climbing, gradient)),
    ("(3.16)", of_metric),
    ("Remark 6.2", of_measures),
    ("Lipschitz bound", of_chords),
    ("(6.1)", of_runs),
    ("(4.4)", of_parting),
    ("(4.5)", of_staying),
    *((row, partial(of_starts, row)) for row in KINDS),
)
_ASKED_LAST = (("(6.1)", of_exponents),)
"""Those that say less than what is known of kinds of models."""
_DOMAINS: Mapping[str, tuple[Domain, ...]] = {
    **{row: (Domain("b >= 0", partial(_of_warm, row)),) for row in KINDS if row != "Theorem 4.3"},
    "Theorem 4.3": (
        Domain("b >= 0", partial(_of_warm, "Theorem 4.3")),
        Domain("b < -log(1 - min m)", _of_small),
    ),
    "(3.1)": (UNLABELLED,),
    "(3.2)": (UNLABELLED, DIVIDED),
    "(3.3)": (UNLABELLED, EXPONENTIALS),
    "(3.4)": (UNLABELLED,),
    "(3.7)": (UNLABELLED, DIVIDED),
}


def _statements(
    asked: Iterable[tuple[str, Callable[[Flow], Shown | None]]],
) -> dict[str, Statement[Shown]]:
    varied = {"(4.4)": (beta,), "(4.5)": (beta,), "(6.12)": (beta,)}
    return {
        name: stated(name, ask, _DOMAINS.get(name, ()), varied.get(name, ())) for name, ask in asked
    }


THEOREMS: Mapping[str, Statement[Shown]] = _statements(_ASKED)
"""Rows that theorems answer, as statements of their own."""
LAST: Mapping[str, Statement[Shown]] = _statements(_ASKED_LAST)
"""What theorems say where nothing else is known."""


def by_theorem(row: str, flow: Flow) -> Evidence:
    """Ask a row of its theorem alone, and of the paper's where that says nothing.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> names = "RoPE", "discrete layer"  # Lemma 6.4 of layers is a theorem of its own
    >>> [by_theorem("Lemma 6.4", Flow.of(catalogue(name))).word for name in names]
    ['PROVED', 'PROVED']
    """
    from proofs_checks.discovery import questions

    if row in THEOREMS and (found := THEOREMS[row].ask(flow)).verdict is Verdict.PROVED:
        return found
    return _lasting(questions()[row], flow, questions()[row].ask(flow))


def _lasting(statement: Question, flow: Flow, evidence: Evidence) -> Evidence:
    """Add to the scope that solutions for all t are taken for granted, where that isn't shown."""
    decide = statement.decide if isinstance(statement, Statement) else None
    if evidence.verdict is not Verdict.PROVED or not isinstance(decide, Concludes):
        return evidence
    more = existence(flow, tuple(one for _, sheet in evidence.sheets for one in sheet.given))
    return replace(evidence, scope={**evidence.scope, **more}) if more else evidence


_ANSWERS: tuple[Mapping[str, Any], ...] = (THEOREMS, WITNESSED, GRAPHED, ARGUED)


def asked(statement: Question, flow: Flow) -> Evidence:
    """Ask a row, and where the paper says nothing its theorem, states, and arguments of our own.

    A theorem that is concluded answers, and a state where the row fails, or matrices for which it
    does; else a sentence of our own that has no parameters to speak of, or the row as it is.

    Examples
    --------
    >>> from proofs_checks.discovery import questions
    >>> from theory.models import catalogue
    >>> asked(questions()["(6.2)"], Flow.of(catalogue("pre-LN"))).word
    'PROVED'
    """
    return from_first_size(flow, _asked(statement, flow))


def _asked(statement: Question, flow: Flow) -> Evidence:
    evidence = _lasting(statement, flow, statement.ask(flow))
    if evidence.verdict not in (None, Verdict.UNDECIDED, Verdict.SUPPORTED):
        return evidence
    empty: Evidence | None = None
    for answers in (*_ANSWERS, *OF_KINDS, LAST, AT_A_PACE, FROM_ROWS):
        if (other := answers.get(statement.name)) is None:
            continue
        found = other.ask(flow)
        if found.verdict in (Verdict.PROVED, Verdict.CERTIFIED, Verdict.REFUTED):
            return replace(found, prediction=None, sentence=found.sentence or other.sentence)
        empty = found if found.verdict is Verdict.VACUOUS else empty
    if evidence.verdict is None:
        return evidence
    if why := unknown(statement.name, flow):
        return replace(evidence, verdict=Verdict.OPEN, detail=why)
    if (case := chosen(flow) or isolated(statement.name, flow)) is not None:
        put, at = case
        found = asked(statement, at)
        if found.verdict is Verdict.REFUTED:
            return replace(found, prediction=None, detail=f"{put}: {found.detail}")
    if empty is None and (reason := lacks(statement.name, flow, asked)) != "":
        return not_applicable(reason)
    return empty or evidence


__all__ = ["THEOREMS", "Shown", "asked"]
