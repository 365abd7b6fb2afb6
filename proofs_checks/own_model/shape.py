"""Statements on the shape of a velocity, which no paper numbers: Gram closure, stable consensus.

They are decided as all others are; samples answer where they leave a gap.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sympy import Dummy, Sum, factor
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget
from proofs_checks.decide import Decision, decide_positive
from proofs_checks.proof import (
    AUTONOMOUS,
    CONTINUOUS_AT_EQUAL_ANGLES,
    SYMBOLIC,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    resting_near_consensus,
    sight_of,
)
from proofs_checks.proof.kinds import FLOWS
from proofs_checks.propositions import Is, Subject
from proofs_checks.theorems import (
    NO_KERNEL,
    STABLE_OF_ANY,
    Concludes,
    Conclusion,
    Refusal,
    closed_motion,
    consensus_stable,
    subject_in,
    values_in,
)
from theory.bounded import BUDGET, vanishes
from theory.derivations import NotClosed, gram_flow
from theory.linearize import PLACE, Spectrum, consensus
from theory.masks import GRAPH
from theory.models import Model
from theory.symbols import X, n, z

ALIKE = {**SYMBOLIC, "masses": "1/n"}
"""Scope of spectra for equal masses."""


def derive_closure(flow: Flow) -> MatrixExpr:
    """Return what is said to move by itself: the Gram matrix."""
    return X * X.T


def conclude_closure(flow: Flow, prediction: MatrixExpr) -> Conclusion | Refusal:
    """Say how inner products move, in terms of them alone, for every n and d."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    if flow.model.kind != "flow":
        return Refusal("a map")
    try:
        rates = gram_flow(flow.model)
    except (NotClosed, ValueError, NotImplementedError) as error:
        return Refusal(str(error))
    return closed_motion(Subject.of(flow.model, values), rates, values)


def say_closure(flow: Flow, prediction: MatrixExpr) -> str:
    """Name what the Gram matrix moves with, where the state has further blocks."""
    if len(flow.model.blocks) == 1:
        return ""
    try:
        rate = gram_flow(flow.model)
    except (NotClosed, ValueError, NotImplementedError):
        return ""
    beside = [*(str(symbol) for symbol, _ in rate.others), *(str(p.symbol) for p in rate.products)]
    if not beside:
        return ""
    *names, last = ["G = XX^T", *beside]
    return f"{', '.join(names)} and {last} obey equations of their own"


GRAM_CLOSURE: Statement[MatrixExpr] = Statement(
    "Gram closure",
    "the Gram matrix obeys an equation of its own",
    Concludes(conclude_closure),
    derive_closure,
    several_blocks=True,
    says=say_closure,
    typed=True,
)


@lru_cache(maxsize=64)
def _spectrum(model: Model, table: Any) -> Spectrum | str:
    """Spectrum at consensus of any model, for equal masses; or why there is none."""
    try:
        return consensus(model, tokens=table)
    except (ValueError, NotImplementedError) as error:
        return str(error).splitlines()[0]


def _of(flow: Flow) -> Spectrum | str:
    sight = sight_of(flow)
    graph = sight is not None and sight.mask is not None and sight.mask.kind == GRAPH
    return _spectrum(flow.model, sight.table if sight is not None and graph else None)


Pairs = tuple[tuple[Any, Any], ...]


def derive_spectrum(flow: Flow) -> Pairs:
    """Return the eigenvalues at consensus, with multiplicities; none where they aren't known."""
    if flow.weight is not None:
        values = consensus(flow.model).eigenvalues
        return tuple((flow.put(value), count) for value, count in values)
    found = _of(flow)
    if isinstance(found, str) or found.moving or found.multipliers:
        return ()
    return tuple((flow.put(v), k) for v, k in (*found.eigenvalues, *found.places))


def _listed(values: Pairs) -> str:
    return ", ".join(
        f"{value} ({count} times{' for each place from 2' if value.has(PLACE) else ''})"
        for value, count in values
    )


def _at_consensus(flow: Flow) -> Decision | None:
    """Whether h'(1) > 0; None where no kernel is known."""
    return None if flow.weight is None else decide_positive(flow.weight.subs(z, 1))


