"""Certificates of the landscape on the circle, their file and seal, and tampering.

The independent mathematics is the compiled velocity and energy of the model, rotated numerically.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import compile_model
from proofs_checks.certificates import format as certificates
from proofs_checks.certificates.checker import verify as checker
from proofs_checks.certificates.checker.landscape import DIGITS
from proofs_checks.certificates.format import Certificate, Rejected
from proofs_checks.certificates.search import landscape
from proofs_checks.command_line import main
from theory import USA

pytestmark = pytest.mark.extras

DATA = Path(__file__).parent / "data"
SADDLES = {n: landscape.certify_strict_saddles(n) for n in (3, 4, 5)}
LISTED = landscape.certify_critical_points(3, 1)
POINT = landscape.certify_critical_point((0, 1 / 3, 2 / 3), "-7/10")
SAMPLES = (SADDLES[3], SADDLES[4], LISTED, POINT)


def plain(certificate: Certificate) -> dict[str, Any]:
    """All fields as JSON data, a deep copy."""
    return json.loads(json.dumps({**certificate.__dict__}))


def rebuilt(data: dict[str, Any]) -> Certificate:
    return Certificate(**{**data, "assumptions": tuple(data["assumptions"])})


# -- the format ------------------------------------------------------------------------------


@pytest.mark.parametrize("certificate", SAMPLES, ids=lambda c: c.kind)
def test_a_certificate_survives_its_file(
    certificate: Certificate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "certificate.json"
    certificates.save(certificate, path)
    loaded = certificates.load(path)
    assert loaded == replace(certificate)
    certificates.save(loaded, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    assert main(["verify", "--certificate", str(path)]) == 0
    text = capsys.readouterr().out
    assert "CERTIFIED" in text and "On the circle" in text and "assumes:" in text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t.replace('"version":1', '"version":1.0'), "rationals"),
        (lambda t: t.replace('"version":1', '"version":2'), "version 1"),
        (lambda t: t.replace('"version":1', '"version":true'), "version 1"),
        (lambda t: t.replace('"version":1', '"version":1,"version":1'), "every key once"),
        (lambda t: t.replace('"version":1', '"version":1,"more":1'), "Expected the fields"),
        (lambda t: t.replace('"precision":64,', ""), "Expected the fields"),
        (lambda t: t.replace('"precision":64', '"precision":NaN'), "rationals"),
        (lambda t: t.replace('"precision":64', '"precision":' + "9" * 5000), "limit"),
        (lambda t: t[:-3], "JSON"),
        (lambda t: "[]", "Expected the fields"),
        (lambda t: t.replace("circle", "círcle"), "JSON"),
    ],
)
def test_a_malformed_file_is_rejected(
    change: Any, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "certificate.json"
    certificates.save(SADDLES[3], path)
    path.write_text(change(path.read_text()), encoding="utf-8")
    result = checker.check(path)
    assert not result.ok and reason in result.reason
    assert main(["verify", "--certificate", str(path), "--json"]) == 1
    assert not json.loads(capsys.readouterr().out)["certificates"][0]["ok"]


def test_what_is_rejected_cannot_speak(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of an unverified statement is shown, and no order reaches the terminal."""
    for text in ("\x1b[1A\x1b[2Kfile: CERTIFIED", "\ud800", "‮CERTIFIED"):
        nasty = certificates.reseal(replace(SADDLES[3], statement=text))
        result = checker.check(nasty)
        assert not result.ok and not result.statement and not result.assumptions
        assert result.reason.isprintable()
        path = tmp_path / "nasty.json"
        certificates.save(nasty, path)
        assert main(["verify", "--certificate", str(path)]) == 1
        assert "CERTIFIED (" not in capsys.readouterr().out


def test_no_certificate_raises() -> None:
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    for evidence in ({"a": 10**5000}, {"a": deep}):
        assert not checker.check(replace(SADDLES[3], evidence=evidence)).ok


def test_exact_temperatures_only() -> None:
    for value in (1.3, float("nan"), "x", "1/0", True):
        with pytest.raises(ValueError, match="exact rational"):
            landscape.certify_critical_points(3, value)
    with pytest.raises(ValueError, match="n from 3"):
        landscape.certify_strict_saddles(3.0)  # type: ignore[arg-type]


def test_a_file_that_isnt_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        assert main(["verify", "--certificate", str(path)]) == 2
        assert "Expected the file of a certificate" in capsys.readouterr().err


