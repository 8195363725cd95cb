"""Tables of the user's own: a CSV file with a header, numeric columns and a target column."""

from __future__ import annotations

import csv as files
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from dlkit.data.compose import table_data
from dlkit.data.dataset import Data
from dlkit.data.problems import raise_any
from dlkit.data.splits import Split, random_split
from dlkit.errors import DataError, OptionError, Problem
from dlkit.ranges import FilePath, Fraction, Seed, Share
from dlkit.registry import did_you_mean

MOST_CLASSES = 20
"""Whole numbers with at most so many different values are taken for classes, if nothing is said."""


def csv(
    *,
    file: FilePath,
    target: str,
    target_kind: Literal["auto", "classes", "values"] = "auto",
    test_fraction: Fraction = 0.2,
    validation_fraction: Share = 0.1,
    split_seed: Seed = 0,
) -> Data:
    """Features float32 `(N, F)`, standardised by the training rows: all columns but one. Options:

    - `file`: UTF-8, separated by commas, its first line naming the columns.
    - `target`: the column to predict.
    - `target_kind`: `classes`, in sorted order, or `values`, a number that is standardised like the
      features. `auto` takes it for classes if some cell is no number, or if all are whole numbers
      and at most 20 differ.
    - `test_fraction`: the share of the test part.
    - `validation_fraction`: the share taken at random out of what remains.
    - `split_seed`: seeds the split, and nothing else.
    """
    table = read_cells(Path(file))
    if target not in table.columns:
        known = did_you_mean(target, table.columns)
        raise OptionError("target", f"{file} has no column '{target}'.{known}")
    place = table.columns.index(target)
    cells = [row.pop(place) for row in table.rows]
    names = [name for name in table.columns if name != target]
    if not names:
        raise DataError(f"{file}: there is no column besides the target '{target}'")
    kind = _kind(cells) if target_kind == "auto" else target_kind
    features = table.numbers(names, table.rows)  # (N, F)
    classes, targets = table.classes(target, cells) if kind == "classes" else ((), torch.empty(0))
    if kind == "values":
        targets = table.numbers([target], [[cell] for cell in cells])  # (N, 1)
    table.raise_problems()
    split = random_split(
        len(features),
        test_fraction=test_fraction,
        validation_fraction=validation_fraction,
        split_seed=split_seed,
    )
    notes = _copies(torch.cat([features, targets.reshape(len(features), -1)], 1), split)
    return table_data(features, targets, split, classes=classes, source=str(file), warnings=notes)


@dataclass
class Table:
    """The cells of a file as text, stripped, and what is wrong with them so far."""

    path: Path
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """The line in the file on which each row ends."""
    problems: list[tuple[int, str]] = field(default_factory=list)
    """Lines, and what is wrong there."""

    def numbers(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> Tensor:
        """`rows`, their columns called `names`, as float64 `(N, F)`; notes what is no number."""
        return torch.tensor(
            [
                [self._number(cell, line, name) for cell, name in zip(row, names, strict=True)]
                for row, line in zip(rows, self.lines, strict=True)
            ],
            dtype=torch.float64,
        )

    def _number(self, cell: str, line: int, name: str) -> float:
        try:
            number = float(cell)
        except ValueError:
            words = f"'{cell[:40]}' is not a number" if cell else "the cell is empty"
            self.problems.append((line, f"column '{name}': {words}"))
            return math.nan
        if not math.isfinite(number):
            self.problems.append((line, f"column '{name}': '{cell}' is not finite"))
        return number

    def classes(self, name: str, cells: Sequence[str]) -> tuple[tuple[str, ...], Tensor]:
        """The classes in sorted order, and each row's as int64 `(N,)`; notes cells without one."""
        for cell, line in zip(cells, self.lines, strict=True):
            if not cell:
                self.problems.append((line, f"column '{name}': the cell is empty"))
        order = tuple(sorted(set(cells), key=_by_number if all(map(_is_number, cells)) else str))
        index = {cell: number for number, cell in enumerate(order)}
        return order, torch.tensor([index[cell] for cell in cells], dtype=torch.int64)

    def raise_problems(self) -> None:
        """Raises `DataError` with what has been noted, in the order of the lines, if anything."""
        raise_any(
            [Problem(f"{self.path}:{line}: {words}") for line, words in sorted(self.problems)]
        )


def read_cells(path: Path) -> Table:
    """The file's cells; rows of another length than the header are noted and left out."""
    if not os.path.isfile(path):
        kind = "not a regular file" if os.path.exists(path) else "there is no such file"
        raise DataError(f"{path.absolute()}: {kind}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = files.reader(file, strict=True, skipinitialspace=True)
            table = Table(path, _header(path, reader))
            for row in reader:
                if row:  # an empty line is no row
                    _add(table, row, reader.line_num)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 ({error.reason})", hint="Save it as UTF-8.") from error
    except files.Error as error:
        raise DataError(f"{path}:{reader.line_num}: {error}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    if not table.rows and not table.problems:
        raise DataError(f"{path}: there is no row below the header")
    return table


def _header(path: Path, reader: Iterator[list[str]]) -> list[str]:
    columns = [name.strip() for name in next(reader, [])]
    if not columns:
        raise DataError(f"{path}: empty; its first line should name the columns")
    if "" in columns:
        raise DataError(f"{path}:1: column {columns.index('') + 1} has no name")
    if twice := next((name for name in columns if columns.count(name) > 1), None):
        raise DataError(f"{path}:1: two columns are called '{twice}'")
    return columns


def _add(table: Table, row: list[str], line: int) -> None:
    if len(row) != len(table.columns):
        words = f"{len(row)} cells, and the header names {len(table.columns)} columns"
        table.problems.append((line, words))
        return
    table.rows.append([cell.strip() for cell in row])
    table.lines.append(line)


def _kind(cells: Sequence[str]) -> Literal["classes", "values"]:
    if not all(map(_is_number, cells)):
        return "classes"
    numbers = {float(cell) for cell in cells}
    whole = all(number.is_integer() for number in numbers)
    return "classes" if whole and len(numbers) <= MOST_CLASSES else "values"


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _by_number(cell: str) -> tuple[float, str]:
    return float(cell), cell


def _copies(rows: Tensor, split: Split) -> tuple[str, ...]:
    """Warnings of rows `(N, F + 1)` outside of the training part that also stand in it."""
    train, *others = ([row.tobytes() for row in rows[part].numpy()] for part in split)
    known = set(train)
    notes = []
    for name, part in zip(("validation", "test"), others, strict=True):
        if count := sum(row in known for row in part):
            notes.append(f"rows of the {name} part that also stand in the training part: {count}")
    return tuple(notes)
