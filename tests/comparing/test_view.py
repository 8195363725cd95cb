"""What is seen while a comparison runs."""

import io

import pytest
from rich.console import Console

from dlkit.comparing import view
from dlkit.comparing.view import Lines, Live, make_view


def test_without_a_terminal_there_are_plain_lines() -> None:
    """The count when a wave begins, and what is worth keeping."""
    stream = io.StringIO()
    plain = make_view(stream)
    assert isinstance(plain, Lines)
    plain.say("tiny, batch 32: batched")
    plain.expect(2, 10, 5.0)
    plain.say_quietly("timing adam alone")
    plain.close()
    assert stream.getvalue() == "tiny, batch 32: batched\ncells 2/10\n"


def test_plain_lines_come_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for every cell, but after some seconds."""
    clock = [0.0]
    monkeypatch.setattr(view.time, "monotonic", lambda: clock[0])
    stream = io.StringIO()
    plain = Lines(stream)
    plain.expect(0, 10, 5.0)
    plain.done(1, 1.0)
    clock[0] = 6.0
    plain.done(1, 1.0)
    assert stream.getvalue() == "cells 0/10\ncells 2/10\n"


def test_a_terminal_gets_a_bar_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fourth of the work done in ten seconds leaves thirty."""
    clock = [0.0]
    monkeypatch.setattr(view.time, "monotonic", lambda: clock[0])
    stream = io.StringIO()
    live = Live(Console(file=stream, force_terminal=True, width=80))
    live.say("tiny, batch 32: batched")
    live.expect(0, 8, 4.0)
    clock[0] = 10.0
    live.done(2, 1.0)
    live.progress.refresh()
    live.close()
    shown = stream.getvalue()
    assert "tiny, batch 32: batched" in shown
    assert "2/8 cells" in shown
    assert "left 0:30" in shown