# -- strict saddles --------------------------------------------------------------------------


@pytest.mark.parametrize("n", SADDLES)
def test_strict_saddles_at_every_beta(n: int) -> None:
    certificate = SADDLES[n]
    result = checker.check(certificate)
    assert result.ok, result.reason
    assert f"n = {n} tokens" in result.statement and "every beta >= 0" in result.statement
    threshold = np.cos(np.pi / (n - 1)) / np.sin(np.pi / (n - 1)) ** 2
    assert float(Fraction(certificate.evidence["knots"][-1])) > threshold


@pytest.mark.parametrize("name", ["strict_saddles_4.json", "critical_points_4.json"])
def test_saved_certificates_still_hold(name: str) -> None:
    result = checker.check(DATA / name)
    assert result.ok, result.reason
    assert "n = 4" in result.statement


def leaf(tree: str, turns: np.ndarray) -> str:
    """Walk a tree to the leaf that holds a point of the domain: a second reading of the format."""
    n = len(turns)
    box = [[0.0, 1.0] for _ in range(n)]
    box[0], box[-1] = [0.0, 0.0], [0.5, 1.0]

    def skip(at: int) -> int:
        """Return where the subtree that starts at a position ends."""
        open_ = 1
        while open_:
            symbol = tree[at]
            at += {"+": 3, "!": 3, "=": 2}.get(symbol, 1)
            open_ += -1 if symbol in "+!=." else 1
        return at

    at = 0
    while tree[at] not in "+!=.":
        axis = DIGITS.index(tree[at])
        half = sum(box[axis]) / 2
        at += 1
        if turns[axis] > half:
            at = skip(at)
            box[axis][0] = half
        else:
            box[axis][1] = half
    return tree[at : at + {"+": 3, "!": 3, "=": 2, ".": 1}[tree[at]]]


def canonical(turns: np.ndarray) -> np.ndarray:
    """Relabel, rotate, reflect: ordered, largest gap last, first gap at most the last but one."""
    place = np.sort(turns % 1.0)
    gaps = np.diff(np.append(place, place[0] + 1))
    gaps = np.roll(gaps, -1 - int(gaps.argmax()))
    if gaps[0] > gaps[-2]:
        gaps = np.append(gaps[-2::-1], gaps[-1])
    return np.append(0.0, np.cumsum(gaps[:-1]))


def circle(turns: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)], axis=-1)


def holds_at(certificate: Certificate, turns: np.ndarray, beta: float) -> bool:
    """Whether the leaf at a configuration and β tells the truth there, by energy and velocity."""
    knots = [float(Fraction(k)) for k in certificate.evidence["knots"]]
    number = min(max(int(np.searchsorted(knots, beta)) - 1, 0), len(knots) - 2)
    found = leaf(certificate.evidence["trees"][number], turns)
    field = compile_model(USA, beta=beta)
    if found[0] == ".":
        return False
    first, last = DIGITS.index(found[1]), DIGITS.index(found[2])
    arc = np.zeros(len(turns))
    arc[first : last + 1] = 1.0
    if found[0] == "+":
        # Second difference of the energy along the rotation of the arc.
        step = 1e-3
        energies = field.energy(circle(turns + np.outer([-step, 0, step], arc)))
        return bool(energies[0] + energies[2] > 2 * energies[1])
    points = circle(turns)
    tangent = np.stack([-points[:, 1], points[:, 0]], axis=-1)
    rates = (field(points) * tangent).sum(axis=1)
    return bool(abs(rates @ arc) > 1e-12)


@st.composite
def configurations(draw: Any, n: int) -> np.ndarray:
    """Tokens in general position or clustered, outside of every half circle."""
    places = draw(st.lists(st.floats(0, 1), min_size=n, max_size=n))
    clusters = draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n))
    spread = draw(st.sampled_from([0.0, 1e-3, 0.05, 1.0]))
    turns = np.array([places[c] for c in clusters]) + spread * np.array(places)
    return canonical(turns)


@pytest.mark.every(3)
@pytest.mark.parametrize("n", SADDLES)
def test_leaves_tell_the_truth_at_random_points(n: int) -> None:
    certificate = SADDLES[n]
    top = float(Fraction(certificate.evidence["knots"][-1]))

    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    @given(configurations(n), st.floats(1e-3, 1))
    def check(turns: np.ndarray, part: float) -> None:
        gaps = np.diff(np.append(turns, 1.0))
        # Ties of the domain's inequalities may fall to a neighbour by rounding.
        if gaps[-1] > 0.5 or (gaps[-1] - gaps[:-1]).min() < 1e-9 or gaps[-2] - gaps[0] < 1e-9:
            return
        assert holds_at(certificate, turns, part * top), (turns, part)

    check()


