"""Mutations that leave a statement true, with the reason: the claims on the paper's statements.

``REVIEWED`` is read by `proofs_checks.mutations`; patterns are those of ``fnmatch``, of labels and
of the names that the mutation run prints.
"""

from __future__ import annotations

HEAT = ("*.velocity: e^u -> e^2u", "*.velocity: β -> β²")
SPEED = ("*.velocity: × n",)
SCALAR = ("*.velocity: sign", "*.velocity: × β", *SPEED, *HEAT)
FIELD = (*SCALAR, "*.velocity: no projection")
ENERGY = "*.energy: *"
CODES = ("E.Theorem 9.2", "Sharp codes, sampled β")

Reviewed = tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]

REVIEWED: Reviewed = (
    # Structure: the class of flows that a statement is about is larger than the paper's models.
    ("P_i F is tangent whatever F is", ("Confinement",), SCALAR),
    ("relabelling commutes with this change", ("Remark 2.2",), (*FIELD, "*: × V")),
    ("rotations commute with this change", ("Rotation equivariance",), (*FIELD, "*: × w_i")),
    ("a softmax of any scores is stochastic", ("(2.5)",), ("model: e^u*", "model: β -> β²")),
    (
        "a sign of φ leaves φ_ij / Σ_k φ_ik as it is",
        ("Remark 2.1",),
        ("prediction.influence: sign",),
    ),
    (
        "the metric is that of the row sums Z_i, in which neither a factor of x' nor E enters",
        ("Remark 3.8",),
        ("*.velocity: sign", "*.velocity: × β", *SPEED, ENERGY),
    ),
    (
        "without P_i too: dE/dt = Σ <∂_i E, v_i> with ∂_i E = g_i v_i",
        ("(3.6)",),
        ("*.velocity: no projection",),
    ),
    ("|grad φ|² is even in φ", ("Lemma 3.7",), ("prediction: sign",)),
    (
        "the statement is on the energy alone",
        ("Proposition 3.4", "(B.1)", "(B.3)", "(C.1)", "E.(C.1)", *CODES),
        ("*.velocity: *",),
    ),
    (
        "the arcs are of the profile g, which comes from the energy alone",
        ("E.Theorem 5.1",),
        ("*.velocity: *",),
    ),
    ("no model enters: it is about random points", ("(D.5)",), ("*.velocity: *",)),
    ("no model enters: it is about three points", ("E.(D.15)",), ("*.velocity: *",)),
    ("no model enters: it is about skew matrices", ("E.(A.4)",), ("*.velocity: *",)),
    (
        "it is about the matrix A, outside of which the factor stands",
        ("(D.3)",),
        ("*.velocity: sign", "*.velocity: × β", *SPEED),
    ),
    (
        "E_0 is the prediction's kernel; the energy (3.5) does not enter",
        ("E.(4.1)",),
        (ENERGY,),
    ),
    (
        "one Hessian read in two metrics has one inertia, whatever the energy",
        ("Remark B.1",),
        (ENERGY,),
    ),
    # Time and temperature: a statement for every β >= 0 that is about limits.
    (
        "n > 0 is a constant: only the speed changes",
        (
            "Theorem 4.1",
            "Theorem 4.3",
            "Theorem 5.1",
            "Theorem 6.1",
            "Theorem 6.7",
            "Figure 6",
            "(4.2)",
            "(6.2)",
            "(6.4)",
            "(6.5)",
            "Problem 3",
            "(A.1)",
            "Lemma A.2",
            "Remark B.1",
        ),
        SPEED,
    ),
    (
        "n >= 1 only makes the convergence faster",
        (
            "Theorem 6.3",
            "Lemma 6.4",
            "(6.7)",
            "Remark 6.5",
            "E.(6.8)",
            "(D.8)",
            "E.(D.8)",
            "Remark D.1",
            "(D.10)",
        ),
        SPEED,
    ),
    (
        "the flow at 2β or β² in place of β, and the statement is for every β >= 0",
        ("Theorem 6.1", "Theorem 6.7", "(4.2)", "(6.2)", "(6.4)", "(6.5)", "Problem 3", "(A.1)"),
        HEAT,
    ),
    (
        "only A_ij >= 0 is used, and β A_ij >= 0",
        ("(4.2)", "(6.2)", "(6.5)"),
        ("*.velocity: × β",),
    ),
    (
        "β >= the threshold > 0 for n >= 2: only the speed changes",
        ("Theorem 5.1", "(A.1)"),
        ("*.velocity: × β",),
    ),
    ("β = 2 and 6 are drawn: only the speed changes", ("Figure 6",), ("*.velocity: × β",)),
    (
        "2β and β² are covered: all d >= 3, n <= 4, or β² <= 1 at d = 2 (Figure 2)",
        ("Theorem 5.1",),
        HEAT,
    ),
    (
        "2β and β² are covered: d >= 3, n = 2, or at most 2 log(3/2) < 1 at d = 2 (Figure 2)",
        ("Theorem 4.3",),
        HEAT,
    ),
    (
        "at β = 0 the exponents 2β and β² are 0 as well",
        ("Theorem 4.1", "(7.3)", "Lemma A.2", "E.(4.1)"),
        HEAT,
    ),
    (
        "at β = 0 the energy's slope is a positive constant all the same",
        ("Lemma A.2",),
        ("*.energy: × n", "*.energy: e^u -> e^2u", "*.energy: β -> β²"),
    ),
    (
        "F climbs θ_i, at β = 0 a positive multiple of the same energy",
        ("(7.3)",),
        ("SA.energy: β -> β²", "USA.energy: β -> β²"),
    ),
    (
        "at consensus the softmax weights are m_j/M at every temperature",
        ("Consensus spectrum", "Remark 6.2", "Remark 6.5"),
        tuple(f"SA{name[1:]}" for name in HEAT),
    ),
    (
        "the same bound holds for -F: |F^β - F^0| and the Lipschitz constants are even in F",
        ("(4.4)", "Lipschitz", "Remark 3.3", "E.Remark D.1"),
        ("*.velocity: sign",),
    ),
    ("|β F| <= β, and the tokens of β = 0 rest", ("(4.4)",), ("SA.velocity: × β",)),
    (
        "|∂F/∂β| <= 1/2 and |F| <= 1: |F^{2β} - F^0| and |F^{β²} - F^0| are at most β",
        ("(4.4)", "Theorem 4.2"),
        tuple(f"SA{name[1:]}" for name in HEAT),
    ),
    ("β_m < 1, where β² < β", ("Theorem 4.2",), ("USA.velocity: β -> β²",)),
    (
        "|P_i x_j| |e^{2βg}-1| <= (e^{2β}-1)/2, so tokens move 0.128 at most for m >= 1, and "
        "cos(arccos(3/4) + 4 arcsin(0.064)) > 1/2",
        ("Theorem 4.2",),
        ("USA.velocity: e^u -> e^2u",),
    ),
    (
        "|P_i x_j| <= (1-g²)^{1/2} halves the force: β/2 and (e^β-1)/2 in (4.4), so error 1/16",
        ("Theorem 4.2",),
        ("prediction.error: ÷ 2",),
    ),
    (
        "a rate of e^{2β} >= e^β is better",
        ("Remark 6.5", "Remark D.1"),
        ("USA.velocity: e^u -> e^2u",),
    ),
    (
        "the least weight of USA is then e^{-2β}, as for SA",
        ("(6.7)",),
        ("USA.velocity: e^u -> e^2u",),
    ),
    ("E(-X) = E(X)", ("Discrete layer",), ("*.velocity: sign",)),
    ("n > 0: n E rises when E does", ("Discrete layer",), ("*.energy: × n",)),
    ("β >= 0: β E doesn't fall when E doesn't", ("Discrete layer",), ("*.energy: × β",)),
    (
        "sharp codes minimise for every completely monotone kernel: any factor, 2β and β²",
        CODES,
        ("*.energy: × β", "*.energy: × n", "*.energy: e^u -> e^2u", "*.energy: β -> β²"),
    ),
    # Weaker statements, which the true one implies.
    (
        "a larger bound",
        ("(4.4)",),
        ("prediction.softmax: e^u*", "prediction.plain: e^u*"),
    ),
    (
        "a larger bound",
        ("Remark 3.3", "Lipschitz"),
        (
            "prediction.largest.?: e^u*",
            "prediction.largest.?: squared",
            "prediction.chord.*: e^u*",
            "prediction.chord.*: squared",
            "prediction.mean.0: e^u*",
            "prediction.mean.0: squared",
        ),
    ),
    (
        "at least G = max_g (1-g)(1+2β(1+g)), of USA times e^{βg}, the constant for geodesics, at "
        "which chords, hence W_∞ and <x_i,x_j>, grow at most too",
        ("Remark 3.3", "Lipschitz", "Theorem 6.9 pathwise", "E.Remark D.1"),
        (
            "prediction.largest.?: β -> β²",
            "prediction.chord.*: β -> β²",
            "prediction.rate: β -> β²",
            "prediction: β -> β²",
        ),
    ),
    (
        "β G <= (1+4β) e^{β-1} < 2(1+β) e^β: x e^{-x} <= 1/e at x = β(1-g)",
        ("Remark 3.3", "E.Remark D.1"),
        ("USA.velocity: × β",),
    ),
    ("a larger bound", ("E.(D.15)",), ("prediction: + 1", "prediction: × 2")),
    ("a larger bound", ("E.Remark D.1",), ("prediction: e^u*", "prediction: squared")),
    (
        "a larger bound",
        ("Theorem 6.9 pathwise",),
        ("prediction.factor: + 1", "prediction.factor: × 2", "prediction.rate: squared"),
    ),
    ("a larger bound", ("(D.10)",), ("prediction: × n",)),
    (
        "(D.8), also at 2β, gives γ >= 1/2 when the bound is still e^{-γ(1/n)/2} or more, above "
        "1 - α, and from then on a faster rate",
        ("(D.10)",),
        ("SA.velocity: e^u -> e^2u", "prediction: e^u -> e^2u", "prediction: β -> β²"),
    ),
    (
        "a lower rate, for r0 <= 1",
        ("Theorem 6.3", "Lemma 6.4", "(6.7)", "E.(6.8)"),
        (
            "prediction.rate*: sign",
            "prediction.rate*: e^u*",
            "prediction.rate*: squared",
            "prediction.softmax: sign",
            "prediction.softmax: e^u*",
            "prediction.softmax: squared",
            "prediction.plain: sign",
            "prediction.plain: squared",
            "prediction: sign",
            "prediction: e^u*",
            "prediction: squared",
        ),
    ),
    ("a lower rate", ("Lemma 6.4",), ("prediction.plain: e^u*",)),
    (
        "A_ij s_j/s_i >= m_j r0 e^{-βy}/s_i, y = (1-s_i²)^{1/2}, and -log s_i >= y²/2: at least "
        "m_j r0 e^{-β²/2}",
        ("Theorem 6.3", "Lemma 6.4"),
        ("prediction.rate.plain: β -> β²", "prediction.plain: β -> β²"),
    ),
    (
        "for β >= 2/3 as for USA, Z_i <= e^β being over it; below, with Y = |x_i-w| + |x_j-w| for "
        "the widest pair, λ/r0 >= (1-q)/s_i + p/s_j, where q/(1-q) <= e^{2βY} p/(1-p), so "
        "λ/r0 >= 1 - tanh(βY/2)(1 - Y²/(2(e^{2βY}-1))) >= e^{-2β²} for Y <= 2",
        ("Theorem 6.3", "Lemma 6.4"),
        ("prediction.rate.softmax: β -> β²", "prediction.softmax: β -> β²"),
    ),
    (
        "a lower rate",
        ("Remark 6.5",),
        ("prediction.softmax: sign", "prediction.softmax: ÷ 2", "prediction.plain: sign"),
    ),
    (
        "said of α >= 1 only, that is of consensus",
        ("(6.7)",),
        ("prediction.least: + 1", "prediction.least: × 2"),
    ),
    (
        "α' >= min(1, 2α)(1-α²) min_j A_ij, g_ij >= 2α²-1: Σ_j θ_j (h_j - α g_ij) = 1 - α² for "
        "h_j = <x_j,x*> and x* = Σ θ_j x_j, where θ_j <= max(1, 1/(2α))",
        ("(6.7)", "E.(6.8)"),
        (
            "prediction.rate: × β",
            "prediction.rate: β -> β²",
            "prediction.least: ÷ 2",
            "prediction: × β",
            "prediction: β -> β²",
        ),
    ),
    (
        "<x_i,x_j> >= 2r² - 1 for two heights >= r, so r (1 - g) <= 2r (1 - r²) < 1",
        ("(6.2)", "(6.5)"),
        ("prediction.bound: squared",),
    ),
    (
        "for β < 1, where it is the larger, γ' >= 1/n and γ' >= 1 - γ: e^{βγ} times a concave "
        "factor is least at the ends of [0, 1/2], and 2 e^{β/2} >= e^β",
        ("(D.8)", "E.(D.8)"),
        ("prediction.early: β -> β²", "prediction.late: β -> β²"),
    ),
    (
        "the time to reach 3/4 is at most (e^β + n - 1) log(3n+1)/(2n) <= n e^β/2",
        ("(D.8)", "E.(D.8)"),
        ("prediction.prefactor: ÷ 2",),
    ),
    (
        "1 - γ <= n/(e^n + n - 1) <= e^{-n²/(2n+2)}/2 at t = n e^β/2, and the exponent moves by "
        "n²/(2n+2) at most",
        ("(D.8)", "E.(D.8)"),
        ("prediction.origin: × β", "prediction.origin: β -> β²"),
    ),
    (
        "γ >= 1/2 from n e^{β²}/2 on: (e^β + n - 1) log(n+1) <= n² e^{β²} for β < 1",
        ("(D.8)", "E.(D.8)"),
        ("prediction.start: β -> β²",),
    ),
    ("said of consensus only, where nothing moves", ("(4.2)",), ("prediction: + 1",)),
    (
        "Σ θ >= 1 implies it",
        ("(6.4)",),
        ("prediction.least: sign", "prediction.least: ÷ 2"),
    ),
    ("a smaller constant", ("Lemma 6.6",), ("prediction.constant: ÷ 2",)),
    (
        "said of fewer d",
        ("Theorem 6.1",),
        ("prediction.dimension: + 1", "prediction.dimension: × 2"),
    ),
    (
        "said of fewer β; where it is said of more, Figure 2 covers them (n <= 4 or d >= 3)",
        ("Theorem 5.1", "E.Theorem 5.1"),
        ("prediction.threshold: × n", "prediction.threshold: squared"),
    ),
    (
        "a longer arc",
        ("E.Theorem 5.1",),
        ("prediction.length: + 1", "prediction.length: × 2"),
    ),
    (
        "said of fewer β, for m >= 1",
        ("Theorem 4.2",),
        ("prediction.beta_*: e^u*", "prediction.beta_*: squared"),
    ),
    (
        "less is kept",
        ("Theorem 4.2",),
        ("prediction.kept: sign", "prediction.kept: ÷ 2"),
    ),
    (
        "μ is larger, so the threshold exceeds it too",
        ("Theorem 4.3",),
        ("prediction.simple: sign", "prediction.simple: squared"),
    ),
    ("a larger right side", ("Theorem 4.3",), ("prediction.right: e^u*",)),
    ("two tokens in place of three", ("Problem 3",), ("prediction.tokens: - 1",)),
    ("certified for four: Problem 3, n=3..6", ("Problem 3",), ("prediction.tokens: + 1",)),
    ("said of β >= 1 only", ("Problem 3",), ("prediction.low: + 1",)),
    (
        "a lower bound of γ'",
        ("(D.8)", "E.(D.8)", "Remark D.1"),
        (
            "prediction.early: sign",
            "prediction.early: e^u*",
            "prediction.early: squared",
            "prediction.late: sign",
        ),
    ),
    (
        "n/(n + e^{β/2}) < 1 falls when squared, and when β grows",
        ("(D.8)", "E.(D.8)"),
        ("prediction.late: e^u*", "prediction.late: squared"),
    ),
    (
        "a larger bound of 1 - γ, as n e^β >= 2",
        ("(D.8)", "E.(D.8)", "Remark D.1"),
        (
            "prediction.prefactor: + 1",
            "prediction.prefactor: × 2",
            "prediction.prefactor: × n",
            "prediction.origin: × n",
            "prediction.origin: e^u*",
            "prediction.origin: squared",
        ),
    ),
    (
        "said of later times only",
        ("(D.8)", "E.(D.8)", "Remark D.1"),
        (
            "prediction.start: × n",
            "prediction.start: e^u*",
            "prediction.start: squared",
            "prediction.start: + 1",
        ),
    ),
    # Figure 2: theorems that add nothing to the others, and dimensions that do not exist.
    ("Theorem 6.3 adds nothing to 6.1, 4.3 and 5.1", ("Figure 2",), ("model.1.*", "1.*")),
    ("β <= 1/n adds nothing to 6.1 and to β <= 1 at d = 2", ("Figure 2",), ("2.*",)),
    ("d >= 2 always", ("Figure 2",), ("?.first: sign", "?.first: ÷ 2")),
    ("d = 3, 4 are in Theorem 6.1", ("Figure 2",), ("3.last: + 1", "3.last: × 2")),
    # Samples: numbers that say where an experiment looks.
    (
        "another sample of large β",
        ("Problem 1", "Two time scales", "Merge law"),
        (
            "prediction.beta*: + 1",
            "prediction.beta*: ÷ 2",
            "prediction.betas.0: × 2",
            "prediction.beta: × 2",
        ),
    ),
    ("another sample of large β", ("Problem 1",), ("prediction.betas.2: × 2",)),
    ("another sample of large β", ("Two time scales",), ("prediction.betas.1: × 2",)),
    (
        "a lower bound of a factor that grows without limit",
        ("Problem 1", "Two time scales"),
        ("prediction.factor: + 1", "prediction.factor: × 2", "prediction.factor: ÷ 2"),
    ),
    (
        "m enters the converse only",
        ("Sharp codes, sampled β",),
        ("prediction.distances: *",),
    ),
    (
        "tokens at angles 0 and π: another equilibrium",
        ("Remark B.1",),
        (
            "prediction.angles.[1-4].?: sign",
            "prediction.angles.[1-4].?: + 1",
            "prediction.angles.[1-4].?: × 2",
        ),
    ),
    ("-V has a strict saddle at the same place", ("(A.1)",), ("prediction: sign",)),
    ("n (d - n) >= 0 where d - n >= 0", ("E.Theorem 6.8",), ("prediction.excess: × n",)),
)
"""Reason, labels and names of each group of equivalent mutations, reviewed one by one."""


__all__ = ["ENERGY", "FIELD", "HEAT", "REVIEWED", "SCALAR", "SPEED", "Reviewed"]
