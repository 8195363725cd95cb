"""Average precision against a slow computation of its definition, and by hand."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from dlkit.data.boxes import Boxes, BoxTargets
from dlkit.tasks.average_precision import Detections, average_precision, sizes_of

Array = NDArray[np.float64]
CLASSES = 3


def detections(boxes: object, labels: object, scores: object) -> Detections:
    return {
        "boxes": torch.as_tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        "labels": torch.as_tensor(labels, dtype=torch.int64),
        "scores": torch.as_tensor(scores, dtype=torch.float32),
    }


def overlap(a: Array, b: Array, crowd: bool) -> float:
    """Intersection over union; over the detection `a` alone where `b` is a crowd."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    both = np.prod(sides.clip(0))
    first, second = np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2])
    return float(both / (first if crowd else first + second - both))


def matched(
    found: Detections, true: Boxes, label: int, threshold: float
) -> list[tuple[float, int]]:
    """(score, 1 right / 0 wrong) of the detections of a class in one image; crowd matches are left out."""
    goals = [i for i in range(len(true)) if true.labels[i] == label]
    taken: set[int] = set()
    outcome = []
    order = found["scores"].argsort(descending=True, stable=True).tolist()
    for index in (i for i in order if found["labels"][i] == label):
        box = found["boxes"][index].double().numpy()
        ious = {
            goal: overlap(box, true.boxes[goal].double().numpy(), bool(true.crowd[goal]))
            for goal in goals
            if goal not in taken
        }
        single = {g: iou for g, iou in ious.items() if not true.crowd[g] and iou >= threshold}
        if single:
            taken.add(max(single, key=lambda goal: single[goal]))
            outcome.append((float(found["scores"][index]), 1))
        elif not any(true.crowd[g] and iou >= threshold for g, iou in ious.items()):
            outcome.append((float(found["scores"][index]), 0))
    return outcome


def one_class(
    found: list[Detections], truth: list[Boxes], label: int, threshold: float
) -> tuple[float, float] | None:
    """Average precision at 101 recalls, and the last recall, of one class; None without a true box."""
    total = sum(int(((t.labels == label) & ~t.crowd).sum()) for t in truth)
    if not total:
        return None
    pairs = [p for f, t in zip(found, truth, strict=True) for p in matched(f, t, label, threshold)]
    pairs.sort(key=lambda pair: -pair[0])
    right = np.cumsum([pair[1] for pair in pairs])
    recall, precision = right / total, right / np.arange(1, len(pairs) + 1)
    at = [precision[recall >= r].max(initial=0.0) for r in np.linspace(0, 1, 101)]
    return float(np.mean(at)), float(recall[-1]) if len(recall) else 0.0


def slow(found: list[Detections], truth: list[Boxes]) -> dict[str, float]:
    """The definition, one class and one threshold after the other."""
    thresholds = np.linspace(0.5, 0.95, 10)
    table = [
        [both for k in range(CLASSES) if (both := one_class(found, truth, k, t)) is not None]
        for t in thresholds
    ]
    values = np.array(table)  # (thresholds, classes, 2)
    return {
        "map": values[:, :, 0].mean(),
        "map50": values[0, :, 0].mean(),
        "map75": values[5, :, 0].mean(),
        "ar100": values[:, :, 1].mean(),
    }


def random_case(seed: int) -> tuple[list[Detections], list[Boxes]]:
    """A few images: true boxes, some crowds, detections near and far, scores all different."""
    random = np.random.default_rng(seed)
    found, truth = [], []
    for _ in range(4):
        n, extra = random.integers(0, 5), random.integers(0, 4)
        corners = random.uniform(0, 50, (n, 2))
        true = np.concatenate([corners, corners + random.uniform(8, 40, (n, 2))], 1)
        labels = random.integers(CLASSES, size=n)
        truth.append(Boxes.of(true, labels, crowd=random.random(n) < 0.15))
        far = random.uniform(0, 50, (extra, 2))
        near = np.repeat(true, 2, 0) + random.normal(0, 2, (2 * n, 4))
        boxes = np.concatenate([near, np.concatenate([far, far + 15], 1)])
        guessed = np.concatenate([np.repeat(labels, 2), random.integers(CLASSES, size=extra)])
        found.append(
            detections(boxes, guessed, random.permutation(len(boxes)) / 20 + random.random() / 50)
        )
    return found, truth


@pytest.mark.parametrize("seed", range(12))
def test_scores_are_those_of_the_definition(seed: int) -> None:
    """Random scenes with crowds, doubles and empty images: equal to the slow computation."""
    found, truth = random_case(seed)
    scores = average_precision(found, BoxTargets.of(truth))
    for name, value in slow(found, truth).items():
        assert scores[name] == pytest.approx(value, abs=1e-9), name


