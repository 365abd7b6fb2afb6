"""Mutations that leave a statement true: Sections 6–7 and Appendix D, asymptotics, certified.

See `proofs_checks.equivalent_mutations`.
"""

from __future__ import annotations

from proofs_checks.mutations.equivalent_mutations import HEAT, SCALAR, SPEED, Reviewed

_SA_HEAT = tuple(f"SA{name[1:]}" for name in HEAT)
_LARGER = ("× n", "β -> β²", "squared")

REVIEWED_SECTIONS_6_7: Reviewed = (
    # The class of flows, or of temperatures, that a statement holds for is larger.
    ("at β = 0 the exponents 2β and β² are 0 as well", ("Theorem 4.1 rates", "(7.2)"), HEAT),
    (
        "at consensus the softmax weights are m_j/M at every temperature",
        ("(6.1)", "Theorem 6.3 rate"),
        _SA_HEAT,
    ),
    ("n > 0 is a constant: only the speed changes", ("(6.3)",), SPEED),
    ("the flow at 2β or β² in place of β, and the statement is for every β >= 0", ("(6.3)",), HEAT),
    (
        "n >= 1 only makes the convergence faster",
        ("(6.8)", "(D.14)", "(D.15)", "E.(D.10)"),
        SPEED,
    ),
    (
        "only A_ij >= 0 is used, and n A_ij, β A_ij >= 0 at every temperature",
        ("(D.12)",),
        ("*.velocity: × β", *SPEED, *HEAT),
    ),
    ("x'' is the derivative of F along F, even in F", ("(6.2) acceleration",), (SCALAR[0],)),
    (
        "weights e^{2βg} are at least e^{-β} where α >= 1/2, as g >= 2α² - 1 >= -1/2",
        ("(6.8)",),
        ("USA.velocity: e^u -> e^2u",),
    ),
    (
        "the bounds of F are those of -F: |dm_i| and |<x_i,m_i>| are even in F",
        ("(D.1)", "(D.4)", "(D.6)", "(D.7)"),
        (SCALAR[0],),
    ),
    (
        "masses 1/n: β A_ij (1-g_ij) <= 1/e for j != i, so the constant is at most 5n at every β",
        ("(D.1)", "(D.4)", "(D.6)", "(D.7)"),
        ("*.velocity: × β", *HEAT),
    ),
    (
        "n (3 + 2β) <= 10 n max(1, β)",
        ("(D.1)", "(D.4)", "(D.6)", "(D.7)"),
        SPEED,
    ),
    (
        "it is about the matrix A, outside of which the factor and the projection stand",
        ("(D.2)", "(D.13)"),
        (SCALAR[0], "*.velocity: × β", *SPEED, "*.velocity: no projection"),
    ),
    ("rows of a softmax sum to 1 at every temperature", ("(D.2)",), HEAT),
    (
        "at every temperature 1-α and 1-γ fall like e^{-2t}, (6.1), uniformly over the compact set "
        "α(1/n) >= γ(1/n)/2, and λ < 2",
        ("(D.15)",),
        HEAT,
    ),
    (
        "a constant factor changes the clock only: the amplitudes are functions of γ",
        ("Equiangular modes",),
        (SCALAR[0], "*.velocity: × β", *SPEED),
    ),
    (
        "V and -V have one law; else the same open statement at another time or temperature",
        ("Problem 2",),
        SCALAR,
    ),
    (
        "two tokens: the boxes certify it as well, the bound being larger than the norm",
        ("C11",),
        (SCALAR[0], "*.velocity: × β", *HEAT, "prediction.rate: β -> β²"),
    ),
    (
        "β = 1: 1 > 0 is the factor of the speed, and β² = β",
        ("Validated trajectory",),
        ("*.velocity: × β", *SPEED, "*.velocity: β -> β²"),
    ),
    (
        "the search certifies the same start at β = 2",
        ("Validated trajectory",),
        ("*.velocity: e^u -> e^2u",),
    ),
    (
        "the statement is on the energy alone",
        ("Problem 3, n=3..6", "Critical points"),
        ("*.velocity: *",),
    ),
    (
        "rates are compared with each other: a factor free of k, or a square, keeps their order",
        ("Mode switches",),
        ("model: × β", "model: squared"),
    ),
    (
        "n > 0: the slack keeps its sign",
        ("C13", "Remark D.1 threshold"),
        ("prediction.slack: × n",),
    ),
    # Weaker statements, which the true one implies.
    ("said of fewer r", ("(6.3)",), ("prediction.least: + 1",)),
    (
        "a larger bound",
        ("(6.2) acceleration",),
        ("prediction.*: squared", "prediction.plain: e^u*"),
    ),
    (
        "|x''| <= |m|² (1+√2)/2 + |m'| <= 2.21 + 2β <= 3 + 2β²",
        ("(6.2) acceleration",),
        ("prediction.softmax: β -> β²",),
    ),
    (
        "|x''|² <= S⁴ + (e^{2β}/2 + 2βS² + e^β S)², S = max e^{βg}√(1-g²): less than its square",
        ("(6.2) acceleration",),
        ("prediction.plain: β -> β²",),
    ),
    (
        "a lower rate",
        ("(6.8)",),
        ("prediction.rate.*: sign", "prediction.rate.*: e^u*", "prediction.rate.*: squared"),
    ),
    (
        "Σ θ_k(<x_k,x*> - αg_ik) = 1-α², θ_k <= 2, g >= -1/2: 3/2 e^{-3β/2}/2n, e^{-β/2} is a rate",
        ("(6.8)",),
        ("prediction.rate.*: × β", "prediction.rate.*: β -> β²"),
    ),
    ("a larger bound", ("(6.8)",), ("prediction.prefactor: + 1", "prediction.prefactor: × 2")),
    (
        "a larger bound",
        ("(6.11)",),
        ("prediction.factor: + 1", "prediction.factor: × 2", "prediction.rate: squared"),
    ),
    (
        "<y_i,m_i> >= 0 for equiangular y, so differences grow at 3/2 + 2β <= 2 + 2β² at most",
        ("(6.11)",),
        ("prediction.rate: β -> β²",),
    ),
    ("a larger bound", ("(D.1)", "(D.4)"), tuple(f"prediction: {name}" for name in _LARGER)),
    ("a larger bound", ("(D.6)", "(D.7)"), tuple(f"prediction.growth: {name}" for name in _LARGER)),
    (
        "a larger bound",
        ("(D.6)", "(D.15)"),
        ("prediction.factor: + 1", "prediction.factor: × 2"),
    ),
    (
        "said of fewer d, as c >= 1; or a larger share of γ",
        ("(D.9)",),
        (
            "prediction.constant: + 1",
            "prediction.constant: × 2",
            "prediction.power: + 1",
            "prediction.share: + 1",
            "prediction.share: × 2",
        ),
    ),
    (
        "32 e^{4(1+β)/n} is enough, and 128 e^{4(1+β)/n} for γ/4: at most 8 c², 16 c and 16 c²",
        ("(D.9)",),
        ("prediction.constant: ÷ 2", "prediction.power: - 1", "prediction.share: ÷ 2"),
    ),
    (
        "γ rises, and 32 e^{8(1+β)/n} <= 16 c² is enough at 2/n",
        ("(D.9)",),
        ("prediction.time: + 1", "prediction.time: × 2"),
    ),
    (
        "γ' grows at 2(1+β) at most, γ(1/n) <= γ(1/2n)(1 + e^{(1+β)/n}): 128 e^{4(1+β)/n} suffice",
        ("(D.9)",),
        ("prediction.time: ÷ 2",),
    ),
    (
        "less is claimed, or of fewer tokens",
        ("(D.11)",),
        ("prediction.fraction: sign", "prediction.fraction: ÷ 2", "prediction.share: ÷ 2"),
    ),
    (
        "<x_i,x_j> >= 2r² - 1 for two heights >= r, so r (1 - g) <= 2r (1 - r²) < 1",
        ("(D.12)",),
        ("prediction: squared",),
    ),
    ("a lower bound", ("(D.12)",), ("prediction: sign",)),
    (
        "a lower bound, the left side being at least 0 and the right at most 1",
        ("(D.13)", "(D.14)"),
        ("prediction.right: sign", "prediction.right: e^u*", "prediction.right: squared"),
    ),
    (
        "θ_k <= sin a/sin(a+b_k), cos a = α, cos b_k = <x_k,x*>, so nα' is at least the minimum of "
        "sin a sin φ e^{-β(1-cos φ)} over φ in [a, 2a]: at an end if β <= 1, and above the bound",
        ("(D.14)",),
        ("prediction.right: β -> β²",),
    ),
    ("α(1/n) <= 1: (D.13) implies it", ("(D.14)",), ("prediction.derivative: not",)),
    (
        "1-α and 1-γ fall like e^{-2t}, (6.1), uniformly over the compact set α(1/n) >= γ(1/n)/2, "
        "and the rate is below 2",
        ("(D.15)",),
        ("prediction.rate: *",),
    ),
    (
        "said of fewer data",
        ("E.(D.10)",),
        ("prediction.fraction: + 1", "prediction.fraction: × 2", "prediction.early: + 1"),
    ),
    (
        "it is the statement of the claim on the other of the two variances",
        ("Spread of the pairs", "Transition width"),
        ("prediction.crossing: not",),
    ),
    ("a larger bound", ("C11",), ("prediction.rate: squared",)),
    ("the boxes certify it for β <= 7; or fewer β", ("C11",), ("prediction.top: [+-] 1",)),
    (
        "another n > 2: n²/(n + s) grows with n",
        ("C13",),
        ("prediction.never.?: + 1", "prediction.never.[1-3]: - 1"),
    ),
    (
        "the proved error, 3e-8, is less, and that at twice or half the rtol less than 1e-5",
        ("Validated run",),
        (
            "prediction.error: + 1",
            "prediction.error: × 2",
            "prediction.error: ÷ 2",
            "prediction.rtol: × 2",
            "prediction.rtol: ÷ 2",
        ),
    ),
    (
        "T(1-δ) = 30 at 6.906459, which is 4.2e-5 from the reading",
        ("E.Figure 3",),
        ("prediction.tolerance: + 1", "prediction.tolerance: × 2", "prediction.tolerance: ÷ 2"),
    ),
    (
        "the trees certify this n too",
        ("Problem 3, n=3..6",),
        ("prediction.tokens.?: + 1", "prediction.tokens.[1-3]: - 1"),
    ),
    ("a larger threshold", ("Problem 3, n=3..6",), ("prediction.threshold: × n",)),
    ("said of fewer β", ("Problem 3, n=3..6",), ("prediction.low: + 1",)),
)
"""Reason, labels and names of each group of equivalent mutations, reviewed one by one."""

__all__ = ["REVIEWED_SECTIONS_6_7"]
