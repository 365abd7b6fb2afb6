"""(7.5): Fourier coefficients of c e^{b cos θ}, as the series that a Cauchy product gives.

With w = e^{iθ} it is c e^{bw/2} e^{b/(2w)}: the coefficient of w^k is that of a product of two
power series, c I_k(b), and c e^{b cos θ} is the same at 1/w.
"""

from __future__ import annotations

from typing import Any

from sympy import Dummy, Expr, Symbol, besseli, exp, factorial, gammasimp, sin
from sympy import cos as cosine

from proofs_checks.audit import ANY_ANGLE
from proofs_checks.proof import How
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.circle import turning
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL, SIGNS, spared
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    assume,
    settle,
)
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import of_all, wants
from proofs_checks.theorems.readers import TOKEN
from theory.bounded import simplified
from theory.symbols import beta, z
from theory.terms import Item, Number, Sort

ANGLE = Item(ANY_ANGLE, TOKEN)
ORDER, TERM = (Symbol(name, integer=True, nonnegative=True) for name in "kj")
"""Of a Fourier coefficient, and of a term of its series."""
HOT = Rel("<", 0, beta)

SERIES = Definition(
    "Fourier series",
    "{0} = Σ_k c_k e^(ikφ_i) over all integers k, c_k = c_(-k) = Σ_(j>=0) {1} for k >= 0",
    (Sort.NUMBER, Sort.NUMBER),
)
POSITIVE = Definition(
    "positive Fourier coefficients",
    "all Fourier coefficients of {0}, a function of φ_i, are positive",
    (Sort.NUMBER,),
)
COSINES = Definition(
    "cosine series",
    "{0} = {1} + Σ_(k>=1) {2} for every φ_i, and the series converges absolutely",
    (Sort.NUMBER,) * 3,
)
CAUCHY = "Cauchy product of absolutely convergent series"
BESSEL = "DLMF 10.25.2: I_k(b) = Σ_j (b/2)^(k+2j)/(j! (k+j)!)"


def heat_of(kernel: Any) -> tuple[Expr, Expr]:
    """Return c and b of ``c e^(b cos φ)``.

    Raises
    ------
    NotConcluded
    """
    ahead, power = kernel.as_independent(Number, as_Add=False)
    if not isinstance(power, exp):
        raise NotConcluded("it isn't c e^(b cos φ)")
    heat, wave = power.args[0].as_independent(Number, as_Add=False)
    if wave != cosine(ANGLE) or heat == 0:
        raise NotConcluded("it isn't c e^(b cos φ)")
    return ahead, heat


def product_of(ahead: Any, heat: Any) -> Any:
    """Return the term of the coefficient of ``w^k`` of ``c e^(bw/2) e^(b/(2w))``.

    Examples
    --------
    >>> product_of(1, beta).subs({ORDER: 1, TERM: 0})
    beta/2
    """
    upper = (heat / 2) ** (TERM + ORDER) / factorial(TERM + ORDER)
    return ahead * upper * (heat / 2) ** TERM / factorial(TERM)


def _series(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Is) or says.definition is not SERIES:
        raise NotConcluded("it isn't that a function has such coefficients")
    kernel, term = says.arguments
    known = {one.says.right for one in facts if isinstance(one.says, Rel) and one.says.op == "<"}
    warm = {s: Dummy(str(s), positive=True) for s in known if isinstance(s, Symbol)}
    if not set(warm) <= {one.says.right for one in facts if one.says.left == 0}:
        raise NotConcluded("facts are that parameters are positive")
    ratio = simplified((term / product_of(*heat_of(kernel))).xreplace(warm))
    if gammasimp(ratio) != 1:
        raise NotConcluded(f"the term is {gammasimp(ratio)} times that of the product")
    return "term by term that of e^(bw/2) e^(b/(2w)), w = e^(iφ)"


PRODUCT_SERIES = Engine("product of two series", How.DERIVED, _series, (CAUCHY,))


def _positive(series: Fact, sign: Fact) -> Proposition:
    if not isinstance(series.says, Is) or series.says.definition is not SERIES:
        raise NotConcluded("it needs the coefficients of a function")
    kernel, term = series.says.arguments
    wants(sign, Rel("<", 0, term))
    of_all(sign, ORDER, TERM)
    return Is(POSITIVE, kernel)


