"""COCO's JSON: what is read, what is refused and where, and what all photos with boxes share."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from dlkit.data import photos
from dlkit.data.coco import coco
from dlkit.data.framing import BoxPictures
from dlkit.errors import DataError, OptionError

Table = dict[str, Any]


def box(number: int, image: int, category: int, corners: list[float], **more: object) -> Table:
    return {"id": number, "image_id": image, "category_id": category, "bbox": corners, **more}


def table() -> Table:
    """Ten photos of 80 x 60; ids and categories with gaps; a crowd, and a photo without a box."""
    images = [{"id": 3 * n + 1, "file_name": f"p{n}.png"} for n in range(10)]
    annotations = [
        box(7, 1, 90, [10, 20, 30, 16], area=111.0),
        box(9, 1, 2, [40, 10, 40, 40], iscrowd=1),
        *(box(20 + n, 3 * n + 1, 2, [n, n, 20, 20]) for n in range(1, 9)),
    ]
    categories = [{"id": 90, "name": "toothbrush"}, {"id": 2, "name": "bicycle"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def put(folder: Path, content: Table | str, name: str = "labels.json", first: int = 0) -> str:
    """Pictures and the annotation file; returns its path."""
    for n in range(10):
        Image.new("RGB", (80, 60), (n + first, 0, 0)).save(folder / f"p{n}.png")
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def load(folder: Path, content: Table | str, **options: Any) -> Any:
    options = {"size": 40, "test_fraction": 0.3, **options}
    return coco(annotations=put(folder, content), images=str(folder), **options)


def problems(folder: Path, content: Table | str, **options: Any) -> list[str]:
    with pytest.raises(DataError) as caught:
        load(folder, content, **options)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_classes_are_categories_in_the_order_of_their_ids(tmp_path: Path) -> None:
    """Gaps between ids are closed: 2 becomes 0, 90 becomes 1."""
    data = load(tmp_path, table())
    assert data.facts.classes == ("bicycle", "toothbrush")
    assert (data.facts.outputs, data.facts.target) == (2, "boxes")
    assert data.facts.input_shape == (3, 40, 40)
    assert data.augments == "boxes"


def test_boxes_are_corners_in_the_networks_pixels(tmp_path: Path) -> None:
    """Left, top, width, height at 80 x 60 become corners at 40 x 30; areas stay the original's."""
    data = load(tmp_path, table(), test_pictures=["p0"])
    [boxes] = data.test.targets
    assert boxes.boxes.tolist() == [[5, 10, 20, 18], [20, 5, 40, 25]]
    assert boxes.labels.tolist() == [1, 0]
    assert boxes.area.tolist() == [111, 1600]
    assert boxes.crowd.tolist() == [False, True]
    assert data.test.targets.scales == (2.0,)


def test_crowds_are_not_learnt(tmp_path: Path) -> None:
    """In training only single things are left; in the test the crowd stays, to be passed over."""
    data = load(tmp_path, table(), test_pictures=["p1"], validation_fraction=0.0)
    assert not data.train.targets.together.crowd.any()
    assert sorted(data.train.targets.counts) == [0, *[1] * 8]


def test_splits_are_of_photos_and_photos_without_boxes_are_kept(tmp_path: Path) -> None:
    """Three of ten photos test, a seventh of the others validates, and none is in two splits."""
    data = load(tmp_path, table(), validation_fraction=0.15)
    assert data.sizes() == {"train": 6, "validation": 1, "test": 3}
    again = load(tmp_path, table(), validation_fraction=0.15)
    other = load(tmp_path, table(), validation_fraction=0.15, split_seed=1)
    assert data.fingerprint == again.fingerprint != other.fingerprint
    reds = [
        int(image[0, 0, 0])
        for part in (data.train, data.validation, data.test)
        for image in part.fetch(torch.arange(len(part)))[0]
    ]
    assert sorted(reds) == list(range(10))


