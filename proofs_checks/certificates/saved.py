"""Certificates that come with the package, because their search takes minutes: `saved_saddles`.

Loading decides nothing: they are checked like any other one, whenever they are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from proofs_checks.certificates.format import Certificate, load
from theory.summaries import Summarised

_ROOM = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Saved(Summarised):
    """A certificate in a file of the package.

    Parameters
    ----------
    path : Path
        Where the file is.
    boxes : int
        Leaves of its trees.
    search_s, check_s : float
        CPU seconds that search and checker took when it was saved, on one core.
    """

    path: Path
    boxes: int
    search_s: float
    check_s: float


SAVED_SADDLES: Mapping[int, Saved] = {
    10: Saved(_ROOM / "strict_saddles_10.json.xz", 11_283_595, 200.0, 68.0)
}
"""Certificates on strict saddles of the circle at every β >= 0, by the number of tokens."""


def saved_saddles(n: int) -> Certificate:
    """Load the certificate that comes with the package, `certify_strict_saddles` of n tokens.

    Parameters
    ----------
    n : int
        Number of tokens.

    Returns
    -------
    Certificate
        The sealed certificate, which `check` replays.

    Raises
    ------
    ValueError
        If there is none for n.

    Examples
    --------
    >>> from proofs_checks.certificates import saved_saddles
    >>> saved_saddles(10).parameters
    {'beta_from': '0', 'beta_to': 'infinity', 'n': 10}
    """
    if n not in SAVED_SADDLES:
        known = ", ".join(map(str, SAVED_SADDLES))
        raise ValueError(f"Expected n among {known} but got n={n}; others are searched for.")
    return load(SAVED_SADDLES[n].path)
