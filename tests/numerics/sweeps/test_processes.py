"""The pool of processes: whoever dies, and whenever, every future comes to an end."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from numerics.sweeps.folder import SweepError
from numerics.sweeps.grids import grid
from numerics.sweeps.processes import _Context, open_processes
from numerics.sweeps.run import sweep

pytestmark = pytest.mark.slow


def pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def pid_beside(folder: str, both: int) -> int:
    """Return a process's own number, once so many are at work at a time."""
    (Path(folder) / str(os.getpid())).touch()
    while len(list(Path(folder).iterdir())) < both:
        time.sleep(0.01)
    return os.getpid()


def dies_in_the_middle_of_its_answer() -> bytes:
    send = Connection._send_bytes

    def half(self, message):
        os.write(self.fileno(), (len(message) + 8).to_bytes(4, "big"))  # more than there is
        send(self, message)
        os.kill(os.getpid(), signal.SIGKILL)

    Connection._send_bytes = half
    return bytes(1000)


def gives_a_function():
    return lambda: None


def ends_then_dies(cell, rng):
    """Start in both processes; the second is killed once the answer of the first is kept."""
    folder = Path(cell["folder"])
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < 2:
        time.sleep(0.01)
    if cell["x"] == 1:
        while not list((folder.parent / "out").glob("chunk-*.npz")):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    return {"v": cell["x"]}


def test_a_worker_that_dies_in_the_middle_of_its_answer() -> None:
    with open_processes(2) as pool:
        dying = pool.submit(dies_in_the_middle_of_its_answer)
        with pytest.raises(BrokenProcessPool):
            dying.result(60)
        with pytest.raises(BrokenProcessPool):
            pool.submit(pid_after, 0.0)


def test_a_worker_that_is_killed_while_it_waits_holds_nobody_up(tmp_path) -> None:
    with open_processes(2) as pool:
        first, second = (pool.submit(pid_beside, str(tmp_path), 2) for _ in range(2))
        pids = {first.result(60), second.result(60)}
        assert pids == set(pool._processes) and len(pids) == 2
        os.kill(first.result(), signal.SIGKILL)
        futures = []
        with pytest.raises(BrokenProcessPool):
            while True:
                futures.append(pool.submit(pid_after, 0.01))
                time.sleep(0.01)
        ends = [future.exception(60) for future in futures]
    assert all(end is None or isinstance(end, BrokenProcessPool) for end in ends)


def test_two_that_close_the_pipe_at_once_take_turns(monkeypatch) -> None:
    context, closed = _Context(), []
    answers = context.SimpleQueue()
    context.Process(target=len)  # made and not started: there is nobody to end
    died = SimpleNamespace(join=lambda: None, exitcode=1)

    def slowly(self):  # without turns, both ask whether it is closed before either has closed it
        time.sleep(0.2 if self.writable else 0.0)
        closed.append(self._handle)
        os.close(self._handle)

    monkeypatch.setattr(Connection, "_close", slowly)
    with ThreadPoolExecutor(2) as threads:
        ends = [threads.submit(context.end_all_after, died), threads.submit(answers.close)]
        assert [end.result(60) for end in ends] == [None, None]
    assert len(closed) == len(set(closed)) == 2  # the writer and the reader, each once


def test_nobody_is_started_once_one_has_died() -> None:
    with open_processes(3) as pool:
        with pytest.raises(BrokenProcessPool):
            pool.submit(os._exit, 3).result(60)
        context = pool._mp_context
        while not context.answers._writer.closed:
            time.sleep(0.01)
        with pytest.raises(BrokenProcessPool):
            context.Process().start()


def test_what_was_answered_before_is_kept(tmp_path) -> None:
    (tmp_path / "pids").mkdir()
    cells = grid(x=[0, 1], folder=[str(tmp_path / "pids")])
    with open_processes(2) as pool, pytest.raises(SweepError, match="1 of 2 cells are finished"):
        sweep(ends_then_dies, cells, executor=pool, out=tmp_path / "out")


def test_what_cannot_be_pickled_is_an_error_of_its_own_future() -> None:
    with open_processes(1) as pool:
        assert "pickle" in str(pool.submit(gives_a_function).exception(60))
        with pytest.raises(AttributeError, match="local object"):
            pool.submit(lambda: None).result(60)
        assert list(pool.map(pid_after, [0.0, 0.0])) == 2 * list(pool._processes)


class Breaks(Executor):
    """Breaks as the standard pool does: one future after the other, each of which must listen."""

    def __init__(self) -> None:
        self.futures: list[Future] = []

    def submit(self, function, /, *args, **kwargs):
        self.futures.append(Future())
        if len(self.futures) == 3:
            threading.Timer(0.1, self._break).start()
        return self.futures[-1]

    def _break(self):
        for future in self.futures:
            time.sleep(0.1)
            future.set_exception(BrokenProcessPool("a worker died"))


def test_the_futures_of_a_broken_pool_are_left_to_it() -> None:
    pool = Breaks()
    with pytest.raises(SweepError, match="a worker was killed"):
        sweep(lambda cell, rng: {"v": np.zeros(1)}, grid(x=[1, 2, 3]), executor=pool)
    assert all(isinstance(future.exception(), BrokenProcessPool) for future in pool.futures)