def test_splits_may_have_files_of_their_own(tmp_path: Path) -> None:
    """Validation beside the training images, the test in a folder of its own."""
    (tmp_path / "test").mkdir()
    test = put(tmp_path / "test", table(), first=100)
    small = table() | {"images": table()["images"][:1], "annotations": table()["annotations"][:1]}
    validation = put(tmp_path, small, "validation.json")
    data = load(
        tmp_path,
        table(),
        validation_annotations=validation,
        test_annotations=test,
        test_images=str(tmp_path / "test"),
    )
    assert data.sizes() == {"train": 10, "validation": 1, "test": 10}
    assert data.warnings == (
        "pictures of the validation part that are also in the training part: 1",
    )


def test_all_boxes_may_be_given_one_class(tmp_path: Path) -> None:
    """Whatever the categories are called, in whatever file."""
    other = table()
    other["categories"][0]["name"] = "brush"
    path = put(tmp_path, other, "test.json")
    data = load(tmp_path, table(), test_annotations=path, single_class="thing")
    assert data.facts.classes == ("thing",)
    assert set(data.test.targets.together.labels.tolist()) == {0}
    [problem] = problems(tmp_path, table(), test_annotations=path)
    assert problem == "test.json: annotations[0]: unknown category id 90"


def test_what_the_file_lacks_is_said_at_its_place(tmp_path: Path) -> None:
    """All faults of a file in one pass: ids twice, unknown ids, missing pictures, wrong fields."""
    broken = table()
    broken["images"] += [{"id": 1, "file_name": "p1.png"}, {"id": 99, "file_name": "gone.png"}]
    broken["images"] += [
        {"id": 98, "file_name": "../secret.png"},
        {"id": "7", "file_name": "p2.png"},
    ]
    broken["annotations"] += [
        box(7, 4, 2, [0, 0, 9, 9]),
        box(50, 5, 2, [0, 0, 9, 9]),
        box(51, 4, 3, [0, 0, 9, 9]),
        box(52, 4, 2, [0, 0, 9]),
        box(53, 4, 2, [0, 0, "9", 9]),
        {"id": 54},
        "box",
    ]
    broken["categories"] += [{"id": 2, "name": "car"}]
    assert problems(tmp_path, broken) == [
        "labels.json: categories[2]: the id 2 stands there twice",
        "labels.json: images[10]: the id 1 stands there twice",
        f"labels.json: images[11]: there is no picture {tmp_path}/gone.png".replace(
            f"{tmp_path}/", ""
        ),
        "labels.json: images[12]: '../secret.png' leaves the folder of the images",
        "labels.json: images[13]: 'id' must be an integer",
        "labels.json: annotations[10]: the id 7 stands there twice",
        "labels.json: annotations[11]: there is no image with the id 5",
        "labels.json: annotations[12]: unknown category id 3",
        "labels.json: annotations[13]: 'bbox' must be four numbers: left, top, width, height",
        "labels.json: annotations[14]: 'bbox' must be four numbers: left, top, width, height",
        "labels.json: annotations[15]: 'image_id' must be an integer",
        "labels.json: annotations[16]: must be a mapping",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"images": [],\n  "annotations" []}', "labels.json:2:17: no JSON (Expecting ':' delimiter)"),
        ("[]", "labels.json: must hold a mapping of images, annotations and categories"),
        ("[" * 100_000, "labels.json: nested too deeply"),
        ('{"images": [], "categories": {}}', "labels.json: holds no list of 'annotations'"),
    ],
)  # fmt: skip
def test_files_that_are_no_annotations(tmp_path: Path, content: str, message: str) -> None:
    """Broken JSON is named with line and column."""
    assert problems(tmp_path, content)[0] == message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The resolved path is said."""
    with pytest.raises(DataError) as caught:
        coco(annotations=str(tmp_path / "no.json"), images=str(tmp_path))
    assert str(caught.value) == f"{tmp_path}/no.json: cannot be read (No such file or directory)"


BAD = [
    ([10, 10, 0, 5], "the box (10, 10, 10, 15) has no area"),
    ([10, 10, 5, -5], "the box (10, 10, 15, 5) has no area"),
    ([float("nan"), 0, 5, 5], "the box (nan, 0, nan, 5) is not finite"),
    ([85, 0, 5, 5], "the box (85, 0, 90, 5) lies outside its picture of 80 x 60 pixels"),
]


def test_bad_boxes_are_all_said(tmp_path: Path) -> None:
    """No area, not finite, outside: each with its place, and what to do."""
    broken = table()
    broken["annotations"] += [box(60 + n, 4, 2, corners) for n, (corners, _) in enumerate(BAD)]
    hint = ". Mend it, or set 'data.on_bad_box: drop'."
    assert problems(tmp_path, broken) == [
        f"labels.json: annotations[{10 + n}]: {fault}{hint}" for n, (_, fault) in enumerate(BAD)
    ]


def test_bad_boxes_may_be_dropped_and_boxes_that_stick_out_are_clipped(tmp_path: Path) -> None:
    """Both are counted; a pixel over the border is rounding and needs no word."""
    broken = table()
    broken["annotations"] += [box(60 + n, 4, 2, corners) for n, (corners, _) in enumerate(BAD)]
    broken["annotations"] += [box(70, 28, 90, [-10, 50, 30, 30]), box(71, 28, 2, [-1, 0, 21, 20])]
    data = load(tmp_path, broken, on_bad_box="drop", test_pictures=["p9"])
    assert data.warnings[:2] == (
        "bad boxes that were dropped: 4",
        "boxes that were clipped to their picture: 1",
    )
    assert data.test.targets[0].boxes.tolist() == [[0, 25, 10, 30], [0, 0, 10, 10]]


def test_a_split_without_any_box_is_refused(tmp_path: Path) -> None:
    """Neither learnt from nor judged by."""
    [problem] = problems(tmp_path, table(), test_pictures=["p9"])
    assert problem == "labels.json: none of the 1 pictures of the test part has a box"
    empty = table() | {"annotations": []}
    assert len(problems(tmp_path, empty, validation_fraction=0.2)) == 3


def test_damaged_pictures_are_named(tmp_path: Path) -> None:
    """A file that is no picture, and one that is cut off."""
    path = put(tmp_path, table())
    (tmp_path / "p3.png").write_bytes(b"no picture")
    with pytest.raises(DataError) as caught:
        coco(annotations=path, images=str(tmp_path), size=40)
    assert str(caught.value).startswith(f"{tmp_path}/p3.png: the picture cannot be decoded (")


def test_options_that_would_have_no_effect(tmp_path: Path) -> None:
    """A folder without its file, names beside a test file, and names that are not there."""
    path = put(tmp_path, table())
    for options, option, message in (
        ({"test_images": str(tmp_path)}, "test_images", "has no effect without 'test_annotations'"),
        (
            {"test_annotations": path, "test_pictures": ["p1"]},
            "test_pictures",
            "has no effect beside 'test_annotations'",
        ),
        ({"test_pictures": ["p1", "q", "r"]}, "test_pictures", "there is no picture named q, r"),
    ):
        with pytest.raises(OptionError) as caught:
            coco(annotations=path, images=str(tmp_path), **options)
        assert (caught.value.option, caught.value.message) == (option, message)


def test_a_misspelt_picture_is_answered_with_the_nearest_names(tmp_path: Path) -> None:
    """Also one that was named with its file's ending; a name like no other gets no advice."""
    path = put(tmp_path, table())
    for asked, hint in ((["p1.png", "P2"], "Did you mean 'p2' and 'p1'?"), (["quokka"], "")):
        with pytest.raises(OptionError) as caught:
            coco(annotations=path, images=str(tmp_path), test_pictures=asked)
        assert caught.value.hint == hint


def test_what_does_not_fit_in_memory_is_decoded_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same examples either way."""
    there = load(tmp_path, table(), workers=2)
    monkeypatch.setattr(photos, "IN_MEMORY", 0)
    lazy = load(tmp_path, table(), workers=2)
    assert isinstance(lazy.train, BoxPictures)
    assert lazy.fingerprint == there.fingerprint
    [(images, boxes)] = lazy.train.stream([torch.arange(4)])
    assert images.equal(there.train.fetch(torch.arange(4))[0])
    assert boxes.counts == there.train.targets[:4].counts
