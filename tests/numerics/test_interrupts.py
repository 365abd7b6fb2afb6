"""A Ctrl-C that waits until a block has ended."""

import signal
import threading

import pytest

from numerics.interrupts import interrupts_later


def test_it_comes_after_the_block_once():
    before, done = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt), interrupts_later():
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)
        done.append("all")
    assert done == ["all"] and signal.getsignal(signal.SIGINT) is before


def test_an_error_of_the_block_isnt_hidden():
    with pytest.raises(KeyboardInterrupt) as caught, interrupts_later():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("the reason")
    assert str(caught.value.__context__) == "the reason"


def test_nested_blocks_wait_for_the_outer_one():
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_later():
        with interrupts_later():
            signal.raise_signal(signal.SIGINT)
        done.append("outer")
    assert done == ["outer"]


def test_another_thread_leaves_the_handler_alone():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        with interrupts_later():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
