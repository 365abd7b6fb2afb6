"""E.Appendix A: twins of our own."""

from dataclasses import replace

from proofs_checks.paper.appendix_a.erratum_appendix_a_energy import ERRATUM_APPENDIX_A
from theory.symbols import z


def test_twice_the_energy_is_refuted(refuted):
    prediction = replace(ERRATUM_APPENDIX_A.prediction, kernel=2 * z)
    refuted(replace(ERRATUM_APPENDIX_A, prediction=prediction))


def test_the_printed_factor_is_refuted(reports):
    assert "velocity minus 1 gradient" in reports["E.Appendix A"].printed.detail
