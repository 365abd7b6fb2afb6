"""Problem 4, Problem 4 first order: closed forms for g in (8.1).

Main results
------------
Problem 4: Kirkwood's closure can't be told from ψ by 16 384 copies at n = 3, β = 5/4, t = 1/4 (its
distance W₁ is within four bootstrap errors of what chance does); chaos (g = 0) can, and is refuted
as realistic. Copies start in 32 scrambled nets that are independent of each other, which the
bootstrap draws from. A full run has eight times as many, at half the time: Kirkwood's error, of
third order in t, falls as theirs.
Problem 4 first order: ∂_t g(0, x) = Σ 4k³I_k²/(nβ) sin kx for n >= 3, which Kirkwood's closure
has and chaos hasn't.

How it is proved
----------------
The first order is derived: at t = 0 the hierarchy loses its next law, so that r tokens have the
uniform law times 1 - t D, D the divergence of their own motion; sines and cosines are averaged
over θ_3, and I_k > 0 is (7.5)'s. Beyond it nobody has a closed form: runs of many copies.

Notes
-----
The paper asks the same for d > 2 and for SA, without a number.

References
----------
arXiv 2312.10794, Section 8, Problem 4. Kirkwood, J. Chem. Phys. 3 (1935).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import (
    Expr,
    S,
    Symbol,
    besseli,
    cos,
    diff,
    exp,
    expand_trig,
    lambdify,
    simplify,
    sin,
)

from numerics.hierarchy import pair_law, pair_samples, spread_starts
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_7.eq_7_5_fourier import SERIES
from proofs_checks.paper.section_8.eq_8_1_hierarchy import PAIR_EQUATION
from proofs_checks.proof import (
    HOT_ONLY,
    ON_SPHERE,
    SUM,
    Array,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    by_statement,
    cited,
    derived,
    not_asked,
    open_problem,
    refute_off_sphere,
    subjects,
)
from proofs_checks.proof.joint_laws import ONE_SUM
from theory.derivations import phi as PHI
from theory.hierarchy import bbgky
from theory.models import USA, Model
from theory.predictions import early_mean_force
from theory.symbols import beta, n

MODE = Symbol("k", integer=True, positive=True)
"""Order of a Fourier coefficient."""

# -- Problem 4 -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Closure:
    """A closed form for g that may lead to ψ.

    Attributes
    ----------
    name : str
        One of ``numerics.hierarchy.CLOSURES``.
    tokens : int
        n of the closed equation; the copies have three tokens.
    model : Model
        Of the closed equation.
    late : float
        Time of the comparison.
    """

    name: str
    tokens: int = 3
    model: Model = USA
    late: float = 0.25


COPIED = 3
"""Tokens of a copy."""

TOLD = 4.0
"""Bootstrap errors beyond chance at which copies tell a law from ψ."""

NETS = 32
"""Scrambled nets of starting angles."""


def nets(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Start copies at points of several nets, each spread evenly."""
    parts = (spread_starts(rng, (shape[0] // NETS, shape[1])) for _ in range(NETS))
    return np.concatenate(list(parts))


def decide_closure(flow: Flow, prediction: Closure) -> Sheet:
    """Say what is proved, and what nobody has a proof of."""
    equation = by_statement(PAIR_EQUATION, flow, text="(8.1)")
    closed = open_problem(
        "a closed form for g that is exact, or near enough to prove ψ(t, ·) -> δ_0",
        "runs at finitely many n, β and t: evidence, not a proof",
    )
    return Sheet((equation, closed), {"n": str(COPIED), "d": "2"})


def try_closure(flow: Flow, prediction: Closure, budget: Budget) -> Trial:
    """Compare the distance of the closed law to that of many copies with what chance does."""
    cells, copies, late = 128, 1 << 14, prediction.late
    if budget.full:
        copies, late = 8 * copies, late / 2
    samples = pair_samples(
        flow.model,
        COPIED,
        [late],
        copies=copies,
        rng=budget.rng,
        rtol=1e-6,
        start=nets,
        beta=1.25,
    )
    by_chance = samples.scatter(cells, parts=NETS, rng=budget.rng)[0]
    law = pair_law(
        prediction.model,
        prediction.tokens,
        late,
        closure=prediction.name,
        t_eval=[late],
        cells=cells,
        beta=1.25,
    )
    distance = float(law.distance(samples.law(cells))[0])
    score = (distance - float(by_chance.mean())) / float(by_chance.std())
    scope = {"n": str(COPIED), "beta": "5/4", "t": f"{late:g}"}
    words = (
        f"{prediction.name}: W₁ to {copies} copies {distance:.4f} at t = {late:g}, β = 5/4; by "
        f"chance {by_chance.mean():.4f} ± {by_chance.std():.4f}"
    )
    margin = 1 - score / TOLD
    if score > TOLD:
        return Trial(f"{words}, {score:.1f} errors away", margin, copies, scope=scope)
    return Trial("", margin, copies, seen=words, scope=scope)


CLOSED: Statement[Closure] = Statement(
    "",
    "a closed form for g that leads to δ_0",
    decide_closure,
    not_asked,
    refute_off_sphere,
    try_closure,
    premises=(ON_SPHERE, ONE_SUM),
)

_KIRKWOOD = Closure("kirkwood")

PROBLEM_4 = Claim(
    "Problem 4",
    "A realistic closed form of g in (8.1) that proves ψ(t, ·) -> δ_0; Kirkwood's law isn't told "
    "from ψ by 2^14 copies at n = 3, β = 5/4, t = 1/4, that of g = 0 is.",
    USA,
    _KIRKWOOD,
    CLOSED,
    (
        Control("chaos, g = 0", prediction=replace(_KIRKWOOD, name="chaos")),
        Control("n = 3 -> n = 6 in the closed equation", prediction=replace(_KIRKWOOD, tokens=6)),
        Control("the flow twice as warm", model=USA.subs({beta: 2 * beta})),
    ),
    Verdict.OPEN,
    cases=1,
    equivalents=(
        Equivalent("another time", ("prediction.late: *",)),
        Equivalent(
            "the closed equation is of angles, which the part across the circle doesn't move",
            ("prediction.model.USA.velocity: no projection",),
        ),
    ),
)


# -- first order -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class EarlyForce:
    """``∂_t g = Σ_k coefficient sin kx`` at t = 0, g of (8.1).

    Attributes
    ----------
    coefficient : Expr
        In ``MODE``, ``beta`` and ``n``.
    """

    coefficient: Expr


_AT = {beta: 1.25, n: 3.0}
_ANGLE = 1.0


def refute_early(
    flow: Flow, prediction: EarlyForce | None, budget: Budget
) -> Counterexample | None:
    """Compare the series with the mean over θ_3, at one angle."""
    off = refute_off_sphere(flow, prediction, budget)
    if off is not None or prediction is None:
        return off
    force = bbgky(flow.model).force.subs(_AT)
    points = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    pull, slope = (lambdify(PHI, e, "numpy") for e in (force, diff(force, PHI)))
    # The mean of a smooth function over the circle is that of 256 points, to rounding.
    true = 2 / 3 * 1.25 * float((pull(points) * slope(_ANGLE - points)).mean())
    terms = prediction.coefficient.subs(_AT)
    said = sum(float(terms.subs(MODE, k)) * np.sin(k * _ANGLE) for k in range(1, 20))
    if abs(said - true) < 1e-9:
        return None
    return Counterexample(
        f"{flow.name}: ∂_t g(0, 1) is {true:.6f} at β = 5/4, n = 3, and {said:.6f} is claimed"
    )


def _averages() -> tuple[Step, Step]:
    """Average the products of sines and cosines of θ_3 = y over the circle."""
    x, y = Symbol("x", real=True), Symbol("y", real=True)
    j, k = Symbol("j", integer=True, positive=True), MODE
    product = sin(j * y) * cos(k * (x - y))
    halves = (sin((j - k) * y + k * x) + sin((j + k) * y - k * x)) / 2
    split = derived(
        "sin jy cos k(x-y) = (sin((j-k)y + kx) + sin((j+k)y - kx))/2",
        simplify(expand_trig(product - halves)),
    )
    return split, cited("sin(my + a) has the mean 0 over the circle, for a whole m ≠ 0", split)


def decide_early(flow: Flow, prediction: EarlyForce) -> Sheet:
    """Expand the laws of two and three tokens to first order, and average over the third."""
    law = bbgky(flow.model)
    equation = by_statement(PAIR_EQUATION, flow, text="(8.1), and the hierarchy above it")
    first, second, third = law.angles(3)
    bend = diff(law.force, PHI)
    apart = {
        name: bend.subs(PHI, value)
        for name, value in (("x", second - first), ("y", third - first), ("x-y", second - third))
    }
    triple = derived(
        "∂_t ρ^(3) = -D_3 ρ^(3) at t = 0, D_3 = (2/n)(c'(x) + c'(y) + c'(x-y))",
        simplify(law.early_rate(3) - 2 * sum(apart.values(), S.Zero) / n),
    )
    double = derived(
        "∂_t ψ = -D_2 ψ, D_2 = (2/n) c'(x)", simplify(law.early_rate(2) - 2 * apart["x"] / n)
    )
    given = 2 * (apart["y"] + apart["x-y"]) / n
    kirkwood = derived(
        "D_3 - D_2(x) = D_2(y) + D_2(x-y): Kirkwood's law of θ_3, given 0 and x, is the same",
        simplify(law.early_rate(3) - law.early_rate(2) - given),
    )
    split, mean = _averages()
    series = by_statement(SERIES, flow, text="(7.5): h = I_0 + 2 Σ I_k cos kθ, I_k > 0")
    kernel = exp(beta * cos(PHI))
    own = derived("c = h'/β, h = e^{β cos θ}", simplify(law.force - diff(kernel, PHI) / beta))
    # c = Σ b_k sin kθ; the mean of c(y) k b_k cos k(x-y) is k b_k²/2 sin kx, that of c c' is 0.
    b = -2 * MODE * besseli(MODE, beta) / beta
    value = derived(
        f"∂_t g = (2β/n) Σ k b_k²/2 sin kx = Σ {prediction.coefficient} sin kx",
        simplify(beta * MODE * b**2 / n - prediction.coefficient),
    )
    positive = apply(
        SUM, "g is not 0: its first coefficient is > 0", series, value, terms={"I_1²": "> 0"}
    )
    steps = (equation, triple, double, kirkwood, split, mean, series, own, value, positive)
    return Sheet(
        steps,
        {
            "n": "symbolic, >= 3",
            "d": "2",
            "beta": "symbolic, positive",
            "masses": "1/n",
            "k": "symbolic",
            "t": "0, first order",
        },
        subjects(flow.model, prediction.coefficient),
        f"∂_t g(0, x) = Σ {prediction.coefficient} sin kx, all positive: Kirkwood's closure has "
        "it, and g = 0 fails at n >= 3 as soon as t > 0",
    )


EARLY: Statement[EarlyForce] = Statement(
    "",
    "g of (8.1) to first order in t",
    decide_early,
    not_asked,
    refute_early,
    domain=(HOT_ONLY,),
    premises=(ON_SPHERE, ONE_SUM),
)

_EARLY = early_mean_force(MODE)

PROBLEM_4_FIRST_ORDER = Claim(
    "Problem 4 first order",
    "n >= 3, uniform starts: ∂_t g(0, x) = Σ_k 4k³I_k(β)²/(nβ) sin kx; Kirkwood's closure is right "
    "to first order in t, and g = 0 (chaos) is not.",
    USA,
    EarlyForce(_EARLY),
    EARLY,
    (
        Control("k³ -> k²", prediction=EarlyForce(_EARLY / MODE)),
        Control("sign of g", prediction=EarlyForce(-_EARLY)),
        Control("chaos, g = 0", prediction=EarlyForce(S.Zero)),
        Control("β -> 2β in the flow", model=USA.subs({beta: 2 * beta})),
    ),
    Verdict.PROVED,
    origin="extension",
)


CLAIMS = (PROBLEM_4, PROBLEM_4_FIRST_ORDER)
