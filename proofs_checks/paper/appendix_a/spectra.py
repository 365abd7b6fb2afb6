"""Consensus spectrum, Antipodal spectrum: eigenvalues and multiplicities at both states.

Main results
------------
Consensus spectrum: 0 (d-1 times), -1 for SA and -M e^β for USA ((n-1)(d-1) times).
Antipodal spectrum: the relative mode grows at e^{-β} (USA), e^{-β}(q/Z+ + p/Z-) (SA).

How it is proved
----------------
The linearisation of each flow is derived for symbolic sizes and β; eigenvalues and
multiplicities are compared exactly, as rational functions of e^β, p, q, n, d and the total mass.
Masses are symbolic at consensus and equal at the antipodal state. No runs.

References
----------
arXiv 2312.10794, Appendix A; the rates are those of the saddles in Lemma A.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Integer, Symbol, cancel, exp, sympify, together

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import AT_CONSENSUS, COUNT_P, COUNT_Q, antipodal_spectrum, each
from theory.linearize import Spectrum, consensus
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import beta, d, n

TOTAL_MASS = Symbol("M", positive=True)
"""Total mass of all tokens."""


@lru_cache(maxsize=32)
def _weighted_consensus_spectrum(model: Model) -> Spectrum:
    return consensus(model, masses=TOTAL_MASS)


Pairs = tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True)
class Eigenvalues:
    """Pairs (value, multiplicity) for attention with and without the division by its row sum."""

    softmax: Pairs
    plain: Pairs

    def of(self, model: Model) -> Pairs:
        """Return the list that speaks of a model."""
        form = attention_form(model)
        return self.softmax if form is not None and form.normalised else self.plain


def _normal(expr: Any) -> Expr:
    """Return the normal form of a rational function of p, q, M, n, d, β and e^β."""
    s = Symbol("s", positive=True)
    rate = sympify(expr).replace(
        lambda e: isinstance(e, exp) and (e.args[0] / beta).is_Integer,
        lambda e: s ** (e.args[0] / beta),
    )
    return cancel(together(rate)).subs(s, exp(beta))


def _compare(model: Model, spectrum: Spectrum, predicted: Pairs) -> str:
    """Say which eigenvalue or multiplicity differs, or nothing."""
    if spectrum.factors:
        return f"{model.name}: unsolved factors {spectrum.factors}"
    left = list(spectrum.eigenvalues)
    for value, multiplicity in predicted:
        for found in left:
            if _normal(found[0] - value) == 0 and _normal(found[1] - multiplicity) == 0:
                left.remove(found)
                break
        else:
            same = [e for e, k in left if _normal(k - multiplicity) == 0]
            gaps = ", ".join(str(_normal(e - value)) for e in same) or "none of that multiplicity"
            return (
                f"{model.name}: no eigenvalue {value} of multiplicity {multiplicity}; "
                f"derived minus predicted value: {gaps}"
            )
    if left:
        return f"{model.name}: eigenvalues {left} are missing in the prediction"
    total = sum((k for _, k in spectrum.eigenvalues), Integer(0))
    excess = _normal(total - spectrum.tokens * (spectrum.dimension - 1))
    return f"{model.name}: multiplicities exceed the dimension by {excess}" if excess != 0 else ""


def _traces(spectrum: Any, prediction: Eigenvalues, model: Any) -> tuple[Expr, ...]:
    """Return the derived and the predicted trace of each model, which agree."""
    return tuple(
        Add(*(pair[0] * pair[1] for pair in pairs))
        for flow in each(model)
        for pairs in (spectrum(flow).eigenvalues, prediction.of(flow))
    )


def check_consensus(model: Any, prediction: Eigenvalues, budget: Budget) -> Evidence:
    """Derive the spectrum at consensus and compare eigenvalues and multiplicities."""
    for flow in each(model):
        wrong = _compare(flow, _weighted_consensus_spectrum(flow), prediction.of(flow))
        if wrong:
            return Evidence(Verdict.REFUTED, wrong)
    return Evidence(
        Verdict.PROVED,
        "eigenvalues and multiplicities agree; the multiplicities sum to n(d-1)",
        {"n": "symbolic", "d": "symbolic", "beta": "symbolic", "masses": "symbolic, sum M"},
        identity=_traces(_weighted_consensus_spectrum, prediction, model),
    )


def check_antipodal(model: Any, prediction: Eigenvalues, budget: Budget) -> Evidence:
    """Derive the spectrum of p tokens against q and compare eigenvalues and multiplicities."""
    for flow in each(model):
        wrong = _compare(flow, antipodal_spectrum(flow), prediction.of(flow))
        if wrong:
            return Evidence(Verdict.REFUTED, wrong)
    return Evidence(
        Verdict.PROVED,
        "eigenvalues and multiplicities agree; the multiplicities sum to (p+q)(d-1)",
        {"n": "p + q, symbolic", "d": "symbolic", "beta": "symbolic", "masses": "1/n"},
        identity=_traces(antipodal_spectrum, prediction, model),
    )


def _consensus_pairs(rate: Any) -> Pairs:
    return ((Integer(0), d - 1), (sympify(rate), (n - 1) * (d - 1)))


def _antipodal_pairs(softmax: bool, rate: Expr | None = None, internal: Any = 1) -> Pairs:
    """(A.8): rotation, relative and internal modes; controls change one of the rates."""
    near, far = exp(beta), exp(-beta)
    plus, minus = COUNT_P * near + COUNT_Q * far, COUNT_Q * near + COUNT_P * far
    divide = (plus, minus) if softmax else (COUNT_P + COUNT_Q, COUNT_P + COUNT_Q)
    if rate is None:
        rate = far * (COUNT_Q / plus + COUNT_P / minus) if softmax else far
    return (
        (Integer(0), d - 1),
        (rate, d - 1),
        (-(COUNT_P * near - internal * COUNT_Q * far) / divide[0], (COUNT_P - 1) * (d - 1)),
        (-(COUNT_Q * near - internal * COUNT_P * far) / divide[1], (COUNT_Q - 1) * (d - 1)),
    )


_SA_PAIRS, _USA_PAIRS = _antipodal_pairs(True), _antipodal_pairs(False)


CONSENSUS = Claim(
    "Consensus spectrum",
    "At consensus: 0 (d-1 times) and -1 for SA, -M e^β for USA ((n-1)(d-1) times).",
    (SA, USA),
    Eigenvalues(_consensus_pairs(-1), _consensus_pairs(-TOTAL_MASS * exp(beta))),
    check_consensus,
    (
        Control(
            "SA rate -1 -> -2",
            prediction=Eigenvalues(_consensus_pairs(-2), _consensus_pairs(-TOTAL_MASS * exp(beta))),
        ),
        Control(
            "USA rate -M e^β -> -M e^{2β}",
            prediction=Eigenvalues(
                _consensus_pairs(-1), _consensus_pairs(-TOTAL_MASS * exp(2 * beta))
            ),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    equivalents=(AT_CONSENSUS,),
)


ANTIPODAL = Claim(
    "Antipodal spectrum",
    "p tokens against q: the relative mode grows at e^{-β} (USA), e^{-β}(q/Z+ + p/Z-) (SA).",
    (SA, USA),
    Eigenvalues(_SA_PAIRS, _USA_PAIRS),
    check_antipodal,
    (
        Control(
            "USA relative rate e^{-β} -> e^{-2β}",
            prediction=Eigenvalues(_SA_PAIRS, _antipodal_pairs(False, exp(-2 * beta))),
        ),
        Control(
            "SA relative rate -> 2/(e^{2β}+1), its value at p = q",
            prediction=Eigenvalues(_antipodal_pairs(True, 2 / (exp(2 * beta) + 1)), _USA_PAIRS),
        ),
        Control(
            "USA internal rate: sign of q e^{-β}",
            prediction=Eigenvalues(_SA_PAIRS, _antipodal_pairs(False, internal=-1)),
        ),
    ),
    Verdict.PROVED,
)


CLAIMS = (CONSENSUS, ANTIPODAL)
