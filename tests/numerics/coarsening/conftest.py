"""Runs as trees of sets of points, to compare them."""

import numpy as np
import pytest


def _members(result):
    """Particles of every cluster, by id."""
    inside = {k: frozenset([k]) for k in range(result.n)}
    for merge in result.merges:
        inside[merge.cluster] = frozenset().union(*(inside[c] for c in merge.children))
    return inside


@pytest.fixture(scope="session")
def members():
    return _members


def _shape(result, relabel=None):
    """The tree without times and ids: sets of sets of particles."""
    inside = _members(result)
    relabel = np.arange(result.n) if relabel is None else relabel
    return {
        frozenset(frozenset(int(relabel[p]) for p in inside[c]) for c in merge.children)
        for merge in result.merges
    }


@pytest.fixture(scope="session")
def shape():
    return _shape
