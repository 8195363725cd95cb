"""Selective search: every object has a proposal, merging follows the paper, results are kept."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.ops import box_iou

from dlkit.data.scenes import digits_scenes
from dlkit.models.proposals import Proposals
from dlkit.models.selective_search import Segments, selective_search


def test_recall_on_scenes():
    """Of the digits of 60 scenes, at least 95 % have a proposal with IoU 0.5, with under 150 an image."""
    scenes = digits_scenes(images=60, validation_images=8, test_images=8).train
    overlaps, counts = [], []
    for index in range(len(scenes)):
        images, (boxes,) = scenes.fetch(torch.tensor([index]))
        found = selective_search(images[0].permute(1, 2, 0).numpy())
        counts.append(len(found))
        if len(boxes):
            overlaps.append(box_iou(torch.from_numpy(found).float(), boxes.boxes).amax(0))

    assert (torch.cat(overlaps) >= 0.5).float().mean() >= 0.95
    assert np.mean(counts) < 150


def picture():
    """Two squares of the same red at a distance, and one of blue that touches the first."""
    image = np.full((40, 60, 3), 30, dtype=np.uint8)
    image[10:20, 5:15] = image[10:20, 40:50] = (220, 40, 40)
    image[20:30, 5:15] = (40, 40, 220)
    return image


def test_segments_and_what_becomes_of_them_are_proposed():
    """Each square, two that touch, and the whole: all are among the proposals, each once, sorted."""
    boxes = selective_search(picture()).tolist()

    for expected in ([5, 10, 15, 20], [40, 10, 50, 20], [5, 20, 15, 30], [0, 0, 60, 40]):
        assert expected in boxes
    assert boxes == sorted(map(list, set(map(tuple, boxes))))


def test_an_even_image_is_its_own_proposal():
    """Where nothing can be told apart, one box is left, so that no image is without."""
    assert selective_search(np.zeros((32, 48, 3), np.uint8)).tolist() == [[0, 0, 48, 32]]


def test_three_equal_channels_are_one():
    """A grey image in colour has the proposals of its one channel."""
    grey = picture()[..., :1]

    assert np.array_equal(selective_search(grey.repeat(3, 2)), selective_search(grey))


def segments():
    """Three segments in a row: dark, dark, bright; 4x2, 4x2 and 4x4 pixels."""
    numbers = np.array([[0, 0, 1, 1, 2, 2, 2, 2]] * 4)
    image = np.where(numbers == 2, 200, 50)[..., None].astype(np.uint8)
    return Segments(image, numbers)


def test_similarity_is_the_sum_of_three():
    """By hand for flat segments: colours agree or not, size and fill as in equations 4 and 5."""
    parts = segments()
    assert parts.similarity(0, 1) == pytest.approx(1 + (1 - 16 / 32) + 1)
    assert parts.similarity(1, 2) == pytest.approx(0 + (1 - 24 / 32) + 1)
    # The box around 0 and 2 has 8 pixels of neither.
    assert parts.similarity(0, 2) == pytest.approx(0 + (1 - 24 / 32) + (1 - 8 / 32))


def test_the_most_similar_merge_first():
    """Dark joins dark, then all: n segments give 2 n - 1 boxes."""
    assert segments().boxes_of_all().tolist() == [
        [0, 0, 2, 4],
        [2, 0, 4, 4],
        [4, 0, 8, 4],
        [0, 0, 4, 4],
        [0, 0, 8, 4],
    ]


def test_a_merged_segment_looks_like_its_pixels():
    """Histograms are averaged by size, which is what its own pixels would give."""
    parts = segments()
    parts._merge(1, 2, {1, 2})

    assert parts.colours[3][[50 // 16, 200 // 16]].tolist() == pytest.approx([8 / 24, 16 / 24])
    assert parts.sizes[3] == 24


class Counting:
    """A search that counts how often it was asked."""

    def __init__(self):
        self.asked = 0

    def __call__(self, image):
        self.asked += 1
        return np.array([[0, 0, image.shape[1], int(image.max())]], np.int16)


IMAGES = torch.stack([torch.full((3, 4, 6), 0.2), torch.full((3, 4, 6), 1.0)])


def test_an_image_that_comes_back_is_not_searched_again(tmp_path: Path):
    """In memory at once; on the disk when it has come twice, and the next run reads it there."""
    search = Counting()
    proposals = Proposals(search, name="a", folder=tmp_path)

    first = proposals(IMAGES)
    assert [each.tolist() for each in first] == [[[0, 0, 6, 51]], [[0, 0, 6, 255]]]
    assert first[0].dtype == torch.float32
    assert not list(tmp_path.rglob("*.npy"))

    again = proposals(IMAGES[:1])
    assert torch.equal(again[0], first[0])
    assert search.asked == 2
    assert len(list(tmp_path.rglob("*.npy"))) == 1

    other = Counting()
    assert torch.equal(Proposals(other, name="a", folder=tmp_path)(IMAGES[:1])[0], first[0])
    assert other.asked == 0


def test_other_images_shapes_and_searches_are_not_confused(tmp_path: Path):
    """The key is made of the search's name, the shape and the pixels."""
    search = Counting()
    proposals = Proposals(search, name="a", folder=tmp_path)
    for images in (IMAGES[:1], IMAGES[1:], IMAGES[:1].reshape(1, 3, 6, 4)):
        proposals(images)
        proposals(images)
    assert search.asked == 3

    Proposals(search, name="b", folder=tmp_path)(IMAGES[:1])
    assert search.asked == 4


def test_a_damaged_file_is_searched_again(tmp_path: Path):
    """Truncated, empty, or of something else: never wrong boxes, never an error."""
    for _ in range(2):
        proposals = Proposals(Counting(), name="a", folder=tmp_path)
        proposals(IMAGES[:1])
        proposals(IMAGES[:1])
    (file,) = tmp_path.rglob("*.npy")
    whole = file.read_bytes()
    for content in (whole[:-1], b"", b"nonsense"):
        file.write_bytes(content)
        search = Counting()
        assert Proposals(search, name="a", folder=tmp_path)(IMAGES[:1])[0].tolist() == [
            [0, 0, 6, 51]
        ]
        assert search.asked == 1
    np.save(file, np.zeros((2, 3)))
    assert Proposals(search, name="a", folder=tmp_path)(IMAGES[:1])[0].tolist() == [[0, 0, 6, 51]]


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path):
    """Proposals are the same without the disk."""
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    search = Counting()
    proposals = Proposals(search, name="a", folder=blocked)

    assert torch.equal(proposals(IMAGES[:1])[0], proposals(IMAGES[:1])[0])
    assert search.asked == 1


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    """The image that was used longest ago is forgotten."""
    monkeypatch.setattr("dlkit.models.proposals.REMEMBERED", 1)
    search = Counting()
    proposals = Proposals(search, name="a", folder=None)
    for images in (IMAGES[:1], IMAGES[1:], IMAGES[1:], IMAGES[:1]):
        proposals(images)

    assert search.asked == 3
