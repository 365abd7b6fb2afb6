"""One front door: the public names of the three rooms, ``import attnflow as af``.

``af.SA`` is ``theory.SA``, ``af.integrate`` is ``numerics.integrate``, ``af.verify`` is
``proofs_checks.verify``. A room is imported when one of its names is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attnflow.rooms import MODULES, public_names

__version__ = "0.1.0"
"""The one place of the version: pyproject.toml reads it from here."""

if TYPE_CHECKING:
    from numerics import *  # noqa: F403
    from numerics import plot as plot
    from proofs_checks import *  # noqa: F403
    from proofs_checks import certificates as certificates
    from theory import *  # noqa: F403
    from theory import atoms as atoms
    from theory import derivations as derivations
    from theory import linearize as linearize
    from theory import parse as parse
    from theory import predictions as predictions
    from theory import symbols as symbols
else:
    _ROOM_OF = public_names()
    __all__ = sorted({*_ROOM_OF, *MODULES})

    def __getattr__(name: str) -> Any:
        """Import a room when one of its names is asked for (PEP 562), and keep what was asked."""
        import importlib

        if name in MODULES:
            found = importlib.import_module(f"{MODULES[name]}.{name}")
        elif name in _ROOM_OF:
            found = getattr(importlib.import_module(_ROOM_OF[name]), name)
        else:
            from difflib import get_close_matches

            near = get_close_matches(name, __all__, 3)
            meant = f"; nearest: {', '.join(near)}" if near else ""
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}{meant}")
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted([*__all__, "__version__"])
