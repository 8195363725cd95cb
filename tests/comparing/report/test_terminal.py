"""The table in a terminal: its numbers, and what it leaves out where it is narrow."""

import io
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from scipy import stats

from dlkit.comparing.report import table, words
from dlkit.comparing.report.facts import Column
from dlkit.comparing.report.terminal import fitting

Record = dict[str, Any]


def printed(record: Record, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(table(record, width=width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_row_says_what_scipy_and_the_cells_say(small: Record) -> None:
    """Adam's row: rate, mean and half of the interval, group, steps, trials and those that diverged."""
    cells = [c for c in small["cells"] if (c["rule"], c["phase"]) == ("adam", "reporting")]
    scores = [100 * cell["test"]["accuracy"] for cell in cells]
    half = stats.t.ppf(0.975, 4) * np.std(scores, ddof=1) / np.sqrt(5)
    row = next(line for line in printed(small, 130) if line.strip().startswith("adam"))
    words_of_row = row.split()
    assert words_of_row[:5] == ["adam", "0.008", f"{fmean(scores):.2f}", "±", f"{half:.2f}"]
    assert words_of_row[5] == "a"
    assert words_of_row[-3:] == ["13", "2", "-"]


def test_a_rule_that_never_ran_is_last_and_says_so(small: Record) -> None:
    """Lion's score is the words `no finite run`, and it shares no letter."""
    lines = [line.strip() for line in printed(small, 130)]
    rows = [line for line in lines if line.startswith(("adam ", "sgd ", "lion "))]
    assert [row.split()[0] for row in rows] == ["adam", "sgd", "lion"]
    assert rows[-1].split()[1:6] == ["-", "no", "finite", "run", "-"]


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_number_is_cut(wide: Record, width: int) -> None:
    """Every row of every table is whole, with its interval and its steps, and fits."""
    lines = printed(wide, width)
    assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)
    assert sum("±" in line for line in lines) == 2 * (12 + 4)


def test_one_seed_has_means_without_intervals(lone: Record) -> None:
    """No ± in the table, and a line below it that says why."""
    lines = printed(lone, 100)
    assert not any("±" in line for line in lines)
    assert " ! One seed: there are no intervals, and nothing can be told apart." in [
        line.rstrip() for line in lines
    ]


def test_markup_in_names_is_text(wide: Record) -> None:
    """A task's name reaches the screen as it is."""
    assert any("other <task>: rules" in line for line in printed(wide, 100))


def test_columns_are_spared_in_order() -> None:
    """The time of an update goes before the hits, and what isn't spared stays at any width."""
    headings = ["rule", "hits", "time of\nan update"]
    columns = [Column(each, "", ["x" * 10]) for each in headings]
    assert [c.heading for c in fitting(columns, 60)] == headings
    assert [c.heading for c in fitting(columns, 30)] == ["rule", "hits"]
    assert [c.heading for c in fitting(columns, 5)] == ["rule"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (float("inf"), "never"), (2.5, "2.5 s"), (0.0123, "12.3 ms"), (9.5e-5, "95 µs")],
)
def test_seconds_in_words(seconds: float | None, text: str) -> None:
    """A unit that keeps three digits; a miss is `never`."""
    assert words.seconds(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, ">.99"), (0.995, ">.99"), (0.5, "0.50"), (0.0, "<.01")]
)
def test_a_chance_is_never_certain(value: float, text: str) -> None:
    """Ten thousand resamples do not make a certainty."""
    assert words.chance(value) == text.removeprefix("0")


def test_knobs_in_words() -> None:
    """The rate first, then the others by name; pairs in brackets."""
    pairs: list[list[Any]] = [["learning_rate", 0.002], ["betas", [0.9, 0.99]], ["epsilon", 1e-5]]
    assert words.knobs(pairs) == "0.002, betas=(0.9, 0.99), epsilon=1e-05"
