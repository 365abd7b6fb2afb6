"""Theorem 6.8, E.Theorem 6.8: orthogonal tokens stay equiangular.

Main results
------------
- Theorem 6.8: γ' is (6.9), (6.10), and T(γ) is in closed form.
- E.Theorem 6.8: orthogonal tokens need d >= n, and P_π sums over i = 1, …, d.

How it is proved
----------------
The I/J algebra shows that the equiangular set is invariant and derives γ' for symbolic n and β,
masses 1/n; orthonormal tokens are in an open hemisphere, where tokens meet; T' γ' = 1, T(0) = 0, so
that T reads the time. The
erratum compares the rank of I_n with d, and traces, exactly; small n and d are enumerated only
to refute. No point is drawn for the proof. Cited: Picard-Lindelöf.

References
----------
arXiv 2312.10794, Theorem 6.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import permutations, product

from sympy import Dummy, Expr, Identity, Matrix, S, Sum, Trace, exp, eye, simplify, zeros

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import decide_positive
from proofs_checks.proof import (
    ATTENTION,
    MONOTONE_LIMIT,
    ROOM,
    SCHEDULED,
    SCOPE_WARM,
    TIME_CHANGE,
    WARM_ONLY,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    apply,
    cited,
    derived,
    factored_rate,
    gap,
    leaves_sphere,
    lipschitz,
    never_meet_in_time,
    not_asked,
    of_no_flow,
    orthonormal_apart,
    rational_form,
    summed_rate,
    witness_values,
)
from proofs_checks.proof.kinds import FLOWS
from proofs_checks.said import say, saying
from proofs_checks.theorems import Concludes, Conclusion, Refusal, sight_in, times
from theory.bounded import simplified, vanishes
from theory.models import SA, USA
from theory.predictions import equiangular_rate, equiangular_time
from theory.symbols import beta, d, gamma, n, t, z


@dataclass(frozen=True)
class EquiangularSolution:
    """γ' and the time T(γ) to reach γ from 0, with and without the division by the row sum."""

    softmax: Expr
    plain: Expr
    softmax_time: Expr
    plain_time: Expr

    def rate_of(self, flow: Flow) -> Expr:
        """Return γ' of a flow's kind."""
        return self.softmax if flow.normalised else self.plain

    def time_of(self, flow: Flow) -> Expr:
        """Return T of a flow's kind."""
        return self.softmax_time if flow.normalised else self.plain_time


@dataclass(frozen=True)
class OwnRate:
    """γ' of a flow, in the time ∫s, with no closed form of T.

    Attributes
    ----------
    rate : Expr
    """

    rate: Expr


_Prediction = EquiangularSolution | OwnRate


def _own_rate(flow: Flow) -> Expr | None:
    """γ' in the time ∫s, at the given parameters."""
    rate, schedule = flow.angle_rate, flow.schedule
    if rate is None or schedule is None or schedule.at_a_pace is None:
        return None
    time, pace = schedule.at_a_pace
    return simplified(rate.subs(t, time) / pace)


def derive_rate(flow: Flow) -> _Prediction | None:
    """Return the flow's own equation."""
    rate = _own_rate(flow)
    return None if rate is None else OwnRate(rate)


def _wrong_formula(flow: Flow, prediction: EquiangularSolution) -> str:
    """Say what of γ', T and T(0) the derivation contradicts, if any."""
    reduced, _ = flow.equal_angles
    if reduced is None:
        return ""
    gap_of_rate = rational_form(reduced.rate - prediction.rate_of(flow))
    if gap_of_rate != 0:
        return f"{flow.name}: derived minus predicted γ' is {gap_of_rate}, with m = n - 1"
    time = prediction.time_of(flow)
    if (left := rational_form(time.diff(gamma) * reduced.rate - 1)) != 0:
        return f"{flow.name}: γ' dT/dγ - 1 = {left}"
    if (start := rational_form(time.subs(gamma, 0))) != 0:
        return f"{flow.name}: T(0) = {start}"
    return ""


def refute_equiangular(
    flow: Flow, prediction: _Prediction | None, budget: Budget
) -> Counterexample | None:
    """Find a wrong formula, or an inner product that γ never passes."""
    if isinstance(prediction, EquiangularSolution):
        wrong = _wrong_formula(flow, prediction) or leaves_sphere(flow.model, budget.rng)
        if wrong:
            return Counterexample(wrong)
    late = never_meet_in_time(flow)
    if late:
        return Counterexample(late, {"n": "2", "d": ">= 2", "m": "1/2"})
    numbers = set(flow.given) <= {str(p) for p in flow.values}
    open_ = flow.equal_angles[0] is None and numbers and flow.autonomous.holds
    if open_ and (apart := orthonormal_apart(flow.model, budget.rng)):
        text, size = apart
        return Counterexample(text, {"n": str(size), "d": str(size)})
    schedule = flow.schedule
    if flow.weight is None or schedule is None or schedule.sign != 1:
        return None
    decision = decide_positive(flow.weight, 0, 1, closed=(True, False))
    if not decision.refuted or not _stops(flow, decision.witness["z"], decision.witness):
        return None
    values = witness_values(decision)
    return Counterexample(
        f"gamma never passes {decision.witness['z']}{', ' + values if values else ''}",
        {"n": str(decision.witness.get("n", "symbolic")), "d": ">= n", "m": "1/n"},
    )


