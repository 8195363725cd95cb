"""Finds the pictures of a folder that holds a folder for each class, wherever its links lead."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dlkit.data.decoding import SUFFIXES
from dlkit.data.problems import raise_any
from dlkit.errors import DataError, Problem

SPLIT_OF = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
LINK_HINT = "Set 'data.follow_links: true' to allow links that leave the folder."


@dataclass(frozen=True)
class Tree:
    """What was found: the class names, and for each split its pictures with their class indices.

    `splits` has the key `train`, which holds everything unless the folder has split folders.
    """

    root: Path
    classes: tuple[str, ...]
    splits: dict[str, list[tuple[Path, int]]]
    warnings: tuple[str, ...]


def read_tree(root: Path, *, follow_links: bool = False) -> Tree:
    """Reads `root/CLASS/**/picture`, or `root/SPLIT/CLASS/**/picture` for train, val and test.

    It is the second kind if `root/train` holds folders. Names are sorted, hidden ones ignored.
    Raises `DataError` with all that is wrong: unreadable entries, links that are broken or leave
    `root`, classes without a picture or unknown to the training part.
    """
    if not os.path.isdir(root):
        kind = "is a file, not a folder" if os.path.exists(root) else "there is no such folder"
        raise DataError(f"{root.absolute()}: {kind}")
    walk = _Walk(root, follow_links)
    folders = _split_folders(walk, root)
    classes = tuple(folder.name for folder in walk.folders(folders["train"]))
    splits = {split: _pictures(walk, folder, classes) for split, folder in folders.items()}
    if not classes and not walk.problems:
        walk.problem(
            f"{folders['train'].absolute()}: holds no class folder",
            "Expected: FOLDER/CLASS/picture.png, or FOLDER/train/CLASS/picture.png.",
        )
    present = {label for _, label in splits["train"]}
    if empty := [name for label, name in enumerate(classes) if label not in present]:
        walk.problem(
            f"{folders['train'].absolute()}: no picture in: {', '.join(empty)}",
            f"Pictures end with {' '.join(sorted(SUFFIXES))}.",
        )
    raise_any(list(walk.problems))
    return Tree(root, classes, splits, walk.warnings())


def _split_folders(walk: _Walk, root: Path) -> dict[str, Path]:
    """The folder of each split that has one; `{"train": root}` where the classes lie in `root`."""
    tops = {folder.name: folder for folder in walk.folders(root)}
    if "train" not in tops or not walk.folders(tops["train"]):
        return {"train": root}
    folders: dict[str, Path] = {}
    for name, folder in tops.items():
        split = SPLIT_OF.get(name)
        if split is None:
            walk.ignored.append(folder)
        elif split in folders:
            walk.problem(f"{folder}: a second folder for {split}, beside {folders[split].name}")
        else:
            folders[split] = folder
    return folders


def _pictures(walk: _Walk, folder: Path, classes: tuple[str, ...]) -> list[tuple[Path, int]]:
    found = []
    for each in walk.folders(folder):
        if each.name in classes:
            found += [(path, classes.index(each.name)) for path in walk.pictures(each)]
        else:
            walk.problem(f"{each}: '{each.name}' is none of the classes of the training part")
    return found


@dataclass
class _Walk:
    """Looks into folders, and notes what is wrong there or left out."""

    root: Path
    follow_links: bool
    problems: dict[Problem, None] = field(default_factory=dict)
    """Each once, in the order of finding."""
    ignored: list[Path] = field(default_factory=list)

    def problem(self, message: str, hint: str = "") -> None:
        self.problems[Problem(message, hint=hint)] = None

    def folders(self, folder: Path) -> list[Path]:
        return [path for path, mode in self._entries(folder) if stat.S_ISDIR(mode)]

    def pictures(self, folder: Path, seen: set[str] | None = None) -> list[Path]:
        """The pictures below `folder`; no real folder twice, and none that holds `folder`."""
        real = os.path.realpath(folder)
        seen = {str(parent) for parent in Path(real).parents} if seen is None else seen
        if real in seen:
            return []
        seen.add(real)
        found = []
        for path, mode in self._entries(folder):
            if stat.S_ISDIR(mode):
                found += self.pictures(path, seen)
            elif stat.S_ISREG(mode) and path.suffix.lower() in SUFFIXES:
                found.append(path)
            else:
                self.ignored.append(path)
        return found

    def warnings(self) -> tuple[str, ...]:
        if not self.ignored:
            return ()
        count, first = len(self.ignored), self.ignored[0]
        return (f"entries that are no pictures and were left out: {count} (the first is {first})",)

    def _entries(self, folder: Path) -> Iterator[tuple[Path, int]]:
        """The entries that are not hidden, sorted by name, with their modes behind any link."""
        try:
            names = sorted(os.listdir(folder))
        except OSError as error:
            self.problem(f"{folder.absolute()}: cannot be read ({error.strerror})")
            return
        for name in names:
            path = folder / name
            if name.startswith(".") or not self._permitted(path):
                continue
            try:
                yield path, path.stat().st_mode
            except OSError as error:
                self.problem(f"{path}: cannot be read ({error.strerror})")

    def _permitted(self, path: Path) -> bool:
        if self.follow_links or not path.is_symlink():
            return True
        target = os.path.realpath(path)
        if Path(target).is_relative_to(os.path.realpath(self.root)):
            return True
        self.problem(f"{path}: a link that leaves {self.root} (to {target})", LINK_HINT)
        return False
