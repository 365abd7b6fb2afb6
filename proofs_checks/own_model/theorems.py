"""Rows on the paper's theorems: 3.4, 6.1, 6.3, 6.7, 6.8, 5.1, (6.9), (6.10), the circle, Kuramoto.

Each decides the theorem's hypotheses on the model's kernel. A failed hypothesis alone makes a
row VACUOUS; REFUTED comes with a counterexample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from proofs_checks.claim import Evidence
from proofs_checks.decide import decide_positive, sign_changes
from proofs_checks.own_model.invariants import (
    gram_rate_at,
    reflection,
    witness_point,
)
from proofs_checks.own_model.report import (
    CERTIFIED,
    EVERY_SIZE,
    PROVED,
    REFUTED,
    UNDECIDED,
    VACUOUS,
    Array,
)
from proofs_checks.own_model.subject import Case, Subject, is_close, sampled_evidence
from theory.symbols import z


def no_kernel(subject: Subject) -> Evidence | None:
    if subject.h is None:
        return Evidence(VACUOUS, "hypothesis not met: no isotropic pair energy")
    return None


def no_form(subject: Subject) -> Evidence | None:
    if subject.pull is None:
        return Evidence(VACUOUS, "hypothesis not met: not a flow with weights k(<x_i,x_j>), V = cI")
    return None


def no_motion(subject: Subject) -> Evidence | None:
    if subject.weight is not None and sp.simplify(subject.weight) == 0:
        return Evidence(VACUOUS, "hypothesis not met: h' ≠ 0; h is constant and nothing moves")
    return None


def maximum_row(subject: Subject) -> Evidence:
    missing = no_kernel(subject)
    if missing is not None:
        return missing
    assert subject.h is not None  # just asked
    h = subject.h
    slope = decide_positive(h.diff(z), closed=(False, False))
    if slope.holds:
        return Evidence(
            slope.verdict, "h is increasing: Dirac masses alone", {**EVERY_SIZE, **slope.scope}
        )
    drop = h.subs(z, 1) - h
    strict = decide_positive(drop, closed=(True, False))
    if strict.holds:
        return Evidence(
            strict.verdict,
            "h(t) < h(1) for t < 1: Dirac masses alone",
            {**EVERY_SIZE, **strict.scope},
        )
    loose = decide_positive(drop, strict=False)
    values = witness_point(strict)
    at = f", {values}" if values else ""
    if loose.holds:
        if strict.refuted:
            where = strict.witness["z"]
            return Evidence(
                loose.verdict,
                f"h(t) <= h(1), but not unique: two atoms with <x,y> = {where}{at}",
                {**EVERY_SIZE, **loose.scope},
            )
        return Evidence(loose.verdict, "h(t) <= h(1)", {**EVERY_SIZE, **loose.scope})
    if loose.refuted:
        values = witness_point(loose)
        return Evidence(
            REFUTED,
            f"two atoms with <x,y> = {loose.witness['z']} have more energy than one"
            f"{', ' + values if values else ''}",
            {**EVERY_SIZE, **loose.scope},
        )
    return Evidence(UNDECIDED, f"h(t) <= h(1): {loose.detail}", loose.scope)


def minimum_row(subject: Subject) -> Evidence:
    missing = no_kernel(subject)
    if missing is not None:
        return missing
    decision = subject.definite
    scope = dict(decision.scope)
    unique = scope.pop("unique", "no")
    detail = decision.detail
    if decision.holds:
        detail += ": the minimiser, and the only one" if unique == "yes" else ": a minimiser"
    elif decision.refuted:
        detail += ", so a perturbation of the uniform measure has less energy"
    return Evidence(decision.verdict, detail, scope)


def equiangular_sampled(subject: Subject) -> Evidence:
    """(6.9), (6.10) by samples: whether all pairs of orthonormal tokens have one rate."""
    if subject.model.kind != "flow":
        return Evidence(VACUOUS, "hypothesis not met: a map, not a flow")
    dims = subject.dimensions[-1]

    def holds(found: Any) -> bool:
        case, _ = found
        rate = gram_rate_at(subject, case)
        off = rate[~np.eye(len(rate), dtype=bool)]
        return is_close(off, np.full(off.shape, off.mean()))

    def start(size: int, normal: Array) -> Any:
        return Case(np.eye(dims)[:size] @ reflection(normal), None), ("mirror normal", normal)

    entry = st.lists(st.integers(-3, 3), min_size=dims, max_size=dims).filter(any).map(np.array)
    if dims < 3:
        return Evidence(UNDECIDED, "orthonormal triples need d >= 3")
    strategy = st.builds(start, st.integers(3, dims), entry)
    return sampled_evidence(subject, "equiangular", strategy, holds, "one rate for all pairs")


def _stuck(subject: Subject) -> str:
    assert subject.pull is not None  # asked before
    values = witness_point(subject.pull)
    where = subject.pull.witness["z"]
    return (
        f"n = 2 never meets from <x1,x2> < {where}, of positive probability"
        f"{', ' + values if values else ''}"
    )


def circle_row(subject: Subject) -> Evidence:
    missing = no_form(subject)
    if missing is not None:
        return missing
    assert subject.weight is not None and subject.pull is not None  # just asked
    if subject.pull.refuted:
        return Evidence(REFUTED, _stuck(subject), {**EVERY_SIZE, "d": "2", **subject.pull.scope})
    if subject.weight.diff(z) == 0 and subject.pull.holds:
        return Evidence(
            PROVED, "h is linear: Theorem 4.1", {**EVERY_SIZE, "d": "2", **subject.pull.scope}
        )
    return Evidence(UNDECIDED, "increasing and convex is not enough for d = 2")


def one_sign_change_row(subject: Subject) -> Evidence:
    missing = no_form(subject) or no_kernel(subject)
    if missing is not None:
        return missing
    assert subject.h is not None and subject.pull is not None  # just asked
    h = subject.at_numbers(subject.h)
    scope = {"d": "2", **{a: str(v) for a, v in subject.numbers.items()}}
    tangential = h.diff(z) * z - h.diff(z, 2) * (1 - z**2)
    roots = sign_changes(tangential)
    if roots is None:
        return Evidence(UNDECIDED, "sign changes of h' t - h''(1-t²) not isolated", scope)
    start = tangential.subs(z, 1)
    if len(roots) != 1 or not start.evalf() > 0:
        if subject.pull.refuted:
            return Evidence(REFUTED, _stuck(subject), {**scope, **subject.pull.scope})
        where = ", ".join(f"{float(r):.4g}" for r in roots) or "none"
        return Evidence(
            VACUOUS,
            f"hypothesis not met: h' t - h''(1-t²) changes sign once; it does at t = {where}",
            scope,
        )
    if not subject.pull.holds:
        return Evidence(VACUOUS, "hypothesis not met: h' > 0 on (-1, 1)", scope)
    angle = float(sp.acos(roots[0]).evalf(20))
    most = 1 + int(np.floor(np.pi / angle * (1 - 1e-12)))
    verdict = PROVED if not roots[0].has(sp.Float) else CERTIFIED
    return Evidence(
        verdict,
        f"τ* = {angle:.6g}, (n-1)τ* <= π for n <= {most}",
        {**scope, "n": f"<= {most}"},
        assumptions=("Łojasiewicz inequality", "centre-stable manifold theorem"),
    )


def kuramoto_row(subject: Subject) -> Evidence:
    missing = no_form(subject) or no_motion(subject)
    if missing is not None:
        return missing
    assert subject.weight is not None  # just asked
    slope = sp.simplify(subject.weight.diff(z))
    if slope != 0:
        return Evidence(VACUOUS, f"hypothesis not met: h isn't linear, h'' = {slope}")
    return Evidence(
        PROVED,
        f"θ_i' = {subject.weight} Σ_j m_j sin(θ_j - θ_i)"
        + (" / Z, Z constant" if subject.normalised else ""),
        {**EVERY_SIZE, "d": "2"},
    )
