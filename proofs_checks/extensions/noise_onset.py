"""Problem 7, threshold; Problem 7, onset: where and how order sets in under noise, for many tokens.

Main results
------------
Problem 7, threshold: the uniform state is unstable exactly for κ < κ_u, to degree 1 first; on the
circle κ_u = I_1/β for USA, I_1/(β I_0) for SA. dX = F dt + √(2κ) P∘dB.
Problem 7, onset: order sets in continuously for SA, at every β and d; for USA near κ_u iff
I_{d/2+1}(β)/I_{d/2}(β) < 1/d.

How it is proved
----------------
Stationary states solve ν ∝ exp(φ[ν]/κ); multipliers of the kernel are Bessel functions (Funk and
Hecke). The expansion to third order about the uniform law is exact, for symbolic d; the signs are
those of inequalities for quotients of Bessel functions.

References
----------
- arXiv 2312.10794, Problem 7; the paper writes no equation with noise.
- arXiv 2510.20094 (√(2/k) dW is κ = 1/k), arXiv 2606.05140 (a coupling K is κ = 1/(2K)), for USA.
- Soni (1965), Thiruvenkatachar and Nanjundiah (1951) on Bessel functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sympy import Dummy, Expr, S, Symbol, besseli, cancel, factor, together

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Hypothesis, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    SUM,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    cited,
    derived,
    gap,
    lettered,
    pairwise,
    refute_off_sphere,
    six_digits,
)
from proofs_checks.proof.stationary import (
    DRIVEN,
    FUNK_HECKE,
    SIMPLE,
    SONI,
    TURAN,
    attention_step,
    with_noise,
)
from proofs_checks.said import say, saying
from theory.measures import continuity_equation
from theory.models import SA, USA
from theory.predictions import landau_coefficient, noise_onset, noise_threshold
from theory.symbols import beta, d, kappa, n

DEGREE = Symbol("l", integer=True, positive=True)
"""Degree of a spherical harmonic."""


def _vanishing(expr: Expr) -> Expr:
    """Bring a difference of quotients of Bessel functions to one quotient."""
    return cancel(together(expr))


def _differs(words: str, found: Expr, said: Expr) -> Counterexample | None:
    """Compare two functions of β and d at a generic point, in balls."""
    values = {beta: S(2), d: S(3)}
    slack = enclose((found - said).subs(values))
    if slack.a <= 0 <= slack.b:
        return None
    own, other = (six_digits(expr.subs(values)) for expr in (found, said))
    return Counterexample(f"{words} is {own} at β = 2, d = 3, not {other}")


# -- the threshold -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Threshold:
    """The uniform state is unstable exactly for κ below this, a function of β and d."""

    kappa: Expr


def decide_threshold(flow: Flow, prediction: Threshold) -> Sheet:
    """Linearise the Fokker-Planck equation about the uniform state, degree by degree."""
    form = attention_step(flow)
    if not form.holds:
        return Sheet((form,))
    hecke = cited(FUNK_HECKE, form)
    name = "SA" if flow.normalised else "USA"
    assert flow.model.noise is not None  # DRIVEN is asked before
    equation = continuity_equation(flow.model.drift)
    rate = equation.growth_rate(DEGREE, d, flow.model.noise.strength)
    drive = noise_threshold(beta, d, name, DEGREE)
    split = derived(
        "∂_t ρ = κΔρ - ∇·(ρ F[ρ]) about ρ = 1: degree l grows at l(l+d-2)(κ_l - κ)",
        _vanishing(rate - DEGREE * (DEGREE + d - 2) * (drive - kappa)),
    )
    grown, driven = lettered(rate, DEGREE * (DEGREE + d - 2) * (drive - kappa))
    split = saying(split, say(grown, "=", driven))
    own = noise_onset(flow.model.drift, d).threshold
    first = derived(f"κ_1 = {prediction.kappa}", _vanishing(own - prediction.kappa))
    least, said = lettered(own, prediction.kappa)
    first = saying(first, say(least, "=", said))
    falls = cited(SONI, hecke)
    later = apply(
        SUM, "κ_l falls with l: for κ >= κ_1 no degree grows, for κ < κ_1 degree 1 does",
        falls, split, terms={"κ_1 - κ_l": "> 0"},
    )  # fmt: skip
    return Sheet(
        (form, hecke, split, first, falls, later),
        {"n": "infinite", "d": "symbolic, >= 2", "beta": "> 0"},
        identity=(rate, own),
        summary=f"{flow.name}: degree l grows at l(l+d-2)(κ_l - κ), and κ_l falls with l; "
        f"on the circle κ_1 = {noise_threshold(beta, 2, name)}",
    )


def refute_threshold(
    flow: Flow, prediction: Threshold | None, budget: Budget
) -> Counterexample | None:
    """Compare the threshold with the flow's own at β = 2, d = 3."""
    if prediction is None or not attention_step(flow).holds:
        return refute_off_sphere(Flow.of_paper(flow.model.drift), prediction, budget)
    own = noise_onset(flow.model.drift, d).threshold
    return _differs(f"{flow.name}: κ_u", own, prediction.kappa)