def test_a_search_that_stops_early_states_what_it_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    original, calls = landscape.subdivision_tree, []

    def twice(*args: Any) -> str:
        calls.append(args)
        if len(calls) > 2:
            raise landscape.NotFound("the time ran out")
        return original(*args)

    monkeypatch.setattr(landscape, "subdivision_tree", twice)
    certificate = landscape.certify_strict_saddles(5)
    reached = certificate.parameters["beta_to"]
    assert reached == certificate.evidence["knots"][-1] == "1"
    result = checker.check(certificate)
    assert result.ok and "every beta in [0, 1]" in result.statement
    with pytest.raises(landscape.NotFound, match="time ran out"):
        landscape.certify_strict_saddles(5)


def test_a_range_of_beta() -> None:
    certificate = landscape.certify_strict_saddles(6, low=1, high="9/8")
    result = checker.check(certificate)
    assert result.ok and "every beta in [1, 9/8]" in result.statement
    with pytest.raises(landscape.NotFound, match="time ran out"):
        landscape.certify_strict_saddles(6, budget_s=-1)
    with pytest.raises(ValueError, match="n = 2"):
        landscape.certify_strict_saddles(2)
    with pytest.raises(ValueError, match="low < high"):
        landscape.certify_strict_saddles(3, low=2, high=1)
    with pytest.raises(ValueError, match="a float is not"):
        landscape.certify_strict_saddles(3, low=-0.5)  # type: ignore[arg-type]
    for masses in ((1, 2), (1, 0, 1), (1, -1, 1)):
        with pytest.raises(ValueError, match="masses"):
            landscape.certify_strict_saddles(3, masses=masses)


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize("n", [7, 8])
def test_strict_saddles_of_more_tokens(n: int) -> None:
    certificate = landscape.certify_strict_saddles(n)
    result = checker.check(certificate)
    assert result.ok and "every beta >= 0" in result.statement


# -- critical points -------------------------------------------------------------------------


@pytest.mark.slow
def test_the_list_is_what_newton_finds_from_random_starts() -> None:
    from scipy.optimize import root

    certificate = certificates.load(DATA / "critical_points_4.json")
    field = compile_model(USA, beta=1.3)

    def rates(angles: np.ndarray) -> np.ndarray:
        points = circle(np.append(0.0, angles) / (2 * np.pi))
        tangent = np.stack([-points[:, 1], points[:, 0]], axis=-1)
        return (field(points) * tangent).sum(axis=1)[1:]

    rng = np.random.default_rng(0)
    distinct: list[np.ndarray] = []
    for _ in range(600):
        found = root(rates, rng.uniform(0, 2 * np.pi, 3), tol=1e-12)
        if found.success and np.abs(found.fun).max() < 1e-11:
            point = np.exp(1j * found.x)
            if all(np.abs(point - other).max() > 1e-5 for other in distinct):
                distinct.append(point)
    assert len(distinct) == certificate.parameters["count"] == 26
    for entry in certificate.evidence["points"]:
        angles = 2 * np.pi * np.array(entry["at"]) / 2**50
        assert np.abs(rates(angles[1:])).max() < 1e-13
        assert min(np.abs(np.exp(1j * angles[1:]) - x).max() for x in distinct) < 1e-6


def test_types_agree_with_finite_differences() -> None:
    field = compile_model(USA, beta=1.3)
    kinds = []
    found = landscape.find_critical_points(4, 1.3)
    for turns in found:
        at, step = np.array(turns), 1e-4
        rows = np.eye(4)[1:] * step

        def energy(x: np.ndarray) -> float:
            return float(field.energy(circle(x)))

        hessian = [
            [energy(at + a + b) - energy(at + a - b) - energy(at - a + b) + energy(at - a - b)
             for b in rows] for a in rows
        ]  # fmt: skip
        values = np.linalg.eigvalsh(hessian)
        kinds.append((int((values > 0).sum()), int((values < 0).sum())))
    centres = [[round(t * 2**landscape.FINE) for t in turns] for turns in found]
    certified = landscape.certify_critical_points(4, "13/10").parameters["types"]
    assert landscape.point_types(4, centres, kinds) == certified


