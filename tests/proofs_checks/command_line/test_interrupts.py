"""Ctrl-C: exit status, the command that goes on, whole files, the right results afterwards."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from argparse import Namespace
from threading import Event, Timer

import numpy as np
import pytest

from proofs_checks.command_line import coarsen as coarsen_command
from proofs_checks.command_line import entry, interrupts, simulate, verify
from proofs_checks.command_line.results import kept, whole_file, whole_files
from proofs_checks.paper.appendix_a import lemma_a_2_cut
from proofs_checks.paper.section_6 import lemma_6_4_cone


def stop(*_, **__):
    raise KeyboardInterrupt


def test_files_appear_whole_or_not_at_all(tmp_path):
    (tmp_path / "old.txt").write_text("old")
    args = Namespace(out=tmp_path)
    with pytest.raises(KeyboardInterrupt), whole_files(args) as folder:
        assert folder == args.out != tmp_path
        (folder / "old.txt").write_text("ne")
        raise KeyboardInterrupt
    assert args.out == tmp_path
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
    with whole_files(args) as folder:
        (folder / "old.txt").write_text("new")
        (folder / "more.txt").write_text("more")
        assert (tmp_path / "old.txt").read_text() == "old"
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {
        "old.txt": "new",
        "more.txt": "more",
    }
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "old.txt") as path:
        path.write_text("ne")
        raise KeyboardInterrupt
    assert sorted(p.read_text() for p in tmp_path.iterdir()) == ["more", "new"]


def test_a_more_precise_word_on_what_is_kept_stays():
    with pytest.raises(KeyboardInterrupt) as caught, kept("outer"), kept("inner"):
        raise KeyboardInterrupt
    assert caught.value.__notes__ == ["inner"]


def test_the_command_to_begin_again(monkeypatch, capsys):
    monkeypatch.setattr(simulate, "integrate", stop)
    words = ["simulate", "--kernel", "exp(beta*t)/beta", "--t", "1"]
    assert entry.main(words) == 130
    said = capsys.readouterr().err
    assert "interrupted; nothing is kept." in said and "Traceback" not in said
    (line,) = (line for line in said.splitlines() if "begin again" in line)
    assert shlex.split(line.partition("again: ")[2]) == ["attnflow", *words]


def test_an_interrupt_in_a_finaliser_is_heard(capsys):
    class Dropped:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    before, over = sys.unraisablehook, Event()
    watchdog = Timer(60, over.set)
    watchdog.start()
    with pytest.raises(KeyboardInterrupt), interrupts.no_interrupt_lost():
        dropped = Dropped()
        del dropped
        over.wait()  # as for other processes: the interrupt wakes it, not the watchdog
    watchdog.cancel()
    assert not over.is_set()
    assert sys.unraisablehook is before and capsys.readouterr().err == ""


@pytest.mark.slow
def test_verify_goes_on_where_it_was(tmp_path, monkeypatch, capsys):
    claims = (*lemma_6_4_cone.CLAIMS, *lemma_a_2_cut.CLAIMS)[:2]
    assert len(claims) == 2
    words = ["verify", "--json", "--cases", "2", "--out", str(tmp_path)]
    assert entry.main([*words[:-1], str(tmp_path / "whole")], claims) == 0
    expected = json.loads(capsys.readouterr().out)

    asked = []
    real = verify.verify

    def interrupted(chosen, cases, rng, executor, show, full):
        asked.append([claim.label for claim in chosen])
        reports = real(chosen[:1], cases, rng, executor, show, full)
        if len(asked) == 1:
            raise KeyboardInterrupt
        return reports

    monkeypatch.setattr(verify, "verify", interrupted)
    assert entry.main(words, claims) == 130
    said = capsys.readouterr()
    assert said.out == "" and "1 finished claims are kept" in said.err
    assert f"to go on: {shlex.join(['attnflow', *words])}" in said.err
    assert not (tmp_path / "claims.json").exists()
    other = [*words, "--seed", "5"]  # takes nothing of it
    assert entry.main(words, claims) == 0
    found = json.loads(capsys.readouterr().out)
    assert asked == [[c.label for c in claims], [claims[1].label]]
    for data in (expected, found):
        data.pop("seconds")
        for row in data["claims"]:
            row.pop("seconds")
    assert found == expected
    assert not list(tmp_path.glob("*partial*"))
    asked.clear()
    assert entry.main(other, claims) == 130
    assert asked == [[c.label for c in claims]]


@pytest.mark.slow
def test_coarsen_keeps_the_merges_so_far(tmp_path, monkeypatch, capsys):
    real = coarsen_command.coarsen

    def interrupted(*args, watch, **options):
        def until(log_time, joined):
            watch(log_time, joined)
            if len(joined) >= 3:
                raise KeyboardInterrupt

        return real(*args, watch=until, **options)

    words = ["coarsen", "--n", "8", "--json", "--out", str(tmp_path)]
    with monkeypatch.context() as patch:
        patch.setattr(coarsen_command, "coarsen", interrupted)
        assert entry.main(words) == 130
    said = capsys.readouterr().err
    partial = json.loads((tmp_path / coarsen_command.PARTIAL).read_text())
    assert not partial["complete"] and f"{len(partial['joined'])} merges up to log t" in said
    assert entry.main(words) == 0
    merges = json.loads(capsys.readouterr().out)["merges"]
    assert not (tmp_path / coarsen_command.PARTIAL).exists()
    times = [joined["log_time"] for joined in partial["joined"]]
    assert len(times) >= 3 and partial["clusters_left"] == 8 - len(times)
    assert times == [merge["log_time"] for merge in merges[: len(times)]]


SOME = ["theorem 6.3", "eq 3.6", "theorem 5.1", "lemma 6.4", "theorem 6.8", "remark 3.5"]
"""Statements that take a second each."""

LONG = {
    "simulate": ["simulate", "--n", "48", "--d", "2", "--t", "200", "--rtol", "1e-10"],
    "coarsen": ["coarsen", "--n", "40", "--d", "2", "--check"],
    "phase": ["phase", "--d", "2", "--n", "16", "--runs", "24", "--betas", "1", "9", "6",
              "--times", "0", "20", "21"],
    "phase --jobs 2": ["phase", "--d", "2", "--n", "16", "--runs", "24", "--betas", "1", "9", "6",
                       "--times", "0", "20", "21", "--jobs", "2"],
    "coarsen --jobs 2": ["coarsen", "--n", "16", "--d", "2", "--runs", "40", "--jobs", "2"],
    "verify": ["verify", "--json", "--cases", "1", *SOME],
    "verify --jobs 2": ["verify", "--json", "--cases", "1", "--jobs", "2", *SOME],
    "noise": ["noise", "--beta", "5", "--particles", "200", "--loop", "4.7", "5.5", "3", "--t",
              "1"],
    "check": ["check", "exp(beta*t)/beta", "--beta", "2"],
    "mean-field": ["mean-field", "--beta", "4", "--t", "40", "--modes", "512"],
    "codes": ["codes", "20", "4", "--starts", "40"],
    "codes --jobs 2": ["codes", "20", "4", "--starts", "40", "--jobs", "2"],
    "limits": ["limits", "--sweep", "--n", "6", "--runs", "2"],
    "limits --jobs 2": ["limits", "--sweep", "--n", "6", "--runs", "2", "--jobs", "2"],
}  # fmt: skip
"""Commands that take more than seconds."""

RESULT = {
    "simulate": "simulation.json", "coarsen": "merges.json", "phase": "phase.json",
    "verify": "claims.json", "noise": "noise.json", "check": "check.json",
    "mean-field": "mean_field.json", "codes": "codes.json", "limits": "limits.json",
}  # fmt: skip


def started(words, folder):
    """Start a command in a group of its own; return when it has begun to work."""
    script = folder.parent / "attnflow"  # as it is installed: workers begin with its lines
    script.write_text(
        "import sys\nfrom attnflow.__main__ import main\n"
        "if __name__ == '__main__':\n    sys.exit(main())\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, str(script), *words, "--out", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not folder.exists() and process.poll() is None:
        time.sleep(0.01)
    return process, time.monotonic()


def timeless(value):
    """Leave out what differs from run to run."""
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k != "seconds"}
    return [timeless(v) for v in value] if isinstance(value, list) else value


def assert_whole(folder):
    """Every file of the folder itself can be read."""
    from matplotlib.image import imread

    for path in folder.iterdir():
        assert not path.name.startswith(".unfinished"), path
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as data:
                assert all(data[name] is not None for name in data.files)
        elif path.suffix == ".png":
            assert imread(path).size


def assert_gone(group):
    """No process of the group is left, a few seconds later."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError(f"processes of group {group} are left")


