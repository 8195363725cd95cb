"""Files of the UCR and UEA archives: what they may hold, and what is refused with its line."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dlkit.data.dataset import Padded
from dlkit.data.splits import random_split
from dlkit.data.ucr import ucr
from dlkit.errors import DataError

HEADER = "# A comment, not in UTF-8: \xe9\n@problemName Tiny\n@timeStamps false\n@classLabel true no yes\n@data\n"


def example(random: np.random.Generator, label: str, *, channels: int = 2, steps: int = 6) -> str:
    rows = random.normal(3, 2, (channels, steps)).round(4)
    return ":".join([*(",".join(map(str, row)) for row in rows), label])


def lines(n: int, seed: int, **options: int) -> list[str]:
    random = np.random.default_rng(seed)
    return [example(random, ("no", "yes")[k % 2], **options) for k in range(n)]


def written(folder: Path, train: list[str], test: list[str], header: str = HEADER) -> str:
    for name, examples in (("TRAIN", train), ("TEST", test)):
        text = header + "\n".join(examples) + "\n"
        (folder / f"Tiny_{name}.ts").write_bytes(text.encode("latin-1"))
    return str(folder)


def numbers(line: str) -> np.ndarray:
    """`(T, F)`"""
    return np.array([channel.split(",") for channel in line.split(":")[:-1]], dtype=float).T


def problems(folder: Path, train: list[str], header: str = HEADER) -> list[str]:
    path = written(folder, train, lines(2, 1), header)
    with pytest.raises(DataError) as caught:
        ucr(folder=path)
    return [str(each).replace(path, "FOLDER") for each in caught.value.problems]


def test_examples_are_standardised_by_the_training_part(tmp_path: Path) -> None:
    """Each channel by its mean and deviation over all steps of what is trained on, in all parts."""
    train, test = lines(20, 0), lines(7, 1)
    data = ucr(folder=written(tmp_path, train, test), validation_fraction=0.2)
    everything = np.stack([numbers(line) for line in train])
    kept, held, _ = random_split(20, test_fraction=0.0, validation_fraction=0.2, split_seed=0)
    mean, std = everything[kept].mean((0, 1)), everything[kept].std((0, 1))

    assert data.sizes() == {"train": 16, "validation": 4, "test": 7}
    for part, values in (
        (data.train, everything[kept]),
        (data.validation, everything[held]),
        (data.test, np.stack([numbers(line) for line in test])),
    ):
        expected = (values - mean) / std
        np.testing.assert_allclose(part.inputs.numpy(), expected, rtol=1e-4, atol=1e-5)
    assert data.test.labels.tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert data.facts.input_shape == (6, 2)
    assert data.facts.classes == ("no", "yes")
    assert data.normalize is None


def test_unequal_lengths_are_padded(tmp_path: Path) -> None:
    """Statistics are over valid steps only; a batch is as long as its longest sequence."""
    random = np.random.default_rng(0)
    train = [example(random, ("no", "yes")[k % 2], steps=3 + k) for k in range(6)]
    data = ucr(folder=written(tmp_path, train, lines(3, 1, steps=2)), validation_fraction=0)
    inputs, _ = data.train.fetch(torch.tensor([2, 0]))
    values = np.concatenate([numbers(line) for line in train])
    first = (numbers(train[2]) - values.mean(0)) / values.std(0)

    assert isinstance(inputs, Padded)
    assert inputs.lengths.tolist() == [5, 3]
    assert inputs.values.shape == (2, 5, 2)
    np.testing.assert_allclose(inputs.values[0], first, rtol=1e-4, atol=1e-5)
    assert not inputs.values[1, 3:].any()
    assert data.sizes() == {"train": 6, "validation": 0, "test": 3}
    assert data.facts.input_shape == (8, 2)
    assert data.facts.ragged
    nothing, _ = data.train.fetch(torch.tensor([], dtype=torch.long))
    assert (len(nothing), nothing.values.shape) == (0, (0, 0, 2))


def test_the_fingerprint_follows_values_and_split(tmp_path: Path) -> None:
    """The same files give the same; another split or another number another."""
    folder = written(tmp_path, lines(20, 0), lines(4, 1))
    first, again, other = ucr(folder=folder), ucr(folder=folder), ucr(folder=folder, split_seed=1)
    changed = ucr(folder=written(tmp_path, lines(20, 0), lines(4, 2)))

    assert first.fingerprint == again.fingerprint
    assert len({first.fingerprint, other.fingerprint, changed.fingerprint}) == 3


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Missing values, words, unknown labels, ragged channels: each with its line."""
    bad = ["1,?,3:4,5,6:no", "1,NaN,3:4,5,6:no", "1,two,3:4,5,6:no", "1,2,3:4,5,6:maybe", "1,2,3"]
    bad += ["1,2,3:4,5:yes", "1,2,3:4,5,6:yes", "1,2,3:yes"]

    assert problems(tmp_path, bad) == [
        "FOLDER/Tiny_TRAIN.ts:6: step 2: a missing value ('?'). Fill it in beforehand.",
        "FOLDER/Tiny_TRAIN.ts:7: step 2: a missing value ('NaN'). Fill it in beforehand.",
        "FOLDER/Tiny_TRAIN.ts:8: step 2: 'two' is not a number",
        "FOLDER/Tiny_TRAIN.ts:9: label 'maybe' is none of no, yes",
        "FOLDER/Tiny_TRAIN.ts:10: no ':' sets the label apart",
        "FOLDER/Tiny_TRAIN.ts:11: channels of 2 and of 3 steps in one example",
        "FOLDER/Tiny_TRAIN.ts:13: channels: 1, and 2 in the first example",
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "@timeStamps true\n@classLabel true a b\n@data\n",
            "1: series with time stamps are not read",
        ),
        ("@targetLabel true\n@data\n", "1: targets that are numbers are not read, only classes"),
        ("@classLabel false\n@data\n", "2: no '@classLabel true ...' names the classes"),
        ("1,2,3:no\n@data\n", "1: numbers before the line @data"),
    ],
)
def test_other_kinds_of_files_are_refused(tmp_path: Path, header: str, message: str) -> None:
    """By the line that says what they are."""
    assert problems(tmp_path, lines(2, 0), header)[0].startswith(f"FOLDER/Tiny_TRAIN.ts:{message}")


