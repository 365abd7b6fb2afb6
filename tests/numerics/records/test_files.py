"""A result comes back from its file with the same bits; any other file is refused in words."""

import json
import os
import zipfile
from dataclasses import replace

import numpy as np
import pytest

import numerics
from numerics import compile_model, integrate, load, sphere
from numerics.records import read_header
from numerics.records.codec import Reader
from numerics.whole_files import write_npz
from tests.numerics.records.runs import MAKERS, assert_same, made
from theory import SA


@pytest.mark.every(3)
@pytest.mark.parametrize("name", MAKERS)
def test_a_result_comes_back_with_the_same_bits(name, tmp_path):
    result = made(name)
    path = result.save(tmp_path / "result.npz", command="python tests", seed=0)
    again = load(path)
    assert_same(result, again)
    assert os.listdir(tmp_path) == ["result.npz"]
    assert again.save(tmp_path / "again.npz", command="python tests", seed=0).read_bytes() == (
        path.read_bytes()
    )


@pytest.mark.slow
def test_what_a_result_does_it_does_after_loading(tmp_path):
    run = made("Trajectory")
    again = load(run.save(tmp_path / "run"))
    assert (again.at(1.234) == run.at(1.234)).all()
    assert (again.energy == run.energy).all()
    merging = made("Coarsening")
    again = load(merging.save(tmp_path / "merging"))
    middle = float(merging.log_times[len(merging.log_times) // 2]) + 1e-3
    assert (again.at(middle) == merging.at(middle)).all()
    blocks = made("StateTrajectory")
    again = load(blocks.save(tmp_path / "blocks"))
    assert (again.at(0.3)["Y"] == blocks.at(0.3)["Y"]).all()
    density = made("MeanField")
    again = load(density.save(tmp_path / "density"))
    assert (again.density(0.05, [0.0, 1.0]) == density.density(0.05, [0.0, 1.0])).all()


def test_arrays_of_the_result_keep_their_names(tmp_path):
    run = made("Trajectory")
    with np.load(run.save(tmp_path / "run.npz"), allow_pickle=False) as archive:
        assert (archive["points"] == run.points).all()
        assert (archive["times"] == run.times).all()


def test_the_header_says_what_it_is(tmp_path):
    path = made("Ensemble").save(tmp_path / "run.npz", command="attnflow …", seed=7)
    header = read_header(path)
    assert (header["class"], header["format"]) == ("Ensemble", 1)
    metadata = header["metadata"]
    assert (metadata["command"], metadata["seed"]) == ("attnflow …", 7)
    assert metadata["versions"]["numpy"] == np.__version__
    assert len(metadata["sources"]) == 64
    root = np.random.SeedSequence(3, spawn_key=(1,))
    path = made("Ensemble").save(tmp_path / "run.npz", seed=root)
    assert read_header(path)["metadata"]["seed"] == {"entropy": 3, "spawn_key": [1]}


def test_special_numbers_survive(tmp_path):
    odd = np.array([np.nan, -0.0, np.inf, -np.inf, 5e-324])
    odd = np.append(odd, np.frombuffer(b"\x01\x00\x00\x00\x00\x00\xf8\x7f", dtype=float))
    run = replace(made("Oscillation"), times=odd[::-1], steps=2**70, angles=np.float32([[1, 2]]))
    assert_same(load(run.save(tmp_path / "odd.npz")), run)


def test_every_cut_is_refused(tmp_path):
    path = made("PhaseDiagram").save(tmp_path / "whole.npz")
    data = path.read_bytes()
    cut = tmp_path / "cut.npz"
    for length in {0, 1, 100, *range(0, len(data), 97), len(data) - 1}:
        cut.write_bytes(data[:length])
        with pytest.raises(ValueError, match=r"Expected a file written by \.save but got path="):
            load(cut)


def test_a_flipped_byte_is_refused_or_harmless(tmp_path):
    result = made("PhaseDiagram")
    path = result.save(tmp_path / "whole.npz")
    data, flipped = path.read_bytes(), tmp_path / "flipped.npz"
    draw = np.random.default_rng(0)
    refused = 0
    for place in draw.choice(len(data), 60, replace=False):
        changed = bytearray(data)
        changed[place] ^= 1 << int(draw.integers(8))
        flipped.write_bytes(bytes(changed))
        try:
            found = load(flipped)
        except ValueError as error:
            refused += 1
            assert "Expected a file written by .save" in str(error)
        else:  # a date or another field of the archive that says nothing of its contents
            assert_same(found, result)
    assert refused > 30


def write(path, header, arrays=None):
    text = header if isinstance(header, str) else json.dumps(header)
    with open(path, "wb") as stream:
        write_npz(stream, arrays or {}, {"header.json": text})
    return path


FINE = {
    "kind": "attnflow result",
    "class": "Transition",
    "format": 1,
    "metadata": {},
    "result": None,
}
TOWER = "Pow(Integer(10), Pow(Integer(10), Pow(Integer(10), Integer(9))))"
STEPS = {"class": "numerics.oscillators:Oscillation", "state": {"steps": 1}}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "another"}, "another one"),
        ({"format": 99}, "of a later version; update attnflow"),
        ({"format": "1"}, "of a later version"),
        ({"result": None}, "speaks of class='Transition'"),
        ({"result": {"class": "os:system", "state": {}}}, "no class of a result"),
        ({"result": {"class": "numerics.sphere:np", "state": {}}}, "no class of a result"),
        ({"result": {"class": "numerics.records.files:load", "state": {}}}, "no class"),
        ({"result": {"class": "numerics.nowhere:A", "state": {}}}, "can't be read"),
        ({"result": {"enum": "numerics.oscillators:Oscillation", "member": "A"}}, "members"),
        ({"result": STEPS}, "other fields"),
        ({"result": {"made up": 1}}, "is none of"),
        ({"result": {"array": ["nested_f8", 0, [3]]}}, "can't be read"),
        ({"result": {"expression": "__import__('os').system('true')"}}, "can't be read"),
        ({"result": {}}, "can't be read"),
        ({"result": {"expression": TOWER}}, "Pow with too many digits"),
        ({"result": {"expression": f"Add(Symbol('x'), {TOWER})"}}, "Pow with too many digits"),
        ({"result": {"expression": "factorial(Integer(1000000000))"}}, "can't be read: factorial"),
        ({"result": {"expression": "fibonacci(Integer(1000000000))"}}, "can't be read: fibonacci"),
        ({"result": {"tuple": [{"map": [["a", {"expression": TOWER}]]}]}}, "too many digits"),
        ({"result": {"fraction": "1e1000000000"}}, "can't be read"),
        ({"result": {"fraction": "1/1e1000000000"}}, "can't be read"),
    ],
)
def test_made_up_headers_are_refused(changed, words, tmp_path):
    path = write(tmp_path / "made_up.npz", FINE | changed)
    with pytest.raises(ValueError, match=r"Expected a file written by \.save") as error:
        load(path)
    assert words in str(error.value)


