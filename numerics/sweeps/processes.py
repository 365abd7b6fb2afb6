"""A pool of processes that survives the death of any of them: a pipe each, and no lock in common.

The pool of the standard library has two queues for all workers. One that is killed while it holds
the lock of a queue, as each does while it waits for work, leaves it locked for its brothers; one
that is killed while it writes leaves half an answer, whose rest is waited for without end. Here an
end of a pipe is held by one worker alone, so that the kernel tells of its death whatever it did.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import multiprocessing.context
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import lru_cache
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

Task: TypeAlias = tuple[Future[Any], tuple[Any, ...]]


class Processes(Executor):
    """Spawned processes, started as they are needed, each served by a thread of this process.

    Once one has died no task is begun any more: those that run elsewhere are finished, all others
    fail with BrokenProcessPool.

    Parameters
    ----------
    jobs : int
        The largest number of processes.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.workers: dict[int, _Worker] = {}
        self._threads: list[threading.Thread] = []
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._broken = ""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a function called in one of the processes."""
        future: Future[Any] = Future()
        with self._lock:
            if self._broken:
                raise BrokenProcessPool(self._broken)
            if self._closed:
                raise RuntimeError("Expected an open executor but it was shut down; open another.")
            if len(self._threads) < self.jobs:
                self._start()
            self._tasks.put((future, (function, args, kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes once they have done what was submitted, or what they do now."""
        with self._lock, suppress(Empty):
            self._closed = True
            while cancel_futures:
                task = self._tasks.get_nowait()
                if task is not None:
                    task[0].cancel()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads if wait else []:
            thread.join()

    def _start(self) -> None:
        """Start a process and the thread that serves it."""
        ours, theirs = multiprocessing.Pipe()
        with theirs:  # the process has its own copy, the only one from now on
            process = _Worker(target=_work, args=(theirs,))
            process.start()
        self.workers[process.pid or 0] = process
        thread = threading.Thread(target=self._serve, args=(process, ours), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, process: _Worker, pipe: Connection) -> None:
        """Hand tasks to a process, one after the other, and its answers to whoever waits."""
        with pipe:
            while (task := self._tasks.get()) is not None:
                future, call = task
                if future.set_running_or_notify_cancel():
                    try:
                        future.set_result(self._answer(process, pipe, call))
                    except BaseException as error:
                        future.set_exception(error)
                del task, future, call  # an answer may be large, and the next task far
        if self._broken:  # it has nothing to do, and may not even have begun to listen
            process.kill()
        process.join()

    def _answer(self, process: _Worker, pipe: Connection, call: tuple[Any, ...]) -> Any:
        if self._broken:
            raise BrokenProcessPool(self._broken)
        question = ForkingPickler.dumps(call)
        try:
            pipe.send_bytes(question)
            answer = pipe.recv_bytes()
        except (EOFError, OSError) as error:
            process.join()
            self._broken = f"process {process.pid} ended with exit code {process.exitcode}"
            raise BrokenProcessPool(self._broken) from error
        value, raised, text = ForkingPickler.loads(answer)
        if raised is not None:
            raise raised from _WorkerError(text)
        return value


class _Worker(multiprocessing.context.SpawnProcess):
    """A process that knows whether the main thread of its parent has started it."""

    by_main_thread = False

    def start(self) -> None:
        """Start it."""
        self.by_main_thread = threading.current_thread() is threading.main_thread()
        super().start()

    def run(self) -> None:
        """Do its work, ending with its parent, and silently at Ctrl-C: the sweep speaks."""
        if self.by_main_thread:
            _killed_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        end_with_parent()
        super().run()


def _work(pipe: Connection) -> None:
    """Answer calls until the other end is closed."""
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            function, args, kwargs = ForkingPickler.loads(message)
            answer = ForkingPickler.dumps((function(*args, **kwargs), None, ""))
        except BaseException as error:
            answer = _failure(error)
        pipe.send_bytes(answer)


def _failure(error: BaseException) -> Any:
    """Pack an error with the text of its traceback, or what can be said of it."""
    text = "".join(traceback.format_exception(error))
    try:
        return ForkingPickler.dumps((None, error, text))
    except Exception as reason:
        said = RuntimeError(f"{type(error).__name__}: {error} (that can't be pickled: {reason})")
        return ForkingPickler.dumps((None, said, text))


class _WorkerError(Exception):
    """The traceback of an error in another process, as text."""


_PR_SET_PDEATHSIG = 1


def _killed_with_parent() -> None:
    """Have the kernel kill this process with its parent, whatever it does then (Linux).

    The signal comes when the *thread* that made this process ends, hence the main one only.
    """
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # a system without it has the watcher
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


@lru_cache(maxsize=1)
def end_with_parent() -> None:
    """Watch from now on whether the parent of this process lives, and end with it; once is enough.

    A worker of the standard pool waits for work on a pipe that its brothers hold open too: it would
    wait forever.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: Any) -> None:
    """End this process once its parent has ended; a brother may hold the sentinel open."""
    first = os.getppid()  # a fork server, perhaps; whoever adopts an orphan is another
    while not wait([parent.sentinel], timeout=1.0) and os.getppid() == first:
        pass
    os._exit(1)
