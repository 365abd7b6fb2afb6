"""Rows that an argument of our own answers where the paper's proof lacks a premise, by their names.

Each is a statement with its own sentence: it says what is shown, which may be less than the paper's
and hold of more models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofs_checks.own_model.attached_energy import OF_ENERGY
from proofs_checks.own_model.clustered_law import SHARE
from proofs_checks.own_model.cold_rates import RATES
from proofs_checks.own_model.equal_lengths import LAYER, MEETING
from proofs_checks.own_model.existence import EXISTENCE
from proofs_checks.own_model.exponents import EXPONENTS
from proofs_checks.own_model.heat_deviation import DEVIATION, KEPT
from proofs_checks.own_model.invariant_measures import MEASURES
from proofs_checks.own_model.level_set import LEVEL
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.own_model.one_sided import ONE_SIDED
from proofs_checks.own_model.paced import PACED
from proofs_checks.own_model.small_heat import SMALL_HEAT
from proofs_checks.own_model.stable_lengths import STABLE
from proofs_checks.own_model.still_blocks import OF_STILL
from proofs_checks.proof import Statement

Answer = Statement[Any] | OfAnother
_ANSWERS: tuple[Answer, ...] = (
    EXISTENCE,
    ONE_SIDED,
    MEETING,
    LAYER,
    STABLE,
    PACED,
    MEASURES,
    EXPONENTS,
    DEVIATION,
    KEPT,
    SHARE,
    LEVEL,
    RATES,
    *OF_ENERGY,
    *OF_STILL,
)
ARGUED: Mapping[str, Answer] = {answer.name: answer for answer in _ANSWERS}
FROM_ROWS: Mapping[str, Answer] = {SMALL_HEAT.name: SMALL_HEAT}
"""Those that join what other rows say, asked where nothing else answers."""


__all__ = ["ARGUED", "FROM_ROWS"]
