"""Workers end with their parent: killed, within seconds, in our pool and in a user's own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

if not Path("/proc/self/stat").exists():
    pytest.skip("reads /proc", allow_module_level=True)

ROOT = Path(__file__).parent.parent.parent.parent

CELLS = textwrap.dedent("""
    import ctypes, os, pathlib, sys, time

    def noted(cell):
        path = pathlib.Path(cell["folder"]) / str(os.getpid())
        path.touch()

    def idle(cell, rng):
        noted(cell)
        while True:
            time.sleep(0.05)

    def busy(cell, rng):
        noted(cell)
        ctypes.PyDLL(None).sleep(60)  # holds the lock of the interpreter: no thread of it runs

    def short(cell, rng):
        noted(cell)
        time.sleep(0.2)
        return {"v": 1.0}
""")

SCRIPT = textwrap.dedent("""
    import sys, time
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context
    import cells
    from numerics.sweeps import grid, open_executor, sweep

    if __name__ == "__main__":
        kind, name, folder = sys.argv[1:]
        if kind == "ours":
            opened = open_executor(jobs=2)
        else:
            opened = ProcessPoolExecutor(2, get_context(kind))
        with opened as executor:
            sweep(getattr(cells, name), grid(folder=[folder], k=[1, 2]), executor=executor)
            (cells.pathlib.Path(folder) / "done").touch()
            time.sleep(60)
""")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # a zombie waits for whoever inherited it


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


@pytest.mark.every(3, kept="slow", rest="full")
@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("ours", "idle"),
        ("ours", "busy"),
        ("ours", "short"),
        ("spawn", "idle"),
        ("fork", "idle"),
        ("fork", "short"),  # then it waits for work, on a pipe that its brother holds open
        ("forkserver", "idle"),
    ],
)
def test_workers_end_with_a_killed_parent(kind: str, cell: str, tmp_path: Path) -> None:
    if cell == "busy" and not sys.platform.startswith("linux"):
        pytest.skip("only the kernel of Linux ends what doesn't listen")
    (tmp_path / "cells.py").write_text(CELLS, encoding="utf-8")
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    folder = tmp_path / "pids"
    folder.mkdir()

    def workers() -> list[int]:
        return [int(path.name) for path in folder.iterdir() if path.name.isdigit()]

    with subprocess.Popen(
        [sys.executable, str(tmp_path / "script.py"), kind, cell, str(folder)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
    ) as process:
        try:
            began = (folder / "done").exists if cell == "short" else lambda: len(workers()) == 2
            assert wait_for(began, 120)
            assert workers() and all(alive(pid) for pid in workers())
        finally:
            process.kill()
    ended = wait_for(lambda: not any(alive(pid) for pid in workers()), 30)
    for pid in workers():
        if alive(pid):
            os.kill(pid, 9)
    assert ended
