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

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Derivative, Expr, Matrix, Rational, S, cos, exp, expand, hessian, sin, symbols

from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    LINEARITY,
    PAIR_ENERGY,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    apply,
    derived,
    subjects,
)
from proofs_checks.said import Said, say, saying
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


def _entries_said(kernel: Expr, prediction: AngleHessian) -> Iterator[Said]:
    """Say that the second derivatives of the energy of three tokens are these entries."""
    energy, targets = _energy_of_three(kernel), _targets(prediction)
    for i, j in _PAIRS:
        if i <= j:
            yield say(Derivative(energy, ANGLES[i], ANGLES[j]), "=", targets[i, j])


def _form() -> tuple[Expr, Expr]:
    """Return ``v^T H v`` and ``Σ_{i<j} h_ij (v_i - v_j)²``, H with -Σ_j h_ij on its diagonal."""
    a, b, c = symbols("h:3", real=True)
    v = Matrix(symbols("v:3", real=True))
    rows = Matrix([[-a - b, a, b], [a, -a - c, c], [b, c, -b - c]])
    squares = a * (v[0] - v[1]) ** 2 + b * (v[0] - v[2]) ** 2 + c * (v[1] - v[2]) ** 2
    return (v.T * rows * v)[0], squares


def _form_gap() -> Expr:
    """Return the sum of the two."""
    form, squares = _form()
    return expand(form + squares)


def _form_said() -> Said:
    """Say that they are opposite."""
    form, squares = _form()
    return say(form, "=", -squares)


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


def decide(flow: Flow, prediction: AngleHessian) -> Sheet:
    """Differentiate the energy in angles, pair by pair, and whole for three tokens."""
    assert flow.kernel is not None  # a premise
    (_, slope), (_, bend) = _pair_gaps(flow, prediction)
    entries = [left for _, left in _entry_gaps(flow.kernel, prediction)]
    first = derived(f"a pair: ∂E/∂θ_i = m_i m_j ({prediction.slope}), phi = θ_i-θ_j", slope)
    second = derived("a pair: ∂²E/∂θ_i∂θ_j = m_i m_j g(phi)", bend)
    pair = flow.kernel.subs(z, cos(PHI))
    first = saying(first, say(Derivative(pair, PHI), "=", prediction.slope))
    second = saying(second, say(-Derivative(pair, (PHI, 2)), "=", prediction.g))
    text = "n = 3: all entries, the diagonal -Σ_{j≠i} m_i m_j g"
    whole = derived(text, next((left for left in entries if left != 0), S.Zero))
    whole = saying(whole, *_entries_said(flow.kernel, prediction))
    text = "any n: entries m_i m_j g, diagonal -Σ_{j≠i} m_i m_j g"
    every = apply(LINEARITY, text, first, second, whole)
    form = derived("-Σ_{j≠i} h_ij on the diagonal: v^T H v = -½ Σ h_ij (v_i-v_j)²", _form_gap())
    form = saying(form, _form_said())
    cut = apply(
        LINEARITY,
        "v = 1 on S, 0 off S: v^T H v = -Σ_{S×S^c} m_i m_j g, the pairs of S×S^c alone",
        every,
        form,
    )
    return Sheet(
        (first, second, whole, every, form, cut),
        {"n": "symbolic", "d": "2", "beta": "symbolic", "masses": "symbolic"},
        subjects(flow.model, prediction.g),
        "derived pair by pair; v^T H v = -½ Σ m_i m_j g_ij (v_i - v_j)², so without ascent "
        "direction Σ_{S×S^c} m_i m_j g >= 0 for every S (B.2)",
    )


IN_ANGLES: Statement[AngleHessian] = Statement(
    "",
    "d = 2: the Hessian in angles has entries m_i m_j g, rows of sum 0",
    decide,
    derive_angle_hessian,
    refute_angle_hessian,
    premises=(PAIR_ENERGY,),
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
