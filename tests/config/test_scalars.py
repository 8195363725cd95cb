"""The words of YAML 1.2: reading them, naming them in messages, and writing them back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlkit.config.dump import dump
from dlkit.config.nodes import parse_value
from dlkit.config.scalars import quoted, resolve, show


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("off", "off"),
        ("Y", "Y"),
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("190:20:30", "190:20:30"),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5e+3", -1500.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("1e", "1e"),
        (".", "."),
        ("e3", "e3"),
        ("1.2.3", "1.2.3"),
        ("2024-01-01", "2024-01-01"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        (".Inf", math.inf),
        ("inf", "inf"),
        ("nan", "nan"),
        ("=", "="),
        ("٣", "٣"),
    ],
)
def test_the_core_schema_of_yaml_1_2(word: str, value: object):
    """Each word means what section 10.3.2 of YAML 1.2.2 says, with its type."""
    assert (resolve(word), type(resolve(word))) == (value, type(value))


def test_nan_is_a_number():
    """.nan is the number that equals nothing."""
    assert math.isnan(resolve(".NaN"))


@pytest.mark.parametrize("word", ["1" * 101, "0x" + "f" * 100, "." + "1" * 100])
def test_numbers_longer_than_a_hundred_characters_are_refused(word: str):
    """They would say nothing, and Python refuses to print integers of 4301 digits."""
    with pytest.raises(ValueError, match=f"^a number of {len(word)} characters is too long$"):
        resolve(word)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("ten", "the text 'ten'"),
        ("a\nb", r"the text 'a\nb'"),
        ("日本", "the text '日本'"),
        (2.5, "the number 2.5"),
        (1e-08, "the number 1e-08"),
        (-3, "the number -3"),
        (True, "true"),
        (None, "null"),
        (math.nan, ".nan"),
        (-math.inf, "-.inf"),
        ([], "a list of 0"),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "a mapping"),
    ],
)
def test_values_are_named_by_what_they_are(value: object, words: str):
    """A message says text, number, list or mapping, so that 'ten' and 10 are told apart."""
    assert show(value) == words


def test_long_text_is_cut():
    """At most 60 characters of a text are shown."""
    assert quoted("x" * 100) == "'" + "x" * 59 + "…'"


WORDS = [
    "a\nb",
    "a\tb ",
    "1e3",
    "0o7",
    "010",
    "no",
    "on",
    "null",
    "~",
    ".nan",
    "<<",
    "=",
    "1:30",
    "9" * 101,
    "- a",
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=20)
)
KEYS = st.sampled_from(WORDS) | st.text("abc 1:{-#'", max_size=5)


@given(st.recursive(SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(KEYS, x)))
def test_what_is_written_is_read_back(data: object):
    """Any plain data survive writing and reading: values, types, and the order of keys."""
    document = parse_value(dump(data), "c.yaml")
    assert repr(document.data) == repr(data)
    assert document.problems == ()


def test_a_repeated_object_is_written_twice():
    """PyYAML would write an alias, which the reader refuses."""
    shared = [0.9, 0.999]
    assert dump({"a": shared, "b": shared}).count("0.999") == 2
