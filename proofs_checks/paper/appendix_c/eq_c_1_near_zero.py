"""(C.1), E.(C.1): the energy near β = 0, with the factor n/2 of E_0.

Main results
------------
(C.1): (1/2β) Σ_ij (e^{βg_ij} - 1) = (n/2) E_0 + β R with R and its Hessian bounded.
E.(C.1): the leading term is (n/2) E_0, not E_0.

How it is proved
----------------
A pair's energy is expanded by SymPy: its limit at β = 0 is the leading term, and the rest R has
R(0) = R'(0) = 0 and R'' = e^{βg}/2 exactly. So R, its gradient and its Hessian are bounded by
e^β/2 a pair. For every n >= 2 and masses 1/n; no runs. Both labels use one check.

References
----------
arXiv 2312.10794, Appendix C, (C.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, S, exp, limit, simplify

from proofs_checks.claim import Budget, Claim, Control, Evidence, Part, Verdict
from proofs_checks.proof import SCOPE_WARM_EQUAL_MASSES_FROM_TWO, each, pair_sum
from theory.energy import pair_kernel
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, n, z


@dataclass(frozen=True)
class NearZero:
    """``½ Σ_ij (e^{βg}/β - constant) = factor · (1/n) Σ_ij g + β R`` with R'' = bend.

    Attributes
    ----------
    constant, factor, bend : Expr
        Functions of ``beta``; of ``n``; of ``beta`` and ``z``.
    """

    constant: Expr
    factor: Expr
    bend: Expr


@lru_cache(maxsize=32)
def _limit(pair: Expr) -> Expr:
    return limit(pair, beta, 0)


def check_near_zero(model: Any, prediction: NearZero, budget: Budget) -> Evidence:
    """Expand a pair's energy at β = 0, and find the second derivative of the rest exactly."""
    seen = set[Expr]()
    for flow in each(model):
        kernel = None if flow.energy is None else pair_kernel(flow.energy)
        if kernel is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy")
        if kernel in seen:
            continue
        seen.add(kernel)
        pair, leading = (kernel - prediction.constant) / 2, prediction.factor / n * z
        rest = (pair - leading) / beta
        at = {z: Rational(1, 2), n: 5}
        value = _limit(pair)
        gap = value if value.is_finite is False else simplify(value - leading)
        if gap != 0:
            detail = (
                f"{flow.name}, n = 5, a pair with g = 1/2: as β -> 0 the energy tends to "
                f"{value.subs(at)}, the predicted term is {leading.subs(at)}"
            )
            return Evidence(Verdict.REFUTED, detail)
        gap = simplify(rest.diff(z, 2) - prediction.bend)
        if gap != 0:
            value = gap.subs({z: Rational(1, 2), beta: Rational(5, 2)})
            detail = f"{flow.name}: R'' minus the predicted one is {value} at g = 1/2, β = 5/2"
            return Evidence(Verdict.REFUTED, detail)
        # R'' = e^{βz}/2 with R(0) = R'(0) = 0: R and its derivatives are O(1) on [-1, 1].
        flat = [simplify(rest.subs(z, 0)), simplify(rest.diff(z).subs(z, 0))]
        if flat != [0, 0]:
            return Evidence(Verdict.UNDECIDED, f"R and R' at g = 0 are {flat}")
    return Evidence(
        Verdict.PROVED,
        "R(0) = R'(0) = 0 and R'' = e^{βg}/2 a pair, so R, its gradient and Hessian are bounded "
        "by e^β/2 a pair: gradients and Hessians differ by O(β)",
        {**SCOPE_WARM_EQUAL_MASSES_FROM_TWO, "beta": "symbolic, near 0"},
        identity=(pair_sum(rest.diff(z, 2)), pair_sum(prediction.bend), prediction.factor),
    )


_NEAR = NearZero(1 / beta, n / 2, exp(beta * z) / 2)


EQUATION_C_1 = Claim(
    "(C.1)",
    "(1/2β) Σ_ij (e^{βg_ij} - 1) = (n/2) E_0 + β R with R and its Hessian bounded, E_0 = Σ g_ij/n.",
    (SA, USA),
    _NEAR,
    check_near_zero,
    (
        Control("without the -1", prediction=replace(_NEAR, constant=S.Zero)),
        Control("R'' = e^{βg}/2 -> β e^{βg}/2", prediction=replace(_NEAR, bend=beta * _NEAR.bend)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.ENERGY}),
)


ERRATUM_C_1 = Claim(
    "E.(C.1)",
    "The leading term of the energy of App. C is (n/2) E_0, not E_0.",
    (SA, USA),
    _NEAR,
    check_near_zero,
    (
        Control("n/2 -> n", prediction=replace(_NEAR, factor=n)),
        Control("n/2 -> 1/2", prediction=replace(_NEAR, factor=S.Half)),
    ),
    Verdict.PROVED,
    printed=Control("as printed: factor 1", prediction=replace(_NEAR, factor=S.One)),
    origin="erratum",
    kind="formula",
    about=frozenset({Part.ENERGY}),
)


CLAIMS = (EQUATION_C_1, ERRATUM_C_1)
