"""Figure 4: clusters of 64 tokens on the circle from t = 18 to 30.

How it is proved
----------------
The verdict is SUPPORTED: many random starts are run at β = 4 and β = 9, and clusters are
counted, linked at 0.05 rad. The commonest number is known to one standard error; the number may
never rise, must be constant in more than half of the runs, and larger in the mean at β = 9. How
far clusters move meanwhile is not asked. Nothing is proved.

References
----------
arXiv 2312.10794, Figure 4.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from numerics.phase import cluster_persistence
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import field_leaves_sphere, level_note, run_count, shown_numbers
from theory.models import REPULSIVE, SA, Model
from theory.symbols import beta

_PRINTED = (4.0, 9.0)
"""The inverse temperatures of the trajectories."""


def check_circle(model: Model, prediction: tuple[int, int], budget: Budget) -> Evidence:
    """Count clusters of 64 tokens on the circle from t = 18 to 30, from many random starts.

    Numbers never rise, so that a number that is the same at both ends is the same in between; how
    far the clusters move meanwhile is not asked. The commonest number is known to one standard
    error.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : (int, int)
        The commonest number of clusters at β = 4 and at β = 9.
    budget : Budget
        ``cases`` random starts, 16 times as many in full.
    """
    off = field_leaves_sphere(model, budget)
    if off:
        return Evidence(Verdict.REFUTED, off)
    runs, n = run_count(budget), 64
    times = (18.0, 20.0, 22.0, 24.0, 26.0, 28.0, 30.0) if budget.full else (18.0, 30.0)
    scope = {"n": str(n), "d": "2", "beta": shown_numbers(list(_PRINTED)), "t": "18 to 30"}
    refuted = partial(Evidence, Verdict.REFUTED, scope=scope, cases=runs)
    words, means, errors, margins = [], [], [], []
    for warm, said in zip(_PRINTED, prediction, strict=True):
        found = cluster_persistence(warm, n, 2, times, runs, rng=budget.rng, model=model, rtol=1e-5)
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
    return Evidence(
        Verdict.SUPPORTED,
        f"{'; '.join(words)}; it never rises; {runs} runs, linked at "
        f"0.05 rad; more clusters at the larger β ({rise:.1f}σ){level_note(budget)}",
        scope,
        cases=runs,
        margin=min(margins),
    )


FIGURE_4 = Claim(
    "Figure 4",
    "64 tokens on the circle, t = 18 to 30: the commonest number of clusters is 2 at β = 4 and 3 "
    "at β = 9 at the end; it never rises, and is constant in more than half of the runs.",
    SA,
    (2, 3),
    check_circle,
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