def _cosines(series: Fact, ahead: Any, heat: Any) -> Proposition:
    if not isinstance(series.says, Is) or series.says.definition is not SERIES:
        raise NotConcluded("it needs the coefficients of a function")
    kernel, term = series.says.arguments
    if term != product_of(ahead, heat) or {ORDER, TERM} & (ahead * heat).free_symbols:
        raise NotConcluded(f"the coefficients aren't those of {ahead} I_k({heat})")
    of_all(series, ORDER, TERM, TOKEN)
    waves = besseli(ORDER, heat) * cosine(ORDER * ANGLE)
    return Is(COSINES, kernel, ahead * besseli(0, heat), 2 * ahead * waves)


POSITIVE_SERIES = Rule(
    "positive coefficients",
    "c_k = Σ_j a_jk, c_(-k) = c_k; 0 < a_jk for all j, k >= 0: each c_k is positive",
    "a sum of positive numbers",
    _positive,
)
COSINE_SERIES = Rule(
    "series of cosines",
    "f = Σ_k c_k e^(ikφ), c_k = c_(-k) = Σ_j a (b/2)^(k+2j)/(j! (k+j)!) for k >= 0: f = a I_0(b) + "
    "Σ_(k>=1) 2 a I_k(b) cos kφ",
    "the series of I_k(b), which is entire; e^(ikφ) + e^(-ikφ) = 2 cos kφ",
    _cosines,
    (BESSEL,),
)


def _of_exponential(kernel: Any, term: Any) -> tuple[Found, Found]:
    """Return that a kernel has these Fourier coefficients, and that they are positive."""
    hot = assume(HOT)
    found = spared(PRODUCT_SERIES, Is(SERIES, kernel, term), hot)
    return found, apply(POSITIVE_SERIES, found, spared(SIGNS, Rel("<", 0, term), hot))


def in_cosines(kernel: Any, constant: Any, wave: Any) -> Conclusion | Refusal:
    """Claim the cosine series of c e^(b cos φ), and that its coefficients are positive.

    Parameters
    ----------
    kernel : Expr
        In ``z``, for cos φ.
    constant : Expr
    wave : callable
        Its term of degree k at the angle φ.

    Examples
    --------
    >>> for factor in (2, 1):
    ...     wave = lambda k, phi: factor * besseli(k, beta) * cosine(k * phi)
    ...     own = in_cosines(exp(beta * z), besseli(0, beta), wave)
    ...     print(own.found.says == own.says.then)
    True
    False
    """
    try:
        kernel = kernel.xreplace({z: cosine(ANGLE)})
        ahead, heat = heat_of(kernel)
        claim = Is(COSINES, kernel, constant, wave(ORDER, ANGLE))
    except (NotConcluded, TypeError) as short:  # what has no value is no number
        return Refusal(str(short))
    found, positive = _of_exponential(kernel, product_of(ahead, heat))
    series = apply(COSINE_SERIES, found, ahead=ahead, heat=heat)
    then = All(claim, Is(POSITIVE, kernel))
    return claimed(apply(together, series, positive), then, (HOT,))


def coupled_by_series(
    subject: Subject, coupling: Any, kernel: Any, term: Any
) -> Conclusion | Refusal:
    """Claim ``θ_i' = Σ_j m_j h(θ_j - θ_i)``, h = k sin, and k's Fourier coefficients, positive.

    Parameters
    ----------
    subject : Subject
    coupling, kernel : callable
        h and k.
    term : Expr
        In `ORDER` and `TERM`.

    Examples
    --------
    >>> from theory.models import USA
    >>> term, warm = product_of(1, beta), lambda a: exp(beta * cosine(a))
    >>> for sign in (1, -1):
    ...     own = coupled_by_series(Subject.of(USA), lambda a: sin(a) * warm(a), warm, sign * term)
    ...     print(type(own.found).__name__)
    Theorem
    Refusal
    """
    own = turning(subject, lambda angle: coupling(-angle))
    if isinstance(own, Refusal):
        return own
    shape = Rel("=", coupling(ANGLE), sin(ANGLE) * kernel(ANGLE))
    parts = [own.found, *_of_exponential(kernel(ANGLE), term)]
    then = [own.says.then, Is(SERIES, kernel(ANGLE), term), Is(POSITIVE, kernel(ANGLE))]
    if shape.left != shape.right:
        parts.insert(1, settle(EQUAL, shape))
        then.insert(1, shape)
    return claimed(apply(together, *parts), All(*then), (*own.says.given, HOT))


__all__ = ["COSINE_SERIES", "POSITIVE_SERIES", "PRODUCT_SERIES", "coupled_by_series", "in_cosines"]
