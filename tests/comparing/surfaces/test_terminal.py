"""The terminal's animation: moving on a terminal, its last frame elsewhere, colour where wanted."""

import io
import re

import pytest
from PIL import Image
from rich.console import Console

from dlkit.comparing.surfaces import animation, staging, terminal
from dlkit.comparing.surfaces.record import Record
from dlkit.comparing.surfaces.staging import timeline

SHOWN = [0, 1, 5, 40, 250]
"""Fewer steps than the real timeline has, so that the tests are quick."""


def shown(valley: Record, *, encoding: str = "utf-8", **console: object) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    terminal.show(valley, Console(file=stream, width=100, height=40, **console))  # type: ignore[arg-type]
    stream.flush()
    return raw.getvalue().decode(encoding)


def steps_seen(text: str) -> list[int]:
    return [int(step) for step in re.findall(r"step (\d+)", text)]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(terminal, "PAUSE", 0)
    monkeypatch.setattr(staging, "timeline", lambda record: SHOWN)


def test_elsewhere_than_on_a_terminal_only_the_last_frame_is_printed(valley: Record) -> None:
    """One frame, the table, no escape sequence."""
    text = shown(valley)
    assert steps_seen(text) == [250]
    assert "\x1b" not in text
    assert " 247 │" in text


def test_a_terminal_sees_every_frame(valley: Record) -> None:
    """As many frames as the timeline has steps, and the table once."""
    text = shown(valley, force_terminal=True)
    assert set(steps_seen(text)) == {*SHOWN}
    assert text.count("turned by 0°, 22.5°, 45°") == 1


def test_no_color_is_obeyed(valley: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR a terminal still sees the motion, without a colour; letters name the rules."""
    assert "\x1b[38;" in shown(valley, force_terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown(valley, force_terminal=True)
    assert "\x1b[38;" not in text
    assert set(steps_seen(text)) == {*SHOWN}


def test_a_terminal_without_braille_gets_the_table(valley: Record) -> None:
    """ASCII: no picture, no failure."""
    text = shown(valley, encoding="ascii")
    assert steps_seen(text) == []
    assert "adagrad" in text


def test_the_notes_give_all_parameters(valley: Record) -> None:
    """Function, start, steps, rotation, the rule for the rates, every rate, and who was left out."""
    notes = "\n".join(terminal.notes(valley))
    for part in (
        "f(x, y) = (x² + 100 y²) / 2; start (−1, 0.1); target f ≤ 0.001; 500 steps",
        "turned by 0°, 22.5°, 45°",
        "the best of 57 rates from 1e-05 to 100",
        "best rate each, 0° (rule, rate: steps): sgd 0.0178: 174, adagrad 23.7: 3",
        "best rate each, turned 45° (rule, rate: steps): sgd 0.0178: 174, adagrad 0.178: 247",
        "one rate for all, 0.01 (rule, rate: steps): sgd 0.01: 310, adagrad 0.01: never",
        "not run: muon: no matrix",
        "turning the surface changes nothing for sgd; from 0° to 45°: adagrad 3 to 247",
    ):
        assert part in notes


def test_every_run_is_where_its_path_says(valley: Record) -> None:
    """At the first frame every letter is in the start's cell: the rule listed first is seen."""
    frame = next(terminal.frames(valley, [0], width=40, rows=12))
    rows = frame.plain.splitlines()[1:-1]
    canvas = terminal._ground(terminal.find("valley"), 40, 12)
    across, down = canvas.place(valley.start)
    assert rows[round(down) // 4][round(across) // 2] == "s"
    assert "g" not in "".join(rows)


def test_the_gif_has_the_frames_of_the_timeline(valley: Record, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The same record and steps as the terminal's; the last frame stays for three seconds."""
    animation.draw(valley, tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.n_frames == len(SHOWN)  # type: ignore[attr-defined]
        picture.seek(picture.n_frames - 1)  # type: ignore[attr-defined]
        assert picture.info["duration"] == 3000


def test_the_timeline_shows_the_first_steps_and_the_last_hit(valley: Record) -> None:
    """Every step up to 8, growing, and on to the slowest hit (247) and a little beyond."""
    steps = timeline(valley)
    assert steps[:9] == list(range(9))
    assert steps == sorted(set(steps))
    assert 247 < steps[-1] < 300
