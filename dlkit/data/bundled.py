"""Finds data files that lie inside the installed scikit-learn, without importing it (1 s)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dlkit.errors import DataError


def read_table(name: str, *, delimiter: str | None = None) -> Tensor:
    """The numbers of scikit-learn's data file `name` as float64 `(rows, columns)`."""
    path = locate(name)
    try:
        return torch.from_numpy(np.loadtxt(path, delimiter=delimiter, ndmin=2))
    except (OSError, EOFError, ValueError) as error:
        raise DataError(
            f"{path}: cannot be read ({error})", hint="Reinstall scikit-learn."
        ) from error


def locate(name: str) -> Path:
    """The path of scikit-learn's data file `name`; raises `DataError` if it is not there."""
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            f"scikit-learn, which holds {name}, is not installed",
            hint="Install it: pip install scikit-learn",
        )
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "data" / name
    if not path.is_file():
        raise DataError(
            f"{path}: this release of scikit-learn does not hold {name}",
            hint="Install another release of scikit-learn.",
        )
    return path
