"""The task of detection, with detectors that know the answer, or half of it."""

from typing import Any

import torch
from torch import Tensor, nn

from dlkit.data.batches import Batch, evaluation_batches, training_batches
from dlkit.data.boxes import Boxes, BoxImages, BoxTargets
from dlkit.data.dataset import Data, Facts, Unit
from dlkit.tasks.detection import Detection

CPU = torch.device("cpu")


def examples(count: int) -> BoxImages:
    """Black images with one white square each, whose place is its image's number."""
    images = torch.zeros(count, 1, 32, 32, dtype=torch.uint8)
    targets = []
    for number, image in enumerate(images):
        image[:, number : number + 10, 5:15] = 255
        targets.append(Boxes.of([[5, number, 15, number + 10]], [number % 2]))
    return BoxImages(images, BoxTargets.of(targets))


def data() -> Data:
    facts = Facts((3, 32, 32), 2, "boxes", ("even", "odd"))
    return Data(examples(6), examples(4), examples(5), facts, None, "", "", augments="boxes")


class Oracle(nn.Module):
    """Finds the white square, surely; learns how bright it is."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(1.0))

    def forward(self, images: Tensor, targets: BoxTargets | None = None) -> Any:
        if self.training:
            assert targets is not None
            count = float(sum(targets.counts))
            return {"box": self.weight * count, "class": self.weight.square()}
        top = images[:, 0].amax(2).argmax(1).tolist()
        return [
            {
                "boxes": torch.tensor([[5.0, t, 15, t + 10]]) * self.weight,
                "scores": torch.tensor([0.9], dtype=torch.bfloat16),
                "labels": torch.tensor([t % 2]),
            }
            for t in top
        ]


def batches(split: BoxImages) -> list[Batch]:
    return list(evaluation_batches(split, batch_size=3, device=CPU, normalize=Unit()))


def observed(task: Detection, split: Any) -> dict[str, float]:
    task.model.eval()
    with torch.inference_mode():
        for batch in batches(split):
            task.observe(batch)
    return task.scores()


def test_an_update_has_the_detectors_own_terms() -> None:
    """One update a batch, with the losses by the names that the detector gives them."""
    task = Detection(Oracle(), None, data())
    [batch, *_] = training_batches(
        task.data.train, seed=0, epoch=0, batch_size=4, device=CPU, normalize=Unit()
    )
    [update] = task.updates(batch)
    assert {name: float(term.detach()) for name, term in update.terms.items()} == {
        "box": 4,
        "class": 1,
    }
    assert update.part == "model"
    assert task.parts() == {"model": task.model}


def test_scores_are_over_all_observed_images_and_start_anew() -> None:
    """The oracle finds everything; asked again, it is judged by what came since."""
    task = Detection(Oracle(), None, data())
    assert observed(task, task.data.validation) == dict.fromkeys(task.metrics, 1.0)
    task.model.weight.data.fill_(3.0)
    assert observed(task, task.data.test)["map"] == 0.0


def test_metrics_are_those_that_validation_can_give() -> None:
    """No large box is there, so none is judged; average precision is what is monitored."""
    task = Detection(Oracle(), None, data())
    assert dict(task.metrics) == dict.fromkeys(
        ["map", "map50", "map75", "map_small", "ar100"], "max"
    )
    assert task.monitor == "map"


def test_a_preview_shows_true_and_found_boxes() -> None:
    """Green where the true box is, the class's colour and a label where it was found."""
    task = Detection(Oracle(), None, data())
    assert task.preview() == {}
    task.model.weight.data.fill_(0.5)
    observed(task, task.data.validation)
    picture = task.preview()["boxes"]
    assert picture.dtype == torch.uint8
    assert tuple(picture.shape) == (256 + 8, 4 * 260 + 4, 3)
    colours = {tuple(pixel) for pixel in picture.reshape(-1, 3).unique(dim=0).tolist()}
    assert {(60, 160, 90), (230, 80, 60), (80, 140, 255)} <= colours
    assert tuple(picture[4 + 0, 4 + 80].tolist()) == (60, 160, 90)  # the top of the first true box
    assert task.preview() == {}


def test_unsure_finds_are_not_drawn() -> None:
    """Below a score of 0.3 only the truth is shown."""
    task = Detection(Oracle(), None, data())
    [batch, *_] = batches(task.data.validation)
    task.model.eval()
    sure = task.model.forward
    task.model.forward = lambda images: [
        {**each, "scores": torch.tensor([0.2])} for each in sure(images)
    ]
    task.observe(batch)
    task.scores()
    colours = task.preview()["boxes"].reshape(-1, 3).unique(dim=0).tolist()
    assert [60, 160, 90] in colours
    assert [230, 80, 60] not in colours
