"""Repulsion, Energy of a code: V = -I lowers the energy, which of n points is that of a code.

How it is proved
----------------
Repulsion is decided by the statement of (3.6), its weights with the other sign. The energy of a
code is |x-y|² = 2 - 2<x,y> on the unit sphere, exact for every inner product and β.

References
----------
arXiv 2312.10794, Section 9.1. It cites Lemma 3.7 for the decrease, which is USA's; (3.6) has SA's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, HadamardProduct, Integer, Rational, S, Symbol, exp

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.decide import enclose
from proofs_checks.paper.section_3.eq_3_6_dissipation import DISSIPATES
from proofs_checks.proof import Counterexample, Flow, Statement
from proofs_checks.theorems import Concludes, Conclusion, Refusal, by_distances, subject_in
from theory.atoms import Elementwise
from theory.energy import ENERGY, interaction_energy
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import X, beta, m, n, z

_HOT = Symbol("beta", positive=True)

_WEIGHTS = -HadamardProduct(m, Elementwise(exp(beta * z), X * X.T) * m), -m
"""Weights of the squared speeds, of SA and of USA."""


REPULSION = Claim(
    "Repulsion",
    "For V = -I the energy falls, by Σ m_i Z_i |x_i'|² along SA and by Σ m_i |x_i'|² along USA.",
    (
        replace(REPULSIVE, energy=ENERGY),
        replace(gradient_flow(-ENERGY, "repulsive USA"), energy=ENERGY),
    ),
    _WEIGHTS,
    DISSIPATES,
    (
        Control("V = -I -> V = I", model=(SA, USA)),
        Control("the energy rises", prediction=(-_WEIGHTS[0], -_WEIGHTS[1])),
        Control("Z_i dropped in the identity of SA", prediction=(-m, -m)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(
        Equivalent(
            "without P_i too: dE/dt = Σ <∂_i E, v_i> with ∂_i E = -g_i v_i",
            ("*.velocity: no projection",),
        ),
    ),
)


@dataclass(frozen=True)
class CodeEnergy:
    """``H_β = (1/n²) Σ_{x,y} factor e^{exponent |x-y|²}``, the diagonal with it.

    Attributes
    ----------
    factor, exponent : Expr
        In ``beta``.
    norm : Expr
        Length of the points.
    """

    factor: Expr
    exponent: Expr
    norm: Expr = S.One

    def __post_init__(self) -> None:
        """Refuse a length that is none."""
        if not self.norm > 0:
            raise ValueError(f"Expected a length > 0 but got norm={self.norm}; points aren't 0.")

    def pair(self, product: Expr) -> Expr:
        """Energy of a pair whose directions have an inner product."""
        return self.factor * exp(self.exponent * self.norm**2 * (2 - 2 * product))


def _defect(flow: Flow, said: CodeEnergy) -> Expr | None:
    """Half the kernel of the energy that the flow descends, less the pair of the prediction."""
    if flow.kernel is None:
        return None
    return -flow.kernel.subs(z, said.norm**2 * z) / 2 - said.pair(z)


def refute_code_energy(
    flow: Flow, said: CodeEnergy | None, budget: Budget
) -> Counterexample | None:
    """Find an inner product and a β where the two differ."""
    left = None if said is None else _defect(flow, said)
    if left is None:
        return None
    at = {beta: Integer(2), _HOT: Integer(2), z: Rational(1, 2), n: Integer(3)}
    value = enclose(left.subs(at))
    if 0 in value:
        return None
    return Counterexample(
        f"a pair with <x,y>/(|x||y|) = 1/2 at β = 2: the energies differ by {float(value.mid):.6g}",
        {"n": ">= 2", "d": ">= 2"},
    )


def conclude_code_energy(flow: Flow, said: CodeEnergy) -> Conclusion | Refusal:
    """``Σ_i Σ_j e_ij`` is what is said at a state of the model, its points scaled to their length.

    Examples
    --------
    >>> conclude_code_energy(Flow.of(REPULSIVE), _ENERGY).found.by.name
    'algebra of tokens'
    """
    subject = subject_in(flow)
    if flow.kernel is None or isinstance(subject, Refusal):
        return Refusal("no isotropic pair energy")
    energy = interaction_energy(-flow.kernel.subs(z, said.norm**2 * z))
    return by_distances(subject, energy, said.factor, said.exponent, said.norm)


_ENERGY = CodeEnergy(exp(beta) / (2 * beta), -beta / 2)

CODE_ENERGY: Statement[CodeEnergy] = Statement(
    "",
    "energy of a code by distances",
    Concludes(conclude_code_energy),
    refute=refute_code_energy,
    typed=True,
)


ENERGY_OF_A_CODE = Claim(
    "Energy of a code",
    "The energy of n points is H_β = e^β/(2n²β) Σ_{x,y} e^{-(β/2)|x-y|²}, the pairs x = y with it.",
    REPULSIVE,
    _ENERGY,
    CODE_ENERGY,
    (
        Control("points of norm 1.1", prediction=replace(_ENERGY, norm=Rational(11, 10))),
        Control("e^β dropped", prediction=replace(_ENERGY, factor=1 / (2 * beta))),
        Control("β/2 -> β in the exponent", prediction=replace(_ENERGY, exponent=-beta)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.ENERGY}),
    equivalents=(Equivalent("the statement is on the energy alone", ("*.velocity: *",)),),
)


CLAIMS = (REPULSION, ENERGY_OF_A_CODE)
