"""(7.5): with h = sin e^{β cos} it is (7.1); e^{β cos θ} has the coefficients I_k(β) > 0.

How it is proved
----------------
A theorem on models whose weights are c e^{b<x_i,x_j>}, no row sum dividing them: the coupling is
derived from their equation of the angles. With w = e^{iθ} the kernel is e^{βw/2} e^{β/(2w)}: each
term of I_k is the one of this product, for symbolic k and β > 0, and all terms are positive. The
Cauchy product of absolutely convergent series is cited.

References
----------
arXiv 2312.10794, Section 7, (7.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr, Rational, S, Symbol, cos, exp, factorial, gammasimp, sin

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    CIRCLE_KERNEL,
    HOT_ONLY,
    KNOWN,
    ON_SPHERE,
    WARM_BETA,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Statement,
    Step,
    circle_normal_form,
    circle_terms,
    heat,
    leaves_sphere,
    not_zero_on_circle,
    shown_on_circle,
)
from proofs_checks.proof.kinds import EXPONENTIALS, PAPER_WEIGHTS, UNDIVIDED
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    coupled_by_series,
    values_in,
    words_of,
)
from theory.bounded import simplified
from theory.derivations import phi as PHI
from theory.models import USA, attention_form
from theory.symbols import beta, z

ORDER = Symbol("k", integer=True, nonnegative=True)
"""Order of a Fourier coefficient."""


TERM = Symbol("j", integer=True, nonnegative=True)
"""Index of the series."""


WARM = Symbol("beta", positive=True)


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


@lru_cache(maxsize=8)
def _exponent(flow: Flow) -> tuple[Expr, Expr] | None:
    """Return b and c of weights c e^{bg} that no row sum divides, b, c > 0 for β > 0, or None."""
    form, plain = attention_form(flow.model), replace(flow, given={})
    rate = None if form is None or form.normalised else heat(plain)
    if form is None or rate is None:
        return None
    share = simplified(form.scale * form.kernel / exp(rate * z))
    warm = (rate.subs(beta, WARM), share.subs(beta, WARM))
    return (rate, share) if all(part.is_positive for part in warm) else None


def _is_exponential(flow: Flow) -> Step:
    text = "θ_i' = Σ_j m_j c e^{b cos(θ_i-θ_j)} sin(θ_j-θ_i), b, c > 0"
    if _exponent(flow) is None:
        return Step(text, How.DERIVED, Outcome.FAILS, f"{flow.name} has no such weights")
    return Step(text, How.DERIVED)


EXPONENTIAL = Premise("EXPONENTIAL", _is_exponential)


def _product(flow: Flow) -> Expr | None:
    """Summand of the coefficient of w^k in c e^{bw/2} e^{b/(2w)}, w = e^{iθ}."""
    found = _exponent(flow)
    if found is None:
        return None
    half, share = found[0].subs(beta, WARM) / 2, found[1].subs(beta, WARM)
    upper = half ** (TERM + ORDER) / factorial(TERM + ORDER)
    return share * upper * half**TERM / factorial(TERM)


@lru_cache(maxsize=8)
def _coupling(flow: Flow) -> Expr | None:
    """Coupling of θ_j - θ_i, derived; None where it isn't one sum."""
    summand, weight, reason = circle_terms(flow.model)
    # circle_angles has φ = θ_i - θ_j, (7.5) has θ_j - θ_i.
    return None if reason or weight is not None else summand.subs(PHI, -PHI)


def derive_fourier(flow: Flow) -> Fourier | None:
    """Return the flow's own coupling, and the series of its weights."""
    product = _product(flow)
    coupling = None if product is None else _coupling(flow)
    if coupling is None or product is None:
        return None
    return Fourier(product.subs(WARM, beta), coupling)


def _ratio(flow: Flow, prediction: Fourier) -> Expr | None:
    """Term over that of the Cauchy product."""
    product = _product(flow)
    if product is None:
        return None
    return gammasimp(simplified(prediction.term.subs(beta, WARM) / product))


