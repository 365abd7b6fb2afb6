"""Figure 1: histograms of <x_i,x_j>, i != j, move to 1 along the layers.

How it is proved
----------------
It isn't decided: the printed histograms need the trained weights of ALBERT XLarge v2, which are
absent. What is said beside them of (SA) can be refuted, at one rational point by intervals: which
pairs are counted, the sign of γ' at γ = 0, and the clock of (6.9), dt/dγ = 1/γ'.

Who has hidden states, of this network or another one, decides it for them:
``attnflow verify "Figure 1" --hidden-states FILE``. The distance of a histogram from all mass at 1
is 1 less its mean; the mean must rise from the first state to the last, in an order of the layers
that chance gives once in a hundred cases. An experiment proves nothing: SUPPORTED, or REFUTED.

References
----------
arXiv 2312.10794, Figure 1; the time of equal inner products is (6.9).
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Rational, S

from proofs_checks.claim import WARM, Budget, Claim, Control, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Sheet,
    decimal,
    excludes_zero,
    gap,
    leaves_sphere,
)
from proofs_checks.proof.trained import DecidedByStates
from theory.models import REPULSIVE, SA
from theory.predictions import equiangular_time
from theory.symbols import beta, gamma, n


@dataclass(frozen=True)
class Layers:
    """What histograms of inner products do along the layers.

    Attributes
    ----------
    time : Expr
        Time at which equal inner products are γ, in ``gamma``, ``n`` and ``beta``.
    diagonal : bool
        Whether pairs i = j are counted, which adds an atom 1/n at 1.
    deeper : bool
        Whether mass moves towards 1 with depth, and not with decreasing depth.
    """

    time: Expr
    diagonal: bool = False
    deeper: bool = True


_POINT = {n: Integer(32), beta: Rational(5, 2)}
"""Tokens and temperature at which a clock is compared with the flow."""


def derive_layers(flow: Flow) -> Layers | None:
    """Return None: trained weights aren't read off a flow."""
    return None


def refute_layers(flow: Flow, said: Layers | None, budget: Budget) -> Counterexample | None:
    """Compare which pairs are counted, the direction, and the clock with the flow's own."""
    off = leaves_sphere(flow.model, budget.rng)
    if off or said is None:
        return Counterexample(off) if off else None
    if said.diagonal:
        text = "n = 32 tokens: pairs i = j put a share 1/32 of all pairs at 1 in every layer"
        return Counterexample(f"{text}, but uniform tokens have none there at layer 0")
    if flow.angle_rate is None:
        return None
    start = enclose(flow.angle_rate, {**_POINT, gamma: S.Zero})
    if start.b < 0 if said.deeper else start.a > 0:
        ends = "falls" if said.deeper else "rises"
        text = f"{flow.name}, n = 32, β = 5/2: γ {ends} with depth from 0"
        return Counterexample(f"{text}, γ' = {decimal(start)}")
    put = {**_POINT, gamma: Rational(1, 2)}
    pace = enclose(said.time.diff(gamma) * flow.angle_rate, put)
    if excludes_zero(pace - 1):
        text = f"{flow.name}, n = 32, β = 5/2, γ = 1/2: dt/dγ times γ' is {decimal(pace)}, not 1"
        return Counterexample(text)
    return None


def decide(flow: Flow, said: Layers) -> Sheet:
    """Say what is missing."""
    text = "trained layers move the histograms of <x_i,x_j>, i != j, to 1"
    absent = gap(text, "weights absent: those of ALBERT XLarge v2, 48 layers")
    return Sheet((absent,), {"layers": "48 trained ones, none looked at"})


HISTOGRAMS: DecidedByStates[Layers] = DecidedByStates(
    "", "histograms of <x_i,x_j> move to 1", decide, derive_layers, refute_layers
)


_MEAN_TIME = equiangular_time()


FIGURE_1 = Claim(
    "Figure 1",
    "Trained layers move histograms of <x_i,x_j>, i != j, to 1; so does (SA), equal <x_i,x_j> by "
    "the time of (6.9).",
    SA,
    Layers(_MEAN_TIME),
    HISTOGRAMS,
    (
        Control("pairs i = j counted", prediction=Layers(_MEAN_TIME, diagonal=True)),
        Control("layers reversed", prediction=Layers(_MEAN_TIME, deeper=False)),
        Control(
            "the mean is γ(t) of (6.10), USA", prediction=Layers(equiangular_time(model="USA"))
        ),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.UNDECIDED,
    (WARM,),
)


CLAIMS = (FIGURE_1,)
