"""References as BibTeX: the tool, the paper, and the sources that statements name.

A statement's file names its sources in the section "References" of its docstring, and in the
lemmas that its proof cites; the works below say by which words they are named there.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from numerics.sources import version
from proofs_checks.claim import Claim
from proofs_checks.discovery import module_of
from proofs_checks.proof import Flow, Statement, tex
from theory.models import Model

__all__ = ["PAPER", "WORKS", "Work", "bibtex", "cited_works", "tool"]


@dataclass(frozen=True)
class Work:
    """One entry of a bibliography.

    Attributes
    ----------
    key : str
        By which it is cited.
    kind : str
        article, book, inproceedings or misc.
    authors : tuple of str
        "Family, Given" each, or a name in braces that stays whole.
    title : str
    year : int
    marks : tuple of str
        Regular expressions of the words by which a statement names it.
    fields : Mapping of str to str
        Further fields.
    """

    key: str
    kind: str
    authors: tuple[str, ...]
    title: str
    year: int
    marks: tuple[str, ...]
    fields: Mapping[str, str]

    def named_in(self, text: str) -> bool:
        """Whether a text names it."""
        return any(re.search(mark, text) for mark in self.marks)


def _arxiv(
    key: str, eprint: str, authors: str, title: str, year: int, kind: str = "misc", **fields: str
) -> Work:
    """Make a work with an arXiv number, by which it is named."""
    shown = {**fields, "eprint": eprint, "archiveprefix": "arXiv"}
    names = tuple(authors.split("; "))
    return Work(key, kind, names, title, year, (re.escape(eprint),), shown)


def _print(
    key: str, kind: str, authors: str, title: str, year: int, marks: str, **fields: str
) -> Work:
    """Make a work in print; marks are regular expressions, separated by blanks."""
    return Work(key, kind, tuple(authors.split("; ")), title, year, tuple(marks.split(" ")), fields)


PAPER = _arxiv(
    "geshkovski2025mathematical",
    "2312.10794",
    "Geshkovski, Borjan; Letrouit, Cyril; Polyanskiy, Yury; Rigollet, Philippe",
    "A mathematical perspective on Transformers",
    2025,
    "article",
    journal="Bulletin of the American Mathematical Society",
    volume="62",
    number="3",
    pages="427--479",
)
"""The paper whose labels claims bear."""

_ARXIV = (
    PAPER,
    _arxiv(
        "karagodin2024clustering", "2411.04990",
        "Karagodin, Nikita; Polyanskiy, Yury; Rigollet, Philippe",
        "Clustering in causal attention masking", 2024,
    ),
    _arxiv(
        "karagodin2025normalization", "2510.22026",
        "Karagodin, Nikita; Ge, Shu; Polyanskiy, Yury; Rigollet, Philippe",
        "Normalization in attention dynamics", 2025,
    ),
    _arxiv(
        "castin2025unified", "2501.18322",
        "Castin, Valérie; Ablin, Pierre; Carrillo, José Antonio; Peyré, Gabriel",
        "A unified perspective on the dynamics of deep transformers", 2025,
    ),
    _arxiv(
        "chen2025critical", "2510.05554",
        "Chen, Shi; Lin, Zhengjiang; Polyanskiy, Yury; Rigollet, Philippe",
        "Critical attention scaling in long-context transformers", 2025,
    ),
    _arxiv(
        "fedorov2026clustering", "2601.21942",
        "Fedorov, Lev; Sander, Michaël E.; Elie, Romuald; Marion, Pierre; Laurière, Mathieu",
        "Clustering in deep stochastic Transformers", 2026,
    ),
    _arxiv(
        "criscitiello2024synchronization", "2405.18273",
        "Criscitiello, Christopher; Rebjock, Quentin; McRae, Andrew D.; Boumal, Nicolas",
        "Synchronization on circles and spheres with nonlinear interactions", 2024,
    ),
    _arxiv(
        "geshkovski2023emergence", "2305.05465",
        "Geshkovski, Borjan; Letrouit, Cyril; Polyanskiy, Yury; Rigollet, Philippe",
        "The emergence of clusters in self-attention dynamics", 2023,
    ),
    _arxiv(
        "polyanskiy2025synchronization", "2507.22857",
        "Polyanskiy, Yury; Rigollet, Philippe; Yao, Andrew",
        "Synchronization of mean-field models on the circle", 2025,
    ),
    _arxiv(
        "balasubramanian2025structure", "2510.20094",
        "Balasubramanian, Krishnakumar; Banerjee, Sayan; Rigollet, Philippe",
        "On the structure of stationary solutions to McKean-Vlasov equations with applications to "
        "noisy transformers", 2025,
    ),
    _arxiv(
        "schwartz2016five", "1610.03303", "Schwartz, Richard Evan",
        "The phase transition in 5 point energy minimization", 2016,
    ),
    _arxiv(
        "mun2026phase", "2606.05140", "Mun, Kyunghoo; Rosenzweig, Matthew",
        "Phase transitions for the noisy transformer model in arbitrary dimension", 2026,
    ),
    _arxiv(
        "kim2020lipschitz", "2006.04710", "Kim, Hyunjik; Papamakarios, George; Mnih, Andriy",
        "The Lipschitz constant of self-attention", 2020,
    ),
    _arxiv(
        "chizat2015interpolating", "1506.06430",
        "Chizat, Lénaïc; Peyré, Gabriel; Schmitzer, Bernhard; Vialard, François-Xavier",
        "An interpolating distance between optimal transport and Fisher-Rao metrics", 2015,
    ),
)  # fmt: skip

_PRINT = (
    _print(
        "shub1987global", "book", "Shub, Michael", "Global stability of dynamical systems", 1987,
        "Shub", publisher="Springer",
    ),
    _print(
        "lee2013introduction", "book", "Lee, John M.", "Introduction to smooth manifolds", 2013,
        r"Lee,\sIntroduction", publisher="Springer", edition="2nd",
    ),
    _print(
        "lojasiewicz1963propriete", "inproceedings", "Łojasiewicz, Stanisław",
        "Une propriété topologique des sous-ensembles analytiques réels", 1963, "Łojasiewicz",
        booktitle="Les équations aux dérivées partielles", pages="87--89",
    ),
    _print(
        "wendel1962problem", "article", "Wendel, J. G.", "A problem in geometric probability", 1962,
        "Wendel", journal="Mathematica Scandinavica", volume="11", pages="109--111",
    ),
    _print(
        "cohn2007universally", "article", "Cohn, Henry; Kumar, Abhinav",
        "Universally optimal distribution of points on spheres", 2007, r"Cohn\sand\sKumar",
        journal="Journal of the American Mathematical Society", volume="20", number="1",
        pages="99--148",
    ),
    _print(
        "delsarte1977spherical", "article", "Delsarte, P.; Goethals, J. M.; Seidel, J. J.",
        "Spherical codes and designs", 1977, "Delsarte", journal="Geometriae Dedicata",
        volume="6", pages="363--388",
    ),
    _print(
        "schoenberg1942positive", "article", "Schoenberg, I. J.",
        "Positive definite functions on spheres", 1942, "Schoenberg",
        journal="Duke Mathematical Journal", volume="9", pages="96--108",
    ),
    _print(
        "kirkwood1935statistical", "article", "Kirkwood, John G.",
        "Statistical mechanics of fluid mixtures", 1935, "Kirkwood",
        journal="Journal of Chemical Physics", volume="3", pages="300--313",
    ),
    _print(
        "muller1998analysis", "book", "Müller, Claus",
        "Analysis of spherical symmetries in Euclidean spaces", 1998, "Müller Funk-Hecke",
        publisher="Springer",
    ),
    _print(
        "amos1974computation", "article", "Amos, D. E.",
        "Computation of modified Bessel functions and their ratios", 1974, "Amos",
        journal="Mathematics of Computation", volume="28", pages="239--251",
    ),
    _print(
        "soni1965inequality", "article", "Soni, R. P.",
        "On an inequality for modified Bessel functions", 1965, "Soni",
        journal="Journal of Mathematics and Physics", volume="44", pages="406--407",
    ),
    _print(
        "thiruvenkatachar1951inequalities", "article",
        "Thiruvenkatachar, V. R.; Nanjundiah, T. S.",
        "Inequalities concerning Bessel functions and orthogonal polynomials", 1951,
        "Thiruvenkatachar", journal="Proceedings of the Indian Academy of Sciences, Section A",
        volume="33", pages="373--384",
    ),
    _print(
        "dahlquist1958stability", "book", "Dahlquist, Germund",
        "Stability and error bounds in the numerical integration of ordinary differential "
        "equations", 1958, "Dahlquist", publisher="Almqvist & Wiksells",
    ),
    _print(
        "soderlind2006logarithmic", "article", "Söderlind, Gustaf",
        "The logarithmic norm. History and modern theory", 2006, "Söderlind",
        journal="BIT Numerical Mathematics", volume="46", pages="631--652",
    ),
    _print(
        "rice1944mathematical", "article", "Rice, S. O.",
        "Mathematical analysis of random noise", 1944, r"\bRice\b",
        journal="Bell System Technical Journal", volume="23", pages="282--332",
    ),
    _print(
        "cramer1967stationary", "book", "Cramér, Harald; Leadbetter, M. R.",
        "Stationary and related stochastic processes", 1967, "Leadbetter", publisher="Wiley",
    ),
    _print(
        "strogatz2000kuramoto", "article", "Strogatz, Steven H.",
        "From Kuramoto to Crawford: exploring the onset of synchronization in populations of "
        "coupled oscillators", 2000, "Strogatz", journal="Physica D", volume="143", pages="1--20",
    ),
    _print(
        "dembo1998large", "book", "Dembo, Amir; Zeitouni, Ofer",
        "Large deviations techniques and applications", 1998, "Dembo", publisher="Springer",
        edition="2nd",
    ),
    _print(
        "hartman1960lemma", "article", "Hartman, Philip",
        "A lemma in the theory of structural stability of differential equations", 1960, "Hartman",
        journal="Proceedings of the American Mathematical Society", volume="11", pages="610--620",
    ),
    _print(
        "ajtai1984optimal", "article", "Ajtai, M.; Komlós, J.; Tusnády, G.",
        "On optimal matchings", 1984, "Ajtai", journal="Combinatorica", volume="4",
        pages="259--264",
    ),
    _print(
        "feller1952parabolic", "article", "Feller, William",
        "The parabolic differential equations and the associated semi-groups of transformations",
        1952, "Feller", journal="Annals of Mathematics", volume="55", pages="468--519",
    ),
    _print(
        "moreau2005stability", "article", "Moreau, Luc",
        "Stability of multiagent systems with time-dependent communication links", 2005, "Moreau",
        journal="IEEE Transactions on Automatic Control", volume="50", pages="169--182",
    ),
    _print(
        "ren2005consensus", "article", "Ren, Wei; Beard, Randal W.",
        "Consensus seeking in multiagent systems under dynamically changing interaction "
        "topologies", 2005, r"Ren\sand\sBeard", journal="IEEE Transactions on Automatic Control",
        volume="50", pages="655--661",
    ),
    _print(
        "talay1990second", "article", "Talay, Denis",
        "Second-order discretization schemes of stochastic differential systems for the "
        "computation of the invariant law", 1990, "Talay", journal="Stochastics and Stochastic "
        "Reports", volume="29", pages="13--36",
    ),
    _print(
        "dobrushin1979vlasov", "article", "Dobrushin, R. L.", "Vlasov equations", 1979, "Dobrushin",
        journal="Functional Analysis and Its Applications", volume="13", pages="115--123",
    ),
)  # fmt: skip

WORKS: tuple[Work, ...] = (*_ARXIV, *_PRINT)
"""Every work that a statement names."""


def cited_works(claim: Claim[Any, Any]) -> tuple[Work, ...]:
    """Works that a claim rests on: the paper it is of, and those its file and its lemmas name.

    Parameters
    ----------
    claim : Claim
        One of those that are discovered.

    Returns
    -------
    tuple of Work
        In the order of `WORKS`.

    Examples
    --------
    >>> from proofs_checks import CLAIMS
    >>> [claim] = [claim for claim in CLAIMS if claim.label == "Theorem 6.7"]
    >>> [work.key for work in cited_works(claim)]
    ['geshkovski2025mathematical', 'wendel1962problem']
    """
    module = module_of(claim)
    text, own = f"{_named(module)} {_concluded(claim)}", ".paper." in module.__name__
    return tuple(work for work in WORKS if work.named_in(text) or (own and work is PAPER))


def _concluded(claim: Claim[Any, Any]) -> str:
    """Join what the theorem of a claim cites, through whatever rules it is concluded by."""
    if not isinstance(claim.check, Statement) or not claim.check.typed:
        return ""
    models = claim.model if isinstance(claim.model, tuple) else (claim.model,)
    sheets = [claim.check.sheet(Flow.of(one)) for one in models if isinstance(one, Model)]
    return " ".join(text for sheet in sheets if sheet is not None for text in sheet.cites)


@cache
def _named(module: ModuleType) -> str:
    """Join the references of a statement's file, its lemmas, and what it cites in words."""
    head, _, references = inspect.cleandoc(module.__doc__ or "").partition("References\n----------")
    parts = [references or head]
    seen: set[int] = set()
    for name, value in vars(module).items():
        if not name.startswith("__"):
            parts += _lemmas(value, seen)
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "cited":
            parts += [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)
                      and isinstance(part.value, str)]  # fmt: skip
    return " ".join(" ".join(parts).split())