SQUARE = [[10.0, 10, 30, 30]]


def test_what_is_found_exactly_scores_one() -> None:
    """Perfect detections give 1 everywhere; sizes of which there is no box are not named."""
    truth = BoxTargets.of(
        [Boxes.of(SQUARE, [1]), Boxes.of([], []), Boxes.of([[0, 0, 60, 60]], [0])]
    )
    found = [detections(each.boxes, each.labels, [0.5] * len(each)) for each in truth]
    names = {"map", "map50", "map75", "map_small", "map_medium", "ar100"}
    assert average_precision(found, truth) == dict.fromkeys(names, 1.0)
    assert sizes_of(truth) == ("small", "medium")


def test_nothing_found_scores_zero() -> None:
    """No detection at all is 0, not undefined."""
    truth = BoxTargets.of([Boxes.of(SQUARE, [1]), Boxes.of([], [])])
    scores = average_precision([detections([], [], [])] * 2, truth)
    assert set(scores.values()) == {0.0}


def test_a_find_in_an_empty_image_costs_precision() -> None:
    """One surer detection where nothing is: precision 1/2 at every recall."""
    truth = BoxTargets.of([Boxes.of(SQUARE, [0]), Boxes.of([], [])])
    found = [detections(SQUARE, [0], [0.6]), detections(SQUARE, [0], [0.9])]
    assert average_precision(found, truth)["map50"] == pytest.approx(0.5)


def test_a_second_find_of_the_same_box_is_wrong() -> None:
    """A double that is less sure costs nothing at recall 1; a surer double that fits worse halves it."""
    truth = BoxTargets.of([Boxes.of(SQUARE, [0])])
    less = [detections(SQUARE * 2, [0, 0], [0.9, 0.5])]
    assert average_precision(less, truth)["map"] == 1.0
    shifted = [[10.0, 12.5, 30, 32.5]]  # IoU 17.5 / 22.5 = 0.778
    surer = average_precision([detections(shifted + SQUARE, [0, 0], [0.9, 0.5])], truth)
    assert surer["map50"] == 1.0
    assert surer["map75"] == 1.0
    assert surer["map"] == pytest.approx(0.6 + 0.4 * 0.5)


def test_iou_of_the_threshold_itself_counts() -> None:
    """Half of a box found is IoU 0.5, which is a match at 0.50 and at no other threshold."""
    truth = BoxTargets.of([Boxes.of(SQUARE, [0])])
    half = average_precision([detections([[10.0, 10, 30, 20]], [0], [0.9])], truth)
    assert (half["map50"], half["map75"], half["map"]) == (1.0, 0.0, pytest.approx(0.1))


def test_finds_within_a_crowd_are_neither_right_nor_wrong() -> None:
    """Three surer detections inside a crowd leave the score of the single thing at 1."""
    crowd = Boxes.of([*SQUARE, [40, 40, 90, 90]], [0, 0], crowd=[False, True])
    inside = [[41.0, 41, 50, 50], [60, 60, 70, 70], [80, 80, 89, 89]]
    found = [detections([*inside, *SQUARE], [0] * 4, [0.9, 0.8, 0.7, 0.6])]
    assert average_precision(found, BoxTargets.of([crowd]))["map"] == 1.0


def test_sizes_are_those_of_the_original_image() -> None:
    """A box of 20 x 20 in an image shrunk four times is a medium one; far finds are scaled too."""
    truth = BoxTargets.of([Boxes.of(SQUARE, [0], area=[6400])], [4.0])
    wrong = [[60.0, 60, 80, 80]]
    scores = average_precision([detections(wrong + SQUARE, [0, 0], [0.9, 0.8])], truth)
    assert scores["map_medium"] == pytest.approx(0.5)
    assert "map_small" not in scores


def test_finds_of_classes_that_are_not_there_count_nowhere() -> None:
    """COCO averages over the classes that have true boxes."""
    truth = BoxTargets.of([Boxes.of(SQUARE, [1])])
    found = [detections(SQUARE * 3, [0, 1, 2], [0.9, 0.8, 0.7])]
    assert average_precision(found, truth)["map"] == 1.0


def test_without_a_true_box_there_is_no_score() -> None:
    """Undefined, and said so."""
    for boxes in (Boxes.of([], []), Boxes.of(SQUARE, [0], crowd=[True])):
        with pytest.raises(ValueError, match="there is no true box, so average precision is not"):
            average_precision([detections(SQUARE, [0], [0.9])], BoxTargets.of([boxes]))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to the program's own reports."""
    found, truth = random_case(0)
    average_precision(found, BoxTargets.of(truth))
    assert capfd.readouterr() == ("", "")