THRESHOLD: Statement[Threshold] = Statement(
    "",
    "with noise the uniform state is unstable exactly below κ_u, to degree 1 first",
    decide_threshold,
    refute=refute_threshold,
    domain=(DRIVEN,),
    cases=pairwise,
    noisy=True,
)


# -- how order sets in ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Landau:
    """``κ = κ_u (1 + landau·m² + O(m⁴))`` on the ordered branch, m = |∫x dν|.

    Attributes
    ----------
    coefficient : Expr
        In β and d.
    kind : {"continuous", "by the quotient"}
        Negative for all β and d, or of the sign of ``I_{d/2+1}/I_{d/2} - 1/d``.
    """

    coefficient: Expr
    kind: Literal["continuous", "by the quotient"]


def decide_onset(flow: Flow, prediction: Landau) -> Sheet:
    """Expand ν ∝ exp(φ[ν]/κ) about the uniform law, and find the sign of the first term."""
    form = attention_step(flow)
    if not form.holds:
        return Sheet((form,))
    hecke = cited(FUNK_HECKE, form)
    found = noise_onset(flow.model.drift, d)
    same = derived(
        f"κ/κ_u - 1 = m² · {prediction.coefficient} + O(m⁴)",
        _vanishing(found.landau - prediction.coefficient),
    )
    first, second = (besseli(d / 2 + k, beta) for k in range(2))
    own, said, falls = lettered(found.landau, prediction.coefficient, first - second)
    same = saying(same, say(factor(own), "=", said, (say(0, "<", falls),)))
    curve, sign = cited(SIMPLE, same, hecke), _sign(prediction, same)
    return Sheet(
        (form, hecke, same, _ordered(found.threshold), curve, *sign),
        {"n": "infinite", "d": "symbolic, >= 2", "beta": "> 0"},
        identity=(found.landau, prediction.coefficient),
        summary=f"{flow.name}: {sign[-1].text}; the expansion is exact for symbolic d",
    )


def _ordered(threshold: Expr) -> Step:
    """Decide that κ_u > 0: below it there is order at some noise."""
    values = {one: Dummy("I", positive=True) for one in threshold.atoms(besseli)}
    values |= {beta: Dummy("beta", positive=True), d: 2 + Dummy("k", nonnegative=True)}
    text, positive = "κ_u > 0", factor(threshold.xreplace(values)).is_positive
    return Step(text, How.DECIDED, evidence="I_ν > 0") if positive else gap(text, f"{threshold}")


def _sign(prediction: Landau, same: Step) -> list[Step]:
    """Find the sign of the coefficient, from quotients r_k = I_{d/2-1+k}/I_{d/2-1}."""
    order = d / 2 - 1
    least, first, second = (besseli(order + k, beta) for k in range(3))
    if prediction.kind == "continuous":
        r1, r2 = first / least, second / least
        factors = {"1 - r_1": "> 0", "r_1² - r_2": "> 0", "1 - r_2": "> 0", "r_1 - r_2": "> 0"}
        shape = -d * (1 - r1) * (d * (r1**2 - r2) + r1 * (1 - r2)) / ((d + 2) * (r1 - r2))
        text = "the coefficient is < 0 at every β > 0 and d: continuous"
    else:
        ratio = second / first
        factors = {"1 - ρ": "> 0"}
        shape = d * (d * ratio - 1) / ((d + 2) * (1 - ratio))
        text = "the coefficient has the sign of I_{d/2+1}/I_{d/2} - 1/d"
    form = derived(
        f"it is a product of {', '.join(factors)}", _vanishing(shape - prediction.coefficient)
    )
    product, said = lettered(shape, prediction.coefficient)
    form = saying(form, say(product, "=", said))
    bessel = [cited(SONI, same)]
    if prediction.kind == "continuous":
        bessel.append(cited(TURAN, same))
    return [form, *bessel, apply(SUM, text, form, *bessel, terms=factors)]


