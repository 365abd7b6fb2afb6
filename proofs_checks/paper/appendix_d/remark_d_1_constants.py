"""Remark D.1, C13, Remark D.1 threshold, E.Remark D.1: constants and where they fail.

Main results
------------
Remark D.1: USA: γ(n/2) >= 1/2 and 1-γ <= ½ e^{-e^{β/2}(t-n/2)} for all t >= 0.
C13: at t = 0 (D.8) fails for n = 2, β < 0.046816, not for n = 3, 4, 8, 32 and β <= 20.
Remark D.1 threshold: n = 2, β <= 1: printed c(β)^{nt} is too small just for β < 0.04384.
E.Remark D.1: USA: max |x_j-y_j| grows at most like e^{2(1+β)e^β t}.

How it is proved
----------------
Remark D.1 is decided by the check of (D.8), and the erratum by the identity of chords and
Grönwall's inequality (cited): exact for every n >= 2 and β >= 0. C13 and the threshold are zeros
of one function of β: enclosed by intervals, certified in balls. The
printed constant is refuted by the exact rate of an antipodal pair; two near systems are watched.

References
----------
arXiv 2312.10794, Appendix D, Remark D.1 and (D.8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, S, exp, lambdify, log, simplify, sqrt

from proofs_checks.certificates import NotCertified, certify_root, enclosure_of
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.paper.appendix_d.eq_d_8_approach import APPROACH, PLAIN
from proofs_checks.proof import (
    CHORD,
    EVEN_BOUND,
    FASTER,
    HOT,
    OPPOSED,
    SCOPE_WARM_EQUAL_MASSES_FROM_TWO,
    as_rational,
    chord_algebra,
    decided_positive,
    enclosure_ends,
    growth,
    opposed,
    rejected,
    short,
    six_digits,
    unreached,
    without_temperature,
)
from theory.linearize import antipodal
from theory.models import SA, USA, Model, attention_form
from theory.symbols import beta, n, z

REMARK_D_1 = Claim(
    "Remark D.1",
    "USA: γ(n/2) >= 1/2 and 1-γ <= ½ e^{-e^{β/2}(t-n/2)} for all t >= 0, n >= 2, β >= 0.",
    USA,
    PLAIN,
    APPROACH,
    (
        Control("e^{β/2} -> e^β", prediction=replace(PLAIN, late=exp(beta))),
        Control("origin n/2 -> 0", prediction=replace(PLAIN, origin=S.Zero)),
        Control("USA -> SA", model=SA),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        FASTER,
        Equivalent("a rate of e^{2β} >= e^β is better", ("USA.velocity: e^u -> e^2u",)),
        Equivalent(
            "a lower bound of γ'",
            ("prediction.early: sign", "prediction.early: squared", "prediction.late: sign"),
        ),
        Equivalent(
            "a larger bound of 1 - γ, as n e^β >= 2",
            (
                "prediction.prefactor: + 1",
                "prediction.prefactor: × 2",
                "prediction.origin: × n",
                "prediction.origin: squared",
            ),
        ),
        Equivalent("said of later times only", ("prediction.start: + 1",)),
    ),
)


def _fast_pair(model: Model, prediction: Expr, rng: np.random.Generator) -> str:
    """Two near systems on the circle that part faster than predicted, or ""."""
    if without_temperature(model):
        return ""
    first, second = opposed(1000, rng)
    hot = np.exp(rng.uniform(np.log(0.02), np.log(6.0), len(first)))
    rates = growth(model, first, second, hot, OPPOSED)[0]
    claimed = np.broadcast_to(lambdify((beta, n), prediction, "numpy")(hot, 3), rates.shape)
    case = int(np.argmax(rates - claimed * (1 + 1e-5)))
    if rates[case] <= claimed[case] * (1 + 1e-5):
        return ""
    return (
        f"{model.name}, β = {hot[case]:.4g}, masses {OPPOSED}, x = {short(first[case])}: moves of "
        f"1, -1, -1 along the circle grow at the rate {rates[case]:.5g} > {claimed[case]:.5g}"
    )


def check_constant(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Compare a growth rate with the antipodal pair's, exactly, and with the proved constant."""
    form = attention_form(model)
    if form is None:
        return unreached(model, f"{model.name} is no pair sum", budget.rng)
    unstable = [value for value, _ in antipodal(model, 1, 1, dimension=2).eigenvalues if value != 0]
    for hot in (Rational(1, 100), Rational(1, 3), Integer(1), Integer(3), S.Zero):
        put = {beta: hot, n: 2}
        claimed = prediction.subs(put)
        for rate in unstable:
            if (rate.subs(put) - claimed).evalf(20) > 1e-12:
                detail = (
                    f"{model.name}, n = 2, β = {hot}: from an antipodal pair differences grow at "
                    f"the rate {rate.subs(put)} = {rate.subs(put).evalf(5)} > {claimed.evalf(5)}"
                )
                return Evidence(Verdict.REFUTED, detail)
    found = _fast_pair(model, prediction, budget.rng)
    if found:
        return Evidence(Verdict.REFUTED, found)
    kernel = (form.scale * form.kernel).subs(beta, HOT)
    heat = simplify(kernel.diff(z) / kernel)
    if not kernel.is_positive or z in heat.free_symbols or not heat.is_nonnegative:
        return Evidence(Verdict.UNDECIDED, f"{model.name}: kernel {kernel} isn't e^(cβz)")
    # |m| <= top and |dm| <= top (1 + 2 heat) max|dx|; the chord identity adds |m|.
    top = S.One if form.normalised else kernel.subs(z, 1)
    derived = 2 * (1 + heat) * top
    ratio = simplify(prediction.subs(beta, HOT) / derived)
    if chord_algebra() != 0 or not (ratio.is_number and ratio >= 1):
        return Evidence(Verdict.UNDECIDED, f"over the derived constant {derived}: {ratio}")
    return Evidence(
        Verdict.PROVED,
        f"max|x_j - y_j| grows at most at the rate {derived}, for every n and d: |m_i| <= e^β, "
        "|dm_i| <= (1+2β)e^β max|dx_j|",
        {**SCOPE_WARM_EQUAL_MASSES_FROM_TWO, "masses": "symbolic, sum 1"},
        ("Grönwall's inequality",),
        identity=(CHORD, prediction),
    )


