"""Sweeps that are killed, interrupted or run out of disk: what was finished is kept, the bits too.

Processes are killed with SIGKILL at random moments and at each step of writing a chunk. The
children come from a fork server that has imported attnflow once, so that a kill costs little.
"""

from __future__ import annotations

import errno
import functools
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from numerics.sweeps import folder as sweep_folder
from numerics.sweeps.executors import open_executor
from numerics.sweeps.folder import SweepError
from numerics.sweeps.grids import SweepResult, grid
from numerics.sweeps.run import sweep

resource = pytest.importorskip("resource")  # POSIX

ROOT = Path(__file__).parents[3]
CELLS = grid(x=np.linspace(0.0, 1.0, 40))


def work(cell, rng, seconds=0.003):
    """Some milliseconds, and enough numbers that writing takes time."""
    time.sleep(seconds * rng.random())
    return {"v": cell["x"] + rng.standard_normal(20_000), "k": rng.integers(100)}


def dies_once(cell, rng, marker):
    if cell["x"] == 3 and not os.path.exists(marker):
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"v": rng.standard_normal(100)}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("chunk-*.npz")}


def same(a: SweepResult, b: SweepResult) -> bool:
    return all(a.values[name].tobytes() == b.values[name].tobytes() for name in b.values)


@pytest.fixture(scope="module")
def server():
    """Make children quickly and from a clean process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.numerics.sweeps.test_crash"])
    return context


def run(out, jobs=1, function=work):
    with open_executor(jobs) as executor:
        sweep(function, CELLS, rng=11, out=out, executor=executor)


# ------------------------------------------------------------------------------------ the sweep


def check_kills(server, tmp_path, jobs, kills, seed):
    """Kill a sweep again and again, a random time after its first new chunk, then finish it."""
    whole = sweep(work, CELLS, rng=11, out=tmp_path / "whole")
    out, rng = tmp_path / "killed", np.random.default_rng(seed)
    finished, hits = 0, 0
    for _ in range(kills):
        child = server.Process(target=run, args=(out, jobs))
        child.start()
        wait_for(lambda c=child, k=finished: c.exitcode is not None or len(files(out)) > k)
        child.join(0.05 * rng.random())
        child.kill()
        child.join()
        assert child.exitcode in (0, -signal.SIGKILL), "a sweep failed by itself"
        assert len(files(out)) >= finished, "a finished chunk was lost"
        finished = len(files(out))
        hits += finished < len(CELLS)
        if finished == len(CELLS):
            break
    resumed = sweep(work, CELLS, rng=11, out=out)
    assert resumed.resumed == finished and resumed.recomputed == ()
    assert same(resumed, whole)
    assert files(out) == files(tmp_path / "whole")
    assert hits > 0


@pytest.mark.slow
def test_kill_the_whole_sweep_at_random_moments(server, tmp_path):
    check_kills(server, tmp_path, 1, kills=5, seed=0)


@pytest.mark.every(4, kept="slow", rest="full")
@pytest.mark.parametrize("seed", range(1, 9))
def test_kill_the_whole_sweep_repeatedly(server, tmp_path, seed):
    check_kills(server, tmp_path, 1, kills=20, seed=seed)


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize("seed", range(2))
def test_kill_the_whole_sweep_with_its_workers(server, tmp_path, seed):
    check_kills(server, tmp_path, 2, kills=4, seed=seed)


def stopped_at(out, step, count):
    """Run a sweep that kills itself at the count-th time that it reaches a step of writing."""
    reached = 0
    originals = {"fsync": os.fsync, "replace": os.replace, "write": sweep_folder.write_npz}

    def die_at(name, *args, before):
        nonlocal reached
        if not before:
            originals[name](*args)
        reached += 1
        if reached == count:
            if step == "half-written":
                stream = args[0]
                stream.truncate(stream.tell() // 2)
                stream.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        if before:
            originals[name](*args)

    name, before = {
        "before writing": ("write", True),
        "half-written": ("write", False),
        "before the flush": ("fsync", True),
        "before the rename": ("replace", True),
        "after the rename": ("replace", False),
    }[step]
    target, attribute = (sweep_folder, "write_npz") if name == "write" else (os, name)
    setattr(target, attribute, functools.partial(die_at, name, before=before))
    run(out)


STEPS = ["before writing", "half-written", "before the flush", "before the rename"]


@pytest.mark.slow
@pytest.mark.parametrize("step", [*STEPS, "after the rename"])
def test_kill_at_each_step_of_writing(server, tmp_path, step):
    out, kept = tmp_path / "killed", []
    for count in (1, 2, 9):
        child = server.Process(target=stopped_at, args=(out, step, count))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
        kept.append(len(files(out)))
        if step in ("half-written", "before the rename"):
            assert list(out.glob("*.tmp"))
    assert kept == sorted(kept) and kept[-1] > 3
    resumed = sweep(work, CELLS, rng=11, out=out)
    assert resumed.resumed == kept[-1] and resumed.recomputed == ()
    assert same(resumed, sweep(work, CELLS, rng=11))
    assert not list(out.glob("*.tmp"))


def test_two_processes_on_one_folder_and_the_lock_dies_with_its_owner(server, tmp_path):
    slow = functools.partial(work, seconds=60.0)
    child = server.Process(target=run, args=(tmp_path, 1, slow))
    child.start()
    try:
        wait_for(lambda: (tmp_path / "manifest.json").exists())
        with pytest.raises(SweepError, match=rf"in use by process {child.pid} on "):
            run(tmp_path, 1, slow)
        child.kill()
        child.join()
        with sweep_folder._locked(tmp_path):
            owner = (tmp_path / "lock").read_text(encoding="utf-8")
        assert owner.startswith(f"process {os.getpid()} on ")
    finally:
        child.kill()
        child.join()


def wait_for(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


# ------------------------------------------------------------------------------------ its workers


@pytest.mark.slow
def test_kill_a_worker(tmp_path):
    cells = grid(x=range(8))
    function = functools.partial(dies_once, marker=str(tmp_path / "died"))
    with open_executor(jobs=2) as executor:
        with pytest.raises(SweepError, match=r"a worker was killed.* cells are finished and kept"):
            sweep(function, cells, rng=1, out=tmp_path / "out", executor=executor)
    kept = files(tmp_path / "out")
    assert len(kept) < 8
    resumed = sweep(function, cells, rng=1, out=tmp_path / "out")
    assert resumed.resumed == len(kept)
    assert kept.items() <= files(tmp_path / "out").items()
    assert same(resumed, sweep(function, cells, rng=1))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(3))
def test_kill_workers_at_random_moments(tmp_path, seed):
    whole = sweep(work, CELLS, rng=11)
    rng, deaths = np.random.default_rng(seed), 0
    slower = functools.partial(work, seconds=0.1)  # other sleeps, the same numbers
    while True:
        with open_executor(jobs=2) as executor:
            moments = []
            moment = int(rng.integers(2, 12))
            victim = int(rng.integers(2))

            def shoot(done, total, pool=executor, moments=moments, at=moment, victim=victim):
                moments.append(done)
                if len(moments) == at:
                    os.kill(list(pool._processes)[victim], signal.SIGKILL)

            try:
                result = sweep(
                    slower, CELLS, rng=11, out=tmp_path, executor=executor, progress=shoot
                )
            except SweepError as error:
                assert "run the same sweep again" in str(error)
                deaths += 1
            else:
                break
    assert deaths > 1 and same(result, whole)


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # a zombie waits for whoever inherited it


SCRIPT = textwrap.dedent("""
    import functools, pathlib, sys
    from numerics.sweeps import open_executor, sweep
    from tests.numerics.sweeps.test_crash import CELLS, work

    def note(done, total):
        pids = [] if executor is None else executor._processes
        pathlib.Path(out + ".pids").write_text(" ".join(map(str, pids)))

    if __name__ == "__main__":
        out = sys.argv[1]
        with open_executor(jobs=int(sys.argv[2])) as executor:
            function = functools.partial(work, seconds=0.25)
            sweep(function, CELLS, rng=11, out=out, executor=executor, progress=note)
