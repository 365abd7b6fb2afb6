"""A flow with the facts that theorems need, derived once, each with its step of evidence.

`Flow.of(model, **given)` reads a model at given parameters. A number there enters the domain of a
statement; code that doesn't answer with an expression makes time dependence undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from sympy import (
    Add,
    Dummy,
    Expr,
    HadamardProduct,
    Interval,
    MatMul,
    MatrixSymbol,
    S,
    Set,
    Symbol,
    nan,
    oo,
    zoo,
)  # fmt: skip

from proofs_checks.claim import Evidence
from proofs_checks.decide import (
    Decision,
    decide_positive,
    decide_positive_definite,
    decide_weight,
    norm_bound,
)
from proofs_checks.proof.formal import gradient_form
from proofs_checks.proof.given import answer_of, exact_model, number_of, settled
from proofs_checks.proof.schedules import Schedule, parted, schedule_of, separate
from proofs_checks.proof.scores import NORM, Scores, numbers_of, scores_of
from proofs_checks.proof.sheet import How, Outcome, Step, decided, gap
from proofs_checks.proof.smooth import analytic, smooth_scores
from proofs_checks.readings import autonomous, confined, own_values, positive, scalar_attention
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.bounded import quotient, vanishes
from theory.derivations import Equiangular, NotClosed, dissipation, equiangular, gnomonic
from theory.energy import pair_kernel, pole_free
from theory.masks import Mask
from theory.models import AttentionForm, Model, attention_form
from theory.symbols import V, X, beta, m, t, z
from theory.weights import SinkSoftmax


@dataclass(frozen=True)
class Climb:
    """``velocity = c(t) G^{-1} ∇E``.

    Attributes
    ----------
    ratio : Expr
        c, free of the tokens.
    metric : MatrixExpr
        The derived metric G/c, a column.
    step : Step
        Why, or what fails.
    """

    ratio: Expr
    metric: Any
    step: Step


@dataclass(frozen=True, eq=False)
class Flow:
    """A model at given parameters, and what is known of it.

    Attributes
    ----------
    model : Model
    given : Mapping
        Values of parameters by name: numbers, arrays, functions of t, or sets that they are in.
    from_zero : bool
        Whether β = 0 is asked about too, as the paper does; else a parameter without a value is
        any positive number.
    """

    model: Model
    given: Mapping[str, Any] = field(default_factory=dict)
    from_zero: bool = False

    @classmethod
    def of(cls, model: Model, **given: Any) -> Flow:
        """Read a model; without given parameters its facts are kept for the next who asks."""
        model, given = settled(model, given)
        return cls(exact_model(model), given) if given else _kept(model, False)

    @classmethod
    def of_paper(cls, model: Model) -> Flow:
        """Read a model of a claim, whose β is any number >= 0."""
        return _kept(model, True)

    @cached_property
    def cold(self) -> Flow:
        """The flow at β = 0; itself if it has no β."""
        if beta not in self.model.parameters or self.number() == 0:
            return self
        return self.at(beta=0)

    @cached_property
    def cold_scalar(self) -> Flow:
        """The flow at β = 0, where queries and keys don't enter: a multiple of SA or USA."""
        model = None if self.scores is None else self.scores.cold
        return self.cold if model is None else replace(self, model=model, given={}).cold

    def at(self, **values: Any) -> Flow:
        """Return the flow with more parameters given."""
        return replace(self, given={**self.given, **values})

    @property
    def heats(self) -> tuple[Expr, ...]:
        """Values of β at which two tokens are looked at."""
        return (S.One, S.Zero) if self.from_zero else (S.One,)

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.model.name

    # -- parameters ----------------------------------------------------------------------------

    @cached_property
    def _answers(self) -> dict[Any, Expr | None]:
        """Scalar parameters that were given, as exact expressions in t; None for code."""
        found: dict[Any, Expr | None] = {}
        for parameter in self.model.parameters:
            value = self.given.get(str(parameter))
            if value is None or isinstance(value, Set):
                continue
            if isinstance(parameter, MatrixSymbol):
                found |= {parameter: None} if callable(value) else {}
                continue
            found[parameter] = answer_of(value) if callable(value) else number_of(value)
        return found

    @cached_property
    def values(self) -> dict[Any, Expr]:
        """Given scalars, exact, in t where they depend on it."""
        return {a: b for a, b in self._answers.items() if b is not None}

    @cached_property
    def code(self) -> tuple[str, ...]:
        """Parameters that are code, of which nothing is known."""
        return tuple(str(a) for a, b in self._answers.items() if b is None)

    @cached_property
    def drawn_at(self) -> dict[Any, Any]:
        """Given numbers and arrays, at which counterexamples are drawn, at a time of a schedule."""
        matrices = (p for p in self.model.parameters if isinstance(p, MatrixSymbol))
        given = {p: self.given.get(str(p)) for p in matrices}
        arrays = {p: a for p, a in given.items() if a is not None and not callable(a)}
        at = {t: S.One} if self.schedule is None else {t: self.schedule.moment}
        timed = any(t in value.free_symbols for value in self.values.values())
        times = at if timed or (self.schedule is not None and self.schedule.ends) else {}
        return {**arrays, **times, **{p: value.subs(at) for p, value in self.values.items()}}

    def put(self, expr: Expr) -> Expr:
        """Expression in z at the given parameters, without a constant that is infinite there."""
        for parameter, value in self.values.items():
            if value.is_number:
                expr = pole_free(expr, parameter, value)
            else:
                expr = expr.subs(parameter, value)
        return expr

    def _finite(self, weight: Expr) -> Expr | None:
        """Weight at the given parameters, or its limit there; None if that isn't finite."""
        for parameter, value in self.values.items():
            before, weight = weight, weight.subs(parameter, value)
            if weight.has(oo, -oo, zoo, nan):
                # A simple pole is removable where the numerator vanishes: its slope is the limit.
                above = Add(*((parameter - value) * term for term in Add.make_args(before)))
                start = above.subs(parameter, value)
                weight = above.diff(parameter).subs(parameter, value)
                if start.has(oo, -oo, zoo, nan) or not vanishes(start):
                    return None
            if weight.has(oo, -oo, zoo, nan):
                return None
        return weight

    # -- time ----------------------------------------------------------------------------------

    @cached_property
    def form(self) -> AttentionForm | None:
        """Scalar attention at the given parameters, on the sphere; it may hold t."""
        form = attention_form(self.model)
        if form is None or (self.model.kind, self.model.space) != ("flow", "sphere"):
            return None
        kernel, scale = self._finite(form.kernel), self._finite(form.scale)
        if kernel is None or scale is None:
            return None
        if form.normalised and kernel.subs(z, 1).is_negative:
            kernel = -kernel  # the same quotient
        return AttentionForm(kernel, form.normalised, scale)

    @cached_property
    def schedule(self) -> Schedule | None:
        """The factor s(t), 1 for an autonomous flow; None if the velocity is no such product."""
        if self.code:
            return None
        if self._timed is None:
            timed = {t, *(s for s in self.values if t in self.values[s].free_symbols)}
            if timed & self._without_coefficient.free_symbols:
                return None
            return schedule_of(parted(self._coefficient.subs(self.values))[1])
        return self._timed[0]

    @cached_property
    def _timed(self) -> tuple[Schedule | None, AttentionForm] | None:
        """Schedule and form without t of scalar attention; None for other velocities."""
        form = self.form
        if form is None:
            return None
        outer = separate(form.scale if form.normalised else form.scale * form.kernel)
        inner = separate(form.kernel) if form.normalised else (S.One, S.One)
        if outer is None or inner is None:
            return None, form
        # A factor of the kernel cancels in a softmax.
        constant, moving = parted(outer[0])
        if form.normalised:
            still = AttentionForm(inner[1], True, constant * outer[1])
        else:
            still = AttentionForm(outer[1], False, constant)
        return schedule_of(moving), still

    @property
    def _coefficient(self) -> Expr:
        inner = getattr(self.model.velocity, "field", self.model.velocity)
        return inner.as_coeff_mmul()[0] if isinstance(inner, MatMul) else S.One

    @property
    def _without_coefficient(self) -> Any:
        velocity = self.model.velocity
        inner = velocity.field if isinstance(velocity, Tangent) else velocity
        bare = inner.as_coeff_mmul()[1] if isinstance(inner, MatMul) else inner
        return Tangent(velocity.points, bare) if isinstance(velocity, Tangent) else bare

    @cached_property
    def autonomous(self) -> Step:
        """Whether the velocity doesn't depend on time."""
        text = "the velocity doesn't depend on t"
        if self.code:
            reason = f"{', '.join(self.code)} is code: time dependence isn't known"
            return Step(text, How.DERIVED, Outcome.GAP, reason)
        if self.schedule is not None and self.schedule.constant:
            return Step(text, How.DERIVED, formal=autonomous(self.model, self.values))
        if self.schedule is not None:
            reason = f"velocity = s(t) F(X) with s = {self.schedule.factor}"
            return Step(text, How.DERIVED, Outcome.FAILS, reason)
        return Step(text, How.DERIVED, Outcome.FAILS, "t enters the velocity, not as a factor")

    # -- the sphere ----------------------------------------------------------------------------

    @cached_property
    def on_sphere(self) -> Step:
        """Whether it is a flow of tokens that stay on the sphere."""
        text, model = "a flow on the sphere", self.model
        if model.kind != "flow" or model.space != "sphere":
            other = "tokens on R^d" if model.kind == "flow" else "a map, not a flow"
            return Step(text, How.DERIVED, Outcome.FAILS, other)
        if isinstance(model.velocity, Tangent) and model.velocity.points == X:
            said, why = confined(model), "velocity = P F, <x_i, P_i F_i> = 0"
            return Step(text, How.DERIVED, evidence=why, formal=said)
        return Step(text, How.DERIVED, Outcome.GAP, "the velocity isn't written as a projection")

    # -- weights -------------------------------------------------------------------------------

    @cached_property
    def weight(self) -> Expr | None:
        """``k`` in ``x_i' = s(t) P_i Σ_j m_j k(g_ij) x_j`` (over Z_i), signed and free of t."""
        still = self.still_form
        return None if still is None else still.scale * still.kernel

    @cached_property
    def still_form(self) -> AttentionForm | None:
        """Scalar attention without its schedule, or None."""
        if self._timed is None or self._timed[0] is None or self.code:
            return None
        return self._timed[1]

    @cached_property
    def weight_in_time(self) -> Expr | None:
        """Weight of scalar attention with t in it, the schedule included."""
        return None if self.form is None else self.form.scale * self.form.kernel

    @property
    def normalised(self) -> bool:
        """Whether rows are divided by their sums."""
        return self.form is not None and self.form.normalised

    @cached_property
    def value_is_identity(self) -> Step:
        """Whether the field is scalar attention, of value matrix a multiple of the identity."""
        text = "weights k(<x_i,x_j>), value matrix c I"
        if self.form is None:
            return Step(text, How.DERIVED, Outcome.FAILS, "no such form")
        return Step(text, How.DERIVED, formal=scalar_attention(self.model, self.values))

    @cached_property
    def own_values(self) -> Step:
        """Whether the field is A X: the values are the tokens, queries and keys are free."""
        text = "a field A X: the value matrix is the identity"
        try:
            gnomonic(self.model)
        except ValueError as error:
            # A given V isn't the identity, which `settled` would have put.
            matrices = [p for p in self.model.parameters if isinstance(p, MatrixSymbol)]
            given = V not in matrices and any(str(p) in self.given for p in matrices)
            open_ = given or str(V) in self.code
            return Step(text, How.DERIVED, Outcome.GAP if open_ else Outcome.FAILS, str(error))
        return Step(text, How.DERIVED, formal=own_values(self.model, self.values))

    @cached_property
    def scores(self) -> Scores | None:
        """Weights with query and key matrices at the given parameters, without a schedule."""
        found = scores_of(self.model)
        if found is None or self.schedule is None:
            return None
        scale = parted(found.scale.subs(self.values))[0]
        return replace(found, heat=found.heat.subs(self.values), scale=scale)

    @cached_property
    def norm(self) -> Expr:
        """Bound of |Q^T K|: shown exactly where the matrices are given, else a symbol."""
        rows = None if self.scores is None else numbers_of(self.scores, self.given)
        return NORM if rows is None else norm_bound(rows)

    @cached_property
    def pull(self) -> Decision | None:
        """Whether two tokens attract at every inner product in (-1, 1)."""
        weight = self.weight
        return None if weight is None else decide_weight(weight, closed=(False, False))

    @cached_property
    def attracts(self) -> Step:
        """Whether the whole weight is positive on (-1, 1], masses being positive by contract."""
        text = "weights k(g) > 0 for -1 < g <= 1" if self.scores is None else "weights A_ij > 0"
        said = positive(self.model, self.values)
        if self.from_zero and self.front.subs(beta, 0) == 0:
            return gap(text, "they are 0 at β = 0")
        if self.softmax_head is not None:
            return Step(text, How.DERIVED, evidence="a softmax with masses m > 0", formal=said)
        if self.scores is not None and schedule_of(self.scores.scale).positive:
            return Step(text, How.DERIVED, evidence="exponentials, with masses m > 0", formal=said)
        if self.weight is None or self.pull is None:
            return Step(text, How.DECIDED, Outcome.GAP, "the weights aren't k(<x_i,x_j>)")
        if self._paper_weight:
            return Step(text, How.DECIDED, evidence=f"{self.weight} is exponential", formal=said)
        ends = decided(text, self.pull), decided(text, decide_weight(self.weight.subs(z, 1)))
        if short := next((one for one in ends if not one.holds), None):
            return short
        enclosed, both = any(one.enclosed for one in ends), tuple(one.formal for one in ends)
        return replace(ends[0], enclosed=enclosed, formal=both)

    @property
    def front(self) -> Expr:
        """What stands in front of the velocity; a schedule's sign is asked of itself."""
        whole = self._coefficient.subs(self.values)
        return whole if self.schedule is None else parted(whole)[0]

    @cached_property
    def _paper_weight(self) -> bool:
        """Whether the weight is positive for every real parameter, such as e^{βg} at any β."""
        return bool(self.weight is not None and self.weight.is_positive)

    @cached_property
    def softmax(self) -> RowSoftmax | SinkSoftmax | None:
        """Softmax of any kind, of smooth scores with masses m, times a factor >= 0."""
        if not isinstance(self.model.velocity, Tangent):
            return None
        inner, factor = self._without_coefficient.field, self._coefficient
        if not isinstance(inner, MatMul) or len(inner.args) != 2 or inner.args[1] != X:
            return None
        head = inner.args[0]
        known = isinstance(head, RowSoftmax | SinkSoftmax) and head.masses == m
        if not known or not smooth_scores(head.scores, self.values):
            return None
        unknown = any(str(s) in self.code for s in factor.free_symbols)
        return head if not unknown and schedule_of(self.front).sign == 1 else None

    @property
    def softmax_head(self) -> RowSoftmax | SinkSoftmax | None:
        """The same without a mask, times a constant > 0, the schedule apart."""
        positive = self.softmax and self.softmax.positive and schedule_of(self.front).positive
        return self.softmax if positive else None

    def sign(
        self,
        text: str,
        expr: Expr,
        low: Any = -1,
        high: Any = 1,
        *,
        strict: bool = True,
        closed: tuple[bool, bool] = (True, True),
    ) -> Step:
        """Step on the sign of a function of z: for β > 0, and at β = 0 too where that is asked."""
        step = decided(text, decide_positive(expr, low, high, strict=strict, closed=closed))
        if not self.from_zero or not step.holds or beta not in expr.free_symbols:
            return step
        at_zero = expr.subs(beta, 0)
        cold = decided(text, decide_positive(at_zero, low, high, strict=strict, closed=closed))
        if not cold.holds or step.enclosed:
            return replace(step, outcome=Outcome.GAP, evidence="decided for some β > 0 only")
        rest = {**step.scope, Symbol("beta"): Interval(0, oo)}
        return replace(step, scope=rest, formal=(step.formal, cold.formal))

    @cached_property
    def analytic(self) -> Step:
        """Whether the weight is analytic on [-1, 1], by its form."""
        if self.weight is None:
            return gap("the kernel is analytic on [-1, 1]", "the weights aren't k(<x_i,x_j>)")
        return analytic(self.weight)

    @cached_property
    def equal_angles(self) -> tuple[Equiangular | None, str]:
        """Equation of equal angles, proved, for masses 1/n; or why there is none."""
        try:
            found = equiangular(self.model)
        except (ValueError, NotClosed, NotImplementedError, TypeError, AssertionError) as error:
            return None, str(error)
        proved = found.proved and (self.model.kind, self.model.space) == ("flow", "sphere")
        return (found, "") if proved else (None, "equiangular set not shown invariant")

    @cached_property
    def angle_rate(self) -> Expr | None:
        """Rate of the common inner product, at the given parameters; it may hold t."""
        reduced = self.equal_angles[0]
        return None if reduced is None else self.put(reduced.rate)

    # -- energy --------------------------------------------------------------------------------

    @cached_property
    def kernel(self) -> Expr | None:
        """Kernel h of the energy, if it is one isotropic pair term, finite; it may hold t."""
        if self.model.energy is None:
            return None
        try:
            found = pair_kernel(self.model.energy)
            return None if found is None else self.put(found)
        except ValueError:
            return None

    @cached_property
    def definite(self) -> Decision:
        """Whether the kernel of the energy is positive definite, a constant apart."""
        return decide_positive_definite(self.kernel)

    @cached_property
    def energy_in_time(self) -> bool:
        """Whether the energy itself depends on t, beyond a constant of the tokens."""
        if self.model.energy is None:
            return False
        timed = {s for s, value in self.values.items() if t in value.free_symbols}
        if not self.model.energy.free_symbols & (timed | {t}):
            return False
        if self.kernel is None:
            return True
        return not vanishes(self.kernel.diff(t))

    @cached_property
    def climb(self) -> Climb:
        """Whether ``velocity = c(t) G^{-1} ∇E`` with a metric G > 0, and the metric G/c."""
        text, model = "velocity = c G^{-1} ∇E", self.model
        if model.energy is None or model.kind != "flow":
            reason = "the model states no energy" if model.energy is None else "a map, not a flow"
            return Climb(S.Zero, None, Step(text, How.DERIVED, Outcome.FAILS, reason))
        if self.code:
            reason = f"{', '.join(self.code)} is code"
            return Climb(S.Zero, None, Step(text, How.DERIVED, Outcome.GAP, reason))
        if self.form is not None and self.kernel is not None:
            return self._climb_of_kernel(text)
        return self._climb_of_metric(text)

    def _climb_of_kernel(self, text: str) -> Climb:
        """Of scalar attention and a pair energy: the kernels are compared."""
        model = self.model
        assert self.form is not None and self.kernel is not None  # asked before
        slope = self.kernel.diff(z)
        if vanishes(slope):
            rests = vanishes(self.form.scale * self.form.kernel)
            step = Step(text, How.DERIVED, Outcome.HOLDS if rests else Outcome.FAILS, "∇E = 0")
            return Climb(S.One, m, step) if rests else Climb(S.Zero, None, step)
        ratio = quotient(self.form.scale * self.form.kernel, slope)
        if z in ratio.free_symbols:
            reason = f"velocity over gradient is {ratio}, not constant"
            return Climb(ratio, None, Step(text, How.DERIVED, Outcome.FAILS, reason))
        # The metric keeps the parameters as symbols, as velocity and energy do.
        plain, energy = attention_form(model), model.energy
        assert plain is not None and energy is not None
        raw = pair_kernel(energy)
        assert raw is not None
        factor = quotient(plain.scale * plain.kernel, raw.diff(z))
        column: Any = m
        signed = Step("m_i > 0", How.DERIVED)
        if self.form.normalised:
            column = HadamardProduct(m, Elementwise(plain.kernel, X * X.T) * m)
            signed = _positive("Z_i > 0", self.form.kernel)
        metric = column if factor == 1 else column * (1 / factor)
        detail = f"{'Z_i x_i' if self.form.normalised else 'x_i'}' = c P_i Σ_j m_j h'(g_ij) x_j"
        if not signed.holds:
            return Climb(ratio, metric, replace(signed, text=f"{text}, {signed.text}"))
        step = Step(text, How.DERIVED, Outcome.HOLDS, f"{detail}, c = {ratio}", signed.scope)
        step = replace(step, formal=gradient_form(model, metric))
        return Climb(ratio, metric, replace(step, enclosed=signed.enclosed))

    def _climb_of_metric(self, text: str) -> Climb:
        """Of a velocity that is no scalar attention: the stated metric, up to a factor."""
        model = self.model
        if model.metric is None:
            reason = "the model states no metric"
            return Climb(S.Zero, None, Step(text, How.DERIVED, Outcome.FAILS, reason))
        symmetric = tuple(p for p in model.parameters if self.is_symmetric(p))
        for ratio in dict.fromkeys((S.One, self._coefficient)):
            tried = model if ratio == 1 else replace(model, velocity=self._without_coefficient)
            try:
                proved = dissipation(tried, symmetric).proved
            except (ValueError, NotImplementedError, RecursionError):  # no derivative is known
                continue
            if proved:
                extra = f", {', '.join(map(str, symmetric))} symmetric" if symmetric else ""
                detail = f"diag(g) F - c dE/dX reduces to 0, c = {ratio}{extra}"
                sign = self._metric_sign
                step = Step(text, How.DERIVED, sign.outcome, detail if sign.holds else str(sign))
                metric = model.metric if ratio == 1 else model.metric * (1 / ratio)
                return Climb(ratio, metric, step)
        return Climb(S.Zero, None, Step(text, How.DERIVED, Outcome.GAP, "not shown"))

    @cached_property
    def _metric_sign(self) -> Step:
        """Whether a stated metric is positive: the masses, or a softmax's row sums, a sink in."""
        stated = self.model.metric
        metric = None if stated is None else stated.doit()  # its factors in one order
        kernels = [] if metric is None else list(metric.atoms(Elementwise))
        sinks = [s for s in self.model.velocity.atoms(SinkSoftmax) if s.masses == m]
        if metric == m or metric in [HadamardProduct(m, s.totals()).doit() for s in sinks]:
            return Step("g > 0", How.DERIVED)
        masks = [] if metric is None else [w for w in metric.atoms(Mask) if w.everybody_sees]
        weights = [*kernels, *(HadamardProduct(w, a) for w in masks for a in kernels)]
        if len(kernels) == 1 and any(metric == HadamardProduct(m, w * m).doit() for w in weights):
            return _positive("g > 0", self.put(kernels[0].body))
        return Step("g > 0", How.DERIVED, Outcome.GAP, "the sign of the metric isn't shown")

    def is_symmetric(self, parameter: Any) -> bool:
        """Whether a matrix was given and is symmetric."""
        value = self.given.get(str(parameter))
        if not isinstance(parameter, MatrixSymbol) or value is None or callable(value):
            return False
        matrix = np.asarray(value)
        square = matrix.shape[-1] == matrix.shape[-2]
        return square and bool(np.all(matrix == np.swapaxes(matrix, -1, -2)))

    # -- numbers -------------------------------------------------------------------------------

    def number(self, parameter: Any = beta) -> Expr | None:
        """Value of a parameter if it is known and free of t."""
        value = self.values.get(parameter)
        return value if value is not None and value.is_number else None

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What statements have derived of this flow, for those that ask again."""
        return {}

    def once(self, statement: Any, prediction: Any, make: Callable[[], Evidence]) -> Evidence:
        """Evidence on this flow, made once for a statement and a prediction of it."""
        key = id(statement), prediction
        if key not in self.kept:
            self.kept[key] = statement, make()  # with the statement: nobody else gets its id
        found: Evidence = self.kept[key][1]
        return found


@lru_cache(maxsize=64)
def _kept(model: Model, from_zero: bool) -> Flow:
    return Flow(exact_model(model), {}, from_zero)


def _positive(text: str, kernel: Expr) -> Step:
    """Whether a kernel is positive on [-1, 1] at every time t >= 0."""
    if kernel.is_positive or kernel.subs(t, Dummy("t", nonnegative=True)).is_positive:
        return Step(text, How.DECIDED)
    parts = separate(kernel)
    if parts is None or schedule_of(parts[0]).sign != 1:
        return Step(text, How.DECIDED, Outcome.GAP, f"sign of {kernel} for t >= 0")
    return decided(text, decide_positive(parts[1]))


__all__ = ["Climb", "Flow"]