def test_a_local_maximum_of_the_repelling_range() -> None:
    assert checker.check(POINT).ok
    assert (POINT.parameters["positive"], POINT.parameters["negative"]) == (0, 2)
    # The triangle is degenerate at β = -2/3 and a saddle above.
    assert landscape.certify_critical_point((0, 1 / 3, 2 / 3), "-3/5").parameters["positive"] == 2
    with pytest.raises(Rejected, match="finds no critical point"):
        landscape.certify_critical_point((0, 1 / 3, 2 / 3), "-2/3")
    with pytest.raises(Rejected, match="finds no critical point"):
        landscape.certify_critical_point((0, 0.3, 0.6), 1)


@pytest.mark.parametrize(("n", "hot"), [(2, 1), (6, 1), (3, "-1/2")])
def test_critical_points_out_of_range(n: int, hot: Any) -> None:
    with pytest.raises(ValueError, match="n from 3 to 5"):
        landscape.certify_critical_points(n, hot)


def leaves_of(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of every number, text, list and object."""
    if isinstance(data, dict):
        return [path, *(p for key, x in data.items() for p in leaves_of(x, (*path, key)))][
            0 if path else 1 :
        ]
    if isinstance(data, list):
        return [path, *(p for i, x in enumerate(data) for p in leaves_of(x, (*path, i)))]
    return [path]


def mutate(draw: Any, value: Any) -> Any:
    """A different value of the same type, or of another."""
    if isinstance(value, int):
        return draw(st.sampled_from([value + 1, value - 1, -value - 1, 2 * value + 3, str(value)]))
    if isinstance(value, str):
        options = [value + "A", value[:-1], value[1:], value + "/3", "", 0]
        if value:
            at = draw(st.integers(0, len(value) - 1))
            other = draw(st.sampled_from([c for c in "+!.=BCD01/-" if c != value[at]]))
            options.append(value[:at] + other + value[at + 1 :])
        return draw(st.sampled_from([x for x in options if x != value]))
    if isinstance(value, list):
        options = [[*value, 0], [*value, *value[-1:]], {}, value[:-1], value[::-1]]
        return draw(st.sampled_from([x for x in options if x != value]))
    options = [{**value, "more": 1}, dict(list(value.items())[:-1]), []]
    return draw(st.sampled_from([x for x in options if x != value]))


def mutated(draw: Any, certificate: Certificate) -> tuple[tuple[Any, ...], dict[str, Any]]:
    data = plain(certificate)
    path = draw(st.sampled_from(leaves_of(data)))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    before = copy.deepcopy(inner[path[-1]])
    inner[path[-1]] = mutate(draw, before)
    return path, data


# -- tampering -------------------------------------------------------------------------------


@pytest.mark.every(3)
@pytest.mark.parametrize("certificate", SAMPLES, ids=lambda c: c.kind)
def test_any_change_breaks_the_seal(certificate: Certificate, tmp_path: Path) -> None:
    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def check(data: Any) -> None:
        _, changed = mutated(data.draw, certificate)
        path = tmp_path / "certificate.json"
        path.write_text(json.dumps(changed), encoding="ascii")
        assert not checker.check(path).ok

    check()


@pytest.mark.slow
@pytest.mark.parametrize("certificate", SAMPLES, ids=lambda c: c.kind)
def test_a_resealed_change_is_rejected_or_still_proves_the_same(certificate: Certificate) -> None:
    """Whoever changes a certificate can seal it anew; then the evidence must speak.

    What may pass is other evidence for the same statement: more bits; a finer grid, since trees
    only bisect; knots between the ends; another cut or test that holds on the same box; a centre
    or a box moved by a unit. A tree that passes must tell the truth at random points.
    """

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def check(data: Any) -> None:
        path, changed = mutated(data.draw, certificate)
        if path[0] == "digest":
            return
        try:
            sealed = certificates.reseal(rebuilt(changed))
        except (Rejected, TypeError, AttributeError):
            return  # Not even data that can be sealed.
        result = checker.check(sealed)
        if not result.ok:
            return
        assert path[0] in ("evidence", "precision"), (path, changed)
        assert result.statement == certificate.statement
        if "trees" in changed["evidence"]:
            turns = canonical(np.array(data.draw(st.lists(st.floats(0, 1), min_size=8))))
            n = certificate.parameters["n"]
            turns = canonical(turns[:n])
            if np.diff(np.append(turns, 1.0))[-1] < 0.5 and len(set(turns)) == n:
                top = float(Fraction(changed["evidence"]["knots"][-1]))
                assert holds_at(rebuilt(changed), turns, data.draw(st.floats(1e-3, top)))

    check()


@pytest.mark.every(3)
@pytest.mark.parametrize("certificate", SAMPLES, ids=lambda c: c.kind)
def test_more_bits_hold_as_well(certificate: Certificate) -> None:
    assert checker.check(certificates.reseal(replace(certificate, precision=200))).ok


def test_resealed_claims_beyond_the_evidence_are_rejected() -> None:
    from proofs_checks.certificates.checker.texts import list_text, saddles_text

    base = SADDLES[4]
    evidence = dict(base.evidence)

    def rejected(parameters: dict[str, Any], text: Any, evidence: dict[str, Any]) -> str:
        statement, assumptions = text
        forged = replace(
            base, parameters=parameters, statement=statement, assumptions=assumptions,
            evidence=evidence,
        )  # fmt: skip
        result = checker.check(certificates.reseal(forged))
        assert not result.ok
        return result.reason

    whole = {"n": 4, "beta_from": "0", "beta_to": "infinity"}
    # The same trees for other numbers of tokens, negative β, a longer range, a late start.
    rejected({**whole, "n": 3}, saddles_text(3, Fraction(0), None), evidence)
    rejected({**whole, "n": 5}, saddles_text(5, Fraction(0), None), evidence)
    low = {**whole, "beta_from": "-1/5"}
    knots = ["-1/5", *evidence["knots"][1:]]
    rejected(low, saddles_text(4, Fraction(-1, 5), None), {**evidence, "knots": knots})
    longer = {**whole, "beta_to": "3"}
    rejected(longer, saddles_text(4, Fraction(0), Fraction(3)), evidence)
    wide = {**evidence, "knots": [*evidence["knots"][:-1], "3"]}
    rejected(longer, saddles_text(4, Fraction(0), Fraction(3)), wide)
    # Too early for the large-β argument, and no slice at all.
    early = {"grid": 14, "knots": evidence["knots"][:2], "trees": evidence["trees"][:1]}
    assert "large-β" in rejected(whole, saddles_text(4, Fraction(0), None), early)
    rejected(whole, saddles_text(4, Fraction(0), None), {"grid": 14, "knots": ["0"], "trees": []})
    # Every leaf said to lie outside of the domain, and a tree of one such leaf.
    for tree in (".", "=A", "", "+DD", "!DD", "B", "B.", "A.."):
        fake = {**evidence, "trees": [tree, tree]}
        rejected(whole, saddles_text(4, Fraction(0), None), fake)

    listed = LISTED
    types = {"0,2": 1, "1,1": 3, "2,0": 1}
    points = listed.evidence["points"]
    for keep in (points[:1], points[1:]):
        forged = replace(
            listed,
            parameters={"n": 3, "beta": "1", "count": 5, "types": types},
            statement=list_text(3, Fraction(1), 5, types)[0],
            evidence={**listed.evidence, "points": keep},
        )
        assert not checker.check(certificates.reseal(forged)).ok


@pytest.mark.parametrize(
    ("certificate", "parameters"),
    [
        (SADDLES[3], {"n": 3, "beta_from": "0", "beta_to": "1" + "0" * 30}),
        (LISTED, {**LISTED.parameters, "beta": "1" + "0" * 30}),
        (POINT, {**POINT.parameters, "beta": "-1" + "0" * 30}),
    ],
)
def test_values_beyond_all_bounds_are_rejected(
    certificate: Certificate, parameters: dict[str, Any]
) -> None:
    evidence = {**certificate.evidence}
    if "knots" in evidence:
        evidence["knots"] = ["0", parameters["beta_to"]]
    forged = replace(certificate, parameters=parameters, evidence=evidence)
    result = checker.check(certificates.reseal(forged))
    assert not result.ok
    assert "1000" in result.reason or "beta from 0" in result.reason


def test_consensus_cannot_be_listed_twice() -> None:
    point = {"at": [0, 0, 0], "lo": [0, -64, -64], "hi": [0, 64, 64]}
    changed = {**LISTED.evidence, "points": [*LISTED.evidence["points"], point]}
    result = checker.check(certificates.reseal(replace(LISTED, evidence=changed)))
    assert not result.ok and "consensus" in result.reason
