"""Masked spectrum: modes at consensus are λ(D^{-1} W) - 1, whatever Q, K, β are.

Main results
------------
- Masked spectrum: V = I, masses 1/n. The linearisation at consensus is D^{-1} W - 1 in each of the
  d-1 directions, W the mask, D its row sums: without a mask -1 and one 0, causal -(k-1)/k, strictly
  causal -1, one Jordan block, and the 0 of the first token.

How it is proved
----------------
Theorems: P_i x_j is 0 at consensus, so its derivative meets the weights as they are there, where
all scores of a row are equal. Triangular matrices are read off their diagonals for every n; of a
graph that is given by numbers the characteristic polynomial is exact.

References
----------
N. Karagodin, Y. Polyanskiy, P. Rigollet, Clustering in causal attention masking, arXiv 2411.04990.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Eq,
    Expr,
    Matrix,
    MatrixSymbol,
    Mul,
    Piecewise,
    Rational,
    S,
    Symbol,
    expand,
)

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AUTONOMOUS,
    CONTINUOUS_AT_EQUAL_ANGLES,
    HEAT,
    ON_SPHERE,
    Counterexample,
    Flow,
    Statement,
    leaves_sphere,
    masked_attention,
    pairwise,
    sight_of,
    slopes_of,
)
from proofs_checks.proof.kinds import MASKED
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    mask_modes,
    subject_in,
)
from theory.linearize import PLACE
from theory.masks import CAUSAL, STRICT, Mask
from theory.models import QK_SA
from theory.symbols import n

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
    slopes = sight.slopes(4) if sight.tokens != "symbolic" else slopes_of(_TABLE, own)
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
        text = f"{flow.name}: eigenvalues {[*slopes.subs(at).eigenvals(multiple=True)]}, not {said}"
        return Counterexample(text, scope)
    return None


def conclude_modes(flow: Flow, prediction: Modes) -> Conclusion | Refusal:
    """Claim the differential at consensus, and its eigenvalues where they are known."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    return mask_modes(subject, prediction.scale, prediction.shift, prediction.rates)


MODES: Statement[Modes] = Statement(
    "consensus spectrum under a mask",
    "at consensus the differential is c (D^-1 W - 1) in each of d-1 directions",
    Concludes(conclude_modes, words=(("masses", "1/n"),)),
    derive_modes,
    refute_modes,
    domain=(MASKED,),
    premises=(ON_SPHERE, AUTONOMOUS, CONTINUOUS_AT_EQUAL_ANGLES),
    cases=pairwise,
    typed=True,
)

_CLOSED = (_but_first(S.One), 1 / PLACE - 1, _but_first(S.One), None)

_MODES = tuple(Modes(rates=rates) for rates in _CLOSED)


def _with(place: int, modes: Modes) -> tuple[Modes, ...]:
    return tuple(modes if i == place else own for i, own in enumerate(_MODES))


SPECTRUM = Claim(
    "Masked spectrum",
    "V = I, masses 1/n, any Q, K, β: at consensus u_i' = Σ_j q_ij u_j - u_i, q = D^-1 W; with the "
    "eigenvalues, each d-1 times: without a mask 0 and -1, causal 1/i - 1, strictly causal 0 and a "
    "Jordan block of -1.",
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
