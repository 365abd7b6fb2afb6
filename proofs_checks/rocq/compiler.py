"""Compile a text with Rocq: accepted or not, the statement as Rocq prints it, the axioms used.

The prelude, `prelude/*.v`, is known to a text as ``attnflow``, and a module of it is taken by
``From attnflow Require Import Gram``. Each of its modules is compiled once, and kept in the
user's cache under the hash of its content.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PRELUDE = Path(__file__).resolve().parent / "prelude"
"""The texts of the prelude."""
INSTALL = "apt-get install coq libcoq-interval libcoq-coquelicot"
PRELUDE_SECONDS = 600.0
_WIDTH = 92

_OF_THE_REALS = frozenset(
    {
        "ClassicalDedekindReals.sig_not_dec",
        "ClassicalDedekindReals.sig_forall_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
        "Classical_Prop.classic",
    }
)
"""What the real numbers of the standard library rest on."""
_OF_THE_MACHINE = re.compile(
    r"(Uint63|Sint63|PrimInt63|FloatAxioms|PrimFloat)\.\w+|PArray\.(array|get|length)"
)
"""Primitive integers and floats, and their specifications, on which coq-interval computes."""
_FORBIDDEN = re.compile(
    r"\b(Axioms?|Parameters?|Conjectures?|Hypothes[ei]s|Variables?|Admitted|admit|give_up"
    r"|bypass_check|Unset\s+(Guard|Positivity|Universe)\s+Checking|Extract\w*|Declare\s+ML)\b"
)
_REQUIRED = re.compile(r"From\s+attnflow\s+Require\s+(?:Import\s+|Export\s+)?([\w\s]+)\.")


class RocqMissing(OSError):
    """There is no ``coqc`` on this machine; the message says how to install it."""

    def __init__(self) -> None:
        """Say what to install."""
        super().__init__(
            "Expected Rocq's compiler but found no coqc on the PATH; install it with "
            f"`{INSTALL}` (Debian, Ubuntu), or the opam packages coq.8.20.1, coq-interval and "
            "coq-coquelicot."
        )


_LATE = "not done after"


@dataclass(frozen=True)
class Compiled:
    """What Rocq says of a text.

    Attributes
    ----------
    accepted : bool
        Whether every theorem asked for is a Qed that uses allowed axioms alone.
    seconds : float
        Wall time of coqc, loading of its libraries included, the prelude's compilation not.
    statement : str
        The theorems as Rocq prints them with ``Check``; empty where the text was refused.
    axioms : tuple of str
        What ``Print Assumptions`` lists, of all theorems together.
    message : str
        Why the text was refused, in Rocq's words; empty where it was accepted.
    """

    accepted: bool
    seconds: float
    statement: str = ""
    axioms: tuple[str, ...] = ()
    message: str = ""

    @property
    def late(self) -> bool:
        """Whether the time was up before Rocq said anything: no refusal."""
        return self.message.startswith(_LATE)


def rocq_available() -> bool:
    """Whether there is a ``coqc`` on the PATH."""
    return shutil.which("coqc") is not None


@lru_cache(maxsize=1)
def _version_of(program: str) -> str:
    words = subprocess.run(
        [program, "--print-version"], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    return words[0] if words else "unknown"


def rocq_version() -> str:
    """Version of ``coqc``, such as "8.20.1".

    Raises
    ------
    RocqMissing
        There is no coqc.
    """
    return _version_of(_coqc())


def _coqc() -> str:
    found = shutil.which("coqc")
    if found is None:
        raise RocqMissing
    return found


def without_comments(text: str) -> str:
    """Return a text without its comments, which may be nested, and without its strings."""
    out, depth, quoted, at = [], 0, False, 0
    while at < len(text):
        two = text[at : at + 2]
        if quoted:
            quoted = text[at] != '"'
        elif two == "(*":
            depth, at = depth + 1, at + 1
        elif two == "*)" and depth:
            depth, at = depth - 1, at + 1
        elif depth == 0:
            quoted = text[at] == '"'
            out.append(text[at])
        at += 1
    return "".join(out)


def axiom_words(axioms: Sequence[str]) -> str:
    """Write axioms in a line, the machine's numbers counted.

    Examples
    --------
    >>> axiom_words(())
    'none'
    >>> axiom_words(("Classical_Prop.classic", "PrimFloat.add", "PrimFloat.mul"))
    'Classical_Prop.classic, 2 of primitive integers and floats'
    """
    machine = [name for name in axioms if _OF_THE_MACHINE.fullmatch(name)]
    words = [name for name in axioms if name not in machine]
    if machine:
        words.append(f"{len(machine)} of primitive integers and floats")
    return ", ".join(words) or "none"


def allowed_axiom(name: str) -> bool:
    """Whether an axiom, by its full name, is one of those that proofs may rest on.

    Examples
    --------
    >>> allowed_axiom("Classical_Prop.classic"), allowed_axiom("Mine.free_lunch")
    (True, False)
    """
    return name in _OF_THE_REALS or _OF_THE_MACHINE.fullmatch(name) is not None


# -- the prelude ---------------------------------------------------------------------------------


def _needs(text: str) -> list[str]:
    """Return the modules of the prelude that a text requires."""
    found = _REQUIRED.findall(without_comments(text))
    return list(dict.fromkeys(name for group in found for name in group.split()))


def _module(name: str) -> str:
    path = PRELUDE / f"{name}.v"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in PRELUDE.glob("*.v")))
        raise ValueError(f"Expected a module of the prelude among {known} but got {name}.")
    return path.read_text(encoding="utf-8")


def _closure(names: Sequence[str]) -> Iterator[str]:
    """Yield the modules that are needed, each after those that it requires."""
    seen: set[str] = set()

    def walk(name: str) -> Iterator[str]:
        if name not in seen:
            seen.add(name)
            for other in _needs(_module(name)):
                yield from walk(other)
            yield name

    for name in names:
        yield from walk(name)


def cache_folder() -> Path:
    """Folder of the compiled prelude, below ``XDG_CACHE_HOME`` or ``~/.cache``."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(home) if home and Path(home).is_absolute() else Path.home() / ".cache"
    return base / "attnflow" / "rocq"


