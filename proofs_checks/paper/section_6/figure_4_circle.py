"""Figure 4: clusters of 64 tokens on the circle from t = 18 to 30.

How it is proved
----------------
Nothing is: many random starts are run at β = 4 and β = 9, and clusters are counted, linked at
0.05 rad. The commonest number is known to one standard error; the number may never rise, must be
constant in more than half of the runs, and larger in the mean at β = 9. How far clusters move
meanwhile is not asked.

References
----------
arXiv 2312.10794, Figure 4.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from numerics.phase import cluster_persistence
from proofs_checks.claim import WARM, Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    Flow,
    Sheet,
    Statement,
    Trial,
    level_note,
    refute_off_sphere,
    run_count,
    shown_numbers,
    unproved,
)
from theory.models import REPULSIVE, SA
from theory.symbols import beta

_PRINTED = (4.0, 9.0)
"""The inverse temperatures of the trajectories."""


def decide(flow: Flow, prediction: tuple[int, int]) -> Sheet:
    """Say what is proved: that tokens stay on the circle."""
    counts = ", ".join(f"{k} at β = {b:g}" for k, b in zip(prediction, _PRINTED, strict=True))
    said = f"the commonest number of clusters at t = 30 is {counts}; it never rises"
    return Sheet((flow.on_sphere, unproved(said)))


def count(flow: Flow, prediction: tuple[int, int], budget: Budget) -> Trial:
    """Count clusters of 64 tokens on the circle from t = 18 to 30, from many random starts.

    Numbers never rise, so that a number that is the same at both ends is the same in between; how
    far the clusters move meanwhile is not asked. The commonest number is known to one standard
    error. In full there are 16 times as many starts.
    """
    runs, n = run_count(budget), 64
    times = (18.0, 20.0, 22.0, 24.0, 26.0, 28.0, 30.0) if budget.full else (18.0, 30.0)
    scope = {"n": str(n), "d": "2", "beta": shown_numbers(list(_PRINTED)), "t": "18 to 30"}
    refuted = partial(Trial, scope=scope, cases=runs)
    words, means, errors, margins = [], [], [], []
    for warm, said in zip(_PRINTED, prediction, strict=True):
        found = cluster_persistence(
            warm, n, 2, times, runs, rng=budget.rng, model=flow.model, rtol=1e-5
        )
        shares = found.histogram()[-1]
        share = float(shares[said - 1]) if 0 < said <= shares.size else 0.0
        commonest = int(np.argmax(shares)) + 1
        ahead = float(shares.max()) - share
        if ahead > np.sqrt((shares.max() + share - ahead**2) / runs):
            return refuted(
                f"β = {warm:g}: {said} clusters in {share:.2f} of the runs at t = 30, "
                f"{commonest} in {shares.max():.2f}"
            )
        kept = found.constant(times[0], times[-1])
        spread = np.sqrt(kept * (1 - kept) / runs)
        if not kept > 0.5:
            return refuted(f"β = {warm:g}: the number is constant in {kept:.2f} of the runs only")
        risen = float(np.mean(np.diff(found.counts, axis=1).max(axis=1) > 0))
        if risen > 0:
            return refuted(f"β = {warm:g}: the number of clusters rises in {risen:.2f} of the runs")
        counts = found.counts[:, -1]
        means.append(float(counts.mean()))
        errors.append(float(counts.std() / np.sqrt(runs)))
        margins.append(share)
        words.append(
            f"β = {warm:g}: {said} clusters in {share:.2f} ± "
            f"{np.sqrt(share * (1 - share) / runs):.2f} of the runs, mean {means[-1]:.2f}, the "
            f"same from t = 18 to 30 in {kept:.2f} ± {spread:.2f}"
        )
    if not means[1] > means[0]:
        return refuted(f"{means[0]:.2f} clusters at β = 4, {means[1]:.2f} at β = 9")
    rise = (means[1] - means[0]) / np.hypot(errors[0], errors[1]) if max(errors) > 0 else np.inf
    return Trial(
        "",
        min(margins),
        runs,
        seen=f"{'; '.join(words)}; it never rises; {runs} runs, linked at "
        f"0.05 rad; more clusters at the larger β ({rise:.1f}σ){level_note(budget)}",
        scope=scope,
    )


COUNTS: Statement[tuple[int, int]] = Statement(
    "",
    "64 tokens on the circle: the commonest number of clusters from t = 18 to 30",
    decide,
    refute=refute_off_sphere,
    trial=count,
)


FIGURE_4 = Claim(
    "Figure 4",
    "64 tokens on the circle, t = 18 to 30: the commonest number of clusters is 2 at β = 4 and 3 "
    "at β = 9 at the end; it never rises, and is constant in more than half of the runs.",
    SA,
    (2, 3),
    COUNTS,
    (
        Control("β = 0.5, 1.125 in place of 4, 9", model=SA.subs({beta: beta / 8})),
        Control("flow reversed", model=REPULSIVE),
        Control("3 clusters at β = 4, 2 at β = 9", prediction=(3, 2)),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=32,
)


CLAIMS = (FIGURE_4,)
