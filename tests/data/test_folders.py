"""A user's folder of pictures: found, split, decoded, and complained about with paths."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from dlkit.data import folders
from dlkit.data.dataset import TensorExamples
from dlkit.data.folders import image_folder
from dlkit.data.picture_files import PictureFiles
from dlkit.errors import DataError, OptionError

SMALL = {"size": 8, "mode": "grey"}


def fill(folder: Path, *classes: str, count: int = 15, seed: int = 0) -> Path:
    """`count` different pictures of 10 x 10 in a folder for each class."""
    random = np.random.default_rng(seed)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for k in range(count):
            noise = random.integers(0, 256, (10, 10, 3), dtype=np.uint8)
            Image.fromarray(noise).save(folder / name / f"{k:02}.png")
    return folder


def complaints(folder: Path, **options: object) -> list[str]:
    with pytest.raises(DataError) as caught:
        image_folder(folder=str(folder), **{**SMALL, **options})
    return [str(problem).replace(str(folder), "FOLDER") for problem in caught.value.problems]


def sizes(data: object) -> tuple[int, int, int]:
    return len(data.train), len(data.validation), len(data.test)


def test_classes_are_those_of_torchvision(tmp_path: Path) -> None:
    """Sorted names, sorted files; all pictures together are torchvision's, decoded to one size."""
    fill(tmp_path, "dog", "cat", "ant")
    data = image_folder(folder=str(tmp_path), **SMALL)
    reference = torchvision.datasets.ImageFolder(str(tmp_path))
    assert list(data.facts.classes) == reference.classes
    assert data.facts.input_shape == (1, 8, 8)
    assert sizes(data) == (32, 4, 9)
    labels = torch.cat([data.train.labels, data.validation.labels, data.test.labels])
    assert sorted(labels.tolist()) == reference.targets


