"""Strict YAML: a small file becomes a `Document`, or a clear error.

Refused: aliases, anchors, merge keys, tags, repeated keys, keys that are not text, more than one
document, control characters, and whatever is larger than a config can sensibly be.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dlkit.config.document import Document
from dlkit.config.nodes import Places, parse_value
from dlkit.errors import ConfigError, Problem

MAX_BYTES = 1 << 20


def read(path: Path) -> Document:
    """The config in the file `path`. Raises `ConfigError`."""
    return parse(_decode(_bytes(path), str(path)), str(path))


def parse(text: str, file: str) -> Document:
    """The config that `text` holds: one mapping. `file` is how errors call it."""
    document = parse_value(text, file)
    if document.data is None:
        raise ConfigError(f"{file}: config is empty.", hint="Name at least 'data' and 'model'.")
    if not isinstance(document.data, dict):
        problem = "a config must be a mapping of sections, not a list or a single value."
        raise ConfigError(Problem(problem, document.value(()), "Write 'model: cnn', for example."))
    return document


def _bytes(path: Path) -> bytes:
    """What the file holds, if it is a regular file of at most `MAX_BYTES`; never waits."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError(f"config '{path}' is not a regular file.")
            content = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise ConfigError(f"config '{path}' is a folder.", hint="Name a file in it.") from None
    except FileNotFoundError:
        raise ConfigError(f"config '{path}' does not exist.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"config '{path}' can't be read: {reason}.") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"config '{path}' is larger than {MAX_BYTES} bytes.")
    return content


def _open_at_once(path: str, flags: int) -> int:
    """Opens without waiting: a named pipe would else be waited for until somebody writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _decode(content: bytes, file: str) -> str:
    """The bytes as text, without the byte order mark that some editors put first."""
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8").removeprefix("\ufeff")
        text = content.decode("utf-8", "replace").removeprefix("\ufeff")
        message = f"not UTF-8 at byte {error.start}."
        place = Places(text, file).at(len(before))
        raise ConfigError(Problem(message, place, "Save the file as UTF-8.")) from None