ERRATUM_REMARK_D_1 = Claim(
    "E.Remark D.1",
    "USA: max |x_j-y_j| grows at most like e^{2(1+β)e^β t}; the printed 10nβe^{2β} is too small.",
    USA,
    2 * (1 + beta) * exp(beta),
    check_constant,
    (
        Control("2(1+β)e^β -> 3βe^β", prediction=3 * beta * exp(beta)),
        Control("2(1+β)e^β -> e^{-β}/2", prediction=exp(-beta) / 2),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control(
        "as printed: c^{nt}, c = e^{10βe^{2β}}", prediction=10 * n * beta * exp(2 * beta)
    ),
    origin="erratum",
    kind="statement",
    equivalents=(
        EVEN_BOUND,
        Equivalent(
            "at least G = max_g (1-g)(1+2β(1+g)), of USA times e^{βg}, the constant for "
            "geodesics, at which chords, hence W_∞ and <x_i,x_j>, grow at most too",
            ("prediction: β -> β²",),
        ),
        Equivalent(
            "β G <= (1+4β) e^{β-1} < 2(1+β) e^β: x e^{-x} <= 1/e at x = β(1-g)",
            ("USA.velocity: × β",),
        ),
        Equivalent("a larger bound", ("prediction: e^u*", "prediction: squared")),
    ),
)


@dataclass(frozen=True)
class FailsBelow:
    """A printed bound holds if and only if ``slack >= 0``: for β at or above ``root`` only.

    Attributes
    ----------
    slack : Expr
        In ``beta`` and ``n``; negative at β = 0, it increases on [0, 1].
    root : Expr or None
        Closed form of its zero, where there is one.
    decimals : str
        The zero, rounded.
    size : int
        The n it speaks of.
    never : tuple of int
        Those n where the slack is positive on all of [0, 20].
    """

    slack: Expr
    root: Expr | None
    decimals: str
    size: int = 2
    never: tuple[int, ...] = ()

    def at(self, size: int) -> Expr:
        """Slack for a number of tokens."""
        if size < 2:
            raise ValueError(f"Expected at least 2 tokens but got size={size}; one has no pair.")
        return self.slack.subs(n, size)


def check_fails_below(model: Any, prediction: FailsBelow, budget: Budget) -> Evidence:
    """Enclose the zero of the slack by Newton steps, and compare with its closed form and decimals.

    Parameters
    ----------
    model : object
        Not used: the printed bounds speak of γ, whose equation has its own claims.
    prediction : FailsBelow
    budget : Budget
        Not used.
    """
    one, others = prediction.at(prediction.size), [prediction.at(k) for k in prediction.never]
    place = Rational(prediction.decimals)
    unit = Rational(1, 2 * 10 ** len(prediction.decimals.partition(".")[2]))
    sides = [enclosure_ends(one, {beta: place + step}) for step in (-unit, unit)]
    if sides[0][0] > 0 or sides[1][1] < 0:
        word = "below" if sides[0][0] > 0 else "above"
        return Evidence(
            Verdict.REFUTED,
            f"the slack is {six_digits(sides[0][0])} at β = {(place - unit).evalf(8)} and "
            f"{six_digits(sides[1][0])} at {(place + unit).evalf(8)}: its zero is {word}",
        )
    start = enclosure_ends(one, {beta: 0})
    if not start[1] < 0:
        detail = f"the slack is {six_digits(start[0])} at β = 0, where the bound is to fail"
        return Evidence(Verdict.REFUTED if start[0] >= 0 else Verdict.UNDECIDED, detail)
    if prediction.root is not None:
        low, high = enclosure_ends(prediction.root)
        margin = Rational(1, 10**20)
        early, late = (enclosure_ends(one, {beta: end}) for end in (low - margin, high + margin))
        if early[0] > 0 or late[1] < 0:
            detail = f"the slack at {prediction.root} = {six_digits(low)} is {six_digits(early[0])}"
            return Evidence(Verdict.REFUTED, detail)
        if not (early[1] < 0 < late[0] and high - low < margin):
            return Evidence(Verdict.UNDECIDED, "the closed form is enclosed too loosely")
    for slack in others:
        found, _ = decided_positive(slack, {beta: (0, 20)})
        if found is not None:
            return Evidence(*found)
    try:
        certificate = certify_root(one, beta, (0, 1), digits=15)
    except NotCertified as reason:
        return Evidence(Verdict.UNDECIDED, str(reason))
    failed = rejected(certificate)
    if failed is not None:
        return failed
    low, high = (as_rational(end) for end in enclosure_of(certificate))
    if not place - unit < low < high < place + unit:
        return Evidence(Verdict.UNDECIDED, f"the zero lies in [{low}, {high}]")
    extra = f"; {len(prediction.never)} more slacks have none in [0, 20]" * bool(prediction.never)
    sizes = "; ".join([str(prediction.size), ", ".join(map(str, prediction.never))])
    scope = {"n": sizes.strip("; "), "beta": "[0, 1], [0, 20]" if others else "[0, 1]"}
    detail = f"one zero in [0, 1], at {prediction.decimals}{extra}"
    return Evidence(Verdict.CERTIFIED, detail, scope)


# Exponent of (D.8) at t = 0 less log 2: 1 <= ½ e^{n² e^β/(2(n + e^{β/2}))} is needed.
_EARLY = FailsBelow(
    n / (n + exp(beta / 2)) * n * exp(beta) / 2 - log(2),
    2 * log((log(2) + sqrt(log(2) ** 2 + 16 * log(2))) / 4),
    "0.046816",
    never=(3, 4, 8, 32),
)


C13 = Claim(
    "C13",
    "At t = 0 (D.8) fails for n = 2, β < 0.046816: log 2 = 2s²/(2+s), s = e^{β/2}; it doesn't for "
    "n = 3, 4, 8, 32 and β <= 20.",
    None,
    _EARLY,
    check_fails_below,
    (
        Control("n = 2 among the n without a zero", prediction=replace(_EARLY, never=(2,))),
        Control("0.046816 -> 0.046817", prediction=replace(_EARLY, decimals="0.046817")),
        Control(
            "other constant in the root",
            prediction=replace(_EARLY, root=2 * log((log(2) + sqrt(17 * log(2))) / 4)),
        ),
    ),
    Verdict.CERTIFIED,
    cases=10,
    origin="extension",
    about=frozenset(),
    equivalents=(
        Equivalent("n > 0: the slack keeps its sign", ("prediction.slack: × n",)),
        Equivalent(
            "another n > 2: n²/(n + s) grows with n",
            ("prediction.never.?: + 1", "prediction.never.[1-3]: - 1"),
        ),
    ),
)


# c^{nt} of Remark D.1, c = e^{10 β e^{2β}}, against the antipodal pair's rate e^{-β}.
_CONSTANT = FailsBelow(10 * n * beta * exp(3 * beta) - 1, None, "0.04384")


CONSTANT_D_1 = Claim(
    "Remark D.1 threshold",
    "n = 2, β in [0, 1]: the printed c(β)^{nt} is below the growth of an antipodal pair exactly "
    "for β < 0.04384.",
    None,
    _CONSTANT,
    check_fails_below,
    (
        Control("n = 2 -> n = 3", prediction=replace(_CONSTANT, size=3)),
        Control(
            "e^{3β} -> e^{2β}",
            prediction=replace(_CONSTANT, slack=10 * n * beta * exp(2 * beta) - 1),
        ),
    ),
    Verdict.CERTIFIED,
    cases=10,
    origin="extension",
    about=frozenset(),
    equivalents=(Equivalent("n > 0: the slack keeps its sign", ("prediction.slack: × n",)),),
)


CLAIMS = (REMARK_D_1, C13, CONSTANT_D_1, ERRATUM_REMARK_D_1)
