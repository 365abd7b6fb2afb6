"""Models by the names under which the field writes of them."""

from __future__ import annotations

import difflib

from theory.models.model import Model
from theory.models.paper import CAUSAL, PURE_ATTENTION, REPULSIVE, SA, SINKHORN, USA
from theory.models.schemes import COD, MIX_LN, NGPT, PERI_LN, PRE_LN

_MODELS: dict[str, Model] = {
    "SA": SA,
    "USA": USA,
    "post-LN": SA,
    "pre-LN": PRE_LN,
    "peri-LN": PERI_LN,
    "mix-LN": MIX_LN,
    "nGPT": NGPT,
    "CoD": COD,
    "causal": CAUSAL,
    "Sinkhorn": SINKHORN,
    "repulsive": REPULSIVE,
    "no projection": PURE_ATTENTION,
}


def catalogue(name: str | None = None) -> tuple[str, ...] | Model:
    """Names of the catalogue, or the model of a name.

    Parameters
    ----------
    name : str, optional
        The model asked for; capitals don't matter.

    Returns
    -------
    tuple of str, or Model

    Raises
    ------
    ValueError
        For an unknown name, with the nearest ones.

    Examples
    --------
    >>> catalogue("pre-LN").blocks[1].space
    'positive'
    """
    if name is None:
        return tuple(_MODELS)
    known = {key.lower(): model for key, model in _MODELS.items()}
    if str(name).lower() not in known:
        near = difflib.get_close_matches(str(name).lower(), known, 3, 0.4)
        named = [key for key in _MODELS if key.lower() in near] or list(_MODELS)
        raise ValueError(f"Expected a name among {', '.join(named)} but got name={name!r}.")
    return known[str(name).lower()]
