"""Views of photos: boxes stay on their pixels through scaling, tiling and EXIF's orientations."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from dlkit.data.boxes import BoxImages
from dlkit.data.framing import BoxPictures, Framing, View, in_memory, size_of, windows
from dlkit.data.marks import Mark, Photo
from dlkit.errors import DataError, OptionError


def painted(
    path: Path, size: tuple[int, int], box: tuple[int, int, int, int], **saving: object
) -> Photo:
    """A black photo with one white box, in a file."""
    image = Image.new("RGB", size)
    image.paste((255, 255, 255), box)
    image.save(path, **saving)
    return Photo(path, (Mark((*map(float, box),), 2, "here"),))


def around(image: torch.Tensor) -> torch.Tensor:
    rows, columns = (image[0] >= 128).nonzero().unbind(1)
    return torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()


def only(photo: Photo, framing: Framing, *, training: bool = True) -> BoxImages:
    views = framing.views(photo, size_of(photo.path), training=training)
    return in_memory(views, framing, 0)


@pytest.mark.parametrize("size", [(100, 60), (60, 100), (37, 53), (64, 64), (200, 31)])
def test_a_photo_is_scaled_with_its_proportions(tmp_path: Path, size: tuple[int, int]) -> None:
    """The box is that of the scaled pixels; beyond the photo, right or below, all is black."""
    photo = painted(tmp_path / "a.png", size, (12, 9, 30, 25))
    made = only(photo, Framing(64, "rgb"))
    assert (around(made.images[0]) - made.targets[0].boxes[0]).abs().max() <= 0.51
    assert made.targets.scales == (max(size) / 64,)
    assert made.targets[0].area.tolist() == [18 * 16]
    factor = 64 / max(size)
    beyond = made.images[0, :, round(size[1] * factor) :]
    assert not beyond.any()


def test_given_areas_are_kept(tmp_path: Path) -> None:
    """COCO's areas are those of masks, so they are taken as they are."""
    photo = painted(tmp_path / "a.png", (64, 64), (12, 9, 30, 25))
    photo = Photo(photo.path, (photo.marks[0]._replace(area=99.0, crowd=True),))
    boxes = only(photo, Framing(32, "rgb")).targets[0]
    assert (boxes.area.tolist(), boxes.crowd.tolist(), boxes.labels.tolist()) == ([99], [True], [2])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright_before_its_boxes_count(tmp_path: Path, orientation: int) -> None:
    """For each of EXIF's orientations: the size from the header is that of the upright picture."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.png"
    image = Image.new("RGB", (40, 24))
    image.paste((255, 255, 255), (4, 2, 14, 8))
    image.save(path, exif=exif)
    size = size_of(path)
    assert size == ((24, 40) if orientation >= 5 else (40, 24))
    [view] = Framing(40, "grey").views(Photo(path, ()), size, training=True)
    [pixels] = in_memory([view], Framing(40, "grey"), 0).images
    left, top, right, bottom = around(pixels).int().tolist()
    assert (right - left, bottom - top) == ((6, 10) if orientation >= 5 else (10, 6))
    assert right <= size[0]
    assert bottom <= size[1]


def test_tiles_cover_the_photo() -> None:
    """Every pixel is in a tile; neighbours share at least what is wanted; the last ends the photo."""
    tiles = windows((1000, 450), 400, 0.25)
    lefts = sorted({left for left, _, _, _ in tiles})
    assert lefts == [0, 300, 600]
    assert sorted({top for _, top, _, _ in tiles}) == [0, 50]
    assert {(right - left, bottom - top) for left, top, right, bottom in tiles} == {(400, 400)}
    assert windows((1000, 450), 500, 0.0) == [(0, 0, 500, 450), (500, 0, 1000, 450)]
    assert windows((300, 200), 400, 0.5) == [(0, 0, 300, 200)]


def test_boxes_of_a_tile_are_cut_at_its_border(tmp_path: Path) -> None:
    """Cut boxes keep what is inside; with less than a quarter inside they become crowds."""
    path = tmp_path / "a.png"
    Image.new("RGB", (200, 100)).save(path)
    corners = [(10, 10, 30, 30), (60, 10, 120, 50), (94, 50, 124, 80), (150, 0, 170, 20)]
    photo = Photo(path, tuple(Mark((*map(float, box),), i, "") for i, box in enumerate(corners)))
    left, right = Framing(50, "rgb", tile=100).views(photo, (200, 100), training=False)
    assert left.boxes.labels.tolist() == [0, 1, 2]
    assert left.boxes.boxes.tolist() == [[5, 5, 15, 15], [30, 5, 50, 25], [47, 25, 50, 40]]
    assert left.boxes.crowd.tolist() == [False, False, True]
    assert left.boxes.area.tolist() == pytest.approx([400, 1600, 180])
    assert right.boxes.labels.tolist() == [1, 2, 3]
    assert right.boxes.boxes[0].tolist() == [0, 5, 10, 25]
    assert right.boxes.crowd.tolist() == [False, False, False]
    assert left.scale == right.scale == 2.0


def test_pixels_of_a_tile_are_those_of_its_window(tmp_path: Path) -> None:
    """Unscaled tiles are cut out exactly, and boxes lie on their pixels."""
    photo = painted(tmp_path / "a.png", (100, 70), (40, 20, 60, 55))
    made = only(photo, Framing(32, "rgb", tile=32, overlap=0.5))
    for image, boxes in zip(made.images, made.targets, strict=True):
        if len(boxes):
            assert around(image).equal(boxes.boxes[0])
        else:
            assert not image.any()


def test_tiles_overlap_in_training_only(tmp_path: Path) -> None:
    """In validation and test no box is judged twice."""
    photo = painted(tmp_path / "a.png", (128, 64), (40, 20, 60, 55))
    framing = Framing(64, "rgb", tile=64, overlap=0.5)
    assert len(only(photo, framing)) == 3
    assert len(only(photo, framing, training=False)) == 2


def test_pictures_on_disk_are_those_in_memory(tmp_path: Path) -> None:
    """Decoded when asked for, with or without threads: the same pixels and boxes."""
    photos = [painted(tmp_path / f"{n}.png", (90 + n, 70), (10 + n, 20, 40, 60)) for n in range(4)]
    framing = Framing(48, "grey", tile=60, overlap=0.2)
    views = [v for p in photos for v in framing.views(p, size_of(p.path), training=True)]
    whole = in_memory(views, framing, 2)
    batches = [torch.tensor([3, 0]), torch.tensor([5])]
    for workers in (0, 2):
        lazy = BoxPictures(views, framing, workers)
        assert len(lazy) == len(whole)
        for indices, (images, targets) in zip(batches, lazy.stream(batches), strict=True):
            pixels, boxes = whole.fetch(indices)
            assert images.equal(pixels)
            assert images.shape[1] == 3
            assert targets.together.boxes.equal(boxes.together.boxes)


def test_a_picture_that_changes_during_training_is_named(tmp_path: Path) -> None:
    """Decoded batch by batch, a file that is replaced or gone stops the training with its path."""
    photo = painted(tmp_path / "a.png", (64, 64), (10, 10, 40, 40))
    framing = Framing(32, "rgb")
    lazy = BoxPictures(framing.views(photo, (64, 64), training=True), framing, 0)
    painted(photo.path, (65, 64), (1, 1, 64, 64))
    with pytest.raises(DataError) as caught:
        lazy.fetch(torch.tensor([0]))
    assert str(caught.value) == f"{photo.path}: the picture has changed since the training began"
    photo.path.unlink()
    with pytest.raises(DataError, match="the picture is gone"):
        lazy.fetch(torch.tensor([0]))


def test_all_damaged_pictures_are_named_at_once(tmp_path: Path) -> None:
    """Decoding into memory tries them all."""
    framing, views = Framing(32, "rgb"), list[View]()
    for name in "ab":
        photo = painted(tmp_path / f"{name}.png", (64, 64), (10, 10, 40, 40))
        views += framing.views(photo, (64, 64), training=True)
        photo.path.write_bytes(photo.path.read_bytes()[:60])
    with pytest.raises(DataError) as caught:
        in_memory(views, framing, 2)
    assert [str(p).split(": the")[0] for p in caught.value.problems] == [
        str(tmp_path / "a.png"),
        str(tmp_path / "b.png"),
    ]


@pytest.mark.parametrize("size", [31, 4097])
def test_sizes_that_cannot_be_meant_are_refused(size: int) -> None:
    """From 32 to 4096 pixels."""
    with pytest.raises(OptionError) as caught:
        Framing(size, "rgb").check()
    assert str(caught.value) == f"size: {size} is not from 32 to 4096 pixels"