def refute_fourier(flow: Flow, prediction: Fourier | None, budget: Budget) -> Counterexample | None:
    """Give an angle where the coupling is another, or a coefficient that is."""
    found = leaves_sphere(flow.model, budget.rng)
    if found:
        return Counterexample(found)
    coupling = None if prediction is None else _coupling(flow)
    if prediction is None or coupling is None:
        return None
    left = circle_normal_form(coupling - prediction.coupling)
    if left != 0 and not_zero_on_circle(left):
        return Counterexample(f"coupling: derived minus claimed is {left}, {shown_on_circle(left)}")
    product, ratio = _product(flow), _ratio(flow, prediction)
    if product is None or ratio == 1:
        return None
    at = {ORDER: 1, WARM: WARM_BETA, beta: WARM_BETA}
    said, true = (
        sum((e.subs({**at, TERM: j}) for j in range(12)), start=S.Zero)
        for e in (prediction.term, product)
    )
    # What is left of the true series is far less.
    if not (said - true).is_number or abs(said - true) <= Rational(1, 1000):
        return None
    return Counterexample(
        f"term over the Cauchy product is {ratio}: at k = 1, β = 5/4 the series is {said.n(6)}, "
        f"the coefficient {true.n(6)}"
    )


def conclude_fourier(flow: Flow, prediction: Fourier) -> Conclusion | Refusal:
    """Claim the coupling of angles, and the coefficients of what stands beside its sine."""
    found, values = _exponent(flow), values_in(flow)
    if found is None or isinstance(values, Refusal):
        return Refusal(f"{flow.name} has no weights c e^(b <x_i,x_j>) that no row sum divides")
    rate, share = (part.xreplace(values) for part in found)

    def coupling(angle: Expr) -> Expr:
        return prediction.coupling.xreplace(values).subs(PHI, angle)

    def kernel(angle: Expr) -> Expr:
        return share * exp(rate * cos(angle))

    subject = Subject.of(flow.model, values)
    return coupled_by_series(subject, coupling, kernel, prediction.term.xreplace(values))


def say_fourier(flow: Flow, prediction: Fourier) -> str:
    """Say what the angles' equation is, and of whose coefficients it is."""
    own = conclude_fourier(flow, prediction)
    if isinstance(own, Refusal):
        return ""
    return f"d = 2: {words_of(own, 0)}; the weights have positive Fourier coefficients"


SERIES: Statement[Fourier] = Statement(
    "(7.5)",
    "d = 2: θ_i' is a mean of h(θ_j-θ_i); the weights have positive Fourier coefficients",
    Concludes(conclude_fourier, words=(("d", "2"), ("k", "symbolic")), warm=True),
    derive_fourier,
    refute_fourier,
    domain=(PAPER_WEIGHTS, EXPONENTIALS, UNDIVIDED, HOT_ONLY),
    premises=(KNOWN, ON_SPHERE, EXPONENTIAL),
    says=say_fourier,
    typed=True,
)


_BESSEL = (beta / 2) ** (2 * TERM + ORDER) / (factorial(TERM) * factorial(TERM + ORDER))


_COUPLING = sin(PHI) * CIRCLE_KERNEL


FOURIER = Claim(
    "(7.5)",
    "(7.5) with h = sin e^{β cos} is (7.1); e^{β cos θ} has the Fourier coefficients I_k(β) > 0.",
    USA,
    Fourier(_BESSEL, _COUPLING),
    SERIES,
    (
        Control("J_k in place of I_k", prediction=Fourier((-1) ** TERM * _BESSEL, _COUPLING)),
        Control("β/2 -> β in I_k", prediction=Fourier(_BESSEL.subs(beta, 2 * beta), _COUPLING)),
        Control("h = sin", prediction=Fourier(_BESSEL, sin(PHI))),
        Control("β -> 2β in the flow", model=USA.subs({beta: 2 * beta})),
    ),
    Verdict.PROVED,
)


CLAIMS = (FOURIER,)
