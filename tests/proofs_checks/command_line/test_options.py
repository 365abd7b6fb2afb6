"""Options are declared without what they are about: their names are those of the real things."""

from numerics import limits
from numerics import phase as diagrams
from proofs_checks.command_line import compare, noise, options, phase, simulate


def test_names_are_those_of_the_real_things():
    assert options.SIMULATED == tuple(simulate.MODELS)
    assert options.PAIR == tuple(phase.MODELS) == tuple(noise.MODELS)
    assert options.MATRICES == tuple(diagrams.MATRICES)
    assert options.STATISTICS == diagrams.STATISTICS
    assert options.VALUES == tuple(limits.VALUES) and options.SCORES == tuple(limits.SCORES)
    assert options.MOST_COMPARED == compare.MOST
