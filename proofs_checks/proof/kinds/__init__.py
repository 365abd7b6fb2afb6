"""Kinds of objects that sentences name: a flow of another kind isn't spoken of.

Each is a domain that answers with what the model is or lacks. They are read off its form alone;
what a form doesn't tell is left to the premises of the proof.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Inverse, MatrixSymbol

from proofs_checks.proof.blocks import parts_of
from proofs_checks.proof.exponential import heat
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hypotheses import LINEAR, Domain, Premise, unequal_angles
from proofs_checks.proof.sheet import How, Outcome, Step
from proofs_checks.proof.sight import sight_of
from theory.atoms import Elementwise, RowSoftmax, RowWeights, Sinkhorn
from theory.bounded import vanishes
from theory.energy import pair_kernel
from theory.masks import Mask
from theory.models import attention_form
from theory.positions import Distances, Rotary
from theory.symbols import X, beta, m, n, z
from theory.weights import SinkSoftmax, on_unit_rows


def _kind(text: str, lacking: str) -> Step:
    return Step(text, How.DERIVED, Outcome.FAILS if lacking else Outcome.HOLDS, lacking)


def labels_of(flow: Flow) -> str:
    """Say what gives the tokens labels: a mask, positions, or an entry for each; "" if nothing."""
    model = flow.model
    rates = tuple(model.velocities.values())
    masks = sorted({mask for rate in rates for mask in rate.atoms(Mask)}, key=str)
    if masks:
        return f"{masks[0]}: who sees whom goes by labels"
    if any(rate.atoms(Rotary, Distances) for rate in rates):
        return "the scores go by places: tokens have labels"
    blocks = {block.symbol for block in model.blocks}
    rows = [p for p in model.parameters if isinstance(p, MatrixSymbol) and n in p.shape]
    named = [str(p) for p in rows if p not in blocks | {X, m}]
    return f"{named[0]} has an entry for each token: they have labels" if named else ""


def _alike(flow: Flow) -> Step:
    return _kind("tokens without labels", labels_of(flow))


def _exchanged(flow: Flow) -> Step:
    """Whether neither labels nor directions part tokens at equal angles."""
    other = labels_of(flow)
    if not other and flow.model.kind == "flow" and flow.model.space == "sphere":
        parted = unequal_angles(flow)
        other = f"equal angles part: {parted}" if parted else ""
    return _kind("tokens that are exchanged, in any directions", other)


def _sphere(flow: Flow) -> Step:
    return _kind("tokens on the sphere", "" if flow.model.space == "sphere" else "tokens on R^d")


def _time(flow: Flow) -> Step:
    return _kind("a flow", "" if flow.model.kind == "flow" else "a map, not a flow")


def _heads(flow: Flow) -> Step:
    parts = parts_of(flow)
    return _kind("heads", "no sum of heads" if parts is None or parts[1] else "")


def _neurons(flow: Flow) -> Step:
    lacking = "no sum of heads and neurons" if parts_of(flow) is None else ""
    return _kind("heads and neurons", lacking)


def _mask(flow: Flow) -> Step:
    return _kind("a mask", "" if flow.model.velocity.atoms(Mask) else "no mask")


def _sighted(flow: Flow) -> Step:
    alone = len(flow.model.blocks) == 1
    read = _mask(flow).holds or (alone and sight_of(flow) is not None)
    return _kind("a mask, or attention over all tokens", "" if read else "no mask")


def _heat(flow: Flow) -> Step:
    """Whether β enters, or weights are constant, as they are at β = 0."""
    constant = flow.weight is None or vanishes(flow.weight.diff(z)) is not False
    known = beta in flow.model.parameters or constant
    return _kind("β, or weights without it", "" if known else "no parameter β")


def _some_heat(flow: Flow) -> Step:
    lacks = beta not in flow.model.parameters and bool(_exponentials(flow).evidence)
    return _kind("β, or weights e^{c<x_i,x_j>}", "no parameter β" if lacks else "")


def _varied(flow: Flow) -> Step:
    return _kind("the parameter β", "" if beta in flow.model.parameters else "no parameter β")


def _exponentials(flow: Flow) -> Step:
    other = attention_form(flow.model) is not None and heat(replace(flow, given={})) is None
    return _kind("weights e^{c<x_i,x_j>}", "weights other than e^{c<x_i,x_j>}" if other else "")


def _other_weights(flow: Flow) -> str:
    """Say what else than e^{c<x_i,x_j>}, over their sum or not, weighs the tokens, or ""."""
    rates = flow.model.velocities.values()
    if any(rate.atoms(SinkSoftmax) for rate in rates):
        return "rows are divided by more than the sum of their weights"
    weights = {softmax for rate in rates for softmax in rate.atoms(RowSoftmax)}
    if any(isinstance(softmax, Sinkhorn) for softmax in weights):
        return "weights with potentials beside e^{c<x_i,x_j>}"
    scores = [on_unit_rows(softmax).scores for softmax in weights]
    plain = [score.is_ZeroMatrix or score.as_coeff_mmul()[1] == X * X.T for score in scores]
    kernels = [k for rate in rates for k in rate.atoms(Elementwise) if k.expr == X * X.T]
    known = plain or [z not in (k.body.diff(z) / k.body).free_symbols for k in kernels]
    return "" if known and all(known) else "weights other than e^{c<x_i,x_j>}"


def _exponential_rows(flow: Flow) -> Step:
    if attention_form(flow.model) is not None:
        return _exponentials(flow)
    return _kind("weights e^{c<x_i,x_j>}", _other_weights(flow))


def _species(flow: Flow) -> str:
    others = [b.symbol for b in flow.model.blocks[1:] if b.space in ("sphere", "euclidean")]
    return f"{others[0]} are tokens of another kind" if others else ""


def _energy(flow: Flow) -> Step:
    """Whether an energy is stated; of further blocks it may be one that isn't stated yet."""
    stated = flow.model.energy is not None or len(flow.model.blocks) > 1
    return _kind("a stated energy", "" if stated else "no energy is stated")