@lru_cache(maxsize=256)
def _sign(value: Any, positive: bool = False) -> int | None:
    """Sign of an eigenvalue at r > 0 and places from 2, for positive parameters if said so."""
    names = {s for s in value.free_symbols if positive or s in (PLACE, n)}
    new = {s: Dummy(str(s), positive=True, integer=s.is_integer) for s in names}
    real = value.replace(
        lambda e: isinstance(e, Sum) and e.function.xreplace(new).is_positive,
        lambda e: Dummy("sum", positive=True),
    ).xreplace({s: 1 + new[s] if s in (PLACE, n) else new[s] for s in names})
    real = factor(real) if real.count_ops() < BUDGET else real
    return 1 if real.is_positive else -1 if real.is_negative else 0 if real.is_zero else None


def _signs(flow: Flow, prediction: Pairs) -> tuple[dict[Any, int | None], dict[str, str]]:
    """Sign of each eigenvalue, and which parameters were taken to be positive for it."""
    signs: dict[Any, int | None] = {value: _sign(value) for value, _ in prediction}
    scope: dict[str, str] = {}
    for value in [v for v, sign in signs.items() if sign is None]:
        if value.free_symbols <= {*flow.model.parameters, PLACE, n}:
            signs[value] = _sign(value, positive=True)
            scope |= {str(s): "> 0" for s in value.free_symbols if s not in (PLACE, n)}
    return signs, scope


def refute_stable(flow: Flow, prediction: Pairs | None, budget: Budget) -> Counterexample | None:
    """Give parameters with h'(1) <= 0, or an eigenvalue that is positive."""
    if not (AUTONOMOUS.test(flow).holds and FLOWS.test(flow).holds):
        return None
    # A derivative would be 0 along such tokens, or there is none.
    if resting := resting_near_consensus(flow):
        return resting
    stable = _at_consensus(flow)
    if not prediction:
        return None
    if stable is None:
        signs, scope = _signs(flow, prediction)
        text = f"unstable: eigenvalues {_listed(prediction)}"
        return Counterexample(text, {**ALIKE, **scope}) if 1 in signs.values() else None
    if not stable.refuted:
        return None
    assert flow.weight is not None  # the decision is about it
    if vanishes(flow.weight.subs(z, 1)):
        return Counterexample("h'(1) = 0: every eigenvalue is 0", dict(SYMBOLIC))
    named = {a: b for a, b in stable.witness.items() if a not in ("z", "degree", "d")}
    where = "".join(f", {a} = {b}" for a, b in named.items())
    text = f"unstable: eigenvalues {_listed(prediction)}{where}"
    return Counterexample(text, {**SYMBOLIC, **stable.scope})


def conclude_stable(flow: Flow, prediction: Pairs) -> Conclusion | Refusal:
    """Say that consensus is linearly stable; at what time, others say."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal) or not AUTONOMOUS.test(flow).holds:
        return subject if isinstance(subject, Refusal) else Refusal("the velocity has t in it")
    found = consensus_stable(subject)
    if found is None:
        return Refusal(_reason(_of(flow)))
    if Is(NO_KERNEL, subject) in found.says.given:  # of matrices that are given it is asked
        apart = CONTINUOUS_AT_EQUAL_ANGLES.test(flow)
        if not apart.holds:
            return Refusal(f"{apart.text}: {apart.evidence}")
    return found


def _reason(modes: Spectrum | str) -> str:
    """Say why consensus isn't shown to be stable."""
    if isinstance(modes, str):
        return modes
    moved = ", ".join(f"{symbol}' = {value}" for symbol, value in modes.moving)
    return f"consensus moves: at x* {moved}" if moved else "the signs of its modes"


_STABLE: Concludes[Pairs] = Concludes(conclude_stable)


def decide_stable(flow: Flow, prediction: Pairs) -> Sheet:
    """Return the sheet, with equal masses in its scope where modes are of those."""
    sheet = _STABLE(flow, prediction)
    if sheet.concludes is None:
        return sheet
    said = {one.definition for one in sheet.concludes.says.atoms(Is)}
    alike = {} if STABLE_OF_ANY in said else {"masses": "1/n"}
    return replace(sheet, words={**sheet.words, **alike})


CONSENSUS_SPECTRUM: Statement[Pairs] = Statement(
    "consensus spectrum",
    "consensus is linearly stable, rotations apart",
    decide_stable,
    derive_spectrum,
    refute_stable,
    premises=(AUTONOMOUS, FLOWS, CONTINUOUS_AT_EQUAL_ANGLES),
    typed=True,
)
