"""YOLO's text files: what is read, and what is refused with file and line."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dlkit.data.yolo_txt import yolo_txt
from dlkit.errors import DataError, OptionError


def put(folder: Path, number: int, text: str | None, split: str = "") -> None:
    """A photo of 80 x 60, and its text file unless None."""
    for name in ("images", "labels"):
        (folder / name / split).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (80, 60), (number, 0, 0)).save(folder / "images" / split / f"p{number}.png")
    if text is not None:
        (folder / "labels" / split / f"p{number}.txt").write_text(text)


def eight(folder: Path, split: str = "") -> Path:
    for number in range(8):
        put(folder, number, "1 0.5 0.5 0.25 0.5\n\n0 0.25 0.25 0.1 0.1\n", split)
    (folder / "classes.txt").write_text("cat\ndog\n")
    return folder


def problems(folder: Path, **options: Any) -> list[str]:
    with pytest.raises(DataError) as caught:
        yolo_txt(folder=str(folder), **options)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_centres_and_sides_become_corners(tmp_path: Path) -> None:
    """Shares of 80 x 60 become pixels of the network's image; blank lines are nothing."""
    data = yolo_txt(folder=str(eight(tmp_path)), size=80)
    assert data.sizes() == {"train": 5, "validation": 1, "test": 2}
    assert data.facts.classes == ("cat", "dog")
    boxes = data.train.targets[0]
    assert boxes.boxes.flatten().tolist() == pytest.approx([30, 15, 50, 45, 16, 12, 24, 18])
    assert boxes.labels.tolist() == [1, 0]


def test_splits_may_have_folders_of_their_own(tmp_path: Path) -> None:
    """train, val and test below images and labels."""
    eight(tmp_path, "train")
    put(tmp_path, 20, "0 0.5 0.5 0.2 0.2", "val")
    put(tmp_path, 21, "0 0.5 0.5 0.2 0.2", "test")
    data = yolo_txt(folder=str(tmp_path), size=32)
    assert data.sizes() == {"train": 8, "validation": 1, "test": 1}
    with pytest.raises(OptionError, match="test_pictures: has no effect beside the folder"):
        yolo_txt(folder=str(tmp_path), size=32, test_pictures=["p1"])


def test_names_may_be_options_and_one_name_may_stand_for_all(tmp_path: Path) -> None:
    """`classes` instead of the file; `single_class` for every box."""
    eight(tmp_path)
    (tmp_path / "classes.txt").unlink()
    assert yolo_txt(folder=str(tmp_path), classes=["a", "b"], size=32).facts.classes == ("a", "b")
    data = yolo_txt(folder=str(tmp_path), classes=["a", "b"], single_class="x", size=32)
    assert data.facts.classes == ("x",)
    assert set(data.train.targets.together.labels.tolist()) == {0}
    hint = "Put the names of the classes there, one a line, or set 'data.classes'."
    [problem] = problems(tmp_path)
    assert problem.startswith("classes.txt: cannot be read (")
    assert problem.endswith(hint)


def test_a_photo_without_a_text_file(tmp_path: Path) -> None:
    """An error that says so, or a photo that shows nothing; an empty file always shows nothing."""
    eight(tmp_path)
    put(tmp_path, 8, None)
    put(tmp_path, 9, "")
    hint = "Set 'data.on_missing_label: empty' if such pictures show nothing."
    assert problems(tmp_path) == [f"labels/p8.txt: there is no such file. {hint}"]
    data = yolo_txt(
        folder=str(tmp_path), on_missing_label="empty", size=32, validation_fraction=0.0
    )
    counts = [*data.train.targets.counts, *data.test.targets.counts]
    assert sorted(counts) == [0, 0, *[2] * 8]


def test_wrong_lines_are_all_said(tmp_path: Path) -> None:
    """Extra columns, classes that are none, words for numbers; boxes that are none come after."""
    eight(tmp_path)
    put(tmp_path, 3, "0 0.5 0.5 0.2\n0 0.5 0.5 0.2 0.2 0.9\n2 0.5 0.5 0.2 0.2\n")
    put(tmp_path, 4, "1.0 0.5 0.5 0.2 0.2\n0 0.5 half 0.2 0.2\n-1 0.5 0.5 0.2 0.2\n")
    assert problems(tmp_path) == [
        "labels/p3.txt:1: 4 columns instead of class x y width height",
        "labels/p3.txt:2: 6 columns instead of class x y width height",
        "labels/p3.txt:3: class '2' is no number from 0 to 1",
        "labels/p4.txt:1: class '1.0' is no number from 0 to 1",
        "labels/p4.txt:2: '0.5 half 0.2 0.2' are no four numbers",
        "labels/p4.txt:3: class '-1' is no number from 0 to 1",
    ]
    put(tmp_path, 3, "0 0.5 0.5 0 0.2\n")
    put(tmp_path, 4, "0 nan 0.5 0.2 0.2\n")
    hint = "Mend it, or set 'data.on_bad_box: drop'."
    assert problems(tmp_path) == [
        f"labels/p3.txt:1: the box (40, 24, 40, 36) has no area. {hint}",
        f"labels/p4.txt:1: the box (nan, 24, nan, 36) is not finite. {hint}",
    ]


def test_folders_that_hold_no_picture(tmp_path: Path) -> None:
    """No folder of images, or nothing in it to train on."""
    (tmp_path / "classes.txt").write_text("cat")
    assert problems(tmp_path) == ["images: there is no such folder"]
    (tmp_path / "images").mkdir()
    [problem] = problems(tmp_path)
    assert problem.startswith(f"{tmp_path}: no picture in {tmp_path.name}/images to train on.")
