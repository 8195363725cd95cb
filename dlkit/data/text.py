"""A text of the user's own, character by character: what comes next?"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from dlkit.data import fingerprint
from dlkit.data.context_model import rivals
from dlkit.data.dataset import Data, Facts
from dlkit.data.stream import Stream
from dlkit.errors import DataError
from dlkit.ranges import FilePath, Fraction, PositiveInt, Share

UNKNOWN = "<unknown>"
"""The token of the characters that the training part has not; the last of the vocabulary."""
MOST_SHOWN = 5


def text(
    *,
    file: FilePath,
    chunk: PositiveInt = 100,
    test_fraction: Fraction = 0.05,
    validation_fraction: Share = 0.05,
    unknown: Literal["token", "refuse"] = "token",
) -> Data:
    """Characters of a UTF-8 text as tokens, in three parts that follow one another; a language model.

    `fit.batch_size` readers read the training part at once, each from a place of its own; a chunk of
    each is one update. Letters keep their case; a line's end is one character, however the file writes
    it. Options:

    - `file`: a plain text.
    - `chunk`: characters that a reader reads an update, and steps that gradients go back.
    - `test_fraction`: the share of the test part, the end of the text.
    - `validation_fraction`: the share, of what stands before it, that is validation.
    - `unknown`: characters that occur only after the training part share one token, or are refused.
    """
    parts = _split(read(Path(file)), test_fraction, validation_fraction)
    if len(parts[0]) <= chunk:
        words = f"{file}: {len(parts[0])} characters to train on do not fill a chunk of {chunk}"
        raise DataError(words, hint="Use a longer text, or a smaller 'data.chunk'.")
    known = np.unique(parts[0])
    if len(known) < 2:
        raise DataError(f"{file}: the training part is one character, repeated")
    notes = tuple(filter(None, map(partial(_strangers, known), ("validation", "test"), parts[1:])))
    if notes and unknown == "refuse":
        raise DataError(
            *(f"{file}: {note}" for note in notes),
            hint="Set 'data.unknown: token' to give them one token.",
        )
    tokens = [_tokens(known, part) for part in parts]
    classes = (*map(chr, known.tolist()), *([UNKNOWN] if unknown == "token" else []))
    train, validation, test = (Stream(part, chunk) for part in tokens)
    return Data(
        train,
        validation,
        test,
        facts=Facts((chunk,), len(classes), "tokens", classes),
        normalize=None,
        fingerprint=fingerprint.of_tensors(*(torch.from_numpy(p.astype("i4")) for p in parts)),
        source=str(file),
        warnings=tuple(f"{note}; they count as {UNKNOWN}" for note in notes),
        references=partial(rivals, *tokens, size=len(classes)),
    )


def read(path: Path) -> str:
    """The file's text, each line's end as one `\\n`; `DataError` where it is no UTF-8 text."""
    if not os.path.isfile(path):
        kind = "not a regular file" if os.path.exists(path) else "there is no such file"
        raise DataError(f"{path.absolute()}: {kind}")
    try:
        content = path.read_bytes()
        words = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: not UTF-8 at byte {error.start} ({error.reason})", hint="Save it as UTF-8."
        ) from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    return words.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


Codes = np.ndarray[tuple[int], np.dtype[np.uint32]]
"""Unicode's numbers of characters, `(N,)`."""


def _split(words: str, test_fraction: float, validation_fraction: float) -> list[Codes]:
    """The training, validation and test characters, in the order of the text."""
    codes = np.frombuffer(words.encode("utf-32-le"), np.uint32)
    before_test = len(codes) - round(len(codes) * test_fraction)
    before_validation = before_test - round(before_test * validation_fraction)
    return np.split(codes, [before_validation, before_test])


def _tokens(known: Codes, codes: Codes) -> Tensor:
    """Places in the sorted `known` `(V,)`, int32; V for a character that is not there."""
    places = np.searchsorted(known, codes).clip(max=len(known) - 1)
    return torch.from_numpy(np.where(known[places] == codes, places, len(known)).astype("i4"))


def _strangers(known: Codes, name: str, codes: Codes) -> str:
    """Says which characters of the part called `name` are not `known`; empty if all are."""
    strange = codes[~np.isin(codes, known)]
    kinds = [f"U+{code:04X} '{chr(code)}'" for code in np.unique(strange).tolist()]
    if not kinds:
        return ""
    shown = ", ".join(kinds[:MOST_SHOWN]) + (", ..." if len(kinds) > MOST_SHOWN else "")
    return f"characters of the {name} part that the training part has not: {len(strange)} ({shown})"
