"""Mutations that leave a statement true: formulas of Sections 2–4, Appendices A–C, errata.

See `proofs_checks.equivalent_mutations`.
"""

from __future__ import annotations

from proofs_checks.mutations.equivalent_mutations import HEAT, SPEED, Reviewed

REVIEWED_FORMULAS: Reviewed = (
    # What the statement is about.
    (
        "it is about the matrix A, outside of which the factor stands, and the projection",
        ("(2.4)",),
        ("*.velocity: sign", "*.velocity: × β", *SPEED, "*.velocity: no projection"),
    ),
    (
        "the statement is on the energy alone",
        (
            "(3.5)",
            "(A.3)",
            "(A.4)",
            "(B.2)",
            "(B.4)",
            "(B.5)",
            "(C.2)",
            "(C.3)",
            "E.Proposition 3.4",
            "E.Remark B.1",
        ),
        ("*.velocity: *",),
    ),
    (
        "the equilibria of β = 0 are those of P_i M = 0 for any factor other than 0",
        ("(A.2)",),
        ("*.velocity: sign", *SPEED),
    ),
    (
        "one of three against one turned over: two against two, another equilibrium",
        ("(A.2)", "(C.2)"),
        ("prediction.tokens.2.[012].0: sign",),
    ),
    # Time and temperature.
    (
        "at β = 0 the exponents 2β and β² are 0 as well",
        ("(4.1)", "(4.3)", "(A.2)", "E.(6.12)", "E.Appendix C"),
        HEAT,
    ),
    (
        "e^{β²z}/β² has the limit z as well, up to its constant, as β -> 0",
        ("(A.3)", "(A.4)", "(C.2)", "(C.4)", "E.(C.4)"),
        ("*.energy: β -> β²",),
    ),
    (
        "c E_0, c = 2 or n, has c times the curvature",
        ("(A.4)",),
        ("*.energy: × n", "*.energy: e^u -> e^2u"),
    ),
    ("2β and β² are O(β) as β -> 0", ("(C.4)", "E.(C.4)"), HEAT),
    (
        "n > 0 is a constant: only the speed changes",
        ("Lemma A.1", "E.Theorem 4.3 proof", "E.Appendix C"),
        SPEED,
    ),
    (
        "the flow at 2β or β² in place of β, and the statement is for every β >= 0",
        ("Lemma A.1",),
        HEAT,
    ),
    (
        "2β and β² are covered below β_0 <= log 2: all d >= 3, n <= 4, and β <= 1 at d = 2 "
        "(Figure 2), as 2 log(n/(n-1)) < 1 for n >= 3",
        ("E.Theorem 4.3 proof",),
        HEAT,
    ),
    (
        "the bound (4.4) is even in F: |F^β - F^0| and the Lipschitz constant of F^0 are",
        ("(4.5)",),
        ("*.velocity: sign",),
    ),
    (
        "the tokens of β = 0 rest, and β_m m <= m/(4(e^{2m}-1)) <= 1/8 as |F| <= 1",
        ("(4.5)",),
        ("SA.velocity: × β",),
    ),
    (
        "|∂F/∂β| <= 1/2 and |F| <= 1: |F^{2β} - F^0| and |F^{β²} - F^0| are at most β",
        ("(4.5)",),
        tuple(f"SA{name[1:]}" for name in HEAT),
    ),
    # Weaker statements, which the true one implies.
    ("a larger bound, as n >= 1", ("(2.6)",), ("prediction.speed: × n",)),
    ("a larger bound", ("(3.2)",), ("prediction.speed: + 1",)),
    (
        "a smaller lower bound",
        ("(3.3)",),
        ("prediction.low: sign", "prediction.low: e^u -> e^2u"),
    ),
    ("a larger upper bound", ("(3.3)", "(3.5)"), ("prediction.high: e^u -> e^2u",)),
    (
        "a larger constant, as it is at least 1",
        ("Remark 3.1",),
        (
            "prediction.constants.?: squared",
            "prediction.constants.1: e^u -> e^2u",
        ),
    ),
    (
        "|D_x X v| <= β tr Cov + |F| <= β + 1 <= β² + 2, tr Cov = 1 - |F|²",
        ("Remark 3.1",),
        ("prediction.constants.0: β -> β²",),
    ),
    (
        "worst for one cluster y, <x,y> = a: e^{βa}(1 + β(1-a²)) <= e^β max_u e^{-u}(1+2u) = "
        "2e^{β-1/2} <= 2e^{β²}",
        ("Remark 3.1",),
        ("prediction.constants.1: β -> β²",),
    ),
    (
        "a smaller lower bound",
        ("(3.5)",),
        ("prediction.low: sign", "prediction.low: e^u -> e^2u"),
    ),
    (
        "E >= 1/(2β), as every ∬<x,y>^k dmu dmu >= 0, and βe^{-β} <= 1",
        ("(3.5)",),
        ("prediction.low: × β",),
    ),
    (
        "larger: e^{β²}/β² >= e^β/β, as log β <= β - 1 <= β² - β",
        ("(3.5)",),
        ("prediction.high: β -> β²",),
    ),
    ("larger, as e^β >= 2β", ("(3.5)",), ("prediction.high: squared",)),
    (
        "said of fewer β",
        ("(4.5)",),
        ("prediction.hottest.softmax: e^u -> e^2u", "prediction.hottest.plain: e^u -> e^2u"),
    ),
    (
        "with u = e^{2m}-1 and β_m = 1/(16u²) the error is at most u min(β_m/4, 1) <= 1/8: "
        "|F^β - F^0| <= min(β/2, 2)",
        ("(4.5)",),
        ("prediction.hottest.softmax: squared",),
    ),
    (
        "the force across x_i is at most half of (4.4)'s: |∂F/∂β| <= 1/2 for SA, and "
        "|e^{βg}-1| sqrt(1-g²) <= (e^β-1)|g| sqrt(1-g²) for USA",
        ("(4.5)",),
        ("prediction.error: ÷ 2",),
    ),
    ("less is kept", ("(4.5)",), ("prediction.kept: sign", "prediction.kept: ÷ 2")),
    ("a smaller codimension", ("Lemma A.1",), ("prediction.count: sign",)),
    (
        "a smaller bound, as 2(d-1)/(dn) < 1",
        ("(A.4)",),
        ("prediction.best: sign", "prediction.best: squared"),
    ),
    (
        "a smaller bound of the antipodal curvature",
        ("(C.2)",),
        ("prediction.antipodal: sign", "prediction.antipodal: ÷ 2"),
    ),
    (
        "a smaller c, as 2(d-1)/(dn) < 1",
        ("(C.2)",),
        ("prediction.least: sign", "prediction.least: squared"),
    ),
    ("c = 2(d-1)/d holds for both kinds, with room n", ("(C.2)",), ("prediction.least: × n",)),
    (
        "a larger bound",
        ("(C.3)",),
        (
            "prediction.gradient: × n",
            "prediction.gradient: e^u -> e^2u",
            "prediction.hessian: × n",
            "prediction.hessian: e^u -> e^2u",
        ),
    ),
    ("a larger ratio", ("Remark C.1",), ("prediction: e^u -> e^2u",)),
    (
        "a smaller constant",
        ("E.Theorem 4.3 proof",),
        ("prediction.constant: sign", "prediction.constant: ÷ 2"),
    ),
    (
        "a lower rate, for r0 <= 1",
        ("E.Lemma 6.4 proof",),
        (
            "prediction.rate.*: sign",
            "prediction.rate.*: e^u -> e^2u",
            "prediction.rate.*: squared",
        ),
    ),
    (
        "x_i at the angle a to w: <x_i,x_j> >= -sin a, s_j/s_i >= r0/cos a, and "
        "e^{-β sin a}/cos a >= e^{a²/2-βa} >= e^{-β²/2}: a_ij >= m_j r0 e^{-β²/2}",
        ("E.Lemma 6.4 proof",),
        ("prediction.rate.plain: β -> β²",),
    ),
    (
        "a larger bound",
        ("E.Lemma 6.4 proof",),
        ("prediction.speed.softmax: + 1", "prediction.speed.plain: e^u -> e^2u"),
    ),
)
"""Reason, labels and names of each group of equivalent mutations, reviewed one by one."""

__all__ = ["REVIEWED_FORMULAS"]
