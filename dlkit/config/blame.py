"""Errors that are found after a config was read, said at their place in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dlkit.config.schema import RunConfig
from dlkit.errors import ConfigError, OptionError, Problem


def complaint(config: RunConfig, key: str, message: str, hint: str = "") -> ConfigError:
    """A `ConfigError` that points at `key`, or at the nearest enclosing key that was written."""
    return ConfigError(Problem(message, config.locate(key), hint))


@contextmanager
def blaming(config: RunConfig, section: str) -> Iterator[None]:
    """Turns a component's `OptionError` into a `ConfigError` at the option's place in the config."""
    try:
        yield
    except OptionError as error:
        key = f"{section}.{error.option}"
        raise complaint(config, key, f"'{key}': {error.message}.", error.hint) from error