def test_an_edited_expression_is_refused(tmp_path):
    """The file of a real run, with another model in its header."""
    path = made("Trajectory").save(tmp_path / "run.npz")
    with np.load(path, allow_pickle=False) as archive:
        header = json.loads(archive["header.json"])
        arrays = {name: archive[name] for name in archive.files if name != "header.json"}
    model = header["result"]["state"]["field"]["state"]["model"]["state"]
    assert "expression" in model["velocity"]
    assert load(write(path, header, arrays)).status.name == "FINISHED"
    model["velocity"]["expression"] = model["velocity"]["expression"].replace(
        "Symbol('beta', real=True)", TOWER
    )
    with pytest.raises(ValueError, match="Pow with too many digits"):
        load(write(path, header, arrays))


def test_an_array_that_ends_early_is_refused():
    reader = Reader({"nested_f8": np.zeros(2)})
    with pytest.raises(ValueError, match="ends before 3"):
        reader.decode({"array": ["nested_f8", 0, [3]]})


def test_other_files_are_refused(tmp_path):
    foreign = tmp_path / "foreign.npz"
    np.savez(foreign, times=np.zeros(3))
    with pytest.raises(ValueError, match=r"it has no header; numpy\.load reads its arrays"):
        load(foreign)
    (tmp_path / "text.npz").write_text("not an archive", encoding="utf-8")
    with pytest.raises(ValueError, match="cut short, damaged, or another kind"):
        load(tmp_path / "text.npz")
    with zipfile.ZipFile(tmp_path / "broken.npz", "w") as archive:
        archive.writestr("header.json", "{")
    with pytest.raises(ValueError, match="cut short, damaged"):
        load(tmp_path / "broken.npz")
    pickled = np.empty(1, dtype=object)
    np.savez(tmp_path / "pickle.npz", pickled, allow_pickle=True)
    with pytest.raises(ValueError, match="no header"):
        load(tmp_path / "pickle.npz")
    with pytest.raises(ValueError, match="it is a folder"):
        load(tmp_path)
    with pytest.raises(FileNotFoundError, match="which isn't there"):
        load(tmp_path / "nowhere.npz")
    with pytest.raises(TypeError, match="Expected a path but got path=3"):
        load(3)


def test_what_no_file_can_hold_is_refused_and_nothing_is_written(tmp_path):
    field = compile_model(SA, beta=lambda t: 1.0 + t)
    run = integrate(field, sphere.random_points(4, 2, rng=0), 0.1)
    with pytest.raises(ValueError, match=r"parameters\['beta'\]=<function.*model\.subs"):
        run.save(tmp_path / "run.npz")
    with pytest.raises(FileNotFoundError, match="folder that exists"):
        made("Ensemble").save(tmp_path / "nowhere" / "run.npz")
    with pytest.raises(TypeError, match="whole number or a SeedSequence"):
        made("Ensemble").save(tmp_path / "run.npz", seed="abc")
    with pytest.raises(TypeError, match="Expected a path"):
        made("Ensemble").save(None)
    assert os.listdir(tmp_path) == []


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = made("Ensemble").save(tmp_path / "run.npz")
    before = path.read_bytes()

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        made("PhaseDiagram").save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


def test_load_is_public():
    assert numerics.load is load


def test_what_follows_from_a_diagram_is_written_beside_it(tmp_path):
    diagram = made("PhaseDiagram")
    with np.load(diagram.save(tmp_path / "diagram.npz"), allow_pickle=False) as archive:
        assert (archive["probability"] == diagram.probability).all()
        assert np.array_equal(archive["error"], diagram.error, equal_nan=True)
