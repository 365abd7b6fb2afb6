"""Rules of inference on measures: Schur's test, symmetric weights, carried plans, Kac-Rice."""

from __future__ import annotations

from proofs_checks.proof.rule import Rule, unconditional

SCHUR = Rule(
    "Schur's test",
    "a_ij >= 0, Σ_j m_j a_ij <= R, Σ_i m_i a_ij <= K, p >= 1: Σ_ij m_i m_j a_ij |u_i|^{p-1} |u_j| "
    "<= R^{1-1/p} K^{1/p} Σ_i m_i |u_i|^p",
    "Folland, Real Analysis, Theorem 6.18; Hölder's inequality",
    2,
    unconditional,
)


SYMMETRIC = Rule(
    "symmetric weights",
    "k_ij = k_ji >= 0, p >= 1: Σ_ij m_i m_j k_ij |u_i|^{p-1} |u_j| <= Σ_ij m_i m_j k_ij |u_i|^p",
    "Young: a^{p-1} b <= (1-1/p) a^p + b^p/p, summed, i and j exchanged",
    1,
    unconditional,
)


CARRIED_PLAN = Rule(
    "carried plan",
    "a plan of two starts, joined by geodesics, splits their masses into tokens; if "
    "(Σ_i m_i |u_i|^p)^{1/p} grows at most at the constant rate C along the linearised flow, for "
    "any number of tokens and any masses of total 1, then W_p(μ(t), ν(t)) <= e^{Ct} W_p(μ(0), "
    "ν(0)): for particles, and for measures, which are limits of particles",
    "Dobrushin; Minkowski: the length of the carried path is at most ∫ ||∂_s x||_p ds; Grönwall; "
    "Villani, Topics in Optimal Transportation, Theorem 7.12 for limits",
    1,
    unconditional,
)


KAC_RICE = Rule(
    "Kac-Rice",
    "a stationary Gaussian field on the circle, smooth, with variances λ_2 > 0 and λ_4 of its "
    "first and second slope: on average √(λ_4/λ_2) local maxima, half the zeros of the slope",
    "Rice (1944); Cramér and Leadbetter, Stationary and Related Stochastic Processes, 10.3",
    2,
    unconditional,
)


TRANSPORT_RULES = (SCHUR, SYMMETRIC, CARRIED_PLAN, KAC_RICE)
