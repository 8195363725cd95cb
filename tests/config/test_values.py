"""Values against annotations: what is taken, and the one form of the message for what is not."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlkit import ranges as r
from dlkit.config.values import UnfitError, convert, default
from dlkit.signatures import Option

BASE = Path("/base")


def faults(annotation: Any, value: Any) -> list[str]:
    """The messages on a value of the option `s.o`."""
    with pytest.raises(UnfitError) as caught:
        convert(annotation, value, ("s", "o"), BASE)
    return [f"{fault.message} {fault.hint}".rstrip() for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("annotation", "value", "result"),
    [
        (r.PositiveInt, 1, 1),
        (r.PositiveFloat, 1, 1.0),
        (float, 10**99, 1e99),
        (bool, True, True),
        (str, "yes", "yes"),
        (r.BatchSize, "full", "full"),
        (r.OddInt, 3, 3),
        (r.Degrees, 180, 180.0),
        (r.PositiveInt | None, None, None),
        (r.PositiveInts, [1, 2], [1, 2]),
        (r.PositiveIntsOrNone, [], []),
        (tuple[r.Share, r.Share], [0.9, 0], (0.9, 0.0)),
        (list[str], ["a"], ["a"]),
        (dict[str, r.PositiveInt], {"a": 1}, {"a": 1}),
        (Literal["same", "valid"] | r.NaturalInt, 2, 2),
        (Literal[8, 14], 14, 14),
        (r.ActivationName | None, "relu", "relu"),
        (r.FolderPath, "x/../y", "/base/y"),
        (r.FolderPath | None, "../y", "/y"),
        (r.FilePath, "/z", "/z"),
        (r.FilePath, "$HOME/z", "/base/$HOME/z"),
        (Sequence[r.FilePath], ["a"], ["/base/a"]),
    ],
)
def test_right_values_reach_the_component(annotation: Any, value: Any, result: Any):
    """Integers do for numbers, lists for tuples; names are known; paths become absolute."""
    converted = convert(annotation, value, ("s", "o"), BASE)
    assert (converted, type(converted)) == (result, type(result))


def test_the_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch):
    """`~` is the user's home, as a shell has it."""
    monkeypatch.setenv("HOME", "/home/ada")
    assert convert(r.FolderPath, "~/data", ("s", "o"), BASE) == "/home/ada/data"


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (r.PositiveInt, "ten", "an integer from 1 to 1000000000, not the text 'ten'."),
        (r.PositiveInt, 2.5, "an integer from 1 to 1000000000, not the number 2.5."),
        (r.PositiveInt, 2.0, "an integer from 1 to 1000000000, not the number 2.0."),
        (r.PositiveInt, True, "an integer from 1 to 1000000000, not true."),
        (r.PositiveInt, None, "an integer from 1 to 1000000000, not null."),
        (r.PositiveInt, 0, "an integer from 1 to 1000000000, not the number 0."),
        (r.PositiveInt, 10**12, "an integer from 1 to 1000000000, not the number 1000000000000."),
        (r.PositiveInt, 10**99, f"an integer from 1 to 1000000000, not the number {10**99}."),
        (r.PositiveInt, [1], "an integer from 1 to 1000000000, not a list of 1."),
        (r.PositiveInt, {}, "an integer from 1 to 1000000000, not a mapping."),
        (r.PositiveFloat, float("nan"), "a finite number greater than 0, not .nan."),
        (r.PositiveFloat, float("inf"), "a finite number greater than 0, not .inf."),
        (r.PositiveFloat, 0, "a finite number greater than 0, not the number 0."),
        (r.PositiveFloat, "0.1", "a finite number greater than 0, not the text '0.1'."),
        (r.PositiveFloat, True, "a finite number greater than 0, not true."),
        (r.FiniteFloat, float("-inf"), "a finite number, not -.inf."),
        (r.Share, 1, "a finite number of at least 0 and less than 1, not the number 1."),
        (r.UnitInterval, 1.2, "a finite number from 0 to 1, not the number 1.2."),
        (r.Degrees, 181, "a finite number from 0 to 180, not the number 181."),
        (r.OddInt, 4, "an odd integer from 1 to 101, not the number 4."),
        (bool, "true", "true or false, not the text 'true'."),
        (bool, 1, "true or false, not the number 1."),
        (str, 3, "text, not the number 3."),
        (
            Literal["max", "mean"],
            "maxx",
            "one of max, mean, not the text 'maxx'. Did you mean 'max'?",
        ),
        (Literal[8, 14], 8.0, "one of 8, 14, not the number 8.0."),
        (Literal[1, 2], True, "one of 1, 2, not true."),
        (
            r.BatchSize,
            "ful",
            "an integer from 1 to 10000000, or 'full' for all examples at once, "
            "not the text 'ful'. Did you mean 'full'?",
        ),
        (
            r.PositiveInts,
            [],
            "a list of 1 to 64, each an integer from 1 to 1000000000, not a list of 0.",
        ),
        (
            r.PositiveInts,
            3,
            "a list of 1 to 64, each an integer from 1 to 1000000000, not the number 3.",
        ),
        (
            tuple[float, float],
            [1],
            "a list of 2: a finite number, a finite number, not a list of 1.",
        ),
        (r.ActivationName | None, 3, "the name of an activation or null, not the number 3."),
        (r.FilePath, "", "the path of a file, not the text ''."),
    ],
)
def test_wrong_values_are_named_in_one_form(annotation: Any, value: Any, message: str):
    """What it must be, in words, and what was given; bool is no integer, and nothing is cast."""
    assert faults(annotation, value) == [f"'s.o' must be {message}"]


def test_the_wrong_items_are_named_and_no_others():
    """In a list or a mapping, each item that is wrong is pointed at, also inside a union."""
    must = "must be an integer from 1 to 1000000000, not"
    assert faults(r.PositiveInts | None, [1, "a", True]) == [
        f"'s.o[1]' {must} the text 'a'.",
        f"'s.o[2]' {must} true.",
    ]
    assert faults(r.PositiveInt | Sequence[r.PositiveInt], [0]) == [
        f"'s.o[0]' {must} the number 0."
    ]
    assert faults(dict[str, r.PositiveInt], {"a": 0, "b": 1}) == [f"'s.o.a' {must} the number 0."]
    assert faults(tuple[float, r.Share], [1, 1]) == [
        "'s.o[1]' must be a finite number of at least 0 and less than 1, not the number 1."
    ]


def test_names_of_the_catalogue_are_checked():
    """An option that takes an activation's name knows the names, in a union and in a list too."""
    complaint = "unknown activation 'rellu'. Did you mean 'relu'?"
    assert faults(r.ActivationName | None, "rellu") == [complaint]
    assert faults(list[r.ActivationName], ["relu", "rellu"]) == [complaint]


def test_default_paths_are_relative_to_the_current_folder(folder: Path):
    """A default is the program's, so it can't be relative to a config."""
    assert default(Option("o", r.FolderPath, "runs")) == str(folder / "runs")
    assert default(Option("o", r.FolderPath | None, None)) is None
    assert default(Option("o", Literal["runs"], "runs")) == "runs"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_digit_of_a_number_is_lost(number: float):
    """The way through JSON gives back the very same double."""
    assert json.dumps(convert(float, number, ("s", "o"), BASE)) == json.dumps(number)
