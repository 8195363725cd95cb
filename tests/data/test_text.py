"""Texts: characters as tokens, three parts in a row, and what a file may have wrong."""

from pathlib import Path

import pytest
import torch

from dlkit.data.dataset import Data
from dlkit.data.text import UNKNOWN, read, text
from dlkit.errors import DataError

WORDS = "abcd" * 25


def written(folder: Path, words: str) -> str:
    path = folder / "a.txt"
    path.write_text(words, encoding="utf-8", newline="")
    return str(path)


def spelled(data: Data, part: str) -> str:
    """A part of the text as its tokens tell it."""
    return "".join(data.facts.classes[token] for token in getattr(data, part).tokens.tolist())


def test_the_parts_follow_one_another(tmp_path: Path) -> None:
    """Training, validation and test are three stretches of the text, without gap or overlap."""
    words = "".join(chr(97 + i % 7) for i in range(200))
    data = text(file=written(tmp_path, words), chunk=8, test_fraction=0.1, validation_fraction=0.2)
    parts = [spelled(data, part) for part in ("train", "validation", "test")]
    assert [len(part) for part in parts] == [144, 36, 20]
    assert "".join(parts) == words
    assert data.sizes() == {"train": 143, "validation": 35, "test": 19}
    assert data.facts.input_shape == (8,)
    assert data.facts.target == "tokens"


def test_the_vocabulary_is_that_of_the_training_part(tmp_path: Path) -> None:
    """In the order of Unicode, capitals apart; what comes only later is one unknown token."""
    data = text(file=written(tmp_path, "Aab\u00e9" * 45 + "abxyabxyab" * 2), test_fraction=0.1)
    assert data.facts.classes == ("A", "a", "b", "\u00e9", UNKNOWN)
    assert data.facts.outputs == 5
    assert spelled(data, "test") == "abxyabxyab".replace("x", UNKNOWN).replace("y", UNKNOWN) * 2
    assert data.warnings == (
        "characters of the test part that the training part has not: 8 (U+0078 'x', U+0079 'y'); "
        "they count as <unknown>",
    )


def test_strange_characters_are_refused_on_request(tmp_path: Path) -> None:
    """`unknown: refuse` names them, and what to do; without them there is no unknown token."""
    path = written(tmp_path, WORDS * 2 + "\u00e9" * 20)
    with pytest.raises(DataError) as caught:
        text(file=path, chunk=8, test_fraction=0.1, validation_fraction=0.0, unknown="refuse")
    assert str(caught.value) == (
        f"{path}: characters of the test part that the training part has not: 20 "
        "(U+00E9 '\u00e9'). Set 'data.unknown: token' to give them one token."
    )
    known = text(file=written(tmp_path, WORDS * 2), chunk=8, unknown="refuse")
    assert known.facts.classes == ("a", "b", "c", "d")


def test_ends_of_lines_and_byte_order_marks_do_not_count(tmp_path: Path) -> None:
    """A text is the same whether it was written on Windows or elsewhere."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\n")
    assert read(path) == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"caf\xe9 au lait",
            "{path}: not UTF-8 at byte 3 (invalid continuation byte). Save it as UTF-8.",
        ),
        (
            b"",
            "{path}: 0 characters to train on do not fill a chunk of 8. "
            "Use a longer text, or a smaller 'data.chunk'.",
        ),
        (
            b"abcdefgh",
            "{path}: 8 characters to train on do not fill a chunk of 8. "
            "Use a longer text, or a smaller 'data.chunk'.",
        ),
        (b"a" * 50, "{path}: the training part is one character, repeated"),
    ],
)
def test_an_unfit_file_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    """Another encoding, nothing in it, too short, without variety."""
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        text(file=str(path), chunk=8)
    assert str(caught.value) == message.format(path=path)


def test_a_path_must_lead_to_a_file(tmp_path: Path) -> None:
    """Nothing there, or a folder."""
    with pytest.raises(DataError) as caught:
        text(file=str(tmp_path / "none.txt"))
    assert str(caught.value) == f"{tmp_path / 'none.txt'}: there is no such file"
    with pytest.raises(DataError) as caught:
        text(file=str(tmp_path))
    assert str(caught.value) == f"{tmp_path}: not a regular file"


def test_the_fingerprint_tells_texts_and_splits_apart(tmp_path: Path) -> None:
    """Also texts whose tokens are the same numbers."""
    one = text(file=written(tmp_path, WORDS), chunk=8)
    same = text(file=written(tmp_path, WORDS), chunk=8)
    other = text(file=written(tmp_path, WORDS.replace("a", "e")), chunk=8)
    moved = text(file=written(tmp_path, WORDS), chunk=8, test_fraction=0.2)
    assert torch.equal(one.train.fetch(torch.tensor([0]))[0], torch.arange(8)[None] % 4)
    assert one.fingerprint == same.fingerprint
    assert len({one.fingerprint, other.fingerprint, moved.fingerprint}) == 3
