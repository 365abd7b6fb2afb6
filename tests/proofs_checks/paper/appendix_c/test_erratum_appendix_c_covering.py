"""E.Appendix C: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.paper.appendix_c.erratum_appendix_c_covering import ERRATUM_APPENDIX_C
from proofs_checks.proof import unprojected
from theory.models import USA
from theory.symbols import n


def test_the_printed_form_carries_its_counterexample(reports):
    assert "left out" in reports["E.Appendix C"].printed.detail


TWINS = {
    "App. C with n - 1": replace(ERRATUM_APPENDIX_C, prediction=n - 1, printed=None),
    "App. C without P": replace(ERRATUM_APPENDIX_C, model=(unprojected(USA),), printed=None),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
