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

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr, Mul, Rational, S, Symbol, exp, factorial, gammasimp, powsimp, simplify, sin

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    CIRCLE_KERNEL,
    FIRST_ANGLE,
    HOT_ONLY,
    KNOWN,
    ON_SPHERE,
    PRODUCT_OF_ANGLES,
    SECOND_ANGLE,
    SUM,
    WARM_BETA,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    apply,
    circle_normal_form,
    circle_terms,
    cited,
    derived,
    gap,
    heat,
    leaves_sphere,
    not_zero_on_circle,
    shown_on_circle,
    subjects,
    turned,
)
from proofs_checks.proof.kinds import EXPONENTIALS, PAPER_WEIGHTS, UNDIVIDED
from proofs_checks.said import say, saying
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


def decide(flow: Flow, prediction: Fourier) -> Sheet:
    """Compare the coupling, and the series with the Cauchy product of e^{bw/2} and e^{b/(2w)}."""
    coupling, product, ratio = _coupling(flow), _product(flow), _ratio(flow, prediction)
    exponential = _is_exponential(flow)
    if coupling is None or product is None or ratio is None:
        return Sheet((exponential, gap("(7.5)", "no single sum in the equation of the angles")))
    c, w = Symbol("c", positive=True), Symbol("w", nonzero=True)
    split = exp(c * (w + 1 / w) / 2) - exp(c * w / 2) * exp(c / (2 * w))
    same = derived("e^{b cos θ} = e^{bw/2} e^{b/(2w)}, w = e^{iθ}", simplify(powsimp(split)))
    parts = Mul(exp(c * w / 2), exp(c / (2 * w)), evaluate=False)
    same = saying(same, say(exp(c * (w + 1 / w) / 2), "=", parts))
    series = derived("the term is that of the product, for every j and k", ratio - 1)
    signs = Step(f"{product} > 0", How.DECIDED, evidence="β > 0")
    force = derived(
        f"h = {prediction.coupling} in θ_i' = (1/n) Σ_j h(θ_j-θ_i)",
        circle_normal_form(coupling - prediction.coupling),
    )
    if flow.still_form is not None:
        claimed = prediction.coupling.subs(PHI, SECOND_ANGLE - FIRST_ANGLE)
        force = saying(force, PRODUCT_OF_ANGLES, say(turned(flow.still_form), "=", claimed))
    steps = (
        exponential,
        force,
        same,
        cited(CAUCHY, same),
        series,
        signs if product.is_positive else gap(signs.text, "the sign of the terms is unknown"),
        apply(SUM, "I_k > 0 for every k", series, signs, terms={"term": "> 0"}),
    )
    return Sheet(
        steps,
        {
            **{"n": "symbolic", "d": "2", "masses": "1/n"},
            **{"beta": "symbolic, positive", "k": "symbolic"},
        },
        subjects(flow.model, prediction.term),
        "e^{b cos θ} = e^{bw/2} e^{b/(2w)}: the coefficient of w^k is Σ_j (b/2)^{2j+k}/(j!(j+k)!), "
        "term by term, all positive; symmetric in w -> 1/w; (7.5) derived with "
        f"h = {prediction.coupling}",
    )


CAUCHY = "Cauchy product of absolutely convergent series"
SERIES: Statement[Fourier] = Statement(
    "(7.5)",
    "d = 2: θ_i' is a mean of h(θ_j-θ_i); the weights have positive Fourier coefficients",
    decide,
    derive_fourier,
    refute_fourier,
    domain=(PAPER_WEIGHTS, EXPONENTIALS, UNDIVIDED, HOT_ONLY),
    premises=(KNOWN, ON_SPHERE, EXPONENTIAL),
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
