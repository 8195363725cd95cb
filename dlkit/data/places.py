"""Where the files of a known data set may lie, and what to say when they do not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dlkit.errors import DataError


def home(name: str) -> Path:
    """Where dlkit keeps the data set `name`: below `$DLKIT_DATA`, or else `~/.cache/dlkit`."""
    root = os.environ.get("DLKIT_DATA")
    return (Path(root).expanduser() if root else Path.home() / ".cache" / "dlkit") / name


def find(folders: Sequence[Path], names: Sequence[str]) -> list[Path] | None:
    """The files `names`, each plain or as `.gz`, of the first folder that holds all of them."""
    for folder in folders:
        files = [_variant(folder / name) for name in names]
        found = [file for file in files if file is not None]
        if len(found) == len(names):
            return found
    return None


def _variant(path: Path) -> Path | None:
    for candidate in (path, path.with_name(path.name + ".gz")):
        if os.path.isfile(candidate):  # False also where it may not be looked at
            return candidate
    return None


def missing(title: str, names: Sequence[str], folders: Sequence[Path], hint: str) -> DataError:
    """The error that says which files were wanted and where they were looked for."""
    looked = "".join(f"\n    {folder}" for folder in folders)
    return DataError(
        f"{title} is not here. Looked in:{looked}\n  Wanted: {', '.join(names)}", hint=hint
    )