def _lemmas(value: Any, seen: set[int]) -> Iterator[str]:
    """Give the lemmas that a name stands for: a text, several, or what a decision uses in turn."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        yield from (part for part in value if isinstance(part, str))
    elif isinstance(value, Claim):
        yield from _lemmas(value.check, seen)
    elif isinstance(value, Statement):
        yield from _lemmas(value.decide, seen)
    elif inspect.isfunction(value) and value.__module__.startswith(_ARGUING):
        if id(value) not in seen:
            seen.add(id(value))
            for name in _used(value.__code__):
                yield from _lemmas(value.__globals__.get(name), seen)


_ARGUING = tuple(
    f"proofs_checks.{room}." for room in ("proof", "paper", "extensions", "literature")
)
"""Where proofs are: the statements, and what they share."""


def _used(code: CodeType) -> Iterator[str]:
    """Names that a function uses, those inside it too."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _used(inner)


# ---------------------------------------------------------------------------------------- the tool


def tool() -> Work:
    """Read how the tool itself is cited from CITATION.cff.

    Raises
    ------
    FileNotFoundError
        If the file isn't there.

    Examples
    --------
    >>> tool().key, tool().fields["note"].startswith("Software, version")
    ('attnflow', True)
    """
    entries, authors = _citation()
    released = re.match(r"\d{4}", entries.get("date-released", ""))
    fields = {to: entries[name] for name, to in _FIELDS.items() if entries.get(name)}
    fields["note"] = f"Software, version {version()}"
    year = int(released[0]) if released else 0
    return Work("attnflow", "misc", tuple(authors), entries["title"], year, (), fields)


