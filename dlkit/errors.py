"""What can go wrong, said to the user: where it is, what is wrong, what to do next.

Every error that dlkit raises on purpose is a `DlkitError`. It holds one or more `Problem`s, and its
class fixes the exit code. One function, `render`, writes them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process returns; a shell script can rely on these."""

    DONE = 0
    BUG = 1
    USAGE = 2
    DATA = 3
    CHECKPOINT = 4
    DIVERGED = 5
    STORAGE = 6
    MEMORY = 7
    BUSY = 8
    CLAIM = 9
    HANGUP = 129
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True)
class Location:
    """A place in a text that the user wrote: a file, or a `--set` override.

    `line` and `column` count from 1; `source` is the text of that line.
    """

    file: str
    line: int
    column: int
    source: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `message` says what, `location` where, `hint` what to do.

    `topics` are words that a dictionary may explain it under, the most fitting first.
    """

    message: str
    location: Location | None = None
    hint: str = ""
    topics: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        stop = "" if self.message.endswith((".", "?", "!")) else "."
        return f"{place}{self.message}" + (f"{stop} {self.hint}" if self.hint else "")


class DlkitError(Exception):
    """An error that is the user's to mend, never a bug of dlkit's.

    Raised with a message (and a hint), or with all the problems that were found in one pass.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, *problems: Problem | str, hint: str = "") -> None:
        self.problems: tuple[Problem, ...] = tuple(
            Problem(each, hint=hint) if isinstance(each, str) else each for each in problems
        )
        super().__init__("; ".join(str(problem) for problem in self.problems))


class ConfigError(DlkitError):
    """The command line or the config is wrong; nothing has been created yet."""

    exit_code = ExitCode.USAGE


class DataError(DlkitError):
    """The data is missing, damaged or unfit for the task."""

    exit_code = ExitCode.DATA


class CheckpointError(DlkitError):
    """No checkpoint can be used, or it belongs to another run."""

    exit_code = ExitCode.CHECKPOINT


class Diverged(DlkitError):
    """The loss or a gradient is no longer finite; the weights are those before the step."""

    exit_code = ExitCode.DIVERGED


class StorageError(DlkitError):
    """The run folder cannot be written; what had been saved before is still valid."""

    exit_code = ExitCode.STORAGE


class MemoryShortage(DlkitError):
    """The device or the machine ran out of memory."""

    exit_code = ExitCode.MEMORY


class Busy(DlkitError):
    """Another process is using the run folder."""

    exit_code = ExitCode.BUSY


class OptionError(ValueError):
    """Raised by a component whose option is well-typed but does not fit what it was handed.

    `option` is the keyword-only parameter at fault; `assemble` turns this into a `ConfigError` that
    points at the option's place in the config.
    """

    def __init__(self, option: str, message: str, hint: str = "") -> None:
        self.option, self.message, self.hint = option, message, hint
        super().__init__(f"{option}: {message}")


def render(
    problems: Iterable[Problem],
    explained_by: Callable[[Problem], str | None] = lambda problem: None,
) -> str:
    """The problems as text for stderr: `error:` lines, each with its source line and a caret.

    `explained_by` may give a command that explains what a problem is about; it comes last.
    """
    return "\n".join(
        line for problem in problems for line in _lines(problem, explained_by(problem))
    )


def _lines(problem: Problem, explanation: str | None) -> list[str]:
    lines = [f"error: {problem}"]
    place = problem.location
    if place and place.source:
        number = str(place.line)
        gutter = " " * len(number)
        lines.append(f"  {number} | {place.source}")
        lines.append(f"  {gutter} | {_indent(place)}^")
    if explanation:
        lines.append(f"  see: {explanation}")
    return lines


def _indent(place: Location) -> str:
    """Blanks up to the caret, as wide on the screen as the source before it."""
    from unicodedata import east_asian_width

    before = place.source[: place.column - 1]
    return "".join(
        "\t" if c == "\t" else "  " if east_asian_width(c) in "WF" else " " for c in before
    )
