"""What ``attnflow layers`` prints of several texts as a whole."""

from __future__ import annotations

from numerics.trained import BatchReport, Fraction


def batch_lines(found: BatchReport) -> list[str]:
    """Say what was found over the texts, in 80 columns."""
    low, high = found.sizes
    states = found.states()
    lines = [
        f"{found.name}: {len(found.reports)} texts of {low} to {high} tokens, "
        f"{len(states) - 1} layers",
        "",
    ]
    energies = "".join(f"{f'E_{beta:g}':>12}" for beta in found.betas)
    lines.append(f"layer  mean <x,y>  least    most  pairs > .9  dimensions{energies}")
    for row in states:
        product = row["mean_product"]
        values = "".join(f"{row[f'E_{beta:g}']['mean']:>12.6g}" for beta in found.betas)
        lines.append(
            f"{row['layer']:>5}{product['mean']:>12.4f}{product['least']:>7.3f}"
            f"{product['most']:>8.3f}{row['share_above_0.9']['mean']:>12.4f}"
            f"{row['participation_ratio']['mean']:>12.2f}{values}"
        )
    lines += ["", "Means over the texts. In how many of them, and the interval at 95 %:"]
    lines += [f"  {fraction_line(one)}" for one in found.fractions]
    if found.reports[0].shares:
        for k, beta in enumerate(found.betas):
            lines += ["", *_lowering(found, k, float(beta))]
        lines += ["", *_residuals(found)]
    if found.reports[0].iterations:
        lines += ["", "One layer again and again, texts by what they come to:"]
        lines += [
            f"  layer {k}: {', '.join(f'{word} {count}' for word, count in row.items())}"
            for k, row in enumerate(found.outcomes(), 1)
        ]
    return [*lines, "", "--number K shows one text in full."]


def fraction_line(one: Fraction) -> str:
    """Say one fraction."""
    return f"{one.what}: {one.texts} of {one.of} ({one.low:.2f} to {one.high:.2f})"


def _lowering(found: BatchReport, k: int, beta: float) -> list[str]:
    rows = found.lowering(k)
    lines = [
        f"In how many texts E_{beta:g} falls, and a part lowers it:",
        "layer   falls   symm.  antis.  const. neurons   norms",
    ]
    for layer, (falls, row) in enumerate(zip(found.falls(k), rows, strict=True), 1):
        lines.append(f"{layer:>5}{falls:>8}" + "".join(f"{count:>8}" for count in row.values()))
    return lines


def _residuals(found: BatchReport) -> list[str]:
    table = found.residuals()
    count = min(len(next(iter(table.values()))), 6)
    lines = ["Mean residuals of the theorems' hypotheses, 0 is met:"]
    lines.append(f"{'':<31}" + "".join(f"{f'layer {k}':>8}" for k in range(1, count + 1)))
    for name, row in table.items():
        lines.append(f"{name:<31}" + "".join(f"{value:>8.3f}" for value in row[:count]))
    return lines
