"""Fingerprints change with any change of the data, and with nothing else."""

from pathlib import Path

import pytest
import torch

from dlkit.data.fingerprint import SAMPLE, count_copies, of_content, of_files, of_tensors


def test_tensors_are_told_apart_by_value_shape_type_and_order() -> None:
    """D20: each of these changes gives another sha256; a copy or a view does not."""
    base = torch.arange(6)
    changed = base.clone()
    changed[3] += 1
    prints = {
        of_tensors(base),
        of_tensors(changed),
        of_tensors(base.reshape(2, 3)),
        of_tensors(base.int()),
        of_tensors(base[:3], base[3:]),
        of_tensors(base[3:], base[:3]),
        of_tensors(),
    }
    assert len(prints) == 7
    assert of_tensors(base.clone()) == of_tensors(base)
    transposed = base.reshape(2, 3).T
    assert of_tensors(transposed) == of_tensors(transposed.contiguous())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / name for name in ("a", "b")]
    for path in paths:
        path.write_bytes(bytes(3 * SAMPLE))
    return paths


def test_files_are_told_apart_by_name_size_ends_and_part(tmp_path: Path, files: list[Path]) -> None:
    """D20: also when a file moves from one part to another."""
    first = of_files(tmp_path, [files])
    prints = {first, of_files(tmp_path, [files[:1], files[1:]]), of_files(tmp_path, [files[::-1]])}
    for place in (0, SAMPLE - 1, 2 * SAMPLE, 3 * SAMPLE - 1):
        content = bytearray(3 * SAMPLE)
        content[place] = 1
        files[0].write_bytes(content)
        prints.add(of_files(tmp_path, [files]))
    files[0].write_bytes(bytes(3 * SAMPLE + 1))
    prints.add(of_files(tmp_path, [files]))
    assert len(prints) == 8
    files[0].write_bytes(bytes(3 * SAMPLE))
    assert of_files(tmp_path, [files]) == first


def test_the_place_of_the_folder_does_not_matter(tmp_path: Path) -> None:
    """A data set may be moved between two runs."""
    prints = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(b"x")
        prints.append(of_files(tmp_path / name, [[tmp_path / name / "a.png"]]))
    assert prints[0] == prints[1]


def test_content_is_plain_sha256(tmp_path: Path) -> None:
    """As `sha256sum` prints it (FIPS 180-4's example "abc")."""
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert of_content(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_copies_are_counted_by_content(tmp_path: Path) -> None:
    """D18: names do not matter, equal sizes do not suffice."""
    contents = {
        "train1": b"aaa",
        "train2": b"bbb",
        "copy": b"bbb",
        "other": b"ccc",
        "long": b"aaaa",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    train = [tmp_path / "train1", tmp_path / "train2"]
    assert count_copies(train, [tmp_path / name for name in ("copy", "other", "long")]) == 1
