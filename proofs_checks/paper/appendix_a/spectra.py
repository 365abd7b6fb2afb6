"""Consensus spectrum, Antipodal spectrum: eigenvalues and multiplicities at both states.

Main results
------------
Consensus spectrum: 0 (d-1 times), -1 for SA and -M e^β for USA ((n-1)(d-1) times).
Antipodal spectrum: the relative mode grows at e^{-β} (USA), e^{-β}(q/Z+ + p/Z-) (SA).

How it is proved
----------------
A theorem on flows in pull form: where all tokens are at z and -z the velocity is 0, and weights
count with their values there alone. Eigenvalues are compared exactly, as rational functions of e^β,
p, q and the total mass; their multiplicities add up, so there are no others. Masses are any at
consensus and equal at the antipodal state. Refuted by the linearisation of theory. No runs.

References
----------
arXiv 2312.10794, Appendix A; the rates are those of the saddles in Lemma A.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Symbol, cancel, exp, sympify, together

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    AT_CONSENSUS,
    COUNT_P,
    COUNT_Q,
    Counterexample,
    Fixed,
    Flow,
    Statement,
    antipodal_spectrum,
    leaves_sphere,
)
from proofs_checks.theorems import TOTAL, Concludes, Conclusion, Refusal, modes_said, subject_in
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


@lru_cache(maxsize=1024)
def _normal(expr: Any) -> Expr:
    """Return the normal form of a rational function of p, q, M, n, d, β and e^β."""
    s = Symbol("s", positive=True)
    rate = sympify(expr).replace(
        lambda e: isinstance(e, exp) and (e.args[0] / beta).is_Integer,
        lambda e: s ** (e.args[0] / beta),
    )
    return cancel(together(rate)).subs(s, exp(beta))


def _match(found: list[tuple[Expr, Expr]], pair: tuple[Expr, Expr]) -> tuple[Expr, Expr] | None:
    """Return the eigenvalue with its multiplicity that is the predicted one, or None."""
    value, count = pair
    same = (e for e in found if _normal(e[0] - value) == 0 and _normal(e[1] - count) == 0)
    return next(same, None)


def _compare(name: str, spectrum: Spectrum, predicted: Pairs) -> str:
    """Say which eigenvalue or multiplicity differs, or nothing."""
    if spectrum.factors:
        return f"{name}: unsolved factors {spectrum.factors}"
    left = list(spectrum.eigenvalues)
    for value, count in predicted:
        found = _match(left, (value, count))
        if found is None:
            same = [e for e, k in left if _normal(k - count) == 0]
            gaps = ", ".join(str(_normal(e - value)) for e in same) or "none of that multiplicity"
            return (
                f"{name}: no eigenvalue {value} of multiplicity {count}; derived minus predicted "
                f"value: {gaps}"
            )
        left.remove(found)
    return f"{name}: eigenvalues {left} are missing in the prediction" if left else ""


@dataclass(frozen=True)
class State:
    """An equilibrium at which spectra are derived.

    Attributes
    ----------
    spectrum : callable
        ``spectrum(model)``.
    sizes : tuple
        p and q of two clusters; nothing of one.
    words : tuple
        Scope of the proof.
    """

    spectrum: Callable[[Model], Spectrum]
    sizes: tuple[Expr, ...]
    words: tuple[tuple[str, str], ...]


def derive_eigenvalues(state: State, flow: Flow) -> Eigenvalues | None:
    """Return the flow's own spectrum."""
    found = state.spectrum(flow.model)
    pairs = tuple(found.eigenvalues)
    return None if found.factors else Eigenvalues(pairs, pairs)


def refute_eigenvalues(
    state: State, flow: Flow, prediction: Eigenvalues | None, budget: Budget
) -> Counterexample | None:
    """Give an eigenvalue that isn't one, or that the prediction hasn't got."""
    off = leaves_sphere(flow.model, budget.rng)
    if off or prediction is None:
        return Counterexample(off) if off else None
    spectrum = state.spectrum(flow.model)
    found = _compare(flow.name, spectrum, prediction.of(flow.model))
    return Counterexample(found) if found and not spectrum.factors else None


def conclude(state: State, flow: Flow, prediction: Eigenvalues) -> Conclusion | Refusal:
    """Claim the eigenvalues with their multiplicities, and no others."""
    subject, pairs = subject_in(flow), prediction.of(flow.model)
    if isinstance(subject, Refusal):
        return subject
    named = ((value.xreplace({TOTAL_MASS: TOTAL}), count) for value, count in pairs)
    return modes_said(subject, named, *state.sizes)


def spectrum_statement(sentence: str, state: State) -> Statement[Eigenvalues]:
    """Make the statement that a flow has a spectrum at a state."""
    return Statement(
        "",
        sentence,
        Concludes(Fixed(conclude, state), words=state.words),
        Fixed(derive_eigenvalues, state),
        Fixed(refute_eigenvalues, state),
        typed=True,
    )


AT_ONE_POINT = spectrum_statement(
    "the spectrum at consensus",
    State(
        _weighted_consensus_spectrum,
        (),
        (("n", "symbolic"), ("d", "symbolic"), ("beta", "symbolic"), ("masses", "symbolic, sum M")),
    ),
)
AT_TWO_POINTS = spectrum_statement(
    "the spectrum at p tokens against q",
    State(
        antipodal_spectrum,
        (COUNT_P, COUNT_Q),
        (("n", "p + q, symbolic"), ("d", "symbolic"), ("beta", "symbolic"), ("masses", "1/n")),
    ),
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
    AT_ONE_POINT,
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
    AT_TWO_POINTS,
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
