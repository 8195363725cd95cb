"""Tells data apart by sha256: has a data set changed, does a file stand in two parts of it?"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from torch import Tensor

SAMPLE = 4096
"""Bytes that are read from each end of a file: reading all of a large folder would take minutes."""


def of_tensors(*tensors: Tensor) -> str:
    """Of the tensors' types, shapes and values, in order."""
    digest = hashlib.sha256()
    for tensor in tensors:
        array = tensor.detach().cpu().contiguous().numpy()
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.data)
    return digest.hexdigest()


def of_files(root: Path, parts: Iterable[Iterable[Path]]) -> str:
    """Of the files' paths below `root`, their sizes and both ends of their contents, by parts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"part\n")
        for path in part:
            digest.update(_summary(root, path))
    return digest.hexdigest()


def _summary(root: Path, path: Path) -> bytes:
    size = path.stat().st_size
    name = path.relative_to(root).as_posix()
    with path.open("rb") as file:
        content = hashlib.sha256(file.read(SAMPLE))
        file.seek(max(size - SAMPLE, 0))
        content.update(file.read(SAMPLE))
    return f"{len(name)}:{name}:{size}:{content.hexdigest()}\n".encode("utf-8", "surrogateescape")


def of_content(path: Path) -> str:
    """Of all of one file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def count_copies(train: Iterable[Path], others: Iterable[Path]) -> int:
    """How many of `others` have the content of a file in `train`; only equal sizes are compared."""
    by_size: dict[int, list[Path]] = defaultdict(list)
    for path in train:
        by_size[path.stat().st_size].append(path)
    contents: dict[int, set[str]] = {}
    copies = 0
    for path in others:
        size = path.stat().st_size
        if size in by_size:
            if size not in contents:
                contents[size] = {of_content(each) for each in by_size[size]}
            copies += of_content(path) in contents[size]
    return copies