def test_images_keep_their_labels(tmp_path: Path) -> None:
    """Each class has a shade of its own, in memory."""
    for k, name in enumerate("abc"):
        (tmp_path / name).mkdir()
        for n in range(10):
            Image.new("L", (5 + n, 9), 50 * k + n).save(tmp_path / name / f"{n}.png")
    data = image_folder(folder=str(tmp_path), **SMALL)
    for part in (data.train, data.validation, data.test):
        assert isinstance(part, TensorExamples)
        assert torch.equal(part.inputs[:, 0, 0, 0].long() // 50, part.labels)


def test_folders_for_the_parts_are_used(tmp_path: Path) -> None:
    """train, val and test as they are; `val` may be called `validation` or `valid`."""
    for part, count in (("train", 10), ("val", 4), ("test", 6)):
        fill(tmp_path / part, "a", "b", count=count, seed=count)
    data = image_folder(folder=str(tmp_path), **SMALL)
    assert sizes(data) == (20, 8, 12)
    assert data.facts.classes == ("a", "b")
    for name in ("validation", "valid"):
        (tmp_path / "val").rename(tmp_path / name)
        assert image_folder(folder=str(tmp_path), **SMALL).fingerprint == data.fingerprint
        (tmp_path / name).rename(tmp_path / "val")


def test_parts_without_a_folder_come_out_of_the_training_part(tmp_path: Path) -> None:
    """Only what is missing is split off."""
    fill(tmp_path / "train", "a", "b", count=10)
    fill(tmp_path / "test", "a", "b", count=3, seed=1)
    assert sizes(image_folder(folder=str(tmp_path), **SMALL)) == (18, 2, 6)
    (tmp_path / "test").rename(tmp_path / "val")
    assert sizes(image_folder(folder=str(tmp_path), **SMALL)) == (16, 6, 4)


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    """A folder `train` that holds pictures is a class, beside `tram`."""
    fill(tmp_path, "train", "tram")
    assert image_folder(folder=str(tmp_path), **SMALL).facts.classes == ("train", "tram")


def test_pictures_may_lie_deeper(tmp_path: Path) -> None:
    """As in torchvision's ImageFolder, folders below a class belong to it; hidden ones do not."""
    fill(tmp_path, "a", "b", "a/more", "a/.thumbnails", count=5)
    data = image_folder(folder=str(tmp_path), **SMALL)
    assert sum(sizes(data)) == 15
    assert data.warnings == ()


def test_height_and_width_may_differ(tmp_path: Path) -> None:
    """`size` may be a list of the two, as YAML gives it."""
    fill(tmp_path, "a", "b")
    data = image_folder(folder=str(tmp_path), size=[6, 9])
    assert data.facts.input_shape == (3, 6, 9)
    assert data.train.inputs.shape[1:] == (3, 6, 9)


def test_an_enormous_size_is_refused(tmp_path: Path) -> None:
    """C10's class: not a MemoryError."""
    with pytest.raises(OptionError) as caught:
        image_folder(folder=str(tmp_path), size=10**9)
    assert str(caught.value) == "size: 1000000000 is more than 4096 pixels"


def test_a_missing_folder_and_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """D01: with the resolved path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    for name, kind in (("no", "there is no such folder"), ("file", "is a file, not a folder")):
        with pytest.raises(DataError) as caught:
            image_folder(folder=name)
        assert str(caught.value) == f"{tmp_path}/{name}: {kind}"


def test_an_empty_folder_says_what_is_expected(tmp_path: Path) -> None:
    """D02."""
    assert complaints(tmp_path) == [
        "FOLDER: holds no class folder. Expected: FOLDER/CLASS/picture.png, or "
        "FOLDER/train/CLASS/picture.png."
    ]


def test_empty_classes_are_listed(tmp_path: Path) -> None:
    """D02: all of them, with what would count as a picture."""
    fill(tmp_path, "a", "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "notes.txt").write_text("")
    assert complaints(tmp_path) == [
        "FOLDER: no picture in: c, d. Pictures end with .bmp .gif .jpeg .jpg .pbm .pgm .png .ppm "
        ".tif .tiff .webp."
    ]


def test_one_class_is_refused(tmp_path: Path) -> None:
    """D03."""
    fill(tmp_path, "a")
    assert complaints(tmp_path) == [
        "FOLDER: only one class, 'a'; classification needs at least 2 classes"
    ]


def test_a_class_of_the_test_folder_must_be_one_of_the_training_folder(tmp_path: Path) -> None:
    """A class that was never seen cannot be told; and a part may have one folder only."""
    fill(tmp_path / "train", "a", "b")
    fill(tmp_path / "test", "a", "zebra", count=2)
    fill(tmp_path / "val", "a", count=2)
    fill(tmp_path / "valid", "a", count=2)
    assert complaints(tmp_path) == [
        "FOLDER/valid: a second folder for validation, beside val",
        "FOLDER/test/zebra: 'zebra' is none of the classes of the training part",
    ]


def test_a_split_that_is_too_small_tells_the_counts(tmp_path: Path) -> None:
    """D04."""
    fill(tmp_path, "a", "b", count=2)
    assert complaints(tmp_path) == [
        "'validation_fraction' 0.1 of 3 examples is no whole example. Use a larger fraction, 0 "
        "for none, or more examples."
    ]


def test_other_files_are_left_out_with_a_warning(tmp_path: Path) -> None:
    """Nothing is dropped silently but what is hidden."""
    fill(tmp_path, "a", "b")
    (tmp_path / "a" / "notes.txt").write_text("")
    (tmp_path / "a" / ".DS_Store").write_text("")
    data = image_folder(folder=str(tmp_path), **SMALL)
    assert data.warnings == (
        f"entries that are no pictures and were left out: 1 (the first is {tmp_path}/a/notes.txt)",
    )


def break_some(folder: Path, *numbers: int) -> list[Path]:
    broken = [folder / "a" / f"{k:02}.png" for k in numbers]
    for path in broken:
        path.write_bytes(path.read_bytes()[:60])
    return broken


def test_bad_pictures_are_an_error_that_names_them_all(tmp_path: Path) -> None:
    """D05: at load, and the files are not touched."""
    fill(tmp_path, "a", "b", count=30)
    broken = break_some(tmp_path, 3, 7)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.png")}
    told = complaints(tmp_path)
    assert [line.split(": ")[0] for line in told] == ["FOLDER/a/03.png", "FOLDER/a/07.png"]
    assert len(broken) == 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.png")} == before


def test_at_most_twenty_bad_pictures_are_told(tmp_path: Path) -> None:
    """And how many more there are."""
    fill(tmp_path, "a", "b", count=30)
    break_some(tmp_path, *range(25))
    told = complaints(tmp_path)
    assert len(told) == 21
    assert told[20] == "... and 5 more"


@pytest.mark.parametrize("in_memory", [True, False])
def test_bad_pictures_are_skipped_if_they_are_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    """D05: up to 1 %, counted and listed; the others stay in their parts."""
    fill(tmp_path, "a", "b", count=60)
    whole = image_folder(folder=str(tmp_path), **SMALL)
    (broken,) = break_some(tmp_path, 5)
    if not in_memory:
        monkeypatch.setattr(folders, "IN_MEMORY", 0)
    data = image_folder(folder=str(tmp_path), on_bad_image="skip", **SMALL)
    assert sum(sizes(data)) == 119
    assert sum(a != b for a, b in zip(sizes(data), sizes(whole), strict=True)) == 1
    assert data.warnings == ("pictures that cannot be decoded and were skipped: 1",)
    assert data.skipped == (str(broken),)


def test_many_bad_pictures_are_not_skipped(tmp_path: Path) -> None:
    """D05: more than 1 % is a broken data set."""
    fill(tmp_path, "a", "b", count=60)
    break_some(tmp_path, 5, 6)
    told = complaints(tmp_path, on_bad_image="skip")
    assert told[0] == "2 of 120 pictures cannot be decoded; at most 1 % may be skipped"
    assert told[1].startswith("FOLDER/a/05.png: the picture cannot be decoded (")


def test_the_same_picture_in_two_parts_is_a_warning(tmp_path: Path) -> None:
    """D18: counted for the validation and the test part."""
    fill(tmp_path / "train", "a", "b")
    for part in ("val", "test"):
        fill(tmp_path / part, "a", "b", count=3, seed=len(part))
    copied = (tmp_path / "train/a/00.png").read_bytes()
    (tmp_path / "val/b/copy.png").write_bytes(copied)
    (tmp_path / "test/a/copy.png").write_bytes(copied)
    (tmp_path / "test/a/again.png").write_bytes(copied)
    assert image_folder(folder=str(tmp_path), **SMALL).warnings == (
        "pictures of the validation part that are also in the training part: 1",
        "pictures of the test part that are also in the training part: 2",
    )


def test_links_that_leave_the_folder_are_refused_unless_allowed(tmp_path: Path) -> None:
    """D21: files and folders; links that stay inside are followed."""
    outside = fill(tmp_path / "outside", "x")
    root = fill(tmp_path / "root", "a", "b")
    (root / "a" / "file.png").symlink_to(outside / "x" / "00.png")
    (root / "c").symlink_to(outside / "x")
    hint = "Set 'data.follow_links: true' to allow links that leave the folder."
    assert complaints(root) == [
        f"FOLDER/c: a link that leaves FOLDER (to {outside}/x). {hint}",
        f"FOLDER/a/file.png: a link that leaves FOLDER (to {outside}/x/00.png). {hint}",
    ]
    data = image_folder(folder=str(root), follow_links=True, **SMALL)
    assert data.facts.classes == ("a", "b", "c")
    assert sum(sizes(data)) == 46
    (root / "c").unlink()
    (root / "a" / "file.png").unlink()
    (root / "a" / "file.png").symlink_to(root / "b" / "00.png")
    assert sum(sizes(image_folder(folder=str(root), **SMALL))) == 31


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    """D21: to a folder above, to each other, and to themselves."""
    root = fill(tmp_path / "root", "a", "b", "a/x", "a/y", count=5)
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "x" / "to_y").symlink_to(root / "a" / "y")
    (root / "a" / "y" / "to_x").symlink_to(root / "a" / "x")
    assert sum(sizes(image_folder(folder=str(root), **SMALL))) == 20
    (root / "b" / "self.png").symlink_to(root / "b" / "self.png")
    told = complaints(root)
    assert told == ["FOLDER/b/self.png: cannot be read (Too many levels of symbolic links)"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """S11's class: what the user names is the user's choice."""
    fill(tmp_path / "real", "a", "b")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert sum(sizes(image_folder(folder=str(tmp_path / "link"), **SMALL))) == 30


def test_broken_links_are_named(tmp_path: Path) -> None:
    """D21."""
    fill(tmp_path, "a", "b")
    (tmp_path / "a" / "gone.png").symlink_to(tmp_path / "a" / "no.png")
    assert complaints(tmp_path) == ["FOLDER/a/gone.png: cannot be read (No such file or directory)"]


def test_unreadable_folders_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """D21: root may read everything, so the refusal is made up."""
    fill(tmp_path, "a", "b")
    listdir = os.listdir

    def refusing(path: Path) -> list[str]:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refusing)
    assert "FOLDER/b: cannot be read (Permission denied)" in complaints(tmp_path)


def test_a_fifo_is_no_picture(tmp_path: Path) -> None:
    """Opening one would wait for ever."""
    fill(tmp_path, "a", "b")
    os.mkfifo(tmp_path / "a" / "pipe.png")
    data = image_folder(folder=str(tmp_path), **SMALL)
    assert data.warnings[0].endswith("pipe.png)")


@pytest.mark.parametrize("workers", [0, 2])
def test_what_does_not_fit_in_memory_stays_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """The same images, labels and facts either way; statistics agree where all are sampled."""
    fill(tmp_path, "a", "b", "c")
    memory = image_folder(folder=str(tmp_path), **SMALL)
    monkeypatch.setattr(folders, "IN_MEMORY", 45 * 64 - 1)
    disk = image_folder(folder=str(tmp_path), workers=workers, **SMALL)
    assert disk.facts == memory.facts
    for part in ("train", "validation", "test"):
        ours, theirs = getattr(disk, part), getattr(memory, part)
        assert isinstance(ours, PictureFiles)
        assert torch.equal(ours.labels, theirs.labels)
        batches = torch.arange(len(ours)).split(4)
        inputs = torch.cat([inputs for inputs, _ in ours.stream(batches)])
        assert torch.equal(inputs, theirs.inputs)
    assert torch.equal(disk.normalize.mean, memory.normalize.mean)
    assert torch.equal(disk.normalize.std, memory.normalize.std)


@pytest.mark.parametrize("limit", [1 << 30, 0], ids=["in memory", "on disk"])
def test_the_fingerprint_follows_the_files_and_the_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """D20."""
    monkeypatch.setattr(folders, "IN_MEMORY", limit)
    fill(tmp_path, "a", "b")
    prints = [
        image_folder(folder=str(tmp_path), split_seed=seed, **SMALL).fingerprint for seed in (0, 1)
    ]
    Image.new("RGB", (10, 10)).save(tmp_path / "a" / "00.png")
    prints.append(image_folder(folder=str(tmp_path), **SMALL).fingerprint)
    assert len(set(prints)) == 3
    assert image_folder(folder=str(tmp_path), **SMALL).fingerprint == prints[2]
