"""Reads .ts files, in which the UCR and UEA archives keep labelled time series.

Comments begin with `#`, facts about the file with `@`; below `@data` each line is one example: its
channels, separated by `:`, each a list of numbers separated by commas, and last its label.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from dlkit.data.problems import raise_any
from dlkit.errors import DataError, Problem


@dataclass
class TsFile:
    """What a file holds, in its order, and what is wrong with it so far."""

    path: Path
    classes: tuple[str, ...] = ()
    sequences: list[Tensor] = field(default_factory=list)
    """Each float64 `(T, F)`: its own number of steps, the same number of channels."""
    labels: list[int] = field(default_factory=list)
    """Indices into `classes`."""
    problems: list[Problem] = field(default_factory=list)

    def note(self, line: int, message: str, hint: str = "") -> None:
        """Adds what is wrong in that line."""
        self.problems.append(Problem(f"{self.path}:{line}: {message}", hint=hint))


def read_ts(path: Path) -> TsFile:
    """The series of a file with class labels.

    Raises `DataError` with all that is wrong: missing values, time stamps and targets that are no
    classes are refused; so are channels of different lengths in one example.
    """
    file = TsFile(path)
    lines = _lines(path)
    _read_header(file, lines)
    for number, line in lines:
        _read_example(file, number, line)
    raise_any(file.problems)
    if not file.sequences:
        raise DataError(f"{path}: there is no example below @data")
    return file


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines with their numbers from 1, but for comments and empty ones."""
    if not os.path.isfile(path):
        kind = "not a regular file" if os.path.exists(path) else "there is no such file"
        raise DataError(f"{path.absolute()}: {kind}")
    try:
        # Comments of the archives are not always UTF-8, and nothing but ASCII matters here.
        with path.open(encoding="utf-8-sig", errors="replace") as text:
            for number, line in enumerate(text, 1):
                if (line := line.strip()) and not line.startswith("#"):
                    yield number, line
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error


def _read_header(file: TsFile, lines: Iterator[tuple[int, str]]) -> None:
    """Takes the lines up to `@data`."""
    for number, line in lines:
        key, *words = line.split()
        match key.lower():
            case "@data":
                if not file.classes and not file.problems:
                    file.note(number, "no '@classLabel true ...' names the classes")
                raise_any(file.problems)
                return
            case "@classlabel" if words[:1] and words[0].lower() == "true":
                file.classes = tuple(words[1:])
            case "@timestamps" if words[:1] and words[0].lower() == "true":
                file.note(number, "series with time stamps are not read", "Use evenly spaced ones.")
            case "@targetlabel" if words[:1] and words[0].lower() == "true":
                file.note(number, "targets that are numbers are not read, only classes")
            case _ if not key.startswith("@"):
                file.note(number, "numbers before the line @data")
                raise_any(file.problems)
    raise DataError(f"{file.path}: no .ts file, it has no line @data")


def _read_example(file: TsFile, number: int, line: str) -> None:
    *channels, label = line.split(":")
    label = label.strip()
    if not channels:
        file.note(number, "no ':' sets the label apart")
    elif label not in file.classes:
        file.note(number, f"label '{label[:40]}' is none of {', '.join(file.classes)}")
    elif wrong := next(filter(None, map(_objection, channels)), None):
        file.note(number, *wrong)
    else:
        columns = [list(map(float, channel.split(","))) for channel in channels]
        lengths = sorted({len(column) for column in columns})
        if len(lengths) > 1:
            file.note(number, f"channels of {lengths[0]} and of {lengths[-1]} steps in one example")
            return
        sequence = torch.tensor(columns, dtype=torch.float64).T  # (T, F)
        if file.sequences and sequence.shape[1] != file.sequences[0].shape[1]:
            there = file.sequences[0].shape[1]
            file.note(number, f"channels: {sequence.shape[1]}, and {there} in the first example")
            return
        file.sequences.append(sequence)
        file.labels.append(file.classes.index(label))


def _objection(channel: str) -> tuple[str, str] | None:
    """What is wrong with a channel's numbers, and what to do; None if nothing is."""
    for step, cell in enumerate(channel.split(","), 1):
        try:
            finite = math.isfinite(float(cell))
        except ValueError:
            if cell.strip() != "?":
                return f"step {step}: '{cell.strip()[:40]}' is not a number", ""
            finite = False
        if not finite:
            return f"step {step}: a missing value ('{cell.strip()}')", "Fill it in beforehand."
    return None
