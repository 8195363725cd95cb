"""Numbers and durations keep their columns."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlkit.sinks.formats import duration, encodable, number, writable


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (0.98765, "0.9877"),
        (1.0, "1.000"),
        (12.345, "12.35"),
        (1234.0, "1234"),
        (123456.0, "1.235e+05"),
        (1e-5, "1.000e-05"),
        (-0.5, "-0.5000"),
        (math.nan, "nan"),
        (math.inf, "inf"),
    ],
)
def test_a_number_has_four_significant_digits(value, text):
    """Zeros at the end stay, so that a column of accuracies lines up."""
    assert number(value) == text


@given(st.floats(min_value=1e-99, max_value=9.9e98))
def test_a_number_fits_nine_columns_and_is_exact_to_four_digits(value):
    """The width holds for all magnitudes that occur, and the text reads back within half a unit."""
    assert len(number(value)) <= 9
    assert float(number(value)) == pytest.approx(value, rel=5.1e-4)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (7.9, "0:07"),
        (754, "12:34"),
        (3600, "1:00:00"),
        (183845, "51:04:05"),
        (None, "-"),
        (math.inf, "-"),
    ],
)
def test_a_duration_counts_minutes_and_then_hours(seconds, text):
    """Fractions are dropped; an unknown time is a dash."""
    assert duration(seconds) == text


def test_what_an_encoding_lacks_is_escaped():
    """Text that fits is untouched, and no encoding (an in-memory stream) means UTF-8."""
    assert encodable("läuft ▁", "latin-1") == "läuft \\u2581"
    assert encodable("läuft ▁", None) == "läuft ▁"
    assert writable("▁", "utf-8")
    assert not writable("▁", "cp1252")
