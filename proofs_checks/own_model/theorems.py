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
from proofs_checks.proof import (
    ATTENTION,
    AUTONOMOUS,
    CLIMBS,
    MOVES,
    ON_SPHERE,
    PAIR,
    PAIR_ENERGY,
    SCHEDULED,
    STILL_ENERGY,
    WARM_ONLY,
    Domain,
    Outcome,
    Premise,
    apart,
)
from theory.bounded import simplified, vanishes
from theory.symbols import z


def unless(subject: Subject, *needs: Premise | Domain) -> Evidence | None:
    """Evidence on a flow without a hypothesis: VACUOUS where it fails, else UNDECIDED."""
    for need in needs:
        step = need.test(subject.flow)
        if not step.holds:
            failed = step.outcome is Outcome.FAILS
            words = "hypothesis not met" if failed else "undecided"
            named = need.name if isinstance(need, Premise) else "domain"
            detail = f"{words}: {step.text}: {step.evidence} ({named})"
            return Evidence(VACUOUS if failed else UNDECIDED, detail)
    return None


def never_meets(subject: Subject) -> Evidence | None:
    """Evidence on a flow some of whose tokens never meet, at positive probability."""
    found = apart(subject.flow, subject.rng("apart"))
    return Evidence(REFUTED, found, {**EVERY_SIZE, **PAIR}) if found else None


def maximum_row(subject: Subject) -> Evidence:
    """Decide whether Dirac masses maximise the energy, and whether they alone do."""
    missing = unless(subject, PAIR_ENERGY, STILL_ENERGY)
    if missing is not None:
        return missing
    h = subject.flow.kernel
    assert h is not None  # just asked
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
    """Decide whether the uniform measure minimises the energy, by positive definiteness."""
    missing = unless(subject, PAIR_ENERGY, STILL_ENERGY)
    if missing is not None:
        return missing
    decision = subject.definite
    scope = dict(decision.scope)
    unique = scope.pop("unique", "no")
    detail = decision.detail
    if decision.holds:
        detail += ": the minimiser, and the only one" if unique == "yes" else ": a minimiser"
        detail += _ties(subject)
    elif decision.refuted:
        detail += ", so a perturbation of the uniform measure has less energy"
    return Evidence(decision.verdict, detail, scope)


def _ties(subject: Subject) -> str:
    """Another minimiser of an odd or an even kernel, in words, or ""."""
    h = subject.flow.kernel
    assert h is not None  # asked before
    if vanishes(h + h.subs(z, -z) - 2 * h.subs(z, 0)):
        return ", not the only one: h - h(0) is odd, and ½(δ_x + δ_{-x}) ties"
    if vanishes(h - h.subs(z, -z)):
        return ", not the only one: h is even, and twice its half on a hemisphere ties"
    return ""


def equiangular_sampled(subject: Subject) -> Evidence:
    """(6.9), (6.10) by samples: whether all pairs of orthonormal tokens have one rate."""
    if subject.model.kind != "flow":
        return Evidence(VACUOUS, "hypothesis not met: a map, not a flow")
    dims = subject.dimensions[-1]

    def holds(found: Any) -> Any:
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


def circle_row(subject: Subject) -> Evidence:
    """Decide consensus on the circle: proved for linear kernels, refuted by a repelling pair."""
    refuted = never_meets(subject)
    if refuted is not None:
        return refuted
    missing = unless(subject, ON_SPHERE, ATTENTION, SCHEDULED)
    if missing is not None:
        return missing
    weight, pull = subject.flow.weight, subject.flow.pull
    assert weight is not None and pull is not None  # just asked
    if weight.diff(z) == 0 and pull.holds:
        return Evidence(PROVED, "h is linear: Theorem 4.1", {**EVERY_SIZE, "d": "2", **pull.scope})
    return Evidence(UNDECIDED, "increasing and convex is not enough for d = 2")


def one_sign_change_row(subject: Subject) -> Evidence:
    """Decide Theorem 5.1 by the curvature's one sign change, and count the tokens it allows."""
    missing = unless(subject, WARM_ONLY)
    refuted = missing or never_meets(subject)
    if refuted is not None:
        return refuted
    missing = unless(subject, ON_SPHERE, ATTENTION, SCHEDULED, PAIR_ENERGY, CLIMBS)
    if missing is not None:
        return missing
    pull = subject.flow.pull
    assert subject.flow.kernel is not None and pull is not None  # just asked
    h = subject.at_numbers(subject.flow.kernel)
    scope = {"d": "2", **{a: str(v) for a, v in subject.numbers.items()}}
    tangential = h.diff(z) * z - h.diff(z, 2) * (1 - z**2)
    roots = sign_changes(tangential)
    if roots is None:
        return Evidence(UNDECIDED, "sign changes of h' t - h''(1-t²) not isolated", scope)
    start = tangential.subs(z, 1)
    if len(roots) != 1 or not start.evalf() > 0:
        where = ", ".join(f"{float(r):.4g}" for r in roots) or "none"
        return Evidence(
            VACUOUS,
            f"hypothesis not met: h' t - h''(1-t²) changes sign once; it does at t = {where}",
            scope,
        )
    if not pull.holds:
        return Evidence(VACUOUS, "hypothesis not met: h' > 0 on (-1, 1)", scope)
    if not h.diff(z).subs(z, -1).evalf() > 0:
        # Two antipodal clusters then have a cut of curvature 0.
        reason = "h'(-1) > 0, so that every cut across more than τ* is a strict saddle"
        return Evidence(VACUOUS, f"hypothesis not met: {reason}", scope)
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
    """Decide whether the kernel is linear, so that the circle carries the Kuramoto model."""
    missing = unless(subject, ON_SPHERE, ATTENTION, AUTONOMOUS, MOVES)
    if missing is not None:
        return missing
    weight = subject.flow.weight
    assert weight is not None  # just asked
    slope = weight.diff(z)
    linear = vanishes(slope)
    if linear is None:
        return Evidence(UNDECIDED, "whether h is linear: too long to simplify")
    if not linear:
        said = f"hypothesis not met: h isn't linear, h'' = {simplified(slope)}"
        return Evidence(VACUOUS, said)
    return Evidence(
        PROVED,
        f"θ_i' = {weight} Σ_j m_j sin(θ_j - θ_i)"
        + (" / Z, Z constant" if subject.flow.normalised else ""),
        {**EVERY_SIZE, "d": "2"},
    )
