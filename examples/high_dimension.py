"""Theorem 6.9 with numbers: from which dimension on do uniform tokens follow the curve γ(t)?

python examples/high_dimension.py

A Markdown table and a picture. From d on, with probability 1/2 at least, all <x_i,x_j>(t) are
within 1/10 of γ(t) for all t >= 0; the last column is where that is seen of drawn tokens.
"""

import numpy as np

from numerics.high_dimension import least_dimension, log_dimension_at_rate
from numerics.plot import plot_dimensions
from proofs_checks.extensions.theorem_6_9_explicit import share_near_curve
from theory import SA
from theory.predictions import chord_lipschitz, geodesic_lipschitz

SIZES, BETAS, TOLERANCE = (2, 4, 8, 16, 32, 64), (0, 1, 3, 9), 0.1
RUNS, FOLLOWED = 200, 16


def power(log):
    """Write 10^log, or its exponent where that is long."""
    return f"10^{log:.1f}" if log < 1000 else f"10^({log:.2g})"


def seen(n, beta, proved, rng):
    """Lowest d = proved / 2^k at which half of the drawn systems follow γ, by bisection in k."""
    low, high = 0, int(np.log2(proved / n))
    while high - low > 1:
        middle = (low + high) // 2
        share = share_near_curve(SA, (n, proved / 2**middle, beta), TOLERANCE, RUNS, rng)
        low, high = (middle, high) if share >= 0.5 else (low, middle)
    return proved / 2**low


def rows(rng):
    """Yield n, β, both logarithms at a rate, the proved d, and the d that is seen."""
    for n in SIZES:
        for beta in BETAS:
            rates = float(chord_lipschitz(beta)), float(geodesic_lipschitz(beta))
            logs = [log_dimension_at_rate(n, float(beta), rate, TOLERANCE) for rate in rates]
            proved = least_dimension(n, float(beta), TOLERANCE).dimension
            where = seen(n, float(beta), proved, rng) if n <= FOLLOWED else None
            yield n, beta, *logs, proved, where


def table(found):
    """Rows of a Markdown table."""
    lines = [
        "| n | β | d by 2(1+β) | d by (4β+1)²/(8β) | d along γ | seen from |",
        "|---|---|---|---|---|---|",
    ]
    for n, beta, chord, geodesic, proved, where in found:
        cells = [str(n), str(beta), power(chord), power(geodesic), f"{proved:.3g}"]
        lines.append(f"| {' | '.join([*cells, '' if where is None else f'{where:.2g}'])} |")
    return "\n".join(lines)


def draw(found):
    """Draw d against β: proved, by the rate (dashed), and seen (dots)."""
    betas = np.linspace(0, 9, 37)
    lines = {n: [least_dimension(n, b, TOLERANCE).dimension for b in betas] for n in SIZES}
    rates = [float(geodesic_lipschitz(b)) for b in betas]
    dashed = {
        n: [
            log_dimension_at_rate(n, b, rate, TOLERANCE)
            for b, rate in zip(betas, rates, strict=True)
        ]
        for n in (2, 64)
    }
    dots = {}
    for n in SIZES:
        points = [(row[1], row[5]) for row in found if row[0] == n and row[5] is not None]
        if points:
            dots[n] = tuple(zip(*points, strict=True))
    return plot_dimensions(betas, lines, dashed, dots)


if __name__ == "__main__":
    found = list(rows(np.random.default_rng(0)))
    print(table(found))
    draw(found).figure.savefig("high_dimension.png")