def _stops(flow: Flow, place: Expr, at: Mapping[str, Expr]) -> bool:
    """Whether γ can't pass a place: γ' < 0 there, or γ' = 0 and γ' = f(γ) has one solution."""
    form = flow.still_form
    assert form is not None and flow.weight is not None  # the decision is about it
    top, there, rate = (
        expr.subs({s: at[s.name] for s in expr.free_symbols if s.name in at}).subs(z, point)
        for expr, point in ((form.kernel, S.One), (form.kernel, place), (flow.weight, place))
    )
    if vanishes(rate):
        return lipschitz(flow.weight).holds
    return not form.normalised or decide_positive(top + there).holds


def _lipschitz(flow: Flow) -> Step:
    """Whether γ' = f(γ) has one solution: k has a bounded slope on [0, 1)."""
    text = "k has a bounded slope on [0, 1): one solution γ"
    if flow.weight is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "the weights aren't k(<x_i,x_j>)")
    return replace(lipschitz(flow.weight), text=text)


LIPSCHITZ = Premise("LIPSCHITZ", _lipschitz)


def conclude(flow: Flow, prediction: _Prediction) -> Conclusion | Refusal:
    """Say that orthonormal tokens align, and when they are at γ: where a T is claimed."""
    if isinstance(prediction, OwnRate):  # models are asked `aligns` before, without a T
        return Refusal("no T(γ) is claimed")
    found = sight_in(flow)
    if isinstance(found, Refusal):
        return found
    own = times(*found, prediction.rate_of(flow), prediction.time_of(flow))
    return Refusal("orthonormal tokens don't stay at equal angles") if own is None else own


def decide(flow: Flow, prediction: _Prediction) -> Sheet:
    """Derive γ' from the velocity and read off the limit, where k > 0 at acute angles alone."""
    reduced, reason = flow.equal_angles
    if reduced is None:
        return Sheet((gap("equal angles stay equal", reason),), _SCOPE)
    if isinstance(prediction, EquiangularSolution):
        return Sheet((gap("T' γ' = 1, T(0) = 0", "no theorem says it of this flow"),), _SCOPE)
    form, rate = flow.still_form, _own_rate(flow)
    if form is None or flow.weight is None:
        return Sheet((gap("weights k(<x_i,x_j>)", "they are others"),), _SCOPE)
    summed, shape = summed_rate(form), factored_rate(form)
    known = S.NaN if rate is None else rate
    equal = Step("equal angles stay equal: γ' = f(γ)", How.DERIVED)
    steps = [saying(equal, say(summed, "=", known))]
    left = S.NaN if rate is None else simplified(rational_form(rate - shape))
    step = derived("f = 2 k(γ)(1-γ)((n-1)γ+1)/n, or over k(1)+(n-1)k(γ)", left)
    steps.append(saying(step, say(known, "=", shape)))
    sign = flow.sign("k > 0 on [0, 1)", flow.weight, 0, 1, closed=(True, False))
    steps.append(gap(sign.text, sign.evidence) if sign.outcome is Outcome.FAILS else sign)
    steps.append(cited("Picard-Lindelöf uniqueness", steps[0]))
    end = shape.subs(gamma, 1)
    rises = apply(MONOTONE_LIMIT, "γ rises to 1", steps[1], steps[-2], end=end)
    steps.append(rises)
    schedule = flow.schedule
    if schedule is not None and not schedule.constant:
        pace, total = schedule.factor, schedule.total
        steps.append(apply(TIME_CHANGE, "τ = ∫s -> ∞", rises, factor=pace, total=total))
    detail = f"γ' = {rate}, γ'/(1-γ) > 0, so γ rises to 1"
    return Sheet(tuple(steps), _SCOPE, (flow.model.velocity,), detail)


_SCOPE = {**SCOPE_WARM, "d": "symbolic, d >= n", "masses": "1/n"}
EQUIANGULAR: Statement[_Prediction] = Statement(
    "Theorem 6.8",
    "from an orthonormal start all angles equal one gamma(t), and gamma -> 1",
    Concludes(conclude, decide, tuple(_SCOPE.items()), warm=True),
    derive_rate,
    refute_equiangular,
    domain=(WARM_ONLY,),
    premises=(FLOWS, ATTENTION, SCHEDULED, LIPSCHITZ),
    typed=True,
)


_SOFTMAX_RATE, _PLAIN_RATE = (equiangular_rate(model=name) for name in ("SA", "USA"))
_SOFTMAX_TIME, _PLAIN_TIME = (equiangular_time(model=name) for name in ("SA", "USA"))
_SOLUTION = EquiangularSolution(_SOFTMAX_RATE, _PLAIN_RATE, _SOFTMAX_TIME, _PLAIN_TIME)


