"""Pictures read from disk come in order, whoever decodes them, and a change of a file is noticed."""

import os
import threading
import time
from pathlib import Path

import pytest
import torch
from PIL import Image

from dlkit.data.decoding import Decoder
from dlkit.data.picture_files import PictureFiles, decode_all, read_ahead
from dlkit.errors import DataError

DECODER = Decoder(4, 4, "grey")


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Twenty pictures; the k-th has the shade k."""
    made = [tmp_path / f"{k}.png" for k in range(20)]
    for k, path in enumerate(made):
        Image.new("L", (6, 6), k).save(path)
    return made


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_a_stream_keeps_the_order(paths: list[Path], workers: int) -> None:
    """Whatever the number of threads, the same batches in the same order."""
    examples = PictureFiles(paths, torch.arange(20), DECODER, workers)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(0))
    batches = order.split(3)
    for indices, (inputs, labels) in zip(batches, examples.stream(batches), strict=True):
        assert inputs.shape == (len(indices), 1, 4, 4)
        assert inputs.dtype == torch.uint8
        assert torch.equal(inputs[:, 0, 0, 0].long(), indices)
        assert torch.equal(labels, indices)
    assert len(examples) == 20


@pytest.mark.parametrize("workers", [0, 2])
def test_a_file_that_disappears_or_changes_is_named(paths: list[Path], workers: int) -> None:
    """D19: with its path, from a thread too, when its turn comes."""
    examples = PictureFiles(paths, torch.arange(20), DECODER, workers)
    paths[3].unlink()
    with pytest.raises(DataError) as caught:
        list(examples.stream([torch.tensor([1, 2]), torch.tensor([3])]))
    assert str(caught.value) == f"{paths[3]}: the picture is gone (No such file or directory)"
    Image.new("L", (7, 7), 9).save(paths[5])
    os.utime(paths[5], ns=(1, 1))
    with pytest.raises(DataError) as caught:
        list(examples.stream([torch.tensor([5])]))
    assert str(caught.value) == f"{paths[5]}: the picture has changed since the training began"


@pytest.mark.parametrize("workers", [0, 2])
def test_all_at_once_equals_one_by_one(paths: list[Path], workers: int) -> None:
    """In the order of the paths; what cannot be decoded stays black and is told."""
    paths[7].write_bytes(b"no picture")
    pixels, problems = decode_all(paths, DECODER, workers)
    expected = torch.arange(20, dtype=torch.uint8)
    expected[7] = 0
    assert torch.equal(pixels, expected[:, None, None, None].expand(20, 1, 4, 4))
    assert list(problems) == [7]
    assert problems[7].startswith(f"{paths[7]}: the picture cannot be decoded (")


def test_trying_keeps_nothing(paths: list[Path]) -> None:
    """For sets that do not fit in memory: only the problems come back."""
    pixels, problems = decode_all(paths, DECODER, 0, keep=False)
    assert len(pixels) == 0
    assert problems == {}


def test_reading_ahead_is_bounded_and_stops_when_it_is_left() -> None:
    """At most `workers` + 1 batches are in memory; leaving the loop leaves no thread behind."""
    begun = []

    def slow(item: int) -> int:
        begun.append(item)
        time.sleep(0.01)
        return item

    stream = read_ahead(slow, range(100), 2)
    assert next(stream) == 0
    time.sleep(0.1)
    assert len(begun) <= 4
    stream.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("pictures")]


def test_decoding_is_done_meanwhile() -> None:
    """While a batch is used, the next ones are made: four threads take less time than one."""

    def slow(item: int) -> int:
        time.sleep(0.02)
        return item

    began = time.perf_counter()
    assert list(map(slow, range(20))) == list(range(20))
    one_by_one = time.perf_counter() - began
    began = time.perf_counter()
    assert list(read_ahead(slow, range(20), 4)) == list(range(20))
    assert time.perf_counter() - began < 0.75 * one_by_one
