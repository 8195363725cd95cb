"""The live view: what it shows at which size, and that it leaves the terminal as it was."""

import io
import re
import sys
import time

import pytest
from rich.console import Console

from dlkit import events as happened
from dlkit.sinks.progress import Progress

ESCAPE = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]|\r")


def console(width=80, height=40, **options):
    """A terminal in memory."""
    return Console(
        file=io.StringIO(),
        width=width,
        height=height,
        force_terminal=True,
        _environ={"TERM": "xterm-256color"},
        **options,
    )


def view(events, width=80, height=40):
    """The view after `events`, as lines of text."""
    screen = console(width, height)
    progress = Progress(screen)
    for event in events:
        progress._history.take(event)
    screen.print(progress.view())
    return ESCAPE.sub("", screen.file.getvalue()).splitlines()


def test_the_view_in_the_middle_of_a_run(recorded):
    """Header, bar, table, curves and notes, as they stand after the second epoch's first half."""
    assert view(recorded[:6]) == [
        "digits-cnn  on cpu, 12,345 parameters",
        "1,257 train, 270 validation, 270 test; monitor validation/accuracy (max)",
        "epoch 2/10  " + "━" * 14 + "─" * 15 + "  20/40  100.0 steps/s  0:00  left 0:03",
        "       train  validation  validation  learning",
        "epoch   loss        loss    accuracy      rate  time",
        "    1  1.542       1.576      0.2635  0.001000  0:00  *",
        "loss                 █▄▁  1.262",
        "validation/loss      ▄  1.576",
        "validation/accuracy  ▄  0.2635",
        "best: epoch 1, validation/accuracy 0.2635",
        "saved checkpoints/step-00000040-epoch-0001 (improved)",
    ]


def test_the_view_at_the_end(recorded):
    """The last eight epochs stay, with why it stopped and what the test found."""
    lines = view(recorded)
    assert lines[-5:] == [
        "best: epoch 9, validation/accuracy 0.9502",
        "saved checkpoints/step-00000360-epoch-0009 (improved)",
        "warning: the gradient norm is 12 times its median",
        "finished at step 400: all 10 epochs are done",
        "test  loss    0.1100  accuracy    0.9810  (weights of step 360)",
    ]
    assert [line.split()[0] for line in lines[5:13]] == ["3", "4", "5", "6", "7", "8", "9", "10"]


@pytest.mark.parametrize("width", [10, 20, 40, 60, 200])
def test_any_width_shows_whole_numbers(recorded, width):
    """The monitor's numbers are there uncut, and no line is wider than the terminal."""
    lines = view(recorded, width=width, height=100)
    assert max(map(len, lines)) <= width
    text = " ".join(lines).split()
    for value in ("0.9502", "0.9443", "0.9810", "10/10", "40/40"):
        assert value in text, value


@pytest.mark.parametrize("height", [5, 12, 16, 24])
@pytest.mark.parametrize("width", [20, 80])
def test_a_low_terminal_loses_rows_before_the_last_one(recorded, width, height):
    """While it runs, the view fits the screen if it can, and the newest epoch is always there."""
    lines = view(recorded[:-3], width=width, height=height)
    assert any(re.match(r" +10  .*0\.9443", line) for line in lines)
    if width == 80 and height >= 12:
        assert len(lines) <= height - 1
    curves = any("validation/loss" in line and "▁" in line for line in lines)
    assert curves == (width == 80 and height >= 12)


def test_many_warnings_are_counted(recorded):
    """The last three are shown, and where the others are."""
    warnings = [happened.Warned(1, f"number {count}") for count in range(5)]
    lines = view([recorded[0], *warnings])
    assert lines[-4:] == [
        "earlier warnings: 2, see events.jsonl",
        "warning: number 2",
        "warning: number 3",
        "warning: number 4",
    ]


def test_nothing_is_read_as_markup():
    """A name or a warning in brackets is text."""
    event = happened.RunStarted(0, "[bold]x[/]", "f", "cpu", 1, 1, 1, {"train": 1}, "m", "min")
    lines = view([event, happened.Warned(0, "[red]shape [3, 4]")])
    assert lines[0].startswith("[bold]x[/]  on cpu")
    assert lines[-1] == "warning: [red]shape [3, 4]"