def _rates_times(factor: Expr) -> EquiangularSolution:
    return replace(_SOLUTION, softmax=factor * _SOFTMAX_RATE, plain=factor * _PLAIN_RATE)


THEOREM_6_8 = Claim(
    "Theorem 6.8",
    "Orthogonal tokens stay equiangular; γ' is (6.9), (6.10), and T(γ) is in closed form.",
    (SA, USA),
    _SOLUTION,
    EQUIANGULAR,
    (
        Control("factor 2 dropped", prediction=_rates_times(S.Half)),
        Control(
            "(n-1)γ+1 -> (n-2)γ+1",
            prediction=_rates_times(((n - 2) * gamma + 1) / ((n - 1) * gamma + 1)),
        ),
        Control(
            "T of SA without e^β",
            prediction=replace(
                _SOLUTION, softmax_time=_SOFTMAX_TIME + (1 - exp(beta)) / n * _PLAIN_TIME
            ),
        ),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
)


@dataclass(frozen=True)
class OrthonormalTuple:
    """Which (n, d) have n orthonormal tokens, and up to where P_π = Σ e_{π(i)} e_i^T sums.

    Attributes
    ----------
    excess : Expr
        Nonnegative where they are said to exist, in ``n`` and ``d``.
    last : Expr
        Last i of the sum.
    """

    excess: Expr
    last: Expr


def refute_orthonormal(
    flow: Flow, prediction: OrthonormalTuple | None, budget: Budget
) -> Counterexample | None:
    """Enumerate small n, d and permutations."""
    if prediction is None:
        return None
    for size, room in product(range(2, 6), range(2, 5)):
        at = {n: size, d: room}
        said, last = bool(prediction.excess.subs(at) >= 0), int(prediction.last.subs(at))
        if said and size > room:
            return Counterexample(
                f"n = {size}, d = {room}: the Gram matrix I_{size} has rank {size} > {room}"
            )
        if not said and size <= room:
            return Counterexample(f"n = {size} basis vectors of R^{room} are orthonormal")
        if said and last > room:
            return Counterexample(f"d = {room}: the sum to i = {last} has no e_{last}")
        for order in permutations(range(room)) if said else ():
            matrix = zeros(room, room)
            for i in range(last):
                matrix[order[i], i] = 1
            if matrix.T * matrix != eye(room):
                shown = Matrix(matrix.T * matrix).tolist()
                return Counterexample(f"n = {size}, d = {room}, π = {order}: P^T P = {shown}")
    return None


def decide_orthonormal(flow: Flow, prediction: OrthonormalTuple) -> Sheet:
    """Compare the rank of I_n with d, and the trace of P_π^T P_π with that of I_d."""
    label = Dummy("i", integer=True, positive=True)
    traced = Sum(S.One, (label, 1, prediction.last))
    rank = Step("a Gram matrix of points of R^d has rank <= d, I_n has rank n", How.DERIVED)
    basis = Step("e_1, …, e_n are orthonormal, if n <= d", How.DERIVED)
    text = f"so n orthonormal tokens exist iff {prediction.excess} >= 0"
    exist = derived(text, simplify(prediction.excess - (d - n)))
    square = Step("distinct π(i): P^T P = Σ_{i<=l} e_i e_i^T, of trace l", How.DERIVED)
    left = simplify(traced.doit() - Trace(Identity(d)).doit())
    trace = derived(f"it is I_d, of trace d, iff l = d; l = {prediction.last}", left)
    return Sheet(
        (rank, basis, exist, square, trace),
        {"n": "symbolic", "d": "symbolic, every permutation"},
        (prediction.excess, traced - Trace(Identity(d))),
        "a Gram matrix in R^d has rank at most d, I_n has rank n, and e_1, …, e_n are there for "
        "n <= d; P^T P = Σ_{i<=l} e_i e_i^T has trace l, and I_d has trace d: orthogonal iff l = d",
    )


ORTHONORMAL: Statement[OrthonormalTuple] = Statement(
    "",
    "orthonormal tokens",
    decide_orthonormal,
    not_asked,
    refute_orthonormal,
    cases=of_no_flow,
)


ERRATUM_THEOREM_6_8 = Claim(
    "E.Theorem 6.8",
    "Orthogonal tokens need d >= n, and P_π sums over i = 1, …, d; printed: any d, n, and i <= n.",
    None,
    OrthonormalTuple(d - n, d),
    ORTHONORMAL,
    (
        Control("d >= n - 1", prediction=OrthonormalTuple(d - n + 1, d)),
        Control("P_π sums to d - 1", prediction=OrthonormalTuple(d - n, d - 1)),
        Control("P_π sums to n", prediction=OrthonormalTuple(d - n, n)),
    ),
    Verdict.PROVED,
    printed=Control("d, n >= 2 arbitrary, the sum to n", prediction=OrthonormalTuple(d + n, n)),
    origin="erratum",
    kind="formula",
    about=frozenset(),
    equivalents=(Equivalent("n (d - n) >= 0 where d - n >= 0", ("prediction.excess: × n",)),),
)


CLAIMS = (THEOREM_6_8, ERRATUM_THEOREM_6_8)
