"""(B.1): the Hessian of the energy in angles, d = 2: entries m_i m_j g.

How it is proved
----------------
g = (cos - β sin²)e^{β cos}; on the diagonal -Σ_j m_i m_j g. SymPy differentiates a pair's
energy, for symbolic β and masses, and the whole energy of three tokens, entry by entry. The
quadratic form is rewritten as -½ Σ m_i m_j g_ij (v_i - v_j)². All of it is exact; no runs.

References
----------
arXiv 2312.10794, Appendix B, (B.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Matrix, Rational, S, cos, exp, expand, hessian, simplify, sin, symbols

from proofs_checks.claim import Budget, Claim, Control, Evidence, Part, Verdict
from proofs_checks.proof import each, subjects
from theory.derivations import phi as PHI
from theory.energy import pair_kernel
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


def check_angle_hessian(model: Any, prediction: AngleHessian, budget: Budget) -> Evidence:
    """Differentiate the energy in angles, pair by pair, and whole for three tokens."""
    put, seen = {PHI: Rational(7, 10), beta: Rational(5, 2)}, set[Expr]()
    for flow in each(model):
        kernel = None if flow.energy is None else pair_kernel(flow.energy)
        if kernel in seen:
            continue
        seen.add(kernel)
        if kernel is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy")
        pair = kernel.subs(z, cos(PHI))
        for name, value, target in (
            ("∂E/∂θ_i", pair.diff(PHI), prediction.slope),
            ("∂²E/∂θ_i∂θ_j", -pair.diff(PHI, 2), prediction.g),
        ):
            gap = simplify(expand(value - target))
            if gap != 0:
                detail = (
                    f"{flow.name}: {name} of a pair minus the predicted one is "
                    f"{gap.subs(put).evalf(5)} at φ = 7/10, β = 5/2"
                )
                return Evidence(Verdict.REFUTED, detail)
        angle, mass, v = (symbols(f"{name}:3", real=True) for name in ("theta", "m", "v"))
        pairs = [(i, j) for i in range(3) for j in range(3)]
        energy = sum(
            (mass[i] * mass[j] * kernel.subs(z, cos(angle[i] - angle[j])) for i, j in pairs), S.Zero
        )
        derived = hessian(energy / 2, angle)
        g = {(i, j): prediction.g.subs(PHI, angle[i] - angle[j]) for i, j in pairs}
        for i, j in pairs:
            target = mass[i] * mass[j] * g[i, j]
            if i == j:
                others = (mass[i] * mass[k] * g[i, k] for k in range(3) if k != i)
                target = prediction.sign * sum(others, S.Zero)
            gap = expand(derived[i, j] - target)
            if gap != 0:
                numbers = {**dict(zip(angle, (0, 1, 3), strict=True)), beta: Rational(5, 2)}
                numbers |= dict.fromkeys(mass, Rational(1, 3))
                detail = (
                    f"{flow.name}, n = 3, angles 0, 1, 3, β = 5/2: entry {i},{j} of the Hessian "
                    f"minus the predicted one is {gap.subs(numbers).evalf(5)}"
                )
                return Evidence(Verdict.REFUTED, detail)
        entry = symbols("h:3", real=True)
        rows = [[-entry[0] - entry[1], entry[0], entry[1]]]
        rows += [[entry[0], -entry[0] - entry[2], entry[2]]]
        rows += [[entry[1], entry[2], -entry[1] - entry[2]]]
        form = (Matrix([v]) * Matrix(rows) * Matrix(v))[0]
        square = entry[0] * (v[0] - v[1]) ** 2 + entry[1] * (v[0] - v[2]) ** 2
        if expand(form + square + entry[2] * (v[1] - v[2]) ** 2) != 0:
            return Evidence(Verdict.UNDECIDED, "the quadratic form differs")
    return Evidence(
        Verdict.PROVED,
        "derived pair by pair; v^T H v = -½ Σ m_i m_j g_ij (v_i - v_j)², so without ascent "
        "direction Σ_{S×S^c} m_i m_j g >= 0 for every S (B.2)",
        {"n": "symbolic", "d": "2", "beta": "symbolic", "masses": "symbolic"},
        identity=subjects(model, prediction.g),
    )


_EXP = exp(beta * cos(PHI))


_G = (cos(PHI) - beta * sin(PHI) ** 2) * _EXP


_HESSIAN = AngleHessian(-sin(PHI) * _EXP, _G, -1)


EQUATION_B_1 = Claim(
    "(B.1)",
    "d = 2: Hessian entries m_i m_j g, diagonal -Σ_j m_i m_j g, g = (cos - β sin²)e^{β cos}.",
    (SA, USA),
    _HESSIAN,
    check_angle_hessian,
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
