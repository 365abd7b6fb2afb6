"""Sharp codes: they minimise the energy of n points at every β > 0, by linear programming.

Main results
------------
Sharp codes: icosahedron, (16, 5), (27, 6), (56, 7), the roots of E8, polygons of 3 to 12 vertices.

How it is proved
----------------
k = e^{βt}/β and its Hermite interpolant h with double nodes at the code's inner products, nodes
increasing: h = Σ k[s_0, …, s_j] N_j. Divided differences of k are positive, as its derivatives are,
so that the zonal coefficients of h of degree >= 1 are >= 0 at every β if those of N_j are, j < 2m.
These, the design and the Gram matrix are exact in Q, Q(√5), Q(2cos 2π/n); a certificate of each is
replayed by the independent checker. h lies below k, and the code, a (2m-1)-design, attains
n² h_0 - n h(1). A full run has all polygons to 24 vertices. That polygons of every n are sharp, and
that the 600-cell (m = 8, an 11-design: not sharp) minimises, is cited, not shown.

References
----------
Cohn and Kumar, Universally optimal distribution of points on spheres, Theorem 1.2 and Table 1.
arXiv 2312.10794, Section 9.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Symbol

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.proof import (
    SUM,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    cited,
    gap,
)
from proofs_checks.proof.codes import beaten_code, bound_gap, defect, sharp_step
from theory.bounded import simplified
from theory.codes import PointCode, code_named, simplex
from theory.models import REPULSIVE, SA
from theory.symbols import beta, z

_HOT = Symbol("beta", positive=True)

_SCHOENBERG = "Schoenberg: zonal polynomials are positive definite, ΣΣ Q_k(<x_i,x_j>) >= 0"

_DIFFERENCES = (
    "divided differences of order k are values of the k-th derivative over k!, and "
    "k - h = k[nodes, t] Π (t - nodes)"
)

_SHOWN = Integer(2)
"""Where gaps are shown."""

_MORE = tuple(range(13, 25))
"""Polygons of a full run."""


@dataclass(frozen=True)
class Sharp:
    """Codes that are said to be sharp, and so to minimise.

    Attributes
    ----------
    codes : tuple of (str, int)
        Name of a code, and number m of its inner products.
    polygons : tuple of int
        Numbers of vertices of regular polygons; 2 is the antipodal pair.
    """

    codes: tuple[tuple[str, int], ...]
    polygons: tuple[int, ...] = ()

    def named(self) -> tuple[tuple[str, PointCode], ...]:
        """Return all of them, exact, by name."""
        given = tuple((name, code_named(name)) for name, _ in self.codes)
        return given + tuple((f"regular {k}-gon", _polygon(k)) for k in self.polygons)


def _polygon(vertices: int) -> PointCode:
    return simplex(2, 2) if vertices == 2 else code_named(f"regular {vertices}-gon")


def _kernel(flow: Flow) -> Expr | None:
    """Kernel of the energy that the flow descends, at a positive β, or None."""
    return None if flow.kernel is None else (-flow.kernel).subs(beta, _HOT)


def _rising(kernel: Expr, order: int) -> Step:
    """Step that the derivatives 1, …, order are positive on [-1, 1]."""
    text = f"derivatives 1, …, {order} of k = {kernel} are > 0 at every β > 0"
    for k in range(1, order + 1):
        value = simplified(kernel.diff(z, k))
        if not value.is_positive:
            return gap(text, f"derivative {k} is {value}")
    return Step(text, How.DERIVED)


def refute_sharp(flow: Flow, said: Sharp | None, budget: Budget) -> Counterexample | None:
    """Find a code with other numbers, one that isn't sharp, or one that is beaten."""
    kernel = _kernel(flow)
    if kernel is None or said is None:
        return None
    for name, count in said.codes:
        found = code_named(name).m
        if found != count:
            return Counterexample(f"{name}: {found} inner products, not {count}")
    shown = kernel.subs(_HOT, beta)
    for name, code in said.named():
        if not code.sharp:
            return Counterexample(f"{name}: {defect(code)}; {_below(shown, name, code)}")
        rises = _rising(kernel, 1)
        rival = "" if rises.holds else beaten_code(shown, name, code)
        if rival:
            return Counterexample(f"{rival} ({rises})")
    return None


def _below(kernel: Expr, name: str, code: PointCode) -> str:
    """Say how far the bound stays below the energy of a code, and what beats the code."""
    energy, left = bound_gap(kernel, code, _SHOWN)
    share = left / energy
    words = "isn't seen to differ from"
    if left.a > 0 and code.newton_positive:
        words = f"is, by {float(share.mid):.3g} of it, below"
    rival = beaten_code(kernel, name, code)
    said = f"at β = {_SHOWN} its bound {words} its energy"
    return f"{said}; {rival}" if rival else said