_FIELDS = {"repository-code": "url", "url": "url", "doi": "doi"}


def _citation() -> tuple[dict[str, str], list[str]]:
    """Read top-level texts and the authors of CITATION.cff: all of YAML that the file uses."""
    entries: dict[str, str] = {}
    authors: list[dict[str, str]] = []
    section = ""
    for line in _citation_file().read_text(encoding="utf-8").splitlines():
        found = re.match(r"(\s*)(- )?([\w-]+):\s*(.*)$", line)
        if not found or line.lstrip().startswith("#"):
            continue
        indent, item, name, value = found.groups()
        value = re.sub(r"\s+#.*$", "", value).strip().strip("\"'")
        if not indent and not item:
            section = name
            if value:
                entries[name] = value
        elif section == "authors":
            if item:
                authors.append({})
            authors[-1][name] = value
    return entries, [_author(parts) for parts in authors]


def _author(parts: Mapping[str, str]) -> str:
    if "name" in parts:
        return "{" + parts["name"] + "}"
    family = " ".join(filter(None, (parts.get("name-particle"), parts["family-names"])))
    return f"{family}, {parts['given-names']}" if "given-names" in parts else family


def _citation_file() -> Path:
    """Find CITATION.cff: in the package, or in the tree it is a part of."""
    inside = Path(str(files("proofs_checks"))) / "CITATION.cff"
    return inside if inside.is_file() else Path(__file__).resolve().parents[1] / "CITATION.cff"


