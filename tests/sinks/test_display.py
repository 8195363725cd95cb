"""Each stream gets the display that fits it."""

import io

import pytest

from dlkit.sinks.display import make_display
from dlkit.sinks.plain import PlainLines
from dlkit.sinks.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """An ordinary terminal, whatever runs the tests."""
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return monkeypatch


def test_a_terminal_gets_the_live_view():
    """A stream that can move its cursor."""
    assert isinstance(make_display(Terminal()), Progress)


def test_a_pipe_gets_plain_lines():
    """No terminal, no animation."""
    assert isinstance(make_display(io.StringIO()), PlainLines)


@pytest.mark.parametrize(
    ("name", "value"),
    [("CI", "true"), ("TERM", "dumb"), ("TERM", "unknown"), ("TTY_INTERACTIVE", "0")],
)
def test_a_terminal_that_cannot_move_gets_plain_lines(environment, name, value):
    """A log of a build server, an editor's shell."""
    environment.setenv(name, value)
    assert isinstance(make_display(Terminal()), PlainLines)


def test_force_color_does_not_animate_a_pipe(environment, recorded):
    """It asks for colours, and that is what it gets, unless NO_COLOR forbids them."""
    environment.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    display = make_display(stream)
    assert isinstance(display, PlainLines)
    for event in recorded:
        display.handle(event)
    assert "\x1b[32m" in stream.getvalue()
    environment.setenv("NO_COLOR", "1")
    stream = io.StringIO()
    display = make_display(stream)
    for event in recorded:
        display.handle(event)
    assert "\x1b" not in stream.getvalue()


def test_no_color_keeps_the_live_view_without_colours(environment, recorded):
    """The cursor moves, nothing is coloured."""
    environment.setenv("NO_COLOR", "1")
    stream = Terminal()
    display = make_display(stream)
    assert isinstance(display, Progress)
    for event in recorded:
        display.handle(event)
    display.close()
    assert "\x1b[?25l" in stream.getvalue()
    assert "\x1b[32m" not in stream.getvalue()


def test_the_choice_can_be_forced():
    """`force` overrides what the stream is."""
    assert isinstance(make_display(Terminal(), force="plain"), PlainLines)
    assert isinstance(make_display(io.StringIO(), force="live"), Progress)


@pytest.mark.parametrize("force", [None, "live", "plain"])
def test_quiet_is_no_display(force):
    """Whatever else is asked for."""
    assert make_display(Terminal(), quiet=True, force=force) is None
