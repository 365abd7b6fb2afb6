"""Models by the names under which the field writes of them, and combinations of their parts."""

from __future__ import annotations

import difflib
from functools import lru_cache

from theory.models.by_parts import (
    CAUSAL_ALIBI,
    MASKS,
    POSITIONS,
    POSITIVE_FEATURES,
    SLOTS,
    WEIGHTS,
    attention_model,
)
from theory.models.heads import LOW_RANK_HEADS, MULTI_QUERY
from theory.models.layers import DISCRETE_SA, MLP_BLOCK
from theory.models.masses import MOVING_MASSES
from theory.models.model import Model
from theory.models.paper import PURE_ATTENTION, REPULSIVE, SA, SINKHORN, USA
from theory.models.schemes import (
    COD,
    LNS,
    LNS_WITH_SCORES,
    MIX_LN,
    NGPT,
    PERI_LN,
    PRE_LN,
)
from theory.models.species import CROSS_ATTENTION, ENCODER_DECODER
from theory.models.transformer import PARALLEL_BLOCK, PRE_LN_LAYER

_MODELS: dict[str, Model] = {
    "SA": SA,
    "USA": USA,
    "post-LN": SA,
    "pre-LN": PRE_LN,
    "peri-LN": PERI_LN,
    "mix-LN": MIX_LN,
    "nGPT": NGPT,
    "CoD": COD,
    "LNS": LNS,
    "LNS with scores": LNS_WITH_SCORES,
    **{part: attention_model(mask=part) for part in MASKS},
    **{part: attention_model(positions=part) for part in POSITIONS},
    "causal ALiBi": CAUSAL_ALIBI,
    **{part: attention_model(weights=part) for part in WEIGHTS},
    "positive features": POSITIVE_FEATURES,
    "low-rank heads": LOW_RANK_HEADS,
    "multi-query": MULTI_QUERY,
    "MLP block": MLP_BLOCK,
    "parallel block": PARALLEL_BLOCK,
    "pre-LN layer": PRE_LN_LAYER,
    "cross-attention": CROSS_ATTENTION,
    "encoder-decoder": ENCODER_DECODER,
    "moving masses": MOVING_MASSES,
    "Sinkhorn": SINKHORN,
    "repulsive": REPULSIVE,
    "discrete layer": DISCRETE_SA,
    "no projection": PURE_ATTENTION,
}

_SLOT_OF = {part.lower(): (slot, part) for slot, parts in SLOTS.items() for part in parts}


def catalogue(name: str | None = None) -> tuple[str, ...] | Model:
    """Return the names of the catalogue, or the model of a name.

    Parameters
    ----------
    name : str, optional
        The model asked for, or parts that fill different slots (positions, mask, weights, scheme),
        such as ``"RoPE + sink"``; capitals and the order of the parts don't matter.

    Returns
    -------
    tuple of str, or Model
        All names, or the model.

    Raises
    ------
    ValueError
        For an unknown name, with the nearest ones; for parts that fill one slot.

    Examples
    --------
    >>> catalogue("pre-LN").blocks[1].space
    'positive'
    >>> catalogue("causal + pre-ln").name
    'causal + pre-LN'
    """
    if name is None:
        return tuple(_MODELS)
    parts = [" ".join(part.split()) for part in str(name).lower().split("+")]
    if len(parts) == 1:
        known = {key.lower(): model for key, model in _MODELS.items()}
        if parts[0] not in known:
            raise _unknown(name, parts[0], tuple(_MODELS))
        return known[parts[0]]
    slots: dict[str, str] = {}
    for part in parts:
        if part not in _SLOT_OF:
            own = next((key for key in _MODELS if key.lower() == part), None)
            if own is not None:
                raise ValueError(
                    f"Expected parts for {', '.join(SLOTS)} but got {own!r} in name={name!r}, a "
                    f"model of its own; combine {', '.join(p for _, p in _SLOT_OF.values())}."
                )
            raise _unknown(name, part, tuple(own for _, own in _SLOT_OF.values()))
        slot, own = _SLOT_OF[part]
        if slot in slots:
            raise ValueError(
                f"Expected one part for {slot} but got {slots[slot]!r} and {own!r} in "
                f"name={name!r}; drop one."
            )
        slots[slot] = own
    return _combined(*(slots.get(slot) for slot in SLOTS))


@lru_cache(maxsize=256)
def _combined(*parts: str | None) -> Model:
    return attention_model(*parts)


def _unknown(name: object, part: str, known: tuple[str, ...]) -> ValueError:
    near = difflib.get_close_matches(part, [key.lower() for key in known], 3, 0.4)
    named = [key for key in known if key.lower() in near]
    return ValueError(
        f"Expected a name among {', '.join(named or known)} but got name={name!r}"
        + (f", part {part!r}." if part != str(name).lower() else ".")
    )