# ----------------------------------------------------------------------------------------- writing


def bibtex(works: Iterable[Work]) -> str:
    """Write works as BibTeX, each once.

    Parameters
    ----------
    works : iterable of Work

    Examples
    --------
    >>> print(bibtex([PAPER]).splitlines()[0])
    @article{geshkovski2025mathematical,
    """
    return "\n\n".join("\n".join(_entry(work)) for work in {w.key: w for w in works}.values())


def _entry(work: Work) -> Iterator[str]:
    authors = " and ".join(
        "{" + _plain(name[1:-1]) + "}" if name.startswith("{") else _plain(name)
        for name in work.authors
    )
    fields = {"author": authors, "title": "{" + _plain(work.title) + "}"}
    fields |= {name: _plain(value) for name, value in work.fields.items() if name not in _VERBATIM}
    fields |= {name: value for name, value in work.fields.items() if name in _VERBATIM}
    if work.year:
        fields["year"] = str(work.year)
    yield f"@{work.kind}{{{work.key},"
    width = max(map(len, fields))
    for name, value in fields.items():
        yield f"  {name:<{width}} = {{{value}}},"
    yield "}"


_VERBATIM = ("eprint", "archiveprefix", "url", "doi", "pages")
"""Fields that BibTeX styles set as they stand."""


def _plain(text: str) -> str:
    """Escape for LaTeX; accented letters in braces, as BibTeX sorts them."""
    pieces = re.split(r"([^\x00-\x7f])", text)
    written = []
    for piece in pieces:
        if piece and not piece.isascii():
            written.append("{" + tex(piece) + "}")
        else:
            written.append(re.sub(r"([#$%&_{}])", r"\\\1", piece))
    return "".join(written)
