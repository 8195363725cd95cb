"""Time series: parts in time order, no value of a later part in an earlier one, rivals by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from dlkit.data.rivals import seasonal
from dlkit.data.series import series
from dlkit.errors import DataError, OptionError

VALUES = np.random.default_rng(0).normal(20, 3, 100).round(3)


def written(folder: Path, values: np.ndarray = VALUES) -> str:
    path = folder / "series.csv"
    path.write_text("\n".join(["when,value", *(f"{k},{v}" for k, v in enumerate(values))]))
    return str(path)


def original(data, examples):
    """Windows `(n, window)` and targets `(n, horizon)` in the file's own unit."""
    inputs, targets = examples.fetch(torch.arange(len(examples)))
    mean, std = data.facts.target_mean, data.facts.target_std
    return (inputs[:, :, 0] * std + mean).numpy(), (targets * std + mean).numpy()


def test_parts_follow_each_other_in_time(tmp_path: Path) -> None:
    """100 values: 20 targets for the test, 8 before them, the rest for training, each used once."""
    data = series(file=written(tmp_path), column="value", window=5)
    seen = [original(data, part) for part in (data.train, data.validation, data.test)]

    assert data.sizes() == {"train": 67, "validation": 8, "test": 20}
    targets = np.concatenate([targets[:, 0] for _, targets in seen])
    np.testing.assert_allclose(targets, VALUES[5:], rtol=1e-5)
    windows = np.concatenate([windows for windows, _ in seen])
    np.testing.assert_allclose(
        windows, np.lib.stride_tricks.sliding_window_view(VALUES, 5)[:-1], rtol=1e-5
    )


@pytest.mark.parametrize("horizon", [1, 3])
def test_later_values_change_nothing_earlier(tmp_path: Path, horizon: int) -> None:
    """With other values in the test part, training and validation are bit for bit the same; and with
    others from the validation on, the training is: neither targets nor statistics leak."""
    options = {"column": "value", "window": 5, "horizon": horizon}
    data = series(file=written(tmp_path), **options)
    for first, parts in ((80, ("train", "validation")), (72, ("train",))):
        values = VALUES.copy()
        values[first:] = 1000.0
        other = series(file=written(tmp_path, values), **options)
        for part in parts:
            one, two = getattr(data, part), getattr(other, part)
            assert torch.equal(one.inputs, two.inputs)
            assert torch.equal(one.labels, two.labels)


def test_windows_of_several_steps_ahead_stay_in_their_part(tmp_path: Path) -> None:
    """All targets of a part lie in it: pairs across an end belong to none."""
    data = series(file=written(tmp_path), column="value", window=5, horizon=3)

    for part, start, end in ((data.train, 5, 72), (data.validation, 72, 80), (data.test, 80, 100)):
        _, targets = original(data, part)
        assert len(part) == end - start - 2
        np.testing.assert_allclose(targets[0], VALUES[start : start + 3], rtol=1e-5)
        np.testing.assert_allclose(targets[-1], VALUES[end - 3 : end], rtol=1e-5)


def test_statistics_are_those_of_the_training_part(tmp_path: Path) -> None:
    """Mean and deviation of the first 72 values."""
    facts = series(file=written(tmp_path), column="value").facts

    assert facts.target_mean == pytest.approx(VALUES[:72].mean())
    assert facts.target_std == pytest.approx(VALUES[:72].std())
    assert facts.input_shape == (24, 1)


def test_columns_may_follow_each_other_in_a_row(tmp_path: Path) -> None:
    """A table of a row for each year reads like one of a row for each month."""
    path = tmp_path / "wide.csv"
    rows = [f"{1950 + k},{','.join(map(str, row))}" for k, row in enumerate(VALUES.reshape(25, 4))]
    path.write_text("\n".join(["year,a,b,c,d", *rows]))
    wide = series(file=str(path), column=["a", "b", "c", "d"])
    long = series(file=written(tmp_path), column="value")

    assert wide.fingerprint == long.fingerprint


def test_rivals_are_in_the_series_own_unit(tmp_path: Path) -> None:
    """Persistence and the season before by their definitions, the autoregression by scikit-learn."""
    data = series(file=written(tmp_path), column="value", window=5, season=4)
    seen, targets = original(data, data.train)
    tested, truth = original(data, data.test)
    linear = LinearRegression().fit(seen, targets).predict(tested)
    expected = {
        "persistence": tested[:, -1:],
        "linear autoregression": linear,
        "season before": VALUES[76:96, None],
    }

    references = data.references()
    assert list(references) == list(expected)
    for name, forecast in expected.items():
        assert references[name]["rmse"] == pytest.approx(((forecast - truth) ** 2).mean() ** 0.5)
        assert references[name]["mae"] == pytest.approx(abs(forecast - truth).mean())


def test_no_seasonal_rival_unless_asked_for(tmp_path: Path) -> None:
    """The two others are always there, for several steps ahead too."""
    references = series(file=written(tmp_path), column="value", horizon=4).references()
    assert list(references) == ["persistence", "linear autoregression"]


def test_a_season_is_never_looked_up_in_the_future() -> None:
    """Five steps ahead of a season of two: the last known season stands in for all later ones."""
    forecast = seasonal(torch.arange(20.0), count=2, horizon=5, season=2)

    # The first origin has seen 0 to 13, the second one more.
    assert forecast.tolist() == [[12, 13, 12, 13, 12], [13, 14, 13, 14, 13]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"column": "valeu"}, "column: {file} has no column 'valeu'. Did you mean 'value'?"),
        (
            {"window": 71, "horizon": 2},
            "window: 71 and the horizon 2 do not fit into the 72 values of the training part",
        ),
        (
            {"test_fraction": 0.02, "horizon": 3},
            "test_fraction: 0.02 of 100 values are 2, fewer than the horizon 3",
        ),
        (
            {"validation_fraction": 0.01, "horizon": 3},
            "validation_fraction: 0.01 of 80 values are 1, fewer than the horizon 3",
        ),
        ({"season": 73}, "season: 73 is longer than the 72 values of the training part"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, options: dict, message: str) -> None:
    """At the option at fault, with the numbers that don't go together."""
    file = written(tmp_path)
    with pytest.raises(OptionError) as caught:
        series(**{"file": file, "column": "value", **options})
    assert str(caught.value) == message.format(file=file)


def test_missing_values_are_named_by_line(tmp_path: Path) -> None:
    """An empty cell, a word and a nan are no values of a series."""
    path = tmp_path / "series.csv"
    path.write_text("value,other\n1.5,0\n,0\nlots,0\nnan,0\n")
    with pytest.raises(DataError) as caught:
        series(file=str(path), column="value")
    assert [str(each) for each in caught.value.problems] == [
        f"{path}:3: column 'value': the cell is empty",
        f"{path}:4: column 'value': 'lots' is not a number",
        f"{path}:5: column 'value': 'nan' is not finite",
    ]
