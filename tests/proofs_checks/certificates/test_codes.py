"""Certificates of sharp codes: accepted, of the numbers of theory; every field tampered with."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from numerics.point_codes import known_code, recognise
from proofs_checks.certificates import NotCertified, certify_code, check, load, save
from proofs_checks.certificates import format as certificates
from proofs_checks.certificates.checker import INDICES

CODES = [
    ("simplex", 2), ("simplex", 5), ("cross-polytope", 8), ("regular polygon", 5),
    ("regular polygon", 7), ("regular polygon", 12), ("icosahedron", 0), ("half 5-cube", 0),
    ("Schläfli code", 0), ("equiangular code", 0), ("E8 roots", 0),
]  # fmt: skip


def certified(name, n=0):
    points = known_code(name, n)
    if points.shape[1] == 1:  # two points: in the plane
        points = np.hstack([points, np.zeros((2, 1))])
    return certify_code(points)


ICOSAHEDRON = certified("icosahedron")
HEPTAGON = certified("regular polygon", 7)


@pytest.mark.every(4)
@pytest.mark.parametrize(("name", "n"), CODES)
def test_sharp_codes_are_accepted(name, n, tmp_path):
    certificate = certified(name, n)
    save(certificate, tmp_path / "code.json")
    result = check(tmp_path / "code.json")
    assert result.ok, result.reason
    assert load(tmp_path / "code.json") == certificate
    assert result.statement.startswith("For every β > 0 and all x_1")
    assert len(result.assumptions) == 2


@pytest.mark.every(5, kept="slow", rest="full")
@pytest.mark.parametrize("n", range(3, 25))
def test_all_polygons_to_24(n):
    result = check(certified("regular polygon", n))
    assert result.ok, result.reason


@pytest.mark.parametrize("name", ["cube", "dodecahedron", "24-cell", "600-cell"])
def test_codes_that_are_not_sharp_have_none(name):
    with pytest.raises(NotCertified, match="isn't sharp"):
        certified(name)


def forged(certificate, part, **changed):
    """Change a part, state the theorem anew where it can be, and seal it."""
    from proofs_checks.certificates.checker import code_statement

    fields = {**getattr(certificate, part), **changed}
    twin = replace(certificate, **{part: fields})
    try:
        twin = replace(twin, statement=code_statement(twin.parameters))
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    return certificates.reseal(twin)


def root(**changed):
    return {"root": {**ICOSAHEDRON.parameters["root"], **changed}}


def swapped(rows, i, j, letter):
    changed = [list(row) for row in rows]
    changed[i][j] = letter
    return ["".join(row) for row in changed]


GRAM = list(ICOSAHEDRON.evidence["gram"])
PRODUCTS = ICOSAHEDRON.parameters["products"]
OTHER = next(letter for letter in "012" if letter != GRAM[0][1])
FORGERIES = {
    "one point more": ("parameters", {"n": 13}),
    "a point less": ("parameters", {"n": 11}),
    "no dimension": ("parameters", {"d": 1}),
    "too few dimensions": ("parameters", {"d": 2}),
    "too many dimensions": ("parameters", {"d": 4}),
    "text for n": ("parameters", {"n": "12"}),
    "another square root": ("parameters", root(polynomial=[-6, 0, 1], low="2", high="3")),
    "the negative root": ("parameters", root(low="-3", high="-2")),
    "two roots": ("parameters", root(low="-3", high="3")),
    "no root": ("parameters", root(low="3", high="4")),
    "turned ends": ("parameters", root(low="3", high="2")),
    "not monic": ("parameters", root(polynomial=[-10, 0, 2])),
    "no polynomial": ("parameters", root(polynomial=[1])),
    "a float in the polynomial": ("parameters", root(polynomial=[-5, 0, "1"])),
    "a field more": ("parameters", {"beta": "1"}),
    "products in another order": ("parameters", {"products": PRODUCTS[::-1]}),
    "equal products": ("parameters", {"products": [PRODUCTS[0], PRODUCTS[1], PRODUCTS[1]]}),
    "another product": ("parameters", {"products": [*PRODUCTS[:2], ["0", "1/6"]]}),
    "a product below -1": ("parameters", {"products": [["-2", "0"], *PRODUCTS[1:]]}),
    "a product 1": ("parameters", {"products": [*PRODUCTS[:2], ["1", "0"]]}),
    "a product short": ("parameters", {"products": [*PRODUCTS[:2], ["0"]]}),
    "products unreduced": ("parameters", {"products": [*PRODUCTS[:2], ["0", "2/10"]]}),
    "no products": ("parameters", {"products": []}),
    "other counts": ("parameters", {"counts": [12, 61, 59]}),
    "a count less": ("parameters", {"counts": [12, 60]}),
    "counts as text": ("parameters", {"counts": ["12", "60", "60"]}),
    "no counts": ("parameters", {"counts": []}),
    "a pair changed on one side": ("evidence", {"gram": swapped(GRAM, 0, 1, OTHER)}),
    "a pair changed": ("evidence", {"gram": swapped(swapped(GRAM, 0, 1, OTHER), 1, 0, OTHER)}),
    "the diagonal": ("evidence", {"gram": swapped(GRAM, 4, 4, "0")}),
    "an unknown letter": ("evidence", {"gram": swapped(swapped(GRAM, 0, 1, "z"), 1, 0, "z")}),
    "a row less": ("evidence", {"gram": GRAM[:-1]}),
    "a shorter row": ("evidence", {"gram": [GRAM[0][:-1], *GRAM[1:]]}),
    "rows as lists": ("evidence", {"gram": [list(row) for row in GRAM]}),
    "another field": ("evidence", {"matrix": GRAM}),
}  # fmt: skip


@pytest.mark.every(5)
@pytest.mark.parametrize("name", FORGERIES)
def test_every_field_is_checked(name):
    part, changed = FORGERIES[name]
    result = check(forged(ICOSAHEDRON, part, **changed))
    assert not result.ok and result.reason, name


@pytest.mark.parametrize(
    "change",
    [
        {"statement": "For every β > 0 the cube minimises."},
        {"assumptions": ()},
        {"assumptions": ("magic",)},
        {"kind": "sign"},
        {"kind": "code"},
        {"precision": 10},
        {"version": 2},
    ],
)
def test_the_envelope_is_checked(change):
    assert not check(certificates.reseal(replace(ICOSAHEDRON, **change))).ok
    assert not check(replace(ICOSAHEDRON, digest="0" * 64)).ok


def parameters_of(points):
    """Parameters and Gram matrix of a code that isn't sharp, written as the search would."""
    found = recognise(points)
    field = found.code.field
    low, high = field.enclosure(Fraction(1, 2**40))
    if low == high:
        low, high = low - 1, high + 1
    return (
        {
            "n": found.code.n,
            "d": found.code.d,
            "root": {"polynomial": list(field.minimal), "low": str(low), "high": str(high)},
            "products": [[str(c) for c in t] for t in found.code.products],
            "counts": list(found.code.counts),
        },
        {"gram": ["".join((INDICES[: found.m] + "=")[k] for k in row) for row in found.classes]},
    )