def test_files_without_data_are_refused(tmp_path: Path) -> None:
    """No line @data, or nothing below it, or one class only."""
    one = "@classLabel true no\n@data\n"
    assert problems(tmp_path, [], "@problemName Tiny\n") == [
        "FOLDER/Tiny_TRAIN.ts: no .ts file, it has no line @data"
    ]
    assert problems(tmp_path, []) == ["FOLDER/Tiny_TRAIN.ts: there is no example below @data"]
    written(tmp_path, ["1,2:no"], ["1,2:no"], one)
    with pytest.raises(DataError, match="only one class, 'no'; classification needs at least 2"):
        ucr(folder=str(tmp_path))


def test_both_files_must_be_of_one_kind(tmp_path: Path) -> None:
    """The same number of channels, the same classes in the same order."""
    folder = written(tmp_path, lines(4, 0), lines(4, 1, channels=3))
    with pytest.raises(DataError) as caught:
        ucr(folder=folder, validation_fraction=0)
    assert str(caught.value) == f"{folder}/Tiny_TEST.ts: channels: 3, and 2 in Tiny_TRAIN.ts"

    text = (tmp_path / "Tiny_TRAIN.ts").read_text("latin-1").replace("no yes", "yes no")
    (tmp_path / "Tiny_TEST.ts").write_text(text)
    with pytest.raises(DataError) as caught:
        ucr(folder=folder, validation_fraction=0)
    assert str(caught.value) == (
        f"{folder}/Tiny_TEST.ts: the classes yes, no, Tiny_TRAIN.ts has no, yes"
    )


def test_a_folder_must_hold_one_data_set(tmp_path: Path) -> None:
    """None, several, or a test file that is missing: the path is named."""
    with pytest.raises(DataError) as caught:
        ucr(folder=str(tmp_path / "absent"))
    assert str(caught.value) == f"{tmp_path}/absent: there is no such folder"
    with pytest.raises(DataError) as caught:
        ucr(folder=str(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path}: no file called NAME_TRAIN.ts. Name the folder of one data set of the archive."
    )
    written(tmp_path, lines(4, 0), lines(4, 1))
    (tmp_path / "Tiny_TEST.ts").unlink()
    with pytest.raises(DataError) as caught:
        ucr(folder=str(tmp_path))
    assert str(caught.value) == f"{tmp_path}/Tiny_TEST.ts: there is no such file"
    (tmp_path / "Other_TRAIN.ts").touch()
    with pytest.raises(DataError, match=r"2 files called NAME_TRAIN\.ts"):
        ucr(folder=str(tmp_path))
