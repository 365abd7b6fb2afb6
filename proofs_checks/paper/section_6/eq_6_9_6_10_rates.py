"""(6.9), (6.10): γ' of equiangular tokens.

Main results
------------
- (6.9): γ' for SA.
- (6.10): γ' for USA.

How it is proved
----------------
The I/J algebra evaluates the Gram flow at G = (1-γ)I + γJ for symbolic n: the set is invariant,
and γ' is read off, beside the rate of equal lengths where the state has some. Its difference from
the prediction reduces to 0 in a normal form, exactly for symbolic n, β and γ, with masses 1/n. No
point is drawn. Cited: Picard-Lindelöf uniqueness.

References
----------
arXiv 2312.10794, (6.9) and (6.10).
"""

from __future__ import annotations

from sympy import Expr, Rational

from proofs_checks.claim import WARM, Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    CONTINUOUS_AT_EQUAL_ANGLES,
    EQUAL_ANGLES,
    ROOM,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    cited,
    derived,
    gap,
    leaves_sphere,
    summed_rate,
    unequal_angles,
)
from proofs_checks.proof.kinds import SPHERE
from proofs_checks.said import say, saying
from proofs_checks.theorems import Concludes, Conclusion, Refusal, equal_in_flows, subject_in
from theory.models import SA, USA, Model
from theory.predictions import equiangular_rate, normal_form
from theory.symbols import beta, d, gamma, n


def derive_rate(flow: Flow) -> Expr | None:
    """Return γ' of the flow."""
    return flow.angle_rate


def refute_rate(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Find tokens that leave the sphere, or compare γ' with the prediction at three tokens."""
    alone = len(flow.model.blocks) == 1
    if alone and (off := leaves_sphere(flow.model, budget.rng)):
        return Counterexample(off)
    if flow.equal_angles[0] is None and (parted := unequal_angles(flow)):
        return Counterexample(parted, {"masses": "1/n"})
    rate = flow.angle_rate
    if rate is None or prediction is None or normal_form(rate - prediction) == 0:
        return None
    at = {n: 3, gamma: Rational(1, 4), beta: Rational(5, 4)}
    seen, said = rate.subs(at), prediction.subs(at)
    if not (seen - said).evalf(20).is_nonzero:
        return None
    return Counterexample(
        f"{flow.name}: γ' is {seen.n(6)}, not {said.n(6)}, at n = 3, γ = 1/4, β = 5/4"
    )


def decide(flow: Flow, prediction: Expr) -> Sheet:
    """Compare γ' with the prediction, for symbolic n."""
    rate = flow.angle_rate
    text = f"γ' = {prediction}"
    step = gap(text, flow.equal_angles[1])
    if rate is not None:
        step = derived(text, 0 if rate == prediction else normal_form(rate - prediction))
    if flow.still_form is not None:
        step = saying(step, say(summed_rate(flow.still_form), "=", prediction))
    invariant = EQUAL_ANGLES.test(flow)
    return Sheet(
        (invariant, step, cited("Picard-Lindelöf uniqueness", invariant)),
        _SCOPE,
        (flow.model.velocity, rate, prediction),
        f"G = (1-γ)I + γJ is invariant with γ' = {rate}: residual 0",
    )


def say_rate(flow: Flow, prediction: Expr) -> str:
    """Say the flow's own rate, and those of lengths, masses or a second species beside it."""
    reduced = flow.equal_angles[0]
    others = reduced.others if reduced is not None else ()
    more = "".join(f", {symbol}' = {flow.put(rate)}" for symbol, rate in others)
    blocks = flow.model.blocks[1:]
    species = ", ".join(str(b.symbol) for b in blocks if b.symbol.shape[1] == d)
    rows = ", ".join(str(b.symbol) for b in blocks if b.symbol.shape[1] != d)
    what = f"equal angles of X, {species}, and between them," if species else "equal angles"
    what += f" and equal {rows}" if rows else ""
    return f"{what} stay equal, γ' = {prediction}{more}"


def conclude_rate(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Say that equal angles stay equal, at this rate."""
    subject = subject_in(flow)
    return subject if isinstance(subject, Refusal) else equal_in_flows(subject, prediction)


_SCOPE = {"n": "symbolic, >= 2", "d": "symbolic, >= n", "beta": "symbolic", "masses": "1/n"}
EQUAL: Statement[Expr] = Statement(
    "equiangular ODE",
    "equal angles stay equal, as in (6.9), (6.10)",
    Concludes(conclude_rate, decide, tuple(_SCOPE.items())),
    derive_rate,
    refute_rate,
    domain=(SPHERE,),
    premises=(EQUAL_ANGLES, CONTINUOUS_AT_EQUAL_ANGLES),
    says=say_rate,
    several_blocks=True,
    typed=True,
)


def _rate_claim(
    label: str, model: Model, other: Model, right: Expr, wrong: Expr
) -> Claim[Model, Expr]:
    name, shown = model.name, "" if model is USA else " n/(e^β + (n-1)e^{βγ})"
    factor = (n - 1) * gamma + 1
    return Claim(
        label,
        f"{name}: equiangular tokens have γ' = (2/n) e^{{βγ}} (1-γ)((n-1)γ+1){shown}.",
        model,
        right,
        EQUAL,
        (
            Control("the factor 2 dropped", prediction=right / 2),
            Control("(n-1)γ+1 -> (n-2)γ+1", prediction=right / factor * ((n - 2) * gamma + 1)),
            Control(f"the flow {other.name}", model=other),
            Control("the other normalisation", prediction=wrong),
        ),
        Verdict.PROVED,
        (ROOM, WARM),
    )


_SOFTMAX_RATE, _PLAIN_RATE = (equiangular_rate(model=name) for name in ("SA", "USA"))


EQUATION_6_9 = _rate_claim("(6.9)", SA, USA, _SOFTMAX_RATE, _PLAIN_RATE)


EQUATION_6_10 = _rate_claim("(6.10)", USA, SA, _PLAIN_RATE, _SOFTMAX_RATE)


CLAIMS = (EQUATION_6_9, EQUATION_6_10)
