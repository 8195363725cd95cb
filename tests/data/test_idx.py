"""IDX files are read as torchvision reads them, from wherever they may lie, and never half."""

import gzip
import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from dlkit.data import idx
from dlkit.data.idx import FASHION_MNIST, FILES, MNIST, fashion_mnist, mnist, read_idx
from dlkit.errors import DataError, OptionError


def packed(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def made_up(folder: Path, *, compressed: bool = False, train: int = 30, test: int = 10) -> Path:
    """The four files with random images of 28x28, in `folder`."""
    random = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = [
        array
        for n in (train, test)
        for array in (random.integers(0, 256, (n, 28, 28)), np.arange(n) % 10)
    ]
    for name, array in zip(FILES, arrays, strict=True):
        content = packed(array)
        path = folder / (f"{name}.gz" if compressed else name)
        path.write_bytes(gzip.compress(content) if compressed else content)
    return folder


@pytest.fixture(autouse=True)
def _no_data_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whether the machine has the data sets must not decide a test."""
    monkeypatch.setenv("DLKIT_DATA", str(tmp_path / "home"))
    monkeypatch.setattr(idx, "FASHION_MNIST", replace(FASHION_MNIST, system=tmp_path / "system"))


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        (mnist, torchvision.datasets.MNIST, "MNIST"),
        (fashion_mnist, torchvision.datasets.FashionMNIST, "FashionMNIST"),
    ],
)
def test_torchvision_reads_the_same(tmp_path: Path, ours: object, theirs: type, name: str) -> None:
    """From torchvision's own layout: the same test part in order, and the same training images."""
    made_up(tmp_path / name / "raw")
    data = ours(folder=str(tmp_path), validation_examples=0)
    train, test = (theirs(str(tmp_path), train=part, download=False) for part in (True, False))
    assert torch.equal(data.train.inputs.squeeze(1), train.data)
    assert torch.equal(data.train.labels, train.targets)
    assert torch.equal(data.test.inputs.squeeze(1), test.data)
    assert torch.equal(data.test.labels, test.targets)
    assert [str(c) for c in data.facts.classes] == [c.split(" - ")[0] for c in test.classes]


def test_plain_and_compressed_files_give_the_same_data(tmp_path: Path) -> None:
    """And the same fingerprint: where data lie does not matter, what they are does."""
    plain = mnist(folder=str(made_up(tmp_path / "a")), validation_examples=5)
    compressed = mnist(folder=str(made_up(tmp_path / "b", compressed=True)), validation_examples=5)
    assert plain.fingerprint == compressed.fingerprint
    assert (len(plain.train), len(plain.validation), len(plain.test)) == (25, 5, 10)
    assert plain.facts.input_shape == (1, 28, 28)


def test_only_so_many_training_examples(tmp_path: Path) -> None:
    """`train_examples` leaves the validation and test parts alone; too many are refused."""
    folder = str(made_up(tmp_path))
    few = mnist(folder=folder, validation_examples=5, train_examples=8)
    more = mnist(folder=folder, validation_examples=5)
    assert len(few.train) == 8
    assert torch.equal(few.validation.inputs, more.validation.inputs)
    with pytest.raises(OptionError, match="26 are wanted; 5 held for validation leave 25"):
        mnist(folder=folder, validation_examples=5, train_examples=26)


def test_the_search_goes_from_the_home_folder_to_debians(tmp_path: Path) -> None:
    """`$DLKIT_DATA/fashion_mnist` comes before `$DLKIT_DATA/FashionMNIST/raw`, then the system's."""
    options = {"validation_examples": 5}
    made_up(tmp_path / "system", compressed=True)
    assert fashion_mnist(**options).source == str(tmp_path / "system")
    made_up(tmp_path / "home" / "FashionMNIST" / "raw")
    assert fashion_mnist(**options).source == str(tmp_path / "home" / "FashionMNIST" / "raw")
    made_up(tmp_path / "home" / "fashion_mnist")
    assert fashion_mnist(**options).source == str(tmp_path / "home" / "fashion_mnist")


def test_the_home_folder_without_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`~/.cache/dlkit/mnist`."""
    monkeypatch.delenv("DLKIT_DATA")
    monkeypatch.setenv("HOME", str(tmp_path))
    made_up(tmp_path / ".cache" / "dlkit" / "mnist")
    assert len(mnist(validation_examples=5).train) == 25


def test_nothing_found_says_what_was_wanted_where_and_what_to_do(tmp_path: Path) -> None:
    """D01, D27: the files, every folder, the package, the option."""
    with pytest.raises(DataError) as caught:
        fashion_mnist()
    home = tmp_path / "home"
    assert str(caught.value) == (
        f"Fashion-MNIST is not here. Looked in:\n    {home}/fashion_mnist\n    {home}/fashion_mnist/FashionMNIST/raw\n"
        f"    {home}/FashionMNIST/raw\n    {tmp_path}/system\n  "
        "Wanted: train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz], "
        "t10k-images-idx3-ubyte[.gz], t10k-labels-idx1-ubyte[.gz]. "
        f"Install Debian's package dataset-fashion-mnist, put the files into {home}/fashion_mnist, "
        "or set 'data.download: true'."
    )


def test_a_folder_that_was_named_is_the_only_one_searched(tmp_path: Path) -> None:
    """A mistyped folder must not be made up for by other data."""
    made_up(tmp_path / "system")
    with pytest.raises(DataError) as caught:
        mnist(folder=str(tmp_path / "mistyped"))
    assert f"Looked in:\n    {tmp_path}/mistyped\n    {tmp_path}/mistyped/MNIST/raw\n" in str(
        caught.value
    )


@pytest.mark.parametrize("length", [0, 3, 10, 15, 16, 100])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_truncated_file_is_refused(tmp_path: Path, length: int, compressed: bool) -> None:
    """Cut off in the magic number, in the header, and in the pixels."""
    content = packed(np.ones((3, 28, 28)))[:length]
    path = tmp_path / ("images.gz" if compressed else "images")
    path.write_bytes(gzip.compress(content) if compressed else content)
    with pytest.raises(DataError) as caught:
        read_idx(path, 3)
    assert str(caught.value).startswith(f"{path}: ")


def test_messages_about_damaged_files(tmp_path: Path) -> None:
    """Each names the file and what is wrong with it."""
    path = tmp_path / "images"

    def complaint(content: bytes) -> str:
        path.write_bytes(content)
        with pytest.raises(DataError) as caught:
            read_idx(path, 3)
        return str(caught.value).removeprefix(f"{path}: ")

    good = packed(np.ones((3, 28, 28)))
    assert complaint(good[:-1]) == (
        "truncated, its header promises 3 x 28 x 28 bytes and 2351 follow. Get images again."
    )
    assert complaint(good + b"x") == (
        "too long, its header promises 3 x 28 x 28 bytes and 2353 follow. Get images again."
    )
    assert complaint(good[:9]) == "truncated, its header is cut off. Get images again."
    assert complaint(b"<html>") == (
        "no IDX file of 3 dimensions (it starts with 3c 68 74 6d, not 00 00 08 03)"
    )
    assert complaint(b"") == (
        "no IDX file of 3 dimensions (it starts with nothing, not 00 00 08 03)"
    )
    assert complaint(packed(np.ones((0, 28, 28)))) == "it is empty (0 x 28 x 28)"


def test_a_cut_off_gzip_stream_is_refused(tmp_path: Path) -> None:
    """The compressed stream itself ends too early."""
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(packed(np.ones((3, 28, 28))))[:-10])
    with pytest.raises(DataError, match=r"images\.gz: cannot be read \(Compressed file ended"):
        read_idx(path, 3)


def test_an_absurdly_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """D24: a compressed file is not unpacked beyond the limit."""
    monkeypatch.setattr(idx, "MOST_BYTES", 1000)
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(packed(np.ones((3, 28, 28)))))
    with pytest.raises(DataError, match="larger than 1000 bytes"):
        read_idx(path, 3)


def test_labels_must_match_the_images_and_the_classes(tmp_path: Path) -> None:
    """D11: the count, and a class that does not exist, with its place."""
    folder = made_up(tmp_path)
    labels = folder / FILES[1]
    labels.write_bytes(packed(np.zeros(29)))
    with pytest.raises(DataError) as caught:
        mnist(folder=str(folder))
    assert str(caught.value) == f"{labels}: 29 labels for the 30 images of {FILES[0]}"
    wrong = np.zeros(30)
    wrong[7] = 10
    labels.write_bytes(packed(wrong))
    with pytest.raises(DataError) as caught:
        mnist(folder=str(folder))
    assert str(caught.value) == (
        f"{labels}: label 10 of image 7 (counted from 0) is none of the 10 classes"
    )


def test_test_images_must_be_as_large_as_training_images(tmp_path: Path) -> None:
    """Files of two data sets in one folder are noticed."""
    folder = made_up(tmp_path)
    (folder / FILES[2]).write_bytes(packed(np.ones((10, 14, 14))))
    with pytest.raises(DataError, match=r"its images are 14 x 14, those of .* 28 x 28"):
        mnist(folder=str(folder))


def test_downloads_are_asked_for_with_pinned_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only files that are missing, from https, with sha256 and a mirror; then they are read."""
    content = made_up(tmp_path / "server", compressed=True)
    place = made_up(tmp_path / "place")
    (place / FILES[0]).unlink()
    (place / FILES[3]).unlink()
    asked = []

    def fetch(url: str, path: Path, *, sha256: str, max_bytes: int, mirrors: list[str]) -> None:
        asked.append((url, sha256, mirrors))
        path.write_bytes((content / path.name).read_bytes())

    monkeypatch.setattr(idx, "fetch", fetch)
    data = mnist(folder=str(place), download=True, validation_examples=5)
    assert len(data.train) == 25
    first, second = (f"{url}{FILES[0]}.gz" for url in MNIST.urls)
    assert asked[0] == (first, MNIST.sha256[0], [second])
    assert [url.rsplit("/", 1)[1] for url, _, _ in asked] == [f"{FILES[0]}.gz", f"{FILES[3]}.gz"]


@pytest.mark.parametrize("source", [MNIST, FASHION_MNIST], ids=lambda source: source.name)
def test_every_pin_is_a_sha256_and_every_address_https(source: idx.Source) -> None:
    """X06."""
    assert len(source.sha256) == len(set(source.sha256)) == len(FILES)
    assert all(len(bytes.fromhex(pin)) == hashlib.sha256().digest_size for pin in source.sha256)
    assert all(url.startswith("https://") and url.endswith("/") for url in source.urls)


def test_debians_copy_is_the_real_thing() -> None:
    """Where the package is installed: 60,000 + 10,000 images, 6,000 and 1,000 of each class."""
    if FASHION_MNIST.system is None or not FASHION_MNIST.system.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    for images_file, labels_file, each in ((*FILES[:2], 6000), (*FILES[2:], 1000)):
        images = read_idx(FASHION_MNIST.system / f"{images_file}.gz", 3)
        labels = read_idx(FASHION_MNIST.system / f"{labels_file}.gz", 1)
        assert images.shape == (10 * each, 28, 28)
        assert torch.bincount(labels).tolist() == [each] * 10
