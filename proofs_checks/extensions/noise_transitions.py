"""Problem 7, dichotomy; Problem 7, transition: when order sets in with a jump, and at which noise.

Main results
------------
Problem 7, dichotomy: ``I_{d/2+1}(β)/I_{d/2}(β) = 1/d`` has one root β_*(d), to 15 digits for
d = 2, 3, 4, 5, 8, 16. Problem 7, onset, asks for this quotient: it says on which side USA
orders with a jump.
Problem 7, transition: κ_u, the noise at which the free energies meet, the fold and |m_1|, for USA
on the circle and above; SA is continuous.

How it is proved
----------------
The quotient rises with β (Amos, cited): one root at most; balls enclose its signs half a unit of
the last digit on either side. The transitions are computed: the branch of stationary states is
followed through its fold, and the numbers are compared with those printed here, to 1e-6.

References
----------
- arXiv 2606.05140 for the equation of β_*, and arXiv 2510.20094, both on USA.
- Amos, Math. Comp. 28 (1974), on quotients of Bessel functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from sympy import Expr, Rational, besseli

from numerics import transition
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import Interval, enclose
from proofs_checks.proof import (
    MONOTONE,
    NO_FLOW,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    cited,
    compared,
    experiment,
    gap,
    not_asked,
)
from theory.models import SA, USA, Model
from theory.predictions import noise_dichotomy
from theory.symbols import beta, d

AMOS = "Amos: I_{ν+1}(x)/I_ν(x) increases with x > 0 for ν >= -1/2"


@dataclass(frozen=True)
class Roots:
    """Roots β_* of a function of β and d, in decimals that are correct to the last digit.

    Attributes
    ----------
    roots : tuple of (int, str)
        Dimension and root.
    """

    roots: tuple[tuple[int, str], ...]


def _alone(model: Expr, prediction: Roots) -> tuple[tuple[Model, tuple[Expr, Roots]], ...]:
    """Case of a function and its roots: no flow."""
    return ((NO_FLOW, (model, prediction)),)


def decide_roots(flow: Flow, prediction: tuple[Expr, Roots]) -> Sheet:
    """Say why there is one root at most."""
    function, _ = prediction
    text = "it is I_{ν+1}(β)/I_ν(β), ν = d/2 >= 1, and a constant"
    rest = function - besseli(d / 2 + 1, beta) / besseli(d / 2, beta)
    form = gap(text, f"it is {function}") if rest.has(beta) else Step(text, How.DERIVED)
    return Sheet((form, cited(AMOS, form)))


def _ends(function: Expr, dimension: int, digits: str) -> tuple[Interval, Interval, Rational]:
    """Enclose a function half a unit of the last digit below and above a root; and that half."""
    half = Rational(1, 2 * 10 ** len(digits.partition(".")[2]))
    places = (Rational(digits) - half, Rational(digits) + half)
    below, above = (enclose(function.subs({d: dimension, beta: place})) for place in places)
    return below, above, half


def refute_roots(
    flow: Flow, prediction: tuple[Expr, Roots] | None, budget: Budget
) -> Counterexample | None:
    """Find a root whose last digit is wrong: the function has one sign on both sides."""
    if prediction is None:
        return None
    function, said = prediction
    for dimension, digits in said.roots:
        below, above, half = _ends(function, dimension, digits)
        for side, box in (("above", above), ("below", below)):
            if box.b < 0 if side == "above" else box.a > 0:
                return Counterexample(
                    f"d = {dimension}: the function is {box.mid:.6g} at β = {digits} ± {half}: "
                    f"a root lies {side}"
                )
    return None


def enclose_roots(flow: Flow, prediction: tuple[Expr, Roots], budget: Budget) -> Sheet:
    """Enclose the signs on either side of each root."""
    function, said = prediction
    steps = []
    for dimension, digits in said.roots:
        below, above, half = _ends(function, dimension, digits)
        text = f"d = {dimension}: < 0 at β = {digits} - h, > 0 at + h, h = {half}"
        known = bool(below.b < 0 < above.a)
        held = Step(text, How.ENCLOSED, enclosed=True)
        steps.append(held if known else gap(text, f"{below}, {above}"))
    only = apply(MONOTONE, "one root each, correct to all digits", cited(AMOS), *steps)
    shown = ", ".join(f"{digits} (d = {k})" for k, digits in said.roots)
    sizes = ", ".join(str(k) for k, _ in said.roots)
    return Sheet((*steps, only), {"d": sizes}, summary=f"β_* = {shown}")


DICHOTOMY: Statement[tuple[Expr, Roots]] = Statement(
    "",
    "β_* is the only root of I_{d/2+1}/I_{d/2} = 1/d",
    decide_roots,
    not_asked,
    refute_roots,
    search=enclose_roots,
    cases=_alone,
)


Row: TypeAlias = tuple[int, float, float, float | None, float | None, float | None]
"""Dimension, β, κ_u, κ_transition, κ_fold, |m_1|."""


@dataclass(frozen=True)
class Thresholds:
    """Transitions of one model under noise.

    Attributes
    ----------
    rows : tuple of (d, β, κ_u, κ_transition, κ_fold, |m_1|)
        The last three are None where the transition is continuous.
    """

    rows: tuple[Row, ...]


def _cases(
    model: tuple[Model, ...], prediction: tuple[Thresholds, ...]
) -> tuple[tuple[Model, Thresholds], ...]:
    return tuple(zip(model, prediction, strict=True))


_SAME = 1e-6


def compute(flow: Flow, prediction: Thresholds, budget: Budget) -> Trial:
    """Compute each transition and compare it with what is said, to 1e-6."""

    def slacks() -> Iterator[tuple[float, str]]:
        for dimension, hot, *said in prediction.rows:
            if hot <= 0:
                yield -1.0, f"β = {hot:g}: the claim is of attraction"
                return
            found = transition(flow.model, hot, dimension)
            own: list[float] = [found.kappa_uniform]
            if found.kappa_transition is not None and found.order_parameter is not None:
                jump = [found.kappa_transition, found.kappa_fold, found.order_parameter]
                own += [] if found.continuous else jump
            told = [value for value in said if value is not None]
            where = f"{flow.name}, d = {dimension}, β = {hot:g}"
            if len(own) != len(told):
                kind = "continuous" if found.continuous else "a jump"
                yield -1.0, f"{where}: {kind} at κ_u = {own[0]:.7g}"
                continue
            far = max(abs(a / b - 1) for a, b in zip(own, told, strict=True))
            shown = ", ".join(f"{value:.7g}" for value in own)
            yield 1 - far / _SAME, f"{where}: {shown}, off by {far:.2g}"

    sizes = ", ".join(f"d = {row[0]}, β = {row[1]:g}" for row in prediction.rows)
    return replace(compared(slacks(), f"computed to 1e-6 at {sizes}"), scope={"n": "infinite"})


TRANSITIONS: Statement[Thresholds] = experiment(
    "thresholds of the noise, the fold of the ordered branch and the jump", compute, cases=_cases
)


_BETA_STAR = Roots(
    (
        (2, "2.44691831128905"),
        (3, "1.81615452543588"),
        (4, "1.57525715009213"),
        (5, "1.44548543246584"),
        (8, "1.26655302452092"),
        (16, "1.12897157548315"),
    )
)
_USA = Thresholds(
    (
        (2, 2.0, 0.795318427, None, None, None),
        (2, 3.0, 1.317790, 1.329455, 1.332871, 0.481544),
        (2, 5.0, 4.867128, 5.319833, 5.425916, 0.748031),
        (2, 8.0, 49.98414, 61.38260, 63.80593, 0.843194),
        (3, 3.0, 0.7475967, 0.8105407, 0.8275080, 0.7622642),
    )
)
_SA = Thresholds(
    (
        (2, 1.0, 0.446389966, None, None, None),
        (2, 8.0, 0.116904437, None, None, None),
        (3, 3.0, 0.223878830, None, None, None),
    )
)


def _in_squares(row: Row) -> Row:
    """Write a row in σ² = 2κ."""
    dimension, hot, least, meet, fold, order = row
    return (
        dimension, hot, 2 * least, None if meet is None else 2 * meet,
        None if fold is None else 2 * fold, order,
    )  # fmt: skip


PROBLEM_7_DICHOTOMY = Claim(
    "Problem 7, dichotomy",
    "I_{d/2+1}(β)/I_{d/2}(β) = 1/d has one root β_* > 0, given to 15 digits for "
    "d = 2, 3, 4, 5, 8, 16.",
    noise_dichotomy(beta, d),
    _BETA_STAR,
    DICHOTOMY,
    (
        Control("1/d -> 1/(d+1)", model=noise_dichotomy(beta, d) + 1 / d - 1 / (d + 1)),
        Control("I_{d/2}/I_{d/2-1}", model=besseli(d / 2, beta) / besseli(d / 2 - 1, beta) - 1 / d),
        Control("last digit of d = 2", prediction=Roots(((2, "2.44691831128906"),))),
    ),
    Verdict.CERTIFIED,
    origin="extension",
    equivalents=(Equivalent("the same root", ("model: × β",)),),
)

PROBLEM_7_TRANSITION = Claim(
    "Problem 7, transition",
    "Noise, n → ∞: USA orders with a jump at β = 3, 5, 8 (d = 2), 3 (d = 3), between κ_u and the "
    "fold as printed; continuously at β = 2, and so does SA.",
    (USA, SA),
    (_USA, _SA),
    TRANSITIONS,
    (
        Control("SA as USA", model=(SA, SA)),
        Control(
            "κ -> σ²", prediction=(Thresholds(tuple(map(_in_squares, _USA.rows))), _SA)
        ),
        Control(
            "the fold where the free energies meet", prediction=(
                Thresholds(tuple((*row[:3], row[4], row[4], row[5]) for row in _USA.rows)), _SA
            ),
        ),
        Control(
            "a jump of SA at β = 8",
            prediction=(_USA, Thresholds(((2, 8.0, 0.116904437, 0.12, 0.13, 0.5),))),
        ),
    ),
    Verdict.SUPPORTED,
    origin="extension",
)  # fmt: skip

CLAIMS = (PROBLEM_7_DICHOTOMY, PROBLEM_7_TRANSITION)