def _steps(kernel: Expr, codes: tuple[tuple[str, PointCode], ...]) -> tuple[Step, ...]:
    """Prove the bound for the codes."""
    order = 2 * max(code.m for _, code in codes)
    rises = _rising(kernel, order)
    exact = tuple(sharp_step(name, code) for name, code in codes)
    below = cited(_DIFFERENCES, rises)
    definite = cited(_SCHOENBERG, *exact)
    text = "h = Σ k[s_0, …, s_j] N_j has zonal coefficients >= 0 of degree >= 1, and h <= k"
    signs = {"k[s_0, …, s_j] × coefficient of N_j": ">= 0", "k[nodes, t] Π (t - t_i)²": ">= 0"}
    interpolant = apply(SUM, text, below, *exact, terms=signs)
    text = "Σ_{i≠j} k >= Σ_{i≠j} h >= n² h_0 - n h(1), which the code, a design, attains"
    signs = {"k - h": ">= 0", "h_k ΣΣ Q_k": ">= 0"}
    return (
        rises,
        *exact,
        below,
        definite,
        interpolant,
        apply(SUM, text, interpolant, definite, terms=signs),
    )


def decide_sharp(flow: Flow, said: Sharp) -> Sheet:
    """Prove that sharp codes minimise the energy that the flow descends."""
    kernel = _kernel(flow)
    if kernel is None:
        return Sheet((gap("an energy Σ k(<x_i,x_j>)", "no isotropic pair energy"),))
    codes = said.named()
    steps = _steps(kernel, codes)
    names = ", ".join(name for name, _ in said.codes)
    if said.polygons:
        names += f", n-gons to n = {max(said.polygons)}"
    sizes = ", ".join(f"{code.n} in {code.d}" for name, code in codes[: len(said.codes)])
    return Sheet(
        steps,
        {
            "n": "of the codes",
            "d": f"of the codes: {sizes}" + ("; polygons in 2" if said.polygons else ""),
            "beta": "symbolic, > 0",
            "masses": "1/n",
        },
        (),
        f"{names}: at every β the interpolant lies below the kernel, its zonal coefficients are "
        ">= 0, and the design attains the bound",
    )


def more_polygons(flow: Flow, said: Sharp, budget: Budget) -> Sheet:
    """Go on to more vertices in a full run."""
    kernel = _kernel(flow)
    assert kernel is not None  # decided before
    if not budget.full or not said.polygons:
        return Sheet(())
    codes = tuple((f"regular {k}-gon", _polygon(k)) for k in _MORE)
    return Sheet(_steps(kernel, codes), {"n": f"of the codes; n-gons to {_MORE[-1]}"})


SHARP: Statement[Sharp] = Statement(
    "",
    "sharp codes minimise at every β > 0",
    decide_sharp,
    refute=refute_sharp,
    search=more_polygons,
)


_SHARP = Sharp(
    (
        ("icosahedron", 3),
        ("half 5-cube", 2),
        ("Schläfli code", 2),
        ("equiangular code", 3),
        ("E8 roots", 4),
    ),
    tuple(range(3, 13)),
)


SHARP_CODES = Claim(
    "Sharp codes",
    "The icosahedron, the sharp codes of 16, 27, 56 points, the 240 roots of E8 and n-gons, n <= "
    "12 (a full run: 24), minimise the energy at every β > 0. In print: every n-gon, the 600-cell.",
    REPULSIVE,
    _SHARP,
    SHARP,
    (
        Control("the cube", prediction=Sharp((("cube", 3),))),
        Control("the dodecahedron", prediction=Sharp((("dodecahedron", 5),))),
        Control("the 24-cell", prediction=Sharp((("24-cell", 4),))),
        Control("the triangular bipyramid", prediction=Sharp((("triangular bipyramid", 3),))),
        Control("the 600-cell", prediction=Sharp((("600-cell", 8),))),
        Control("V = -I -> V = I", model=SA),
    ),
    Verdict.PROVED,
    cases=3,
    origin="extension",
    about=frozenset({Part.ENERGY}),
    equivalents=(
        Equivalent(
            "sharp codes minimise for every kernel with positive derivatives: any factor, 2β, β²",
            ("*.energy: × β", "*.energy: × n", "*.energy: e^u -> e^2u", "*.energy: β -> β²"),
        ),
        Equivalent("every regular polygon is sharp", ("prediction.polygons.*: ? 1",)),
    ),
)


CLAIMS = (SHARP_CODES,)
