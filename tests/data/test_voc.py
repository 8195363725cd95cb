"""Pascal VOC's XML: what is read, and what is refused with file and line."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dlkit.data.markup import read_markup
from dlkit.data.voc import voc
from dlkit.errors import DataError, OptionError

BOX = "<bndbox><xmin>11</xmin><ymin>21</ymin><xmax>40</xmax><ymax>36</ymax></bndbox>"


def thing(name: str, box: str = BOX, more: str = "") -> str:
    return f"  <object>\n    <name>{name}</name>{more}\n    {box}\n  </object>\n"


def put(folder: Path, number: int, *things: str, filename: str = "") -> Path:
    """A photo of 80 x 60 and its XML file beside it."""
    folder.mkdir(exist_ok=True)
    Image.new("RGB", (80, 60), (number, 0, 0)).save(folder / f"p{number}.png")
    path = folder / f"p{number}.xml"
    said = f"  <filename>{filename}</filename>\n" if filename else ""
    path.write_text(f"<annotation>\n{said}{''.join(things)}</annotation>\n")
    return path


def eight(folder: Path) -> Path:
    for number in range(8):
        put(folder, number, thing("cat"), thing("ant"))
    return folder


def problems(folder: Path, **options: Any) -> list[str]:
    with pytest.raises(DataError) as caught:
        voc(folder=str(folder), **options)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_pixels_count_from_one_and_boxes_hold_both_ends(tmp_path: Path) -> None:
    """From 11 to 40 are 30 pixels, the first of which begins at 10."""
    data = voc(folder=str(eight(tmp_path)), size=80, test_fraction=0.25, validation_fraction=0.2)
    assert data.sizes() == {"train": 5, "validation": 1, "test": 2}
    assert data.facts.classes == ("ant", "cat")
    assert data.train.targets[0].boxes[0].tolist() == [10, 20, 40, 36]
    assert data.train.targets[0].labels.tolist() == [1, 0]
    assert data.warnings == ()


def test_the_layout_of_the_challenge(tmp_path: Path) -> None:
    """XML in Annotations, pictures in JPEGImages, found by the name said or by the XML's own."""
    eight(tmp_path)
    for name, pattern in (("Annotations", "*.xml"), ("JPEGImages", "*.png")):
        (tmp_path / name).mkdir()
        for path in list(tmp_path.glob(pattern)):
            path.rename(tmp_path / name / path.name)
    (tmp_path / "JPEGImages" / "p0.png").rename(tmp_path / "JPEGImages" / "first.png")
    xml = tmp_path / "Annotations" / "p0.xml"
    xml.write_text(
        xml.read_text().replace("<annotation>", "<annotation><filename>first.png</filename>")
    )
    Image.new("L", (9, 9)).save(tmp_path / "JPEGImages" / "unmarked.png")
    data = voc(folder=str(tmp_path), size=32, test_pictures=["first"])
    assert data.sizes() == {"train": 6, "validation": 1, "test": 1}
    assert data.warnings == (
        "pictures without an XML file that were left out: 1 "
        f"(the first is {tmp_path}/JPEGImages/unmarked.png)",
    )


def test_splits_may_have_folders_of_their_own(tmp_path: Path) -> None:
    """Classes are those of the training folder; others are refused with their line, or merged."""
    train = eight(tmp_path / "train")
    test = tmp_path / "test"
    put(test, 9, thing("cat"), thing("dog"))
    data = voc(folder=str(train), test_folder=str(test), single_class="animal", size=32)
    assert data.sizes() == {"train": 7, "validation": 1, "test": 1}
    assert data.facts.classes == ("animal",)
    [problem] = problems(train, test_folder=str(test))
    assert problem == f"{test}/p9.xml:6: 'dog' is none of the classes of the training part"


def test_difficult_things_count_as_crowds(tmp_path: Path) -> None:
    """VOC does not judge them; neither are they learnt."""
    eight(tmp_path)
    put(tmp_path, 8, thing("cat"), thing("cat", more="<difficult>1</difficult>"))
    data = voc(folder=str(tmp_path), size=32, test_pictures=["p8"])
    assert data.test.targets[0].crowd.tolist() == [False, True]


def test_large_photos_are_cut_into_tiles(tmp_path: Path) -> None:
    """A tile is an example; overlapping ones in training."""
    eight(tmp_path)
    data = voc(folder=str(tmp_path), size=32, tile=40, tile_overlap=0.5, test_pictures=["p0"])
    assert data.sizes() == {"train": 6 * 6, "validation": 1 * 4, "test": 4}


def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path) -> None:
    """All files in one pass: malformed XML, other XML, missing pictures; then boxes without numbers."""
    eight(tmp_path)
    (tmp_path / "p1.xml").write_text("<annotation>\n  <object>\n</annotation>")
    (tmp_path / "p2.xml").write_text("<html></html>")
    (tmp_path / "p3.png").unlink()
    (tmp_path / "p4.xml").write_text("<!DOCTYPE a [<!ENTITY b 'c'>]>\n<annotation/>")
    (tmp_path / "p5.xml").write_text("")
    assert problems(tmp_path) == [
        "p1.xml:3:3: no XML (mismatched tag)",
        "p2.xml:1: <html> is no <annotation>",
        "p3.xml: there is no picture p3 beside it or in JPEGImages",
        "p4.xml:1: document types are not allowed in annotations",
        "p5.xml:1:1: no XML (no element found)",
    ]


def test_boxes_that_are_none_are_said_with_their_line(tmp_path: Path) -> None:
    """A missing box, a missing corner, a word for a number, and a box without area."""
    eight(tmp_path)
    put(
        tmp_path,
        0,
        thing("cat", "none"),
        thing("cat", BOX.replace("<xmax>40</xmax>", "")),
        thing("cat", BOX.replace("40", "forty")),
    )
    message = "the object has no <bndbox> of four numbers xmin ymin xmax ymax"
    assert problems(tmp_path) == [f"p0.xml:{line}: {message}" for line in (2, 6, 10)]
    put(tmp_path, 0, thing("cat", BOX.replace("40", "5")))
    hint = "Mend it, or set 'data.on_bad_box: drop'."
    assert problems(tmp_path) == [f"p0.xml:2: the box (10, 20, 5, 36) has no area. {hint}"]


def test_folders_that_hold_nothing(tmp_path: Path) -> None:
    """No folder, a file, no XML file."""
    file = tmp_path / "file"
    file.write_text("")
    for folder, message in (
        (tmp_path / "no", "there is no such folder"),
        (file, "is a file, not a folder"),
        (tmp_path, "holds no XML file"),
    ):
        with pytest.raises(DataError) as caught:
            voc(folder=str(folder))
        assert str(caught.value) == f"{folder}: {message}"


def test_names_beside_a_test_folder_have_no_effect(tmp_path: Path) -> None:
    """One or the other."""
    with pytest.raises(OptionError, match="test_pictures: has no effect beside 'test_folder'"):
        voc(folder=str(tmp_path), test_folder=str(tmp_path), test_pictures=["a"])


def test_elements_know_their_lines(tmp_path: Path) -> None:
    """Tags, text, children, and the line on which each begins; a byte-order mark does no harm."""
    path = tmp_path / "a.xml"
    path.write_text("\ufeff<a>\n<b> x </b>\n\n<b>y<c/></b></a>", encoding="utf-8")
    root = read_markup(path)
    assert [(child.tag, child.line, child.text) for child in root.children] == [
        ("b", 2, " x "),
        ("b", 4, "y"),
    ]
    assert root.said("b") == "x"
    assert root.said("d") == ""
