"""CIFAR-10's binary version is read; its pickled version is named and left alone."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from dlkit.data import cifar
from dlkit.data.cifar import ARCHIVE, FILES, INSIDE, RECORD, SHA256, URL, cifar10, read_batch
from dlkit.errors import DataError


def records(n: int, seed: int = 0) -> np.ndarray:
    content = np.random.default_rng(seed).integers(0, 256, (n, RECORD), dtype=np.uint8)
    content[:, 0] = np.arange(n) % 10
    return content


def made_up(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for seed, name in enumerate(FILES):
        (folder / name).write_bytes(records(20, seed).tobytes())
    return folder


@pytest.fixture(autouse=True)
def _no_data_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DLKIT_DATA", str(tmp_path / "home"))


def test_a_record_is_a_label_and_three_planes(tmp_path: Path) -> None:
    """Byte 0 is the label, then red, green, blue, each 32 rows of 32."""
    path = tmp_path / "batch.bin"
    content = records(20)
    path.write_bytes(content.tobytes())
    images, labels = read_batch(path)
    assert images.shape == (20, 3, 32, 32)
    assert images.dtype == torch.uint8
    assert labels.tolist() == content[:, 0].tolist()
    for channel, row, column in ((0, 0, 0), (1, 2, 3), (2, 31, 31)):
        place = 1 + channel * 1024 + row * 32 + column
        assert images[:, channel, row, column].tolist() == content[:, place].tolist()


@pytest.mark.parametrize("layout", ["", INSIDE, f"cifar-10-binary/{INSIDE}"])
def test_the_files_are_found_in_each_layout(tmp_path: Path, layout: str) -> None:
    """Five files train, the sixth tests, validation comes out of the five at random."""
    folder = made_up(tmp_path / "place" / layout)
    data = cifar10(folder=str(tmp_path / "place"), validation_examples=30)
    assert (len(data.train), len(data.validation), len(data.test)) == (70, 30, 20)
    assert data.source == str(folder)
    assert data.facts.input_shape == (3, 32, 32)
    assert data.facts.classes[3] == "cat"
    assert torch.equal(data.test.inputs, read_batch(folder / "test_batch.bin")[0])
    assert data.normalize is not None
    assert data.normalize.mean.shape == (3, 1, 1)
    normal = data.normalize(data.train.inputs)
    assert torch.allclose(normal.mean((0, 2, 3)), torch.zeros(3), atol=1e-4)
    assert torch.allclose(normal.std((0, 2, 3), correction=0), torch.ones(3), atol=1e-4)


def test_nothing_found_says_what_to_get(tmp_path: Path) -> None:
    """D01, D27."""
    with pytest.raises(DataError) as caught:
        cifar10()
    place = tmp_path / "home" / "cifar10"
    assert str(caught.value) == (
        f"CIFAR-10 is not here. Looked in:\n    {place}\n"
        f"    {place}/cifar-10-batches-bin\n    {place}/cifar-10-binary/cifar-10-batches-bin\n  "
        f"Wanted: {', '.join(FILES)}. "
        f"Unpack {ARCHIVE} (from {URL}) in {place}, or set 'data.download: true'."
    )


@pytest.mark.parametrize("layout", ["", "cifar-10-batches-py"])
def test_the_pickled_version_is_named_and_not_read(tmp_path: Path, layout: str) -> None:
    """K09's class: a file that would run code when it is loaded is not loaded."""
    folder = tmp_path / layout
    folder.mkdir(exist_ok=True)
    (folder / "data_batch_1").write_bytes(b"cos\nsystem\n(S'exit'\ntR.")
    with pytest.raises(DataError) as caught:
        cifar10(folder=str(tmp_path))
    assert str(caught.value) == (
        f"{folder}: this is CIFAR-10's python version, a set of pickles, and loading a pickle can "
        f"run any code. Get the binary version from {URL} and unpack it in {tmp_path}, or set "
        "'data.download: true'."
    )


@pytest.mark.parametrize("size", [0, 1, RECORD - 1, RECORD + 1])
def test_a_truncated_file_is_refused(tmp_path: Path, size: int) -> None:
    """With its length and the length of a record."""
    path = tmp_path / "batch.bin"
    path.write_bytes(bytes(size))
    with pytest.raises(DataError) as caught:
        read_batch(path)
    assert str(caught.value) == (
        f"{path}: truncated or no CIFAR-10 file, its {size} bytes are no whole number of records of "
        "3073. Get cifar-10-binary.tar.gz again."
    )


def test_a_label_out_of_range_is_refused(tmp_path: Path) -> None:
    """D11: with the image it belongs to."""
    content = records(3)
    content[1, 0] = 10
    path = tmp_path / "batch.bin"
    path.write_bytes(content.tobytes())
    with pytest.raises(
        DataError, match=r"label 10 of image 1 \(counted from 0\) is none of the 10"
    ):
        read_batch(path)


def test_a_download_is_pinned_unpacked_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive is fetched with its sha256 and size, and unpacked below the same folder."""
    source = made_up(tmp_path / "source" / INSIDE)

    def fetch(url: str, path: Path, *, sha256: str, max_bytes: int) -> None:
        assert (url, sha256, max_bytes) == (URL, SHA256, 170_052_171)
        path.parent.mkdir(parents=True)
        with tarfile.open(path, "w:gz") as archive:
            archive.add(source, INSIDE)

    monkeypatch.setattr(cifar, "fetch", fetch)
    data = cifar10(download=True, validation_examples=30)
    assert len(data.train) == 70
    assert data.source == str(tmp_path / "home/cifar10/cifar-10-binary" / INSIDE)
    monkeypatch.undo()
    monkeypatch.setenv("DLKIT_DATA", str(tmp_path / "home"))
    assert cifar10(validation_examples=30).fingerprint == data.fingerprint


def test_an_archive_without_the_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the published archive ever change its layout."""

    def fetch(url: str, path: Path, **options: object) -> None:
        path.parent.mkdir(parents=True)
        with tarfile.open(path, "w:gz") as archive:
            archive.addfile(tarfile.TarInfo("readme"), io.BytesIO())

    monkeypatch.setattr(cifar, "fetch", fetch)
    with pytest.raises(DataError, match=r"it does not hold data_batch_1\.bin"):
        cifar10(download=True)
