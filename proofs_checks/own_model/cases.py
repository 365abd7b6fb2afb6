"""Cases for a user's model: systems of tokens on a lattice, which shrink to small integers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from numerics import sphere
from proofs_checks.own_model.subject import Case, Subject
from proofs_checks.proof import lattice_vectors
from proofs_checks.strategies import masses


@st.composite
def _draw_case(
    draw: st.DrawFn,
    dimensions: tuple[int, ...],
    sizes: tuple[int, int],
    hemisphere: bool,
    weighted: bool,
) -> Case:
    """Draw a system of lattice points; one number a point keeps drawing and shrinking cheap."""
    least, most = sizes
    table = lattice_vectors(draw(st.sampled_from(dimensions)))
    if hemisphere:
        table = table[table[:, -1] > 0]
    index = st.integers(0, len(table) - 1)
    chosen = table[draw(st.lists(index, min_size=least, max_size=most))]
    weights = None
    if weighted and draw(st.booleans()):
        weights = draw(masses(len(chosen)))
    return Case(sphere.project(chosen), weights)


def drawn_cases(subject: Subject, least: int = 1, hemisphere: bool = False) -> Any:
    """Strategy for systems of the subject; an implementation sees equal masses only."""
    sizes = (subject.tokens, subject.tokens) if subject.tokens else (least, 5)
    return _draw_case(subject.dimensions, sizes, hemisphere, subject.implementation is None)


def cases_with_vector(cases: Any, label: str) -> Any:
    """Pairs of a case and a named lattice vector."""

    @st.composite
    def pair(draw: st.DrawFn) -> Any:
        case = draw(cases)
        table = lattice_vectors(case.points.shape[1])
        return case, (label, table[draw(st.integers(0, len(table) - 1))])

    return pair()