def refute_onset(flow: Flow, prediction: Landau | None, budget: Budget) -> Counterexample | None:
    """Compare the coefficient with the flow's own at β = 2, d = 3."""
    if prediction is None or not attention_step(flow).holds:
        return refute_off_sphere(Flow.of_paper(flow.model.drift), prediction, budget)
    own = noise_onset(flow.model.drift, d)
    least = enclose(own.threshold.subs({beta: S(2), d: S(3), n: S(5)}))
    if least.b < 0:
        return Counterexample(
            f"{flow.name}: κ_u = {least.mid:.6g} < 0 at β = 2, d = 3: no order at any noise"
        )
    return _differs(f"{flow.name}: (κ/κ_u - 1)/m²", own.landau, prediction.coefficient)


ONSET: Statement[Landau] = Statement(
    "",
    "with noise order sets in continuously or with a jump by the sign of the Landau coefficient",
    decide_onset,
    refute=refute_onset,
    domain=(DRIVEN,),
    cases=pairwise,
    noisy=True,
)


def _warm(**parameters: float) -> float:
    return parameters["beta"] - 1e-9


_BETA_POSITIVE = Hypothesis("β > 0", _warm)
_NOISY_USA, _NOISY_SA = with_noise(USA), with_noise(SA)
_BOTH = (Threshold(noise_threshold(beta, d, "USA")), Threshold(noise_threshold(beta, d, "SA")))
_LANDAU = (
    Landau(landau_coefficient(beta, d, "USA"), "by the quotient"),
    Landau(landau_coefficient(beta, d, "SA"), "continuous"),
)

PROBLEM_7_THRESHOLD = Claim(
    "Problem 7, threshold",
    "Noise, n → ∞: the uniform state is unstable exactly for κ < Γ(d/2)(2/β)^{d/2-1} I_{d/2}/β "
    "(USA; over the multiplier of degree 0 for SA), to degree 1 first.",
    (_NOISY_USA, _NOISY_SA),
    _BOTH,
    THRESHOLD,
    (
        Control("without 1/β", prediction=tuple(Threshold(beta * p.kappa) for p in _BOTH)),
        Control("SA as USA", model=(_NOISY_USA, _NOISY_USA)),
        Control(
            "σ = √(2κ) in place of κ = σ²/2",
            prediction=tuple(Threshold(2 * p.kappa) for p in _BOTH),
        ),
    ),
    Verdict.PROVED,
    (_BETA_POSITIVE,),
    origin="extension",
)

PROBLEM_7_ONSET = Claim(
    "Problem 7, onset",
    "Noise, n → ∞: near κ_u order sets in continuously for SA at every β, d; for USA iff "
    "I_{d/2+1}/I_{d/2} < 1/d, with a jump iff > 1/d.",
    (_NOISY_USA, _NOISY_SA),
    _LANDAU,
    ONSET,
    (
        Control("1/d -> 1/(d+1)", prediction=(
            Landau(_LANDAU[0].coefficient.subs(d, d + 1), "by the quotient"), _LANDAU[1]
        )),
        Control("SA by USA's coefficient", prediction=(
            _LANDAU[0], Landau(_LANDAU[0].coefficient, "by the quotient")
        )),
        Control("SA as USA", model=(_NOISY_USA, _NOISY_USA)),
        Control("without m_2", prediction=(
            Landau(-d / (d + 2), "by the quotient"), _LANDAU[1]
        )),
    ),
    Verdict.PROVED,
    (_BETA_POSITIVE,),
    origin="extension",
    equivalents=(
        Equivalent(
            "noise is measured by κ_u, with which the speed of the drift goes",
            ("*.velocity: × β", "*.velocity: × n"),
        ),
    ),
)  # fmt: skip

CLAIMS = (PROBLEM_7_THRESHOLD, PROBLEM_7_ONSET)