""")


def script(tmp_path, jobs):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(path), str(tmp_path / "out"), str(jobs)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def pids_in(folder: Path) -> list[int]:
    """Workers that the script has noted; none while it writes the file."""
    noted = folder / "out.pids"
    return [int(word) for word in noted.read_text().split()] if noted.exists() else []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_workers_end_with_a_killed_sweep(tmp_path):
    with script(tmp_path, jobs=2) as process:
        wait_for(lambda: len(files(tmp_path / "out")) > 2 and len(pids_in(tmp_path)) == 2)
        pids = pids_in(tmp_path)
        assert all(alive(pid) for pid in pids)
        process.kill()
        process.wait()
        wait_for(lambda: not any(alive(pid) for pid in pids))
        process.stderr.close()


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c(tmp_path, jobs):
    with script(tmp_path, jobs) as process:
        count = 2 if jobs == 2 else 0
        wait_for(lambda: len(files(tmp_path / "out")) > 2 and len(pids_in(tmp_path)) == count)
        for pid in [process.pid, *pids_in(tmp_path)]:  # a terminal sends it to all of them
            os.kill(pid, signal.SIGINT)
        _, said = process.communicate(timeout=600)
    kept = len(files(tmp_path / "out"))
    assert process.returncode != 0 and kept < 40
    said_kept = re.search(r"(\d+) of 40 cells are finished and kept", said)
    assert said_kept, said  # one more if it was hit between writing and counting
    assert int(said_kept[1]) in (kept, kept - 1)
    function = functools.partial(work, seconds=0.25)
    resumed = sweep(function, CELLS, rng=11, out=tmp_path / "out")
    assert 2 < resumed.resumed == kept < 40
    assert same(resumed, sweep(work, CELLS, rng=11))


# -------------------------------------------------------------------------------------- full disks


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_disk_full(tmp_path, monkeypatch, jobs):
    out, writes = tmp_path / "out", []
    original = sweep_folder.write_npz

    def full(stream, arrays):
        original(stream, arrays)
        writes.append(stream)
        if len(writes) == 6:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, open_executor(jobs) as executor:
        patch.setattr(sweep_folder, "write_npz", full)
        with pytest.raises(OSError, match=r"5 of 40 cells are finished and kept in .*resumes") as e:
            sweep(work, CELLS, rng=11, out=out, executor=executor)
    assert e.value.errno == errno.ENOSPC and e.value.filename == str(out)
    assert len(files(out)) == 5 and not list(out.glob("*.tmp"))
    resumed = sweep(work, CELLS, rng=11, out=out)
    assert resumed.resumed == 5 and same(resumed, sweep(work, CELLS, rng=11))


def test_disk_full_at_the_first_byte(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=r"manifest\.json .*No cell is finished"):
            sweep(work, CELLS, rng=11, out=tmp_path)
    assert not list(tmp_path.glob("*.tmp")) and not (tmp_path / "manifest.json").exists()


def with_small_files(out, limit):
    """No file may grow beyond the limit: a real failure in the middle of a write."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        sweep(work, CELLS, rng=11, out=out)
    except OSError as error:
        assert error.errno == errno.EFBIG and "No cell" not in str(error)
        assert "0 of 40 cells are finished" in str(error)
        os._exit(33)


