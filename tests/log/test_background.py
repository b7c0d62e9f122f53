"""The thread beside the computing: order, failures, a bound on what waits, and its end."""

import threading

import pytest

from convviz_tb.log.background import Background


def ours() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.startswith("convviz")]


def test_tasks_are_done_in_order_beside_the_caller_and_before_finish_returns():
    done = []
    with Background() as background:
        for name in "abcdef":
            background.submit(name, lambda name=name: done.append((name, threading.get_ident())))
        assert background.finish() == []
        assert [name for name, _ in done] == list("abcdef")
        assert {thread for _, thread in done} == {ours()[0].ident}
    assert ours() == []


def test_a_failure_names_its_task_and_the_others_are_done():
    done = []
    with Background() as background:
        background.submit("first", lambda: done.append(1))
        background.submit("second", lambda: 1 / 0)
        background.submit("third", lambda: done.append(3))
        ((name, error),) = background.finish()
    assert name == "second" and isinstance(error, ZeroDivisionError)
    assert done == [1, 3]


def test_the_caller_waits_while_too_much_is_left_to_write():
    gate, begun, handed_over = threading.Event(), threading.Event(), []

    def hand_over() -> None:
        for number in range(10):
            background.submit("task", lambda: (begun.set(), gate.wait(60)))
            handed_over.append(number)

    with Background() as background:
        caller = threading.Thread(target=hand_over)
        caller.start()
        begun.wait(60)
        caller.join(0.2)
        waiting = len(handed_over)
        gate.set()
        caller.join(60)
    assert waiting < 5 and len(handed_over) == 10


def test_an_interruption_drops_what_has_not_begun_and_leaves_no_thread():
    gate, begun, done = threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        gate.wait(60)
        done.append("first")

    with pytest.raises(KeyboardInterrupt), Background() as background:
        background.submit("first", first)
        background.submit("second", lambda: done.append("second"))
        begun.wait(60)
        threading.Timer(0.05, gate.set).start()
        raise KeyboardInterrupt
    assert done == ["first"] and ours() == []
