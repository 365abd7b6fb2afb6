"""(6.9), (6.10): γ' of equiangular tokens.

Main results
------------
- (6.9): γ' for SA.
- (6.10): γ' for USA.

How it is proved
----------------
The I/J algebra evaluates the Gram flow at G = (1-γ)I + γJ for symbolic n: the set is invariant,
and γ' is read off. Its difference from the prediction reduces to 0 in a normal form, exactly for
symbolic n, β and γ, with masses 1/n. No point is drawn. Cited: Picard-Lindelöf uniqueness.

References
----------
arXiv 2312.10794, (6.9) and (6.10).
"""

from __future__ import annotations

from sympy import Expr, Rational

from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import ROOM, equiangular_law
from theory.derivations import NotClosed
from theory.models import SA, USA, Model
from theory.predictions import equiangular_rate, normal_form
from theory.symbols import beta, gamma, n


def check_rate(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Derive γ' for symbolic n from the Gram flow at (1-γ)I + γJ and compare.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        γ', in ``gamma``, ``n`` and ``beta``.
    budget : Budget
        Not used.
    """
    try:
        found = equiangular_law(model)
    except (ValueError, NotClosed) as error:
        return Evidence(Verdict.UNDECIDED, str(error))
    gap = normal_form(found.rate - prediction)
    if gap != 0:
        at = {n: 3, gamma: Rational(1, 4), beta: Rational(5, 4)}
        return Evidence(
            Verdict.REFUTED,
            f"{model.name}: γ' is {found.rate.subs(at).n(6)}, not {prediction.subs(at).n(6)}, at "
            "n = 3, γ = 1/4, β = 5/4",
        )
    if not found.proved:
        return Evidence(Verdict.UNDECIDED, f"{model.name}: the equiangular set isn't invariant")
    return Evidence(
        Verdict.PROVED,
        f"G = (1-γ)I + γJ is invariant with γ' = {found.rate}: residual 0",
        {"n": "symbolic, >= 2", "d": "symbolic, >= n", "beta": "symbolic", "masses": "1/n"},
        ("Picard-Lindelöf uniqueness",),
        identity=(model.velocity, found.rate, prediction),
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
        check_rate,
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