def test_a_run_without_events_can_be_drawn():
    """Closing a display of a run that failed at once is no error."""
    assert view([])
    Progress(console()).close()


def test_what_the_encoding_lacks_is_spelled_out(recorded):
    """On an ASCII terminal bars and curves are ASCII, a Japanese name is escaped."""
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="ascii", write_through=True)
    screen = Console(file=stream, width=80, height=40, force_terminal=True, _environ={})
    progress = Progress(screen)
    for event in [*recorded, happened.Warned(400, "数")]:
        progress._history.take(event)
    screen.print(progress.view())
    text = buffer.getvalue().decode("ascii")
    assert "=========" in text
    assert "\\u6570" in text
    assert "█" not in text


def test_a_run_on_a_terminal(recorded):
    """The thread draws while events come; the final view is the last thing on the screen."""
    screen = console()
    before = sys.stdout, sys.stderr
    progress = Progress(screen)
    for event in recorded[:6]:
        progress.handle(event)
    time.sleep(0.6)
    drawn = ESCAPE.sub("", screen.file.getvalue())
    assert "epoch 2/10" in drawn
    assert sys.stdout is before[0], "stdout is not the display's"
    for event in recorded[6:]:
        progress.handle(event)
    progress.close()
    text = screen.file.getvalue()
    assert "\x1b[?25l" in text
    assert text.rstrip().endswith("\x1b[?25h"), "the cursor is given back"
    assert ESCAPE.sub("", text).rstrip().endswith("(weights of step 360)")
    assert (sys.stdout, sys.stderr) == before


def test_handling_does_not_draw(recorded):
    """Between two ticks of the thread, events write nothing: the training does not wait for it."""
    screen = console()
    progress = Progress(screen)
    progress.handle(recorded[0])
    before = screen.file.getvalue()
    for event in recorded[1:]:
        progress.handle(event)
    assert screen.file.getvalue() == before
    progress.close()


def test_the_terminal_may_shrink_while_it_runs(recorded):
    """A resize between two drawings is no error, and the numbers are still there."""
    screen = console(100, 30)
    progress = Progress(screen)
    for size, event in zip(
        [(100, 30), (20, 10), (40, 12), (10, 4), (120, 50)] * 10, recorded, strict=False
    ):
        screen.size = size
        progress.handle(event)
        progress._live.refresh()
    progress.close()
    assert "0.9502" in screen.file.getvalue()


class Gone(io.StringIO):
    """A terminal that goes away."""

    gone = False

    def write(self, text):
        if self.gone:
            raise OSError(5, "Input/output error")
        return super().write(text)


def test_a_terminal_that_is_gone_is_no_error(recorded):
    """Closing the window must not turn a finished run into a failed one."""
    stream = Gone()
    progress = Progress(Console(file=stream, width=80, height=24, force_terminal=True, _environ={}))
    progress.handle(recorded[0])
    stream.gone = True
    progress.close()


def test_no_color_is_honoured(recorded):
    """NO_COLOR leaves the movements of the cursor and takes the colours."""
    screen = Console(
        file=io.StringIO(),
        width=80,
        height=40,
        force_terminal=True,
        _environ={"TERM": "xterm-256color", "NO_COLOR": "1"},
    )
    progress = Progress(screen)
    for event in recorded:
        progress._history.take(event)
    screen.print(progress.view())
    codes = set(re.findall(r"\x1b\[([0-9;]*)m", screen.file.getvalue()))
    assert codes <= {"0", "1", "2"}  # bold and dim are no colours


def test_a_picture_of_the_view_can_be_saved(recorded):
    """What a README shows is what the terminal shows."""
    screen = Console(file=io.StringIO(), width=80, height=40, record=True, force_terminal=True)
    progress = Progress(screen)
    for event in recorded:
        progress._history.take(event)
    screen.print(progress.view())
    picture = screen.export_svg(title="dlkit train")
    assert picture.startswith("<svg")
    assert "digits-cnn" in picture
