"""A curve in one line of text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlkit.sinks.sparkline import ASCII, BLOCKS, Curve, sparkline


def test_rising_values_climb_the_blocks():
    """Eight equally spaced values are the eight blocks in order."""
    assert sparkline(range(8), 8) == "▁▂▃▄▅▆▇█"


def test_more_values_than_characters_are_averaged():
    """Each character is the mean of its group: (0, 2), (4, 6), (6, 8) are 1, 5, 7."""
    assert sparkline([0, 2, 4, 6, 6, 8], 3) == "▁▆█"


def test_groups_that_do_not_divide_evenly_use_every_value():
    """Five values in two characters: the last group has the spare value, and it counts."""
    assert sparkline([1, 1, 1, 1, 100], 2) == "▁█"


@pytest.mark.parametrize("values", [[3.0], [3.0, 3.0, 3.0], [0.0, 5e-324]])
def test_a_constant_curve_lies_in_the_middle(values):
    """No span to divide by, or one that halves to zero, is no error."""
    assert sparkline(values, 5) == "▄" * len(values)


def test_values_that_are_not_finite_are_blanks():
    """A group with a finite value ignores the others; one without is a blank."""
    assert sparkline([0, math.nan, 1, math.inf, -math.inf, 0.5], 6) == "▁ █  ▅"
    assert sparkline([0, math.nan, 1, math.inf], 2) == "▁█"
    assert sparkline([math.nan, math.inf], 5) == "  "


@pytest.mark.parametrize("width", [0, -3])
def test_no_room_or_no_values_is_an_empty_line(width):
    """Nothing to draw on, or nothing to draw, is an empty string."""
    assert sparkline([1.0, 2.0], width) == ""
    assert sparkline([], 10) == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "no-such-encoding"])
def test_ascii_stands_in_where_blocks_cannot_be_written(encoding):
    """The fallback has eight levels too, all of them ASCII."""
    assert sparkline(range(8), 8, encoding=encoding) == ASCII
    assert ASCII.isascii()
    assert len(ASCII) == len(set(ASCII)) == len(BLOCKS)


@given(st.lists(st.floats(), max_size=50), st.integers(0, 20))
def test_any_floats_fit_the_width(values, width):
    """Whatever the values (1e308 and -1e308 side by side included), the line is as wide as said."""
    line = sparkline(values, width)
    assert len(line) == min(width, len(values))
    assert set(line) <= set(BLOCKS + " ")


def test_a_curve_keeps_all_values_while_there_are_few():
    """Below its limit a curve is the list of its values."""
    curve = Curve(limit=8)
    for value in range(7):
        curve.add(value)
    assert curve.values() == [0, 1, 2, 3, 4, 5, 6]


def test_a_long_curve_halves_itself_and_keeps_its_mean():
    """Of 64 values in at most 8 points each point is the mean of 16 neighbours."""
    curve = Curve(limit=8)
    for value in range(64):
        curve.add(float(value))
    assert curve.values() == [7.5, 23.5, 39.5, 55.5]
    assert curve.last == 63


def test_a_very_long_curve_stays_small():
    """Memory is bounded whatever the length of the run."""
    curve = Curve(limit=16)
    for value in range(10_000):
        curve.add(float(value))
    assert len(curve.values()) < 16
    assert curve.values() == sorted(curve.values())