def prelude_options(text: str) -> list[str]:
    """Compile what a text requires of the prelude where that isn't done; options that name it.

    Two processes may do so at once: each compiles in a folder of its own, and renames it.
    """
    version, cache = rocq_version(), cache_folder()
    options: dict[str, list[str]] = {}
    hashes: dict[str, str] = {}
    for name in _closure(_needs(text)):
        body = _module(name)
        below = [other for other in _closure(_needs(body)) if other != name]
        parts = (version, name, body, *(hashes[other] for other in below))
        hashes[name] = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
        folder = cache / f"{name}-{hashes[name]}"
        if not (folder / f"{name}.vo").is_file():
            _compile_module(name, body, folder, [o for other in below for o in options[other]])
        options[name] = ["-Q", str(folder), "attnflow"]
    return [word for words in options.values() for word in words]


def _compile_module(name: str, body: str, folder: Path, options: Sequence[str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as made:
        place = Path(made) / "module"
        place.mkdir()
        (place / f"{name}.v").write_text(body, encoding="utf-8")
        words = [*options, "-Q", ".", "attnflow", f"{name}.v"]
        status, output = _run(words, place, PRELUDE_SECONDS)
        if status != 0:
            raise RuntimeError(
                f"Expected Rocq {rocq_version()} to compile the prelude's {name}.v but got: "
                f"{output.strip()}"
            )
        try:
            place.rename(folder)
        except OSError:  # another process was first
            if not (folder / f"{name}.vo").is_file():
                raise


# -- a text ----------------------------------------------------------------------------------------


def _run(words: Sequence[str], place: Path, seconds: float) -> tuple[int, str]:
    """Run coqc; its exit status, -1 where the time was up, and what it wrote."""
    try:
        done = subprocess.run(
            [_coqc(), "-q", *words],
            cwd=place,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return -1, f"{_LATE} {seconds:g} s"
    return done.returncode, done.stdout + done.stderr


def _questions(theorems: Sequence[str]) -> str:
    lines = ["", f"Set Printing Width {_WIDTH}."]
    for k, theorem in enumerate(theorems):
        lines.append(f'Redirect "statement{k}" Check @{theorem}.')
    return "\n".join([*lines, ""])


def _audit(name: str, theorems: Sequence[str]) -> str:
    """Text that asks for the axioms; nothing is imported, so that names are printed in full.

    It asks once, of all theorems in a tuple: each answer takes a walk through the libraries.
    """
    every = ", ".join(f"@{name}.{theorem}" for theorem in theorems)
    return (
        f"Require {name}.\nDefinition audited := ({every}).\n"
        'Redirect "axioms" Print Assumptions audited.\n'
    )


def _axioms_of(printed: str) -> list[str]:
    """Names in an answer of ``Print Assumptions``."""
    if printed.startswith("Closed under the global context"):
        return []
    first, *lines = printed.splitlines()
    names = [line.split()[0].rstrip(":") for line in lines if line and not line[0].isspace()]
    return names if first.startswith("Axioms:") else [first.strip(), *names]


def compile_text(
    text: str,
    name: str,
    *,
    theorems: Sequence[str] = (),
    folder: Path | None = None,
    seconds: float = 120,
) -> Compiled:
    """Compile a text and say what Rocq says of its theorems.

    Parameters
    ----------
    text : str
        A whole ``.v`` file. It may require modules of the prelude from ``attnflow``.
    name : str
        Name of the file, an identifier; and the theorem that is asked about.
    theorems : sequence of str, optional
        The theorems that are asked about, where they are more or named otherwise.
    folder : Path, optional
        Where ``<name>.v`` and its ``.vo`` are kept; nothing is kept by default.
    seconds : float
        Time limit of the compilation; a text that isn't done by then is `late`.

    Returns
    -------
    Compiled
        Refused where coqc fails, where the text assumes something (``Axiom``, ``Admitted`` and
        their like), or where a theorem rests on an axiom outside the white list.

    Raises
    ------
    RocqMissing
        There is no coqc.
    RuntimeError
        The prelude doesn't compile with this version of Rocq.
    """
    if re.fullmatch(r"[A-Za-z]\w*", name) is None:
        raise ValueError(f"Expected an identifier but got name={name!r}; use letters, digits, _.")
    asked = tuple(theorems) or (name,)
    assumes = _FORBIDDEN.search(without_comments(text))
    if assumes is not None:
        return Compiled(False, 0.0, message=f"the text says {assumes.group()!r}")
    options = prelude_options(text)
    with tempfile.TemporaryDirectory(prefix="attnflow-rocq-") as made:
        place = Path(made)
        (place / f"{name}.v").write_text(text + _questions(asked), encoding="utf-8")
        start = time.perf_counter()
        words = [*options, "-Q", ".", "", f"{name}.v"]
        status, output = _run(words, place, seconds)
        took = time.perf_counter() - start
        result = Compiled(False, took, message=output.strip())
        if status == 0:
            result = _answers(place, name, asked, options, took)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.v").write_text(text, encoding="utf-8")
            if status == 0:
                shutil.copy(place / f"{name}.vo", folder / f"{name}.vo")
        return result


def _answers(
    place: Path, name: str, asked: Sequence[str], options: Sequence[str], took: float
) -> Compiled:
    """Read what Rocq printed of the theorems, and ask for their axioms."""
    audit = f"{name}_axioms"
    (place / f"{audit}.v").write_text(_audit(name, asked), encoding="utf-8")
    status, output = _run([*options, "-Q", ".", "", f"{audit}.v"], place, PRELUDE_SECONDS)
    if status != 0:
        return Compiled(False, took, message=output.strip())
    axioms = set(_axioms_of((place / "axioms.out").read_text(encoding="utf-8")))
    statements = []
    for k in range(len(asked)):
        printed = (place / f"statement{k}.out").read_text(encoding="utf-8")
        statements.append(printed.strip().removeprefix("@"))
    foreign = sorted(axiom for axiom in axioms if not allowed_axiom(axiom))
    message = f"it rests on axioms that aren't allowed: {', '.join(foreign)}" if foreign else ""
    return Compiled(not foreign, took, "\n\n".join(statements), tuple(sorted(axioms)), message)


def recheck(folder: Path, name: str, *, seconds: float = 600) -> tuple[bool, str]:
    """Have ``coqchk`` check a compiled text and all that it uses again, from the files alone.

    Parameters
    ----------
    folder : Path
        Where `compile_text` has kept ``<name>.v`` and ``<name>.vo``.
    name : str
    seconds : float

    Returns
    -------
    accepted : bool
    output : str
        What coqchk says; it lists the axioms of every library loaded, used or not.
    """
    program = shutil.which("coqchk")
    if program is None:
        raise RocqMissing
    options = prelude_options((folder / f"{name}.v").read_text(encoding="utf-8"))
    try:
        done = subprocess.run(
            [program, "-silent", "-o", *options, "-Q", ".", "", name],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return False, f"not done after {seconds:g} s"
    return done.returncode == 0, done.stdout + done.stderr
