"""The reference: a page a room for every public name, read off the faces.

A name is documented where the first of the faces below exports it.
"""

import ast
import importlib
import inspect
import re
import types
from pathlib import Path

from sphinx.pycode import ModuleAnalyzer

from attnflow.rooms import MODULES, ROOMS

REFERENCE = Path(__file__).resolve().parents[1] / "reference"

HEAD = """..
   Written by docs/site/reference_pages.py from the faces of the rooms. Don't edit.

"""


def faces():
    """Modules whose names are public, in the order of the rooms."""
    named = [f"{room}.{name}" for name, room in MODULES.items()]
    found = ["theory", "numerics", "numerics.sphere", "proofs_checks", "proofs_checks.strategies"]
    order = {"theory": 0, "numerics": 1, "proofs_checks": 2}
    return sorted([*found, *named], key=lambda name: (order[name.split(".")[0]], name))


def _names(module):
    """Public names: those of ``__all__``, or what a module without one defines itself."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    text = inspect.getsource(module)
    assigned = re.findall(r"^(\w+)(?:, (?:\w+))*(?::.*?)? = ", text, flags=re.MULTILINE)
    tuples = re.findall(r"^((?:\w+, )+\w+) = ", text, flags=re.MULTILINE)
    names = [*assigned, *(name for line in tuples for name in line.split(", "))]
    defined = [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__
        and (inspect.isclass(value) or inspect.isroutine(value))
    ]
    names = dict.fromkeys([*names, *defined])
    return [name for name in names if not name.startswith("_") and hasattr(module, name)]


def public():
    """Yield (face, name, value) of every public name, each value once."""
    seen = set()
    # A source links back to one face: the names of theory.predictions stay together on theirs.
    for face in sorted(faces(), key=lambda face: face != "theory.predictions"):
        module = importlib.import_module(face)
        for name in _names(module):
            value = getattr(module, name)
            if inspect.ismodule(value) or id(value) in seen:
                continue
            seen.add(id(value))
            yield face, name, value


def is_documented_object(value):
    """Whether a value has a docstring of its own: a class or a function, also a memoised one."""
    ours = (getattr(value, "__module__", None) or "").split(".")[0] in ROOMS
    if isinstance(value, types.GenericAlias) or not ours:
        return False
    return inspect.isclass(value) or inspect.isroutine(value) or hasattr(value, "__wrapped__")


def _home(face, value):
    """The room below a face that a name comes from, for a heading."""
    module = getattr(value, "__module__", "") if is_documented_object(value) else ""
    parts = module.split(".")
    return parts[1] if face in ("theory", "numerics") and len(parts) > 1 else ""


def _title(text, mark):
    return f"{text}\n{mark * len(text)}\n\n"


def _origin(face, name):
    """Name the module that assigns a name which a face hands on."""
    tree = ast.parse(inspect.getsource(importlib.import_module(face)))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _origin(node.module, alias.name)
    return face, name


def note_of(face, name):
    """Return what is written under the assignment of a constant, "" if nothing is."""
    module, own = _origin(face, name)
    analyzer = ModuleAnalyzer.for_module(module)
    analyzer.analyze()
    return "\n".join(analyzer.attr_docs.get(("", own), ())).strip()


def _entry(face, name, value):
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
        return f".. {kind}:: {face}.{name}\n\n"
    if is_documented_object(value):
        return f".. autofunction:: {face}.{name}\n\n"
    note = "\n".join(f"   {_escaped(line)}" for line in note_of(face, name).splitlines())
    module, _ = _origin(face, name)
    return f".. py:data:: {face}.{name}\n\n{note}\n\n   From :source:`{module}`.\n\n"


def page(face, entries):
    """One face: its first docstring line, a list of its names, and each of them."""
    module = importlib.import_module(face)
    summary = (inspect.getdoc(module) or "").strip().replace("\n\n", "\n|||").split("|||")[0]
    homes = {}
    for name, value in entries:
        homes.setdefault(_home(face, value), []).append((name, value))
    parts = [HEAD, _title(face, "="), f"{summary}\n\n"]
    for home in sorted(homes, key=lambda home: (home == "", home)):
        if len(homes) > 1:
            parts.append(_title(home.replace("_", " ") or "models and constants", "-"))
        parts += [_entry(face, name, value) for name, value in homes[home]]
    return "".join(parts)


def write(app):
    """Write the pages that differ."""
    REFERENCE.mkdir(exist_ok=True)
    found = {}
    for face, name, value in public():
        found.setdefault(face, []).append((name, value))
    pages = {face.replace(".", "-"): page(face, entries) for face, entries in sorted(found.items())}
    listed = "".join(f"   {name}\n" for name in pages)
    count = sum(map(len, found.values()))
    pages["index"] = (
        HEAD
        + _title("Reference", "=")
        + f"{count} public names, each on the face of its room; ``import attnflow as af`` has "
        "those of the three faces ``theory``, ``numerics`` and ``proofs_checks``, and the modules "
        f"{', '.join(f'``af.{name}``' for name in [*MODULES, 'sphere', 'strategies'])}.\n\n"
        ".. toctree::\n   :maxdepth: 1\n\n" + listed
    )
    for name, text in pages.items():
        path = REFERENCE / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in REFERENCE.glob("*.rst"):
        if path.stem not in pages:
            path.unlink()


_MARKED = re.compile(r"(``.*?``|`[^`]*`|\*\*[^*]+\*\*|(?<![\w(,.])\*[A-Za-zΑ-ω][^*]*[\w.]\*(?!\w))")


def _escaped(line):
    """Escape what is mathematics in a docstring, |x| and x*, and would be markup on a page."""
    parts = _MARKED.split(line)
    parts[::2] = [re.sub(r"(?<!\\)([|*]|(?<=\w)_(?!\w))", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def _escape(app, what, name, obj, options, lines):
    example = False
    for k, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        if not example:
            lines[k] = _escaped(line)


def _skip(app, what, name, obj, skip, options):
    """Leave out what a class has from matplotlib alone."""
    return True if (getattr(obj, "__module__", None) or "").startswith("matplotlib") else None


_DEFAULT = re.compile(r"Model\(name=([^,]+),[^()]*(?:\([^()]*\)[^()]*)*\)")


def _signature(app, what, name, obj, options, signature, returns):
    """Name a model that is a default, in place of all of its fields."""
    return (_DEFAULT.sub(r"\1", signature) if signature else signature), returns


def setup(app):
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-skip-member", _skip)
    app.connect("autodoc-process-docstring", _escape, priority=900)
    app.connect("builder-inited", write, priority=450)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