def test_files_that_may_not_grow(server, tmp_path):
    child = server.Process(target=with_small_files, args=(tmp_path, 50_000))
    child.start()
    child.join(60)
    assert child.exitcode == 33
    assert [path.name for path in tmp_path.glob("*.tmp")] == []
    assert same(sweep(work, CELLS, rng=11, out=tmp_path), sweep(work, CELLS, rng=11))


TINY = textwrap.dedent("""
    import errno, pathlib, subprocess, sys
    from numerics.sweeps import sweep
    from tests.numerics.sweeps.test_crash import CELLS, files, same, work

    disk = pathlib.Path(sys.argv[1])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=True)
    try:
        sweep(work, CELLS, rng=11, out=disk / "out")
    except OSError as error:
        assert error.errno == errno.ENOSPC, error
        kept = len(files(disk / "out"))
        assert kept >= 4 and f"{kept} of 40 cells are finished and kept" in str(error), error
    else:
        raise AssertionError("the disk was large enough")
    subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
    resumed = sweep(work, CELLS, rng=11, out=disk / "out")
    assert resumed.resumed == kept and resumed.recomputed == ()
    assert same(resumed, sweep(work, CELLS, rng=11))
    print("resumed", kept)
""")


@pytest.mark.slow
def test_a_real_full_disk(tmp_path):
    """A disk of one megabyte, mounted in a name space of its own and gone with it."""
    inside = ["unshare", "--user", "--map-root-user", "--mount"]
    probe = ["sh", "-c", f"mount -t tmpfs tmpfs {tmp_path}"]
    if not shutil.which("unshare") or subprocess.run(inside + probe, check=False).returncode:
        pytest.skip("needs unprivileged mounts")
    done = subprocess.run(
        [*inside, sys.executable, "-c", TINY, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("resumed ")
