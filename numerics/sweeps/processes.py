"""Processes of this machine in the pool of the standard library: they end together, and with us.

The pool sees a worker die and fails its futures, but for one case: of a worker that is killed while
it writes, half an answer is left, whose rest the pool waits for as long as anybody could write it.
So once a worker has died nobody is left who could: its brothers are ended, and our own end of that
pipe is closed.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import lru_cache
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.queues import SimpleQueue
from typing import Any

from numerics.interrupts import interrupts_later


def open_processes(jobs: int) -> ProcessPoolExecutor:
    """Open a pool of spawned processes, `jobs` at most, that end with this process.

    As a context manager it ends them at once when it is left by a Ctrl-C.
    """
    return _Pool(jobs, _Context())


class _Pool(ProcessPoolExecutor):
    """A pool whose workers leave a Ctrl-C to their parent, which then ends them."""

    def __init__(self, jobs: int, context: _Context) -> None:
        super().__init__(jobs, context)
        self._workers = context.workers

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool | None:
        if kind is not None and not issubclass(kind, Exception):
            with interrupts_later():
                self._end()
        return super().__exit__(kind, error, trace)

    def _end(self) -> None:
        """End the workers, whatever they do.

        First the pool has to forget the futures that were cancelled: where a worker dies before,
        that of Python 3.11 trips over them, with a traceback.
        """
        thread: Any = self._executor_manager_thread
        if thread is not None:
            self.shutdown(wait=False, cancel_futures=True)
            patience = time.monotonic() + _PATIENCE
            while self._cancel_pending_futures and time.monotonic() < patience:
                time.sleep(0.01)
        for worker in self._workers:
            if worker.pid is not None:
                worker.kill()
        if thread is not None:
            thread.join(_PATIENCE)


_PATIENCE = 5.0
"""Seconds that the pool's thread and its processes have to notice that it is over."""


class _Answers(SimpleQueue[Any]):
    """The pipe on which the processes answer.

    A connection that two threads close at once is closed twice, and by then its number may be that
    of another file: hence the turns.
    """

    def __init__(self, context: _Context) -> None:
        super().__init__(ctx=context)
        self.turn = context.turn  # it stays with the parent, the only one that closes

    def close(self) -> None:
        """Close both ends."""
        with self.turn:
            super().close()


class _Context(SpawnContext):
    """Makes the processes of one pool, and the pipe on which they answer."""

    def __init__(self) -> None:
        super().__init__()
        self.workers: list[_Worker] = []
        self.answers: Any = None
        self.turn = threading.Lock()

    def SimpleQueue(self) -> Any:
        """Make the pipe of the answers."""
        self.answers = _Answers(self)
        return self.answers

    def Process(self, *args: Any, **kwargs: Any) -> _Worker:  # type: ignore[override]
        """Make a process."""
        self.workers.append(_Worker(self, *args, **kwargs))
        return self.workers[-1]

    def end_all_after(self, worker: _Worker) -> None:
        """Wait for the end of a worker; if it has died, end the others and close the pipe."""
        worker.join()
        if worker.exitcode != 0:  # None, where somebody else has just asked for it
            with self.turn:
                self.answers._writer.close()
                for brother in self.workers:
                    if brother.pid is not None:  # it may be made and not started
                        brother.kill()


class _Worker(SpawnProcess):
    """A process that knows whether the main thread of its parent has started it."""

    by_main_thread = False

    def __init__(self, context: _Context, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context: _Context | None = context

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "context": None}  # it stays with the parent

    def start(self) -> None:
        """Start it, and the thread that waits for its end."""
        assert self.context is not None
        self.by_main_thread = threading.current_thread() is threading.main_thread()
        with _interrupts_held(), self.context.turn:
            if self.context.answers._writer.closed:
                raise BrokenProcessPool("a process of the pool has died")
            super().start()
        threading.Thread(target=self.context.end_all_after, args=(self,), daemon=True).start()

    def run(self) -> None:
        """Do its work, ending with its parent, which a Ctrl-C is left to."""
        if self.by_main_thread:
            _killed_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        end_with_parent()
        super().run()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep a Ctrl-C for later: a process that is made meanwhile begins with it held, too.

    It imports for a second before `_Worker.run`, where an interrupt would print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):  # not POSIX
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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

    A worker waits for work on a pipe that its brothers hold open too: it would wait forever.
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
