"""Errors that are found after a config was read, said at their place in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dlkit.config.schema import RunConfig
from dlkit.errors import ConfigError, DataError, OptionError, Problem


def complaint(config: RunConfig, key: str, message: str, hint: str = "") -> ConfigError:
    """A `ConfigError` that points at `key`, or at the nearest enclosing key that was written."""
    return ConfigError(Problem(message, config.locate(key), hint))


@contextmanager
def blaming(config: RunConfig, section: str) -> Iterator[None]:
    """Turns a component's `OptionError` into a `ConfigError` at the option's place in the config.

    A `DataError` about a file or folder that an option names gets the option's place too.
    """
    try:
        yield
    except OptionError as error:
        key = f"{section}.{error.option}"
        raise complaint(config, key, f"'{key}': {error.message}.", error.hint) from error
    except DataError as error:
        raise DataError(*(_placed(config, section, each) for each in error.problems)) from error


def _placed(config: RunConfig, section: str, problem: Problem) -> Problem:
    """`problem` at the option whose path its message begins with, if there is one."""
    for name, value in getattr(config, section).options.items():
        named = isinstance(value, str | Path) and f"{Path(value).absolute()}:"
        if named and problem.location is None and problem.message.startswith(named):
            return replace(problem, location=config.locate(f"{section}.{name}"))
    return problem
