"""Whether the three rooms are ours, and which public names they have, before any is imported.

Other things are called ``numerics`` or ``theory`` too: a file of that name beside a script is found
first. Every installation, from a wheel or of a checkout, has the four packages in one folder.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

ROOMS = ("theory", "numerics", "proofs_checks")
"""The packages behind the front door, each above those before it."""

MODULES: Mapping[str, str] = {
    **dict.fromkeys(
        ("atoms", "derivations", "linearize", "parse", "predictions", "symbols"), "theory"
    ),
    **dict.fromkeys(("plot", "sphere"), "numerics"),
    **dict.fromkeys(("certificates", "strategies"), "proofs_checks"),
}
"""Modules that are names of the front door, by their room: each has a file beside this one."""


_HOME = Path(__file__).parents[1]


def _found(room: str) -> ModuleSpec | None:
    """Say what an import would find, or what was imported already."""
    loaded = sys.modules.get(room)
    return find_spec(room) if loaded is None else loaded.__spec__


def own_spec(room: str, home: Path = _HOME) -> ModuleSpec:
    """Find a room, and refuse one that isn't beside this package.

    Raises
    ------
    ImportError
        Naming the file that is found in its place, and what to do.
    """
    own = home / room / "__init__.py"
    spec = _found(room)
    if spec is None:
        raise ImportError(
            f"Expected the package {room} of attnflow at {own} but got no package of that name; "
            "install attnflow again.",
            name=room,
        )
    places = spec.submodule_search_locations
    there = spec.origin or (str(next(iter(places), "nowhere")) if places else "nowhere")
    if os.path.realpath(there) != os.path.realpath(own):
        raise ImportError(
            f"Expected the package {room} of attnflow at {own} but got {there}, which shadows it; "
            "rename that file or folder, or start Python where it isn't on the path "
            "(the folder of a script, or the current one, comes first).",
            name=room,
            path=there,
        )
    return spec


def public_names(home: Path = _HOME) -> dict[str, str]:
    """Room of each public name, read off the text of the rooms' lists ``__all__``.

    Raises
    ------
    ImportError
        If a room is shadowed.
    """
    found = {}
    for room in ROOMS:
        spec = own_spec(room, home)
        # pytest's loader, which rewrites the asserts of a package with a plugin, has no source.
        source = getattr(spec.loader, "get_source", None)
        text = source(room) if source else Path(str(spec.origin)).read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                found.update(dict.fromkeys(ast.literal_eval(node.value), room))
    return found