@pytest.mark.full
@pytest.mark.parametrize("name", list(LONG))
def test_ctrl_c_at_random_moments(name, tmp_path):
    """Ten moments a command: status 130 or done, files whole, workers gone, the rerun right."""
    words = LONG[name]
    result = RESULT[words[0]]
    process, began = started(words, tmp_path / "whole")
    process.communicate(timeout=1800)
    assert process.returncode in (0, 1)
    lasts = time.monotonic() - began
    expected = timeless(json.loads((tmp_path / "whole" / result).read_text()))
    rng, stopped = random.Random(f"moments of {name}"), 0
    for moment in range(int(os.environ.get("ATTNFLOW_MOMENTS", "10"))):
        folder = tmp_path / str(moment)
        process, began = started(words, folder)
        asked = began + rng.uniform(0, lasts)
        while process.poll() is None and time.monotonic() < asked:
            time.sleep(0.005)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=300)
        # an interpreter that is ending already has no handler of its own any more
        over = process.returncode == -signal.SIGINT and (folder / result).exists()
        assert over or process.returncode in (0, 1, 130), (process.returncode, said)
        assert "Traceback" not in said, said
        if process.returncode == 130:
            stopped += 1
            assert "interrupted" in said and shlex.join(["attnflow", *words]) in said
        assert_gone(process.pid)
        assert_whole(folder)
        again, began = started(words, folder)
        _, said = again.communicate(timeout=1800)
        lasts = min(lasts, time.monotonic() - began)  # the first may have compiled
        assert again.returncode in (0, 1), said
        assert timeless(json.loads((folder / result).read_text())) == expected
        assert_whole(folder)
    assert stopped, "no moment came before the end"
