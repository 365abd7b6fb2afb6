"""Masked spectrum: modes at consensus are λ(D^{-1} W) - 1, whatever Q, K, β are.

Main results
------------
- Masked spectrum: V = I, masses 1/n. The linearisation at consensus is D^{-1} W - 1 in each of the
  d-1 directions, W the mask, D its row sums: without a mask -1 and one 0, causal -(k-1)/k, strictly
  causal -1, one Jordan block, and the 0 of the first token.

How it is proved
----------------
P_i x_j is 0 at consensus, so its derivative meets the weights as they are there, where all scores
of a row are equal. Triangular matrices are read off their diagonals for every n.

References
----------
N. Karagodin, Y. Polyanskiy, P. Rigollet, Clustering in causal attention masking, arXiv 2411.04990.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    Eq,
    Expr,
    Matrix,
    MatrixSymbol,
    Mul,
    Piecewise,
    Poly,
    Rational,
    S,
    Symbol,
    expand,
    eye,
    factor_list,
    roots,
    simplify,
    summation,
)

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AUTONOMOUS,
    CONTINUOUS_AT_EQUAL_ANGLES,
    HEAT,
    LED,
    ON_SPHERE,
    ONE_ROOT,
    PRODUCT_AT_ZERO,
    SEES,
    TIMES_IDENTITY,
    TRIANGULAR,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    apply,
    cited,
    derived,
    gap,
    leaves_sphere,
    masked_attention,
    pairwise,
    pull_law,
    sight_of,
    subjects,
)
from proofs_checks.proof.kinds import MASKED
from theory.masks import CAUSAL, GRAPH, STRICT, Mask
from theory.models import QK_SA
from theory.symbols import d, n

PLACE = Symbol("i", integer=True, positive=True)
"""Place of a token, from 1."""

_AFTER = Symbol("k", integer=True, positive=True)
"""Place of a token after the first one, less 1."""

W = MatrixSymbol("W", n, n)

_CAUSAL = masked_attention("causal", Mask.causal())

MODELS = (
    QK_SA,
    _CAUSAL,
    masked_attention("strictly causal", Mask.strictly_causal()),
    masked_attention("graph", Mask.graph(W), W),
)


@dataclass(frozen=True)
class Modes:
    """``v_i' = scale Σ_j (D^{-1} W)_ij v_j + shift v_i`` at consensus; 0 if i sees nobody.

    Attributes
    ----------
    scale, shift : Expr
    rates : Expr, optional
        The eigenvalue that is counted by the token at `PLACE`, where there is a closed form.
    """

    scale: Expr = S.One
    shift: Expr = S.NegativeOne
    rates: Expr | None = None


def _but_first(factor: Expr) -> Expr:
    return Piecewise((S.Zero, Eq(PLACE, 1)), (-factor, True))


def derive_modes(flow: Flow) -> Modes | None:
    """Return the linearisation, and its eigenvalues where they have a closed form."""
    sight = sight_of(flow)
    if sight is None:
        return None
    c = sight.factor
    kind = "" if sight.mask is None else sight.mask.kind
    closed = {"": _but_first(c), STRICT: _but_first(c), CAUSAL: c * (1 / PLACE - 1)}
    return Modes(c, -c, closed.get(kind))


_TABLE = Matrix([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 1], [1, 0, 1, 1]])
"""A graph at which a wrong linearisation is shown where none is given."""


def refute_modes(flow: Flow, prediction: Modes | None, budget: Budget) -> Counterexample | None:
    """Compare the linearisation at consensus, of four tokens or the given ones, with what is said.

    Parameters are numbers there.
    """
    if off := leaves_sphere(flow.model, budget.rng):
        return Counterexample(off)
    sight = sight_of(flow)
    if sight is None or prediction is None or not sight.alike:
        return None
    own = sight.factor
    at = {s: Rational(5, 4) for s in own.free_symbols} | {n: 4}
    slopes = sight.slopes(4) if sight.tokens != "symbolic" else own * (_rows(_TABLE) - eye(4))
    scope = {"n": str(slopes.rows), "d": ">= 2", "masses": "1/n"}
    for value, said in ((own, prediction.scale), (-own, prediction.shift)):
        if (value - said).subs(at) != 0:
            return Counterexample(
                f"{flow.name}: v_i' = {own} (Σ_j (D^-1 W)_ij v_j - v_i) at consensus, not "
                f"{prediction.scale} Σ_j (D^-1 W)_ij v_j + {prediction.shift} v_i",
                scope,
            )
    if prediction.rates is None:
        return None
    said = [prediction.rates.subs(PLACE, i + 1).subs(at) for i in range(slopes.rows)]
    mark = Symbol("mark")
    wanted = Mul(*(mark - rate for rate in said))
    if expand(slopes.subs(at).charpoly(mark).as_expr() - wanted) != 0:
        text = f"{flow.name}: eigenvalues {_listed(slopes.subs(at))}, not {said}"
        return Counterexample(text, scope)
    return None


def _rows(table: Any) -> Any:
    return Matrix([[a / sum(table.row(i)) for a in table.row(i)] for i in range(table.rows)])


def _listed(slopes: Any) -> str:
    """Write the eigenvalues of an explicit matrix, or the factors of degree > 2 that have them."""
    mark = Symbol("lambda")
    found = []
    for factor, count in factor_list(slopes.charpoly(mark).as_expr(), mark)[1]:
        poly = Poly(factor, mark)
        zeros = roots(poly) if poly.degree() <= 2 else {f"zeros of {factor}": 1}
        found += [str(zero) for zero, times in zeros.items() for _ in range(times * count)]
    return ", ".join(found)


def _alike(flow: Flow) -> Step:
    text = "x_i' = c P_i Σ_j A_ij x_j, scores that treat all tokens alike, masses 1/n"
    sight = sight_of(flow)
    if sight is None or not sight.alike:
        return Step(text, How.DERIVED, Outcome.FAILS, f"{flow.name} isn't of this form")
    return Step(text, How.DERIVED, Outcome.HOLDS, f"c = {sight.factor}")


ALIKE = Premise("ALIKE", _alike)


def _closed(sight: Any, said: Expr, law: Step) -> tuple[Step, ...]:
    """Show the closed form of the eigenvalues, for every number of tokens."""
    c = sight.factor
    kind = "" if sight.mask is None else sight.mask.kind
    first, rest = said.subs(PLACE, 1), said.subs(PLACE, _AFTER + 1)
    if kind == "":
        text = "L = c (1 1^T/n - 1): 0 on constants, -c where Σ_i v_i = 0"
        own = (S.Zero, -c)
    elif kind == CAUSAL:
        text = "L is triangular, its diagonal c (1/i - 1): token i sees i tokens, itself among them"
        own = (S.Zero, c * (1 / summation(S.One, (_OTHER, 1, _AFTER + 1)) - 1))
    elif kind == STRICT:
        text = "L is triangular, its diagonal 0 for i = 1, else -c: token i doesn't see itself"
        own = (S.Zero, -c)
    else:
        return (gap("the closed form of the eigenvalues", f"none is known for {sight.mask}"),)
    left = simplify(first - own[0]) or simplify(rest - own[1])
    steps = [derived(text, left)]
    if kind:
        steps.append(apply(TRIANGULAR, f"the eigenvalues of L are {said}", *steps, law))
    if kind == STRICT:
        beside = c / summation(S.One, (_OTHER, 1, _AFTER)) - c / _AFTER
        text = "L + c on the tokens from 2 is strictly triangular, c/(i-1) next to the diagonal"
        steps.append(derived(f"{text}: nilpotent of full index, one Jordan block", beside))
    return tuple(steps)


def _in_words(rates: Expr) -> str:
    if rates.has(Piecewise):
        return f"{rates.subs(PLACE, 1)} for i = 1, {rates.subs(PLACE, _AFTER + 1)} for i = 2, …, n"
    return f"{rates}, i = 1, …, n"


_OTHER = Symbol("j", integer=True, positive=True)


def decide_modes(flow: Flow, prediction: Modes) -> Sheet:
    """Linearise at consensus, and read off the eigenvalues."""
    sight = sight_of(flow)
    assert sight is not None  # a premise
    c = sight.factor
    zero = derived("P_i x_j = 0 at consensus, d(P_i x_j) = v_j - v_i", pull_law())
    text = "A_ij = (D^-1 W)_ij at consensus: scores of a row are equal; 0 if i sees nobody"
    equal = replace(_alike(flow), text=text)
    law = apply(PRODUCT_AT_ZERO, "v_i' = c (Σ_j (D^-1 W)_ij v_j - v_i) = Σ_j L_ij v_j", zero, equal)
    left = simplify(prediction.scale - c) or simplify(prediction.shift + c)
    same = derived(f"scale {prediction.scale}, shift {prediction.shift}", left)
    steps = [zero, equal, law, same]
    words = "λ(D^-1 W) - 1" if c == 1 else f"({c}) (λ(D^-1 W) - 1)"
    if prediction.rates is not None:
        steps += _closed(sight, prediction.rates, law)
        words = _in_words(prediction.rates)
    elif sight.mask is not None and sight.mask.kind == GRAPH and sight.table is not None:
        words = _listed(sight.slopes(sight.table.rows))
        steps.append(Step(f"eigenvalues {words}", How.DERIVED, evidence="exact, of the matrix"))
    steps.append(apply(TIMES_IDENTITY, f"eigenvalues {words}, each d-1 times", law, *steps[4:]))
    if (sees := SEES.test(flow)).holds and (led := LED.test(flow)).holds:
        steps.append(cited(ONE_ROOT, sees, led, law))
    return Sheet(
        tuple(steps),
        {
            "n": sight.tokens,
            "d": "symbolic",
            "beta": "symbolic, of either sign",
            "masses": "1/n",
        },
        subjects(flow.model, prediction.scale, d),
        f"eigenvalues {words}, each d-1 times",
    )


MODES: Statement[Modes] = Statement(
    "consensus spectrum under a mask",
    "the modes at consensus are c (λ(D^-1 W) - 1), each d-1 times",
    decide_modes,
    derive_modes,
    refute_modes,
    domain=(MASKED,),
    premises=(ON_SPHERE, AUTONOMOUS, CONTINUOUS_AT_EQUAL_ANGLES, ALIKE),
    cases=pairwise,
)

_CLOSED = (_but_first(S.One), 1 / PLACE - 1, _but_first(S.One), None)

_MODES = tuple(Modes(rates=rates) for rates in _CLOSED)


def _with(place: int, modes: Modes) -> tuple[Modes, ...]:
    return tuple(modes if i == place else own for i, own in enumerate(_MODES))


SPECTRUM = Claim(
    "Masked spectrum",
    "V = I, masses 1/n, any Q, K, β: the modes at consensus are λ(D^-1 W) - 1, each d-1 times: "
    "without a mask 0 and -1, causal 1/i - 1, strictly causal 0 and a Jordan block of -1.",
    MODELS,
    _MODES,
    MODES,
    (
        Control(
            "V = -I",
            model=(QK_SA, masked_attention("causal, V = -I", Mask.causal(), sign=-1), *MODELS[2:]),
        ),
        Control("causal as without a mask", prediction=_with(1, _MODES[0])),
        Control("causal -1/i", prediction=_with(1, Modes(rates=-1 / PLACE))),
        Control("1 not subtracted", prediction=_with(3, Modes(shift=S.Zero))),
    ),
    Verdict.PROVED,
    origin="extension",
    equivalents=(
        Equivalent("at consensus the scores of a row are equal at every temperature", HEAT),
    ),
)


CLAIMS = (SPECTRUM,)
