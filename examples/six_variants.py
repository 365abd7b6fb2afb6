"""Six variants that the paper doesn't treat: which statements survive for each?

python examples/six_variants.py

Four kernels h of the energy ½ΣΣ m_i m_j h(<x_i,x_j>), attention with doubly stochastic weights,
and a NumPy implementation of self-attention whose author forgot the projection.
"""

import numpy as np

from proofs_checks import check_model
from theory import SA, SINKHORN


def unprojected(x):
    """Self-attention at β = 2 without P_x: it leaves the sphere."""
    weights = np.exp(2.0 * x @ x.T)
    return weights / weights.sum(axis=1, keepdims=True) @ x


def reports():
    """Report of each variant by its name."""
    return {
        "t³": check_model("t**3"),
        "(1+t)²": check_model("(1 + t)**2"),
        "log(2+t)": check_model("log(2 + t)"),
        "cosh(βt)/β": check_model("cosh(beta*t)/beta"),
        "Sinkhorn": check_model(SINKHORN),
        "no projection": check_model(SA, implementation=unprojected, beta=2.0),
    }


def table(found):
    """Rows of a Markdown table: a statement each, a column for each variant."""
    names = []
    for report in found.values():
        names += [row.name for row in report.rows if row.applies and row.name not in names]
    lines = ["| statement | " + " | ".join(found) + " |", "|---" * (len(found) + 1) + "|"]
    for name in names:
        cells = []
        for report in found.values():
            verdicts = {row.name: row.evidence.word for row in report.rows if row.applies}
            cells.append(verdicts.get(name, "–").lower())
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(reports()))
