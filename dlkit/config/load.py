"""Reads a config: a file, then the `--set` overrides, checked in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from dlkit.config import crosschecks, routing
from dlkit.config.checker import Checker
from dlkit.config.document import OVERRIDE
from dlkit.config.override import override
from dlkit.config.reading import read_config
from dlkit.config.schema import RunConfig
from dlkit.config.shorthand import expand
from dlkit.config.text import read
from dlkit.errors import ConfigError, Problem

MAX_PROBLEMS = 50
"""How many problems are worth showing at once."""


def load(path: Path, overrides: Sequence[str] = ()) -> RunConfig:
    """The config in the file `path` with `overrides` such as `fit.epochs=5` applied in order.

    Relative paths in the file are relative to its folder, those in an override to the current one.
    Raises `ConfigError` with every problem that one pass finds; a syntax error comes alone.
    """
    document = expand(read(path))
    problems: list[Problem] = []
    for text in overrides:
        try:
            document = override(document, text)
        except ConfigError as error:
            problems += error.problems
    checker = Checker(document, path.parent.absolute())
    config = read_config(checker, _run_name(path))
    problems += [*document.problems, *checker.problems]
    if config:
        problems += [*routing.problems(config), *crosschecks.problems(config)]
    if problems or config is None:
        raise ConfigError(*_in_order(problems))
    return config


def _run_name(path: Path) -> str:
    """The file's name without its ending, made fit to be a run's name."""
    return re.sub(r"[^\w.+-]+", "-", path.stem).strip(".+-")[:100] or "run"


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Those of the file by line, then those of the overrides; not too many to read."""

    def position(problem: Problem) -> tuple[bool, int, int]:
        place = problem.location
        inside = place is not None and place.file != OVERRIDE
        return (not inside, place.line, place.column) if place and inside else (True, 0, 0)

    found = sorted(problems, key=position)
    rest = len(found) - MAX_PROBLEMS
    return found if rest <= 0 else [*found[:MAX_PROBLEMS], Problem(f"{rest} more problems.")]
