"""(9.4)-(9.6), (9.5) away from ties: attention at β -> ∞ is hardmax attention, with a rate.

How it is proved
----------------
While the greatest score leads by δ, the softmax weight of all others is at most (n-1) e^{-βδ/2},
tokens being near those of (9.5). The difference D of the two has D' <= |V| (2D + 2R (n-1)
e^{-βδ/2}), which Grönwall's comparison solves. Through ties only runs speak.

References
----------
arXiv 2312.10794, (9.4)-(9.6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Expr, Symbol, exp, simplify

from numerics.compile import compile_model
from numerics.limits import hardmax
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    COMPARISON,
    SHARE,
    TRIANGLE,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    derived,
    gap,
    not_asked,
    open_problem,
)
from proofs_checks.shared_runs import integrate
from theory.hardmax import softmax_gap
from theory.models import STEADY_ATTENTION
from theory.symbols import K, V, n, t

HEAT, GAP, RADIUS, VALUE = (Symbol(s, positive=True) for s in ("beta", "delta", "R", "v"))
SOURCE = 2 * RADIUS * softmax_gap(GAP / 2, HEAT, n) * VALUE
BOUND = RADIUS * softmax_gap(GAP / 2, HEAT, n) * (exp(2 * VALUE * t) - 1)


@dataclass(frozen=True)
class Cold:
    """A bound on max |z_i - hardmax z_i|; None: only that it tends to 0."""

    bound: Expr | None = BOUND


def decide(flow: Flow, said: Cold) -> Sheet:
    """Prove the rate where the bound is kept by comparison; say what is open through ties."""
    if said.bound is None:
        return Sheet((open_problem("uniform convergence on [0, T]", "expected, not proved"),))
    if flow.model != STEADY_ATTENTION:
        return Sheet((gap("the flow is (9.4)", flow.name),))
    lead = Step(
        "the hypothesis: on [0, T] each token's greatest score of (9.5) is single and leads by δ; "
        "|z_i| <= R in (9.4) and in (9.5)",
        How.DECIDED,
    )
    near = apply(
        TRIANGLE,
        "while D <= δ/(8 R |Q^T K|) gaps lose 4 |Q^T K| R D <= δ/2: δ/2 is left",
        lead,
    )
    weight = apply(SHARE, f"the others' weight is at most {softmax_gap(GAP / 2, HEAT, n)}", near)
    rate = apply(TRIANGLE, f"D' <= 2 v D + {SOURCE}, v = |V|, almost everywhere", weight)
    left = simplify(said.bound.diff(t) - 2 * VALUE * said.bound - SOURCE)
    solves = derived("the bound u has u' = 2 v u + that, u(0) = 0", left)
    start = derived("u(0)", simplify(said.bound.subs(t, 0)))
    ends = apply(COMPARISON, "D <= u as long as u <= δ/(8 R |Q^T K|)", rate, solves, start)
    return Sheet(
        (lead, near, weight, rate, solves, start, ends),
        {"n": "symbolic", "d": "any", "beta": "u(T) <= δ/(8 R |Q^T K|)", "masses": "1/n"},
        (said.bound,),
    )


def watch(flow: Flow, said: Cold, budget: Budget) -> Trial:
    """Compare runs of the flow at several β with the hardmax branch, on [0, 1]."""
    worst, cases = np.inf, 0
    eye, times = np.eye(2), np.linspace(0, 1, 21)
    starts = [np.array([[1.0, 0.0], [-1.0, 0.0]])]
    starts += [budget.rng.standard_normal((4, 2)) for _ in range(budget.cases)]
    for points in starts:
        run = hardmax(points, 1.0)
        if not run.unique or (said.bound is not None and run.events):
            continue
        exact = np.stack([run.branches[0].at(time) for time in times])
        scores = np.sort(exact @ exact.swapaxes(1, 2), axis=-1)
        lead, size = (
            float((scores[..., -1] - scores[..., -2]).min()),
            float(np.linalg.norm(exact, axis=-1).max()),
        )
        for heat in (4.0, 16.0) if said.bound is not None else (1000.0,):
            field = compile_model(flow.model, beta=heat, Q=eye, K=eye, V=eye)
            found = integrate(field, points, 1.0, t_eval=times, rtol=1e-10).points
            error = float(np.linalg.norm(found - exact, axis=-1).max())
            limit = 0.2 if said.bound is None else float(said.bound.subs(
                {HEAT: heat, GAP: lead, RADIUS: size, VALUE: 1, n: len(points), t: 1}
            ))  # fmt: skip
            if said.bound is not None and limit > lead / (8 * size):
                continue
            worst, cases = min(worst, limit - error), cases + 1
            if error > limit + 1e-9:
                words = f"β = {heat:g}, gap {lead:.3g}: off by {error:.4g}, more than {limit:.4g}"
                return Trial(words, limit - error, cases)
    if not cases:
        return Trial(silent="every start meets a tie")
    scope = {"n": "2, 4", "d": "2", "beta": "4, 16" if said.bound is not None else "1000"}
    return Trial("", worst, cases, seen=f"{cases} runs within the bound", scope=scope)


COLD: Statement[Cold] = Statement(
    "", "cold attention is hardmax attention", decide, not_asked, trial=watch
)

_TURNED = STEADY_ATTENTION.subs({V: -V})

GENERAL = Claim(
    "(9.4)-(9.6)",
    "As β -> ∞ solutions of (9.4) tend to those of (9.5)-(9.6), uniformly on [0, T]: expected, "
    "not proved; seen for random starts.",
    STEADY_ATTENTION,
    Cold(None),
    COLD,
    (
        Control("V -> -V", model=_TURNED),
        Control("K -> -K: the least score", model=STEADY_ATTENTION.subs({K: -K})),
    ),
    Verdict.OPEN,
    cases=6,
)

AWAY = Claim(
    "(9.5) away from ties",
    "While each token's greatest score in (9.5) is single and leads by δ, and |z_i| <= R in both, "
    "(9.4) is within u = R (n-1) (e^{2|V|t} - 1) e^{-βδ/2} of it, for β so large that "
    "u <= δ/(8 R |Q^T K|).",
    STEADY_ATTENTION,
    Cold(),
    COLD,
    (
        Control("e^{-βδ/2} -> e^{-2βδ}", prediction=Cold(BOUND * exp(-3 * HEAT * GAP / 2))),
        Control("no error at all", prediction=Cold(0 * BOUND)),
        Control("K -> -K", model=STEADY_ATTENTION.subs({K: -K})),
    ),
    Verdict.PROVED,
    cases=6,
    origin="extension",
)

CLAIMS = (GENERAL, AWAY)
