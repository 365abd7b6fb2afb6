"""Lipschitz: twins of our own."""

from dataclasses import replace

import pytest
from sympy import S

from proofs_checks.extensions.lipschitz import LIPSCHITZ


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "Lipschitz 1/2": changed(LIPSCHITZ, chord=replace(LIPSCHITZ.prediction.chord, softmax=S.Half)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