def _pair_energy(flow: Flow) -> Step:
    text, stated = "a pair energy of all tokens alike", _energy(flow)
    if flow.kernel is not None or not stated.holds:
        return _kind(text, stated.evidence)
    if other := labels_of(flow) or _species(flow):
        return _kind(text, other)
    energy = flow.model.energy
    try:
        pairs = energy is None or pair_kernel(energy) is not None
    except ValueError:
        pairs = False
    return _kind(text, "" if pairs else "the energy isn't ½ΣΣ m_i m_j h(<x_i,x_j>)")


def _divided(flow: Flow) -> Step:
    rates = flow.model.velocities
    rows = any(rate.atoms(RowSoftmax) for rate in rates.values())
    by_hand = len(rates) > 1 and rates[X].has(Inverse)
    text = "rows divided by their sums"
    return _kind(text, "" if rows or by_hand else "rows aren't divided by their sums")


def _undivided(flow: Flow) -> Step:
    rates = flow.model.velocities.values()
    divided = flow.normalised or any(rate.atoms(RowWeights, SinkSoftmax) for rate in rates)
    return _kind("rows that aren't divided", "rows are divided by what they sum" if divided else "")


def _paper_weights(flow: Flow) -> Step:
    other = "weights other than k(<x_i,x_j>)"
    return _kind("weights k(<x_i,x_j>)", other if attention_form(flow.model) is None else "")


def _flows(flow: Flow) -> Step:
    step = flow.on_sphere
    fails = step.outcome is Outcome.FAILS and flow.model.space == "sphere"
    return replace(step, outcome=Outcome.GAP) if fails else step


def _one_heat(flow: Flow) -> Step:
    """Whether scalar attention has weights s(t) e^{cg}; of other flows their form says no."""
    text, known = "weights s(t) e^{cg}", flow.form is None or heat(flow) is not None
    reason = f"k = {flow.weight_in_time} is no exponential of g"
    return Step(text, How.DERIVED) if known else Step(text, How.DERIVED, Outcome.FAILS, reason)


UNLABELLED = Domain("tokens without labels", _alike, kind=True)
"""Measures of tokens, and equal angles, know no labels."""
ALIKE = Domain("tokens that are exchanged, in any directions", _exchanged, kind=True)
"""Where equal angles part there is no common angle γ to speak of."""
SPHERE = Domain("tokens on the sphere", _sphere, kind=True)
IN_TIME = Domain("a flow", _time, kind=True)
HEADS = Domain("heads", _heads, kind=True)
NEURONS = Domain("heads and neurons", _neurons, kind=True)
MASKED = Domain("a mask", _mask, kind=True)
SIGHTED = Domain("a mask, or attention over all tokens", _sighted, kind=True)
HEATED = Domain("β, or weights without it", _heat, kind=True)
"""What is said at β = 0 is said of constant weights without β too."""
VARIED = Domain("the parameter β", _varied, kind=True)
SOME_HEAT = Domain("β, or weights e^{c<x_i,x_j>}", _some_heat, kind=True)
EXPONENTIALS = Domain("weights e^{c<x_i,x_j>}", _exponential_rows, kind=True)
OF_ENERGY = Domain("a stated energy", _energy, kind=True)
OF_PAIR_ENERGY = Domain("a pair energy of all tokens alike", _pair_energy, kind=True)
DIVIDED = Domain("rows divided by their sums", _divided, kind=True)
UNDIVIDED = Domain("rows that aren't divided", _undivided, kind=True)
PAPER_WEIGHTS = Domain("weights k(<x_i,x_j>)", _paper_weights, kind=True)
OF_LINEAR = Domain("h linear", LINEAR.test, kind=True)
FLOWS = Premise("ON_SPHERE", _flows, kind=True)
"""ON_SPHERE of sentences that make sense of a map of the sphere too: the proof alone needs it."""
ONE_HEAT = Premise("ONE_HEAT", _one_heat)
"""What the proof needs of weights that SOME_HEAT lets pass."""


__all__ = [
    "ALIKE",
    "DIVIDED",
    "EXPONENTIALS",
    "FLOWS",
    "HEADS",
    "HEATED",
    "IN_TIME",
    "MASKED",
    "NEURONS",
    "OF_ENERGY",
    "OF_LINEAR",
    "OF_PAIR_ENERGY",
    "ONE_HEAT",
    "PAPER_WEIGHTS",
    "SIGHTED",
    "SOME_HEAT",
    "SPHERE",
    "UNDIVIDED",
    "UNLABELLED",
    "VARIED",
    "labels_of",
]
