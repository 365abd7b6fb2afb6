"""(B.1): the Hessian of the energy in angles, d = 2: entries m_i m_j g.

How it is proved
----------------
A theorem on energies of pairs: tokens turn at any constant speeds c_i, and E' and E'' are a linear
and a quadratic form in c, for every n and all masses, with g = (cos - β sin²)e^{β cos}; its
diagonal is -Σ_{j≠i} m_i m_j g. Refuted entry by entry for three tokens. No runs.

References
----------
arXiv 2312.10794, Appendix B, (B.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr, Rational, S, cos, exp, expand, hessian, sin, symbols

from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import PAIR_ENERGY, Counterexample, Flow, Statement
from proofs_checks.theorems import Concludes, Conclusion, Refusal, hessian_in_angles
from theory.bounded import remainder
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, z


@dataclass(frozen=True)
class AngleHessian:
    """First and second derivatives of the energy in angles.

    ``∂E/∂θ_i = Σ_j m_i m_j slope``, ``∂²E/∂θ_i∂θ_j = m_i m_j g``, on the diagonal
    ``sign Σ_j m_i m_j g``.

    Attributes
    ----------
    slope, g : Expr
        Functions of ``PHI`` = θ_i - θ_j and ``beta``.
    sign : int
    """

    slope: Expr
    g: Expr
    sign: int


ANGLES, MASSES = symbols("theta:3", real=True), symbols("m:3", real=True)


def _pair_gaps(flow: Flow, prediction: AngleHessian) -> tuple[tuple[str, Expr], ...]:
    """Return derivatives of a pair's energy, minus the predicted ones."""
    assert flow.kernel is not None  # a premise
    pair = flow.kernel.subs(z, cos(PHI))
    return (
        ("∂E/∂θ_i", remainder(expand(pair.diff(PHI) - prediction.slope))),
        ("∂²E/∂θ_i∂θ_j", remainder(expand(-pair.diff(PHI, 2) - prediction.g))),
    )


_PAIRS = tuple((i, j) for i in range(3) for j in range(3))


def _energy_of_three(kernel: Expr) -> Expr:
    """Return the energy of three tokens."""
    pairs = (MASSES[i] * MASSES[j] * kernel.subs(z, cos(ANGLES[i] - ANGLES[j])) for i, j in _PAIRS)
    return sum(pairs, S.Zero) / 2


def _targets(prediction: AngleHessian) -> dict[tuple[int, int], Expr]:
    """Entries that the Hessian of three tokens is said to have."""
    part = {
        (i, j): MASSES[i] * MASSES[j] * prediction.g.subs(PHI, ANGLES[i] - ANGLES[j])
        for i, j in _PAIRS
    }
    rows = [sum((part[i, k] for k in range(3) if k != i), S.Zero) for i in range(3)]
    return {(i, j): prediction.sign * rows[i] if i == j else part[i, j] for i, j in _PAIRS}


@lru_cache(maxsize=32)
def _entry_gaps(kernel: Expr, prediction: AngleHessian) -> tuple[tuple[str, Expr], ...]:
    """Entries of the Hessian of three tokens, minus the predicted ones."""
    hessian_of = hessian(_energy_of_three(kernel), ANGLES)
    targets = _targets(prediction)
    return tuple((f"{i},{j}", expand(hessian_of[i, j] - targets[i, j])) for i, j in _PAIRS)


def derive_angle_hessian(flow: Flow) -> AngleHessian | None:
    """Return the derivatives of the flow's own energy."""
    if flow.kernel is None:
        return None
    pair = flow.kernel.subs(z, cos(PHI))
    return AngleHessian(pair.diff(PHI), -pair.diff(PHI, 2), -1)


def refute_angle_hessian(
    flow: Flow, prediction: AngleHessian | None, budget: Budget
) -> Counterexample | None:
    """Find a derivative of a pair, or an entry for three tokens, that differs at numbers."""
    if prediction is None or flow.kernel is None:
        return None
    for name, left in _pair_gaps(flow, prediction):
        if left != 0:
            value = left.subs({PHI: Rational(7, 10), beta: Rational(5, 2)}).evalf(5)
            return Counterexample(
                f"{flow.name}: {name} of a pair minus the predicted one is {value} at φ = 7/10, "
                "β = 5/2"
            )
    numbers = {**dict(zip(ANGLES, (0, 1, 3), strict=True)), beta: Rational(5, 2)}
    numbers |= dict.fromkeys(MASSES, Rational(1, 3))
    for entry, left in _entry_gaps(flow.kernel, prediction):
        if left != 0:
            return Counterexample(
                f"{flow.name}, n = 3, angles 0, 1, 3, β = 5/2: entry {entry} of the Hessian minus "
                f"the predicted one is {left.subs(numbers).evalf(5)}"
            )
    return None


def conclude(flow: Flow, prediction: AngleHessian) -> Conclusion | Refusal:
    """Claim both forms, of tokens that turn at any speeds."""
    return hessian_in_angles(flow, prediction.slope, prediction.g, prediction.sign, PHI)


IN_ANGLES: Statement[AngleHessian] = Statement(
    "",
    "d = 2: the Hessian in angles has entries m_i m_j g, rows of sum 0",
    Concludes(conclude, words=(("d", "2"),)),
    derive_angle_hessian,
    refute_angle_hessian,
    premises=(PAIR_ENERGY,),
    typed=True,
)


_EXP = exp(beta * cos(PHI))


_G = (cos(PHI) - beta * sin(PHI) ** 2) * _EXP


_HESSIAN = AngleHessian(-sin(PHI) * _EXP, _G, -1)


EQUATION_B_1 = Claim(
    "(B.1)",
    "d = 2: Hessian entries m_i m_j g, diagonal -Σ_j m_i m_j g, g = (cos - β sin²)e^{β cos}.",
    (SA, USA),
    _HESSIAN,
    IN_ANGLES,
    (
        Control(
            "sign of β sin²",
            prediction=replace(_HESSIAN, g=(cos(PHI) + beta * sin(PHI) ** 2) * _EXP),
        ),
        Control("diagonal +Σ g", prediction=replace(_HESSIAN, sign=1)),
        Control("gradient times β", prediction=replace(_HESSIAN, slope=-beta * sin(PHI) * _EXP)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    about=frozenset({Part.ENERGY}),
)


CLAIMS = (EQUATION_B_1,)
