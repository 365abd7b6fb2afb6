"""The options of ``attnflow`` and of each subcommand, and how wide its tables are."""

from __future__ import annotations

import argparse
import importlib
import re
import textwrap
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from proofs_checks.command_line import options, pictures
from proofs_checks.command_line.options import WIDTH


def installed_version() -> str:
    """Version of the installed package; a source tree that isn't installed says so."""
    try:
        return version("attnflow")
    except PackageNotFoundError:
        door = Path(__file__).parents[2] / "attnflow" / "__init__.py"
        found = re.search(r'__version__ = "(.*)"', door.read_text(encoding="utf-8"))
        assert found is not None
        return f"{found[1]} (not installed)"


def _run(name: str, args: argparse.Namespace) -> int:
    return int(importlib.import_module(f"proofs_checks.command_line.{name}").run(args))


class LateParser(argparse.ArgumentParser):
    """Parser of a subcommand: its options come when it is met, its module when it runs.

    So ``attnflow --help`` and ``attnflow simulate --help`` import no SymPy.
    """

    module = ""
    """Name of the module in this room whose options are still to be added."""

    def complete(self) -> None:
        """Add the options."""
        if self.module:
            name, self.module = self.module, ""
            getattr(options, name)(self)
            self.set_defaults(run=partial(_run, name))

    def _parse_optional(self, arg_string: str) -> Any:
        """Take -exp(t) for a kernel: but for -h, options have two dashes."""
        if arg_string.startswith("--") or arg_string in self._option_string_actions:
            return super()._parse_optional(arg_string)
        return None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, with all options there."""
        self.complete()
        return super().parse_known_args(args, namespace)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"Expected a whole number >= 1 but got {text}")
    return value


def _tokens(text: str) -> int:
    value = int(text)
    if value < 2:
        raise argparse.ArgumentTypeError(f"Expected at least 2 tokens but got {text}")
    return value


def _seed(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"Expected a whole number >= 0 but got {text}")
    return value


def _common(parser: argparse.ArgumentParser, inner: bool = False) -> None:
    """Options of every command; an inner parser keeps what was said before the command."""

    def default(value: Any) -> Any:
        return argparse.SUPPRESS if inner else value

    parser.add_argument(
        "--json", action="store_true", default=default(False), help="print JSON, not a table"
    )
    parser.add_argument("--seed", type=_seed, default=default(0), help="seed of all randomness (0)")
    parser.add_argument(
        "--out", type=Path, default=default(None), help="folder for results and pictures"
    )


def _verification(parser: argparse.ArgumentParser, inner: bool = False) -> None:
    def default(value: Any) -> Any:
        return argparse.SUPPRESS if inner else value

    parser.add_argument("--cases", type=_count, default=default(None), help="sampled cases a claim")
    parser.add_argument(
        "--full",
        action="store_true",
        default=default(False),
        help="strongest level of every claim",
    )
    parser.add_argument("--jobs", type=_count, default=default(1), help="processes to use (1)")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        default=default(None),
        help="dask scheduler (tcp://host:port), or mpi, in place of --jobs",
    )
    parser.add_argument(
        "--html", type=Path, metavar="FILE", default=default(None), help="write a report page"
    )


def _subparser(commands: Any, name: str, text: str, example: str, module: str = "") -> LateParser:
    """Add a subcommand; one that takes no claims names its module, with its options and `run`."""
    parser: LateParser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _common(parser, inner=True)
    parser.module = module
    return parser


def _listing(commands: Any) -> None:
    """Options of ``attnflow claims``."""
    listing = _subparser(
        commands,
        "claims",
        "list the claims and their expected verdicts",
        "attnflow claims --errata",
    )
    listing.add_argument(
        "--rocq",
        action="store_true",
        help="table of the steps that Rocq checks, of all proved and certified claims (minutes)",
    )
    listing.add_argument("--errata", action="store_true", help="only corrections of printed forms")
    listing.add_argument(
        "--paper", metavar="NUMBER", help="only those of a paper, by its arXiv number: 2411.04990"
    )
    listing.add_argument(
        "--where",
        nargs="+",
        metavar="LABEL",
        help="file and line of the claims of a label, (6.5) or Theorem 6.3 for example",
    )
    listing.add_argument(
        "--map",
        type=_tokens,
        metavar="N",
        help="Figure 2 for N tokens: which claim covers which (d, β); --out draws it",
    )
    pictures.add_arguments(listing)


def _judging(commands: Any) -> None:
    """Options of what is about models: ``check``, ``derive``, ``models``, ``compare``."""
    _subparser(
        commands,
        "check",
        "say which of the paper's statements hold for your own model",
        'attnflow check "exp(beta*t)/beta + t**3" --beta 2\n  attnflow check --model "RoPE + sink"',
        "check",
    )
    _subparser(
        commands,
        "derive",
        "derive everything from a kernel h(t) given as text, or a model's name",
        'attnflow derive "t**3 + beta*t" --show equiangular\n  attnflow derive --model pre-LN',
        "derive",
    )
    _subparser(
        commands,
        "models",
        "list the models of the catalogue",
        "attnflow models pre-LN causal",
        "models",
    )
    _subparser(
        commands,
        "compare",
        "say what holds for two or more models, side by side",
        'attnflow compare SA causal "RoPE + sink"',
        "compare",
    )


def _running(commands: Any) -> None:
    """Add what runs a model: tokens one by one, in log time, many of them, diagrams."""
    _subparser(
        commands,
        "simulate",
        "integrate a model from random or given points",
        "attnflow simulate --model USA --n 64 --d 3 --beta 4 --t 5 --out pictures",
        "simulate",
    )
    _subparser(
        commands,
        "coarsen",
        "follow the tokens through all merges, in log time",
        "attnflow coarsen --n 200 --d 2 --beta 81 --seed 1 --out pictures",
        "coarsen",
    )
    _subparser(
        commands,
        "phase",
        "phase diagrams of Figures 3, 4 and 5; with --out, resumable",
        "attnflow phase --figure 3 --d 2 8 32 128 512 1024 --runs 1024 --out DIR",
        "phase",
    )


def _proving(commands: Any) -> None:
    """Add what has a proof assistant check certificates again."""
    _subparser(
        commands,
        "prove",
        "have a proof assistant prove what saved certificates state",
        "attnflow prove problem3_n6.json --rocq",
        "prove",
    )


def _publishing(commands: Any) -> None:
    """Add what an author needs: pictures again, references."""
    _subparser(
        commands,
        "plot",
        "draw pictures again from saved data, in another style or format; say what made them",
        "attnflow plot pictures/coarsening.npz --style column --format pdf --out paper\n"
        "  attnflow plot pictures/dendrogram.png",
        "plot",
    )
    _subparser(
        commands,
        "cite",
        "print the references of statements as BibTeX: the tool, the paper, each source",
        'attnflow cite "Theorem 6.3" "Theorem 6.7" > references.bib',
        "cite",
    )


def _limiting(commands: Any) -> None:
    """Add infinitely many tokens, the law of two, noise, codes, and limits on R^d."""
    _subparser(
        commands,
        "mean-field",
        "infinitely many tokens: a density over time",
        'attnflow mean-field --beta 4 --density "0.5 0.25" --t-end 6 --out pictures',
        "mean_field",
    )
    _subparser(
        commands,
        "hierarchy",
        "the law of two tokens (8.1) on the circle, by closures and by Monte Carlo",
        "attnflow hierarchy --n 5 --beta 4 --t 0.5 --out pictures",
        "hierarchy",
    )
    _subparser(
        commands,
        "noise",
        "say where order sets in under noise; with --particles, a loop of it; resumable with --out",
        "attnflow noise --model USA --beta 5 --kappa 5.1 --particles 10000 --loop 4.7 5.5 5\n"
        "      --out DIR",
        "noise",
    )
    _subparser(
        commands,
        "codes",
        "search for the code of n points on S^(d-1) of least energy, and recognise it",
        "attnflow codes 12 3 --beta 5 --out pictures",
        "codes",
    )
    _subparser(
        commands,
        "limits",
        "follow attention on R^d to its limit shape (Table 1, Problem 5)",
        "attnflow limits --values paranormal --scores identity --d 3 --out pictures",
        "limits",
    )
    _subparser(
        commands,
        "hardmax",
        "follow every solution at temperature zero, (9.5)-(9.6)",
        "attnflow hardmax --points example-9.3 --reading literal --out pictures",
        "hardmax",
    )
    _subparser(
        commands,
        "layers",
        "look at a trained network, or at its hidden states, layer by layer",
        'attnflow layers "The ship left the harbour before dawn." --out report',
        "layers",
    )


def _deciding(verification: argparse.ArgumentParser) -> None:
    """Declare what claims may be decided by beside what the toolkit has."""
    verification.add_argument(
        "--minilm",
        action="store_true",
        help="decide the claims on MiniLM, where its wheel is installed; a minute or two",
    )
    verification.add_argument(
        "--hidden-states",
        type=Path,
        metavar="FILE",
        help="decide Figure 1 with hidden states of yours: .npy, .npz or .safetensors of shape\n"
        "(layers + 1, n, d), or a batch of them",
    )
    verification.add_argument(
        "--rocq",
        action="store_true",
        help="have Rocq check the steps of the proofs too; its files go to --out",
    )


def build_parser(late: bool = False) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Parameters
    ----------
    late : bool
        Whether a subcommand gets the options of its module when it is met, not now.
    """
    parser = LateParser(
        prog="attnflow",
        description="Self-attention as an interacting particle system: derive, compile,\n"
        "integrate, verify. Without a command: verify all claims, quick cases.",
        epilog="examples:\n"
        "  attnflow\n"
        '  attnflow verify "Theorem 6.3" --cases 100 --seed 7\n'
        "  attnflow claims --errata\n"
        '  attnflow check "exp(beta*t)/beta + t**3"\n'
        '  attnflow derive "exp(beta*t)/beta" --show latex\n'
        "  attnflow models\n"
        "  attnflow compare SA causal\n"
        "  attnflow simulate --n 32 --d 2 --beta 9 --t 30 --out pictures\n"
        "  attnflow coarsen --n 200 --d 2 --beta 81 --seed 1 --out pictures\n"
        "  attnflow codes 12 3 --beta 5 --out pictures\n"
        "  attnflow phase --figure 3 --d 2 8 32 --runs 64 --out pictures\n"
        "  attnflow noise --model USA --beta 5 --particles 10000 --out pictures\n"
        "  attnflow limits --values paranormal --scores identity --d 3",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"attnflow {installed_version()}")
    parser.add_argument(
        "--print-completion",
        choices=("bash", "zsh", "tcsh"),
        metavar="SHELL",
        help="print a script for completion in bash, zsh or tcsh (extra: completion)",
    )
    _common(parser)
    _verification(parser)
    commands = parser.add_subparsers(dest="command", metavar="command", parser_class=LateParser)

    verification = _subparser(
        commands,
        "verify",
        "check claims and their controls",
        'attnflow verify "(3.6)" "Theorem 6.1" --full',
    )
    verification.add_argument(
        "names", nargs="*", metavar="NAME", help="labels; all claims by default"
    )
    verification.add_argument(
        "--show",
        choices=("latex", "steps"),
        help="print the proof sheets of the labels as LaTeX, or with every step",
    )
    verification.add_argument(
        "--latex", action="store_true", help="print a table of the claims for a paper (booktabs)"
    )
    _deciding(verification)
    verification.add_argument(
        "--certificate",
        type=Path,
        action="append",
        metavar="FILE",
        help="check a saved certificate instead, with the independent checker; may be repeated",
    )
    _verification(verification, inner=True)

    _listing(commands)
    _judging(commands)
    _running(commands)
    _limiting(commands)
    _publishing(commands)
    _proving(commands)
    for command in () if late else commands.choices.values():
        command.complete()
    return parser


def indented(text: str) -> str:
    """Fill a paragraph to the width of the help texts, indented."""
    return textwrap.fill(text, WIDTH, initial_indent="    ", subsequent_indent="      ")
