"""Configs written into an empty current folder, so that messages name them as `c.yaml`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dlkit.config.load import load
from dlkit.config.schema import RunConfig
from dlkit.errors import ConfigError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def read() -> Callable[..., RunConfig]:
    """Loads a config from text, with overrides."""

    def read(text: str | bytes, *overrides: str) -> RunConfig:
        path = Path("c.yaml")
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(path, overrides)

    return read


@pytest.fixture
def complaints(read: Callable[..., RunConfig]) -> Callable[..., list[str]]:
    """The problems of a config, as they are printed."""

    def complaints(text: str | bytes, *overrides: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            read(text, *overrides)
        return [str(problem) for problem in caught.value.problems]

    return complaints
