"""Regions: R-CNN's parametrisation of boxes against torchvision's, warping with context, sampling."""

import pytest
import torch
from torchvision.models.detection._utils import BoxCoder

from dlkit.data.boxes import Boxes
from dlkit.models.regions import decode, encode, sample, warp


def boxes(count, seed):
    random = torch.Generator().manual_seed(seed)
    near = torch.rand(count, 2, generator=random) * 60
    return torch.cat([near, near + 2 + torch.rand(count, 2, generator=random) * 30], 1)


def test_changes_are_torchvision_s():
    """Both ways, with all weights 1, for class-specific changes too."""
    coder = BoxCoder((1.0, 1.0, 1.0, 1.0))
    objects, regions = boxes(50, 0), boxes(50, 1)
    torch.testing.assert_close(encode(objects, regions), coder.encode_single(objects, regions))

    changes = torch.randn(50, 3, 4, generator=torch.Generator().manual_seed(2)) * 3
    expected = coder.decode_single(changes.flatten(1), regions).unflatten(1, (3, 4))
    torch.testing.assert_close(decode(changes, regions), expected, rtol=1e-4, atol=1e-3)


def test_decoding_undoes_encoding():
    """The changes from a region to an object lead back to the object."""
    objects, regions = boxes(50, 0), boxes(50, 1)

    there = decode(encode(objects, regions)[:, None], regions)[:, 0]

    torch.testing.assert_close(there, objects, rtol=0, atol=1e-4)


def test_an_absurd_growth_is_bounded():
    """A side grows 62.5-fold at most, so no box is infinite."""
    grown = decode(
        torch.full((1, 1, 4), 1000.0).index_fill(2, torch.tensor([0, 1]), 0.0), boxes(1, 0)
    )

    assert (grown[0, 0, 2:] - grown[0, 0, :2]).tolist() == pytest.approx(
        ((boxes(1, 0)[0, 2:] - boxes(1, 0)[0, :2]) * 62.5).tolist()
    )


def test_a_region_fills_its_crop_but_for_the_context():
    """Of 227 pixels a side 16 at each end are context (appendix A), whatever the region's shape."""
    image = torch.zeros(1, 1, 300, 300)
    image[0, 0, 100:140, 60:240] = 1.0
    crop = warp(image, [torch.tensor([[60.0, 100.0, 240.0, 140.0]])], 227)[0, 0]

    inside = crop > 0.5
    assert inside.any(1).nonzero()[:, 0].tolist() == list(range(16, 211))
    assert inside.any(0).nonzero()[:, 0].tolist() == list(range(16, 211))


def test_outside_of_the_image_is_its_mean():
    """A region at the corner of an even image sees nothing but that shade."""
    images = torch.tensor([0.2, 0.7]).reshape(2, 1, 1, 1).expand(2, 3, 20, 20)
    crops = warp(images, [torch.tensor([[0.0, 0, 9, 9]]), torch.tensor([[5.0, 5, 20, 20]] * 2)], 16)

    assert crops.shape == (3, 3, 16, 16)
    torch.testing.assert_close(crops[0], torch.full((3, 16, 16), 0.2))
    torch.testing.assert_close(crops[1:], torch.full((2, 3, 16, 16), 0.7))


PROPOSALS = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 11], [50, 50, 60, 60], [30, 30, 41, 40]])


def drawn(objects, count=8, proposals=PROPOSALS):
    torch.manual_seed(0)
    return sample(proposals, objects, count)


def test_regions_take_the_object_that_they_overlap_most():
    """With IoU of at least 0.5 a region has the object's label plus 1, else it is background."""
    objects = Boxes.of([[0, 0, 10, 10], [30, 30, 40, 40]], [4, 0])
    regions, labels, boxes_ = drawn(objects, count=40)

    found = {
        tuple(r): (int(k), tuple(b))
        for r, k, b in zip(regions.tolist(), labels, boxes_.tolist(), strict=True)
    }
    assert found[0, 0, 10, 11] == (5, (0, 0, 10, 10))
    assert found[30, 30, 41, 40] == (1, (30, 30, 40, 40))
    assert found[50, 50, 60, 60][0] == 0
    assert found[30, 30, 40, 40] == (1, (30, 30, 40, 40))  # the object itself is a proposal
    assert len(labels) == 6


def test_a_quarter_at_most_shows_objects():
    """Of 8 regions 2 are objects although there are more, and the rest is background."""
    proposals = torch.tensor(
        [[0.0, 0, 10, 10 + n / 10] for n in range(9)] + [[50.0, 50, 60, 60 + n] for n in range(9)]
    )
    _, labels, _ = drawn(Boxes.of([[0, 0, 10, 10]], [2]), proposals=proposals)

    assert labels.tolist() == [3, 3, 0, 0, 0, 0, 0, 0]


def test_without_objects_all_is_background():
    """An empty image gives regions of background only, and objects of the right shape."""
    regions, labels, objects = drawn(Boxes.of([], []))

    assert labels.tolist() == [0, 0, 0, 0]
    assert regions.shape == objects.shape == (4, 4)


@pytest.mark.parametrize("others", [[], [[0, 0, 10, 10]]], ids=["alone", "beside an object"])
def test_what_lies_in_a_crowd_is_neither_object_nor_background(others):
    """A region that is mostly in a crowd is not drawn, nor is the crowd's own box."""
    crowd = [28.0, 28, 44, 44]
    objects = Boxes.of(
        [crowd, *others], [1] * (1 + len(others)), crowd=[True] + [False] * len(others)
    )
    regions, labels, _ = drawn(objects, count=40)

    assert [30, 30, 41, 40] not in regions.tolist()
    assert crowd not in regions.tolist()
    assert [50, 50, 60, 60] in regions.tolist()
    assert set(labels.tolist()) <= {0, 2}
    assert (labels == 2).any() == bool(others)


def test_the_draw_is_torch_s():
    """The same seed draws the same regions, another one others: a run can be resumed exactly."""
    many = torch.tensor([[float(n), 0, n + 10.0, 10] for n in range(50)])
    objects = Boxes.of([[0, 0, 10, 10]], [0])
    first, again = (drawn(objects, proposals=many).regions for _ in range(2))
    torch.manual_seed(1)

    assert torch.equal(first, again)
    assert not torch.equal(first, sample(many, objects, 8).regions)
