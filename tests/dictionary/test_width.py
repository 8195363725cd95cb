"""Widths and line breaks of English and Japanese text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlkit.dictionary.width import _NO_END, _NO_START, pad, unfold, width, wrap

PROSE = (
    "合成関数の微分連鎖律によって、損失関数の偏微分結果と各ユニットの入力を利用し、「出力層から入力層へ」"
    "逆向きに伝える(誤差逆伝播法)。PyTorchでは `loss.backward()` がこれを行う。"
)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("relu", 4), ("勾配", 4), ("x̂", 1), ("α − β", 5), ("ｶﾅ", 2), ("ＡＢ", 4), ("⣀⡀", 2), ("", 0)],
)
def test_width_counts_columns(text: str, columns: int) -> None:
    """Kanji and full-width letters take two, combining marks none, Greek and braille one."""
    assert width(text) == columns


def test_pad_fills_to_columns_not_characters() -> None:
    """A column of Japanese words lines up."""
    assert [pad(word, 6) for word in ("勾配", "lr")] == ["勾配  ", "lr    "]


@pytest.mark.parametrize("columns", range(20, 60))
def test_no_line_begins_or_ends_with_a_forbidden_mark(columns: int) -> None:
    """Kinsoku: no 。 or ) first on a line, no 「 or ( last, and no line too long."""
    lines = wrap(PROSE, columns)
    assert all(width(line) <= columns for line in lines)
    assert not [line for line in lines[1:] if line[0] in _NO_START]
    assert not [line for line in lines[:-1] if line[-1] in _NO_END]


def test_without_kinsoku_lines_would_begin_with_forbidden_marks() -> None:
    """The text of the test above is a test: cut anywhere, it does break the rule."""
    cut = [PROSE[i : i + size] for size in range(10, 30) for i in range(size, len(PROSE), size)]
    assert [line for line in cut if line[0] in _NO_START]


@given(st.text(alphabet="ab 。、「」漢字カー()\u3000", max_size=60), st.integers(4, 30))
def test_wrapping_loses_nothing_but_blanks(text: str, columns: int) -> None:
    """Whatever the text, its characters come out in order."""
    blanks = str.maketrans("", "", " \u3000")
    assert "".join(wrap(text, columns)).translate(blanks) == text.translate(blanks)


def test_a_formula_with_no_break_spaces_stays_on_one_line() -> None:
    """`η / (1 − α)` moves to the next line as a whole."""
    assert wrap("up to η\u00a0/\u00a0(1\u00a0−\u00a0α) times", 12) == [
        "up to",
        "η / (1 − α)",
        "times",
    ]


def test_a_long_word_stands_alone() -> None:
    """What has no place to break is not broken."""
    assert wrap("see https://example.org/long/path now", 10) == [
        "see", "https://example.org/long/path", "now",
    ]  # fmt: skip


def test_lines_of_a_paragraph_join_without_a_blank_in_japanese() -> None:
    """English lines join with a blank, lines that meet at a Japanese character without."""
    assert unfold("two\n  lines") == "two lines"
    assert unfold("二行の\n  文章。\n  PyTorchと") == "二行の文章。PyTorchと"