@pytest.mark.parametrize(
    ("name", "degree"), [("cube", 4), ("dodecahedron", 6), ("24-cell", 6), ("600-cell", 12)]
)
def test_the_checker_refuses_codes_that_are_not_sharp(name, degree):
    parameters, evidence = parameters_of(known_code(name))
    twin = forged(
        replace(ICOSAHEDRON, parameters=parameters, evidence=evidence), "parameters", **{}
    )
    result = check(twin)
    assert not result.ok and f"no spherical {degree}-design" in result.reason


def test_the_checker_refuses_a_frame_that_is_not_tight():
    parameters, evidence = parameters_of(known_code("triangular bipyramid"))
    twin = forged(replace(ICOSAHEDRON, parameters=parameters, evidence=evidence), "parameters")
    assert not check(twin).ok


def test_zeros_that_the_polynomial_does_not_show_are_refused():
    """(x² - 5)(x + 3) vanishes at √5, too, but θ² = 5 doesn't follow from it."""
    changed = root(polynomial=[-15, -5, 3, 1])
    products = [[*t, "0"] for t in PRODUCTS]
    assert not check(forged(ICOSAHEDRON, "parameters", **changed, products=products)).ok


def test_the_other_roots_of_a_heptagon_are_refused():
    fields = HEPTAGON.parameters["root"]
    for low, high in (("-2", "-1"), ("-1", "0")):
        twin = forged(HEPTAGON, "parameters", root={**fields, "low": low, "high": high})
        assert not check(twin).ok
