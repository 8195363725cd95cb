"""Time series to forecast: a column of a CSV file, cut into windows and what follows each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from torch import Tensor

from dlkit.data import fingerprint
from dlkit.data.compose import Pair, column_statistics
from dlkit.data.dataset import Data, Facts, References, TensorExamples
from dlkit.data.rivals import autoregression, errors, persistence, seasonal
from dlkit.data.tables import read_cells
from dlkit.errors import OptionError
from dlkit.ranges import FilePath, Fraction, NaturalInt, PositiveInt, Share
from dlkit.registry import did_you_mean


def series(
    *,
    file: FilePath,
    column: str | list[str],
    window: PositiveInt = 24,
    horizon: PositiveInt = 1,
    season: NaturalInt = 0,
    test_fraction: Fraction = 0.2,
    validation_fraction: Share = 0.1,
) -> Data:
    """Windows `(window, 1)` of one series in time order; the targets are the next `horizon` values.

    The last values are for the test, those before them for validation; each of their targets is
    forecast from the values just before it (a rolling origin: Hyndman & Athanasopoulos 2021,
    section 5.10), so a window may reach back into an earlier part, and a target never does. Mean and
    deviation are those of the training part. Beside the model's scores stand those of persistence
    (the last value), of a linear autoregression on the same windows, fitted to the training part by
    least squares, and, on request, of the season before. Options:

    - `file`: UTF-8, separated by commas, its first line naming the columns.
    - `column`: the column's name; or several, which follow each other in time within a row, such as
      the twelve months of a row for each year.
    - `window`: how many values the model sees.
    - `horizon`: how many values it forecasts.
    - `season`: values in a season, 12 for months in a year, to print the seasonal rival; 0 for none.
    - `test_fraction`: the share of the values that are the test's targets.
    - `validation_fraction`: the share of the remaining values that are the validation's.
    """
    values = _values(Path(file), [column] if isinstance(column, str) else column)
    tests = _count(len(values), test_fraction, "test_fraction", horizon)
    held = _count(len(values) - tests, validation_fraction, "validation_fraction", horizon)
    ends = len(values) - tests - held, len(values) - tests
    if ends[0] < window + horizon:
        raise OptionError(
            "window",
            f"{window} and the horizon {horizon} do not fit into the {ends[0]} values of the "
            "training part",
        )
    if season > ends[0]:
        raise OptionError(
            "season", f"{season} is longer than the {ends[0]} values of the training part"
        )
    split = Origins(values, window, horizon, ends)
    mean, std = column_statistics(values[: ends[0], None])  # (1,)
    pairs = [tuple(((each - mean) / std).float() for each in pair) for pair in split.parts()]
    train, validation, test = (TensorExamples(seen[:, :, None], targets) for seen, targets in pairs)
    return Data(
        train,
        validation,
        test,
        facts=Facts((window, 1), horizon, "values", target_mean=mean.item(), target_std=std.item()),
        normalize=None,
        fingerprint=fingerprint.of_tensors(*(tensor for pair in pairs for tensor in pair)),
        source=file,
        references=partial(rivals, split, season),
    )


@dataclass(frozen=True)
class Origins:
    """A series float64 `(N,)` and where its training part and its validation part end."""

    values: Tensor
    window: int
    horizon: int
    ends: tuple[int, int]

    def parts(self) -> tuple[Pair, Pair, Pair]:
        """Windows `(n, window)` and targets `(n, horizon)` of training, validation and test.

        A pair belongs to the part that holds all of its targets; those across an end to none.
        """
        pairs = self.values.unfold(0, self.window + self.horizon, 1)  # (n, window + horizon)
        bounds = (self.window, *self.ends, len(self.values))
        train, validation, test = (
            pairs[start - self.window : max(start, end - self.horizon + 1) - self.window]
            for start, end in pairwise(bounds)
        )
        return self._cut(train), self._cut(validation), self._cut(test)

    def _cut(self, pairs: Tensor) -> Pair:
        return pairs[:, : self.window], pairs[:, self.window :]


def rivals(origins: Origins, season: int) -> References:
    """The test errors of forecasts that need no network, in the series' own unit."""
    (seen, targets), _, (tested, truth) = origins.parts()
    forecasts = {
        "persistence": persistence(tested, origins.horizon),
        "linear autoregression": autoregression(seen, targets, tested),
    }
    if season:
        forecasts["season before"] = seasonal(origins.values, len(truth), origins.horizon, season)
    return {name: errors(forecast, truth) for name, forecast in forecasts.items()}


def _values(path: Path, columns: Sequence[str]) -> Tensor:
    """The cells of `columns`, row by row: float64 `(N,)`."""
    table = read_cells(path)
    for name in columns:
        if name not in table.columns:
            known = did_you_mean(name, table.columns)
            raise OptionError("column", f"{path} has no column '{name}'.{known}")
    places = [table.columns.index(name) for name in columns]
    values = table.numbers(columns, [[row[place] for place in places] for row in table.rows])
    table.raise_problems()
    return values.flatten()


def _count(n: int, fraction: float, option: str, horizon: int) -> int:
    """How many of `n` values a part takes; 0, or enough for one target."""
    count = round(n * fraction)
    if fraction and count < horizon:
        raise OptionError(
            option, f"{fraction:g} of {n} values are {count}, fewer than the horizon {horizon}"
        )
    return count
