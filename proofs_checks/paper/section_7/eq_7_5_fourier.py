"""(7.5): with h = sin e^{β cos} it is (7.1); e^{β cos θ} has the coefficients I_k(β) > 0.

How it is proved
----------------
The coupling is derived from USA's equation of the angles and compared exactly. With w = e^{iθ}
the kernel is e^{βw/2} e^{β/(2w)}: each term of I_k is the one of this product, for symbolic k
and β > 0, and all terms are positive. The Cauchy product of absolutely convergent series is
cited.

References
----------
arXiv 2312.10794, Section 7, (7.5).
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Rational, S, Symbol, factorial, gammasimp, simplify, sin

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import (
    CIRCLE_KERNEL,
    WARM_BETA,
    circle_normal_form,
    circle_terms,
    shown_on_circle,
    subjects,
    unreached,
)
from theory.derivations import phi as PHI
from theory.models import USA, Model
from theory.symbols import beta

ORDER = Symbol("k", integer=True, nonnegative=True)
"""Order of a Fourier coefficient."""


TERM = Symbol("j", integer=True, nonnegative=True)
"""Index of the series."""


@dataclass(frozen=True)
class Fourier:
    """``e^{β cos θ} = Σ_k I_k e^{ikθ}``, I_k = Σ_j term, and the coupling of (7.5).

    Attributes
    ----------
    term : Expr
        In ``ORDER``, ``TERM`` and ``beta``.
    coupling : Expr
        h of (7.5), ``θ_i' = (1/n) Σ_j h(θ_j - θ_i)``, in ``PHI``.
    """

    term: Expr
    coupling: Expr


def check_fourier(model: Model, prediction: Fourier, budget: Budget) -> Evidence:
    """Compare the series with the Cauchy product of e^{βw/2} and e^{β/(2w)}, w = e^{iθ}.

    Parameters
    ----------
    model : Model
        The flow of (7.5).
    prediction : Fourier
        The series and the coupling.
    budget : Budget
        Not used.
    """
    summand, weight, reason = circle_terms(model)
    if reason or weight is not None:
        return unreached(model, reason or f"{model.name}: the flow is normalised", budget.rng)
    # circle_angles has φ = θ_i - θ_j, (7.5) has θ_j - θ_i.
    gap = circle_normal_form(summand - prediction.coupling.subs(PHI, -PHI))
    if gap != 0:
        return Evidence(
            Verdict.REFUTED, f"coupling: derived minus claimed is {gap}, {shown_on_circle(gap)}"
        )
    hot = Symbol("beta", positive=True)
    product = (hot / 2) ** (TERM + ORDER) / factorial(TERM + ORDER) * (hot / 2) ** TERM
    product = product / factorial(TERM)
    ratio = gammasimp(simplify(prediction.term.subs(beta, hot) / product))
    if ratio != 1:
        rows = [
            sum(
                (e.subs({ORDER: 1, hot: WARM_BETA, beta: WARM_BETA, TERM: j}) for j in range(12)),
                start=S.Zero,
            )
            for e in (prediction.term, product)
        ]
        verdict = Verdict.REFUTED if abs(rows[0] - rows[1]) > Rational(1, 1000) else None
        return Evidence(
            verdict or Verdict.UNDECIDED,
            f"term over the Cauchy product is {ratio}: at k = 1, β = 5/4 the series is "
            f"{rows[0].n(6)}, the coefficient {rows[1].n(6)}",
        )
    if not product.is_positive:
        return Evidence(Verdict.UNDECIDED, "the sign of the terms is unknown")
    return Evidence(
        Verdict.PROVED,
        "e^{β cos θ} = e^{βw/2} e^{β/(2w)}: the coefficient of w^k is Σ_j (β/2)^{2j+k}/(j!(j+k)!), "
        "term by term, all positive; symmetric in w -> 1/w; (7.5) derived with h = sin e^{β cos}",
        {"k": "symbolic", "beta": "symbolic, positive", "n": "symbolic"},
        ("Cauchy product of absolutely convergent series",),
        identity=subjects(model, prediction.term),
    )


_BESSEL = (beta / 2) ** (2 * TERM + ORDER) / (factorial(TERM) * factorial(TERM + ORDER))


_COUPLING = sin(PHI) * CIRCLE_KERNEL


FOURIER = Claim(
    "(7.5)",
    "(7.5) with h = sin e^{β cos} is (7.1); e^{β cos θ} has the Fourier coefficients I_k(β) > 0.",
    USA,
    Fourier(_BESSEL, _COUPLING),
    check_fourier,
    (
        Control("J_k in place of I_k", prediction=Fourier((-1) ** TERM * _BESSEL, _COUPLING)),
        Control("β/2 -> β in I_k", prediction=Fourier(_BESSEL.subs(beta, 2 * beta), _COUPLING)),
        Control("h = sin", prediction=Fourier(_BESSEL, sin(PHI))),
        Control("β -> 2β in the flow", model=USA.subs({beta: 2 * beta})),
    ),
    Verdict.PROVED,
)


CLAIMS = (FOURIER,)
