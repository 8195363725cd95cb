"""An epoch's batches hold every example once, resume anywhere, and cost little."""

import time
from collections.abc import Iterable, Iterator

import pytest
import torch
from torch import Tensor

from dlkit.data.augmentation import Augmentation, on_inputs
from dlkit.data.batches import Change, evaluation_batches, training_batches
from dlkit.data.dataset import Examples, Normalize, TensorExamples
from dlkit.data.randomness import permutation

CPU = torch.device("cpu")
NORMALIZE = Normalize(torch.full((1, 1, 1), 4.0), torch.full((1, 1, 1), 2.0))


def examples(n: int = 50) -> TensorExamples:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randint(0, 17, (n, 1, 8, 8), generator=generator, dtype=torch.uint8)
    return TensorExamples(inputs, torch.arange(n) % 10)


def training(n: int = 50, **options: object) -> list:
    arguments = {"seed": 1, "epoch": 2, "batch_size": 16, "device": CPU, **options}
    return list(training_batches(examples(n), **arguments))


def test_an_epoch_is_the_permutation_in_pieces() -> None:
    """Indices are `permutation(seed, epoch, n)`; the last, smaller batch is kept."""
    batches = training()
    assert [len(batch.indices) for batch in batches] == [16, 16, 16, 2]
    assert torch.equal(torch.cat([batch.indices for batch in batches]), permutation(1, 2, 50))


def test_inputs_and_targets_belong_to_the_indices() -> None:
    """Normalised by `(x - mean) / std`, in float32."""
    data = examples()
    for batch in training(normalize=NORMALIZE):
        assert torch.equal(batch.inputs, (data.inputs[batch.indices].float() - 4) / 2)
        assert torch.equal(batch.targets, data.labels[batch.indices])
        assert batch.inputs.dtype == torch.float32


@pytest.mark.parametrize("start", [0, 1, 3, 4, 9])
@pytest.mark.parametrize("augmentation", [None, on_inputs(Augmentation(shift=2, rotation=9.0))])
def test_an_epoch_resumes_at_any_batch(start: int, augmentation: Change | None) -> None:
    """The batches from `start` on equal those of the whole epoch, bit for bit."""
    whole = training(normalize=NORMALIZE, augmentation=augmentation)
    rest = training(normalize=NORMALIZE, augmentation=augmentation, start=start)
    assert len(rest) == max(4 - start, 0)
    for ours, theirs in zip(rest, whole[start:], strict=True):
        assert all(map(torch.equal, ours, theirs))


def test_augmentation_does_not_depend_on_the_batch_size() -> None:
    """An example looks the same in an epoch whatever the batches are: gradients can be accumulated."""
    act = on_inputs(Augmentation(shift=2, horizontal_flip=True))
    small, large = (
        torch.cat([batch.inputs for batch in training(batch_size=size, augmentation=act)])
        for size in (7, 50)
    )
    assert torch.equal(small, large)


def test_a_full_batch_holds_all_examples() -> None:
    """`full` is one batch an epoch."""
    (batch,) = training(batch_size="full")
    assert batch.indices.sort().values.tolist() == list(range(50))


@pytest.mark.parametrize(
    ("n", "size", "steps"), [(50, 16, 4), (48, 16, 3), (1, 16, 1), (50, "full", 1), (50, 1, 50)]
)
def test_an_epoch_is_as_many_batches_as_are_needed(n: int, size: int, steps: int) -> None:
    """Rounded up."""
    assert len(training(n, batch_size=size)) == steps


def test_evaluation_goes_through_all_examples_in_order() -> None:
    """Without augmentation, the last batch smaller."""
    data = examples()
    batches = list(evaluation_batches(data, batch_size=20, device=CPU, normalize=NORMALIZE))
    assert [len(batch.targets) for batch in batches] == [20, 20, 10]
    assert torch.equal(torch.cat([batch.indices for batch in batches]), torch.arange(50))
    assert torch.equal(torch.cat([batch.inputs for batch in batches]), NORMALIZE(data.inputs))


def test_an_empty_split_has_no_batches() -> None:
    """Validation may be switched off."""
    empty = TensorExamples(torch.zeros(0, 1, 8, 8), torch.zeros(0))
    assert list(evaluation_batches(empty, batch_size=20, device=CPU)) == []
    assert list(evaluation_batches(empty, batch_size="full", device=CPU)) == []


def test_channels_last_changes_the_layout_alone() -> None:
    """The same numbers in the memory order that convolutions like."""
    data = TensorExamples(torch.rand(8, 3, 4, 4), torch.zeros(8))
    (plain,) = evaluation_batches(data, batch_size=8, device=CPU)
    (last,) = evaluation_batches(data, batch_size=8, device=CPU, channels_last=True)
    assert last.inputs.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(last.inputs, plain.inputs)


class Reader(Examples):
    """Examples that note which batches were asked of them, as worker threads would prefetch them."""

    def __init__(self) -> None:
        self.labels = torch.arange(10)
        self.asked: list[list[int]] = []

    def __len__(self) -> int:
        return 10

    def fetch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        self.asked.append(indices.tolist())
        return torch.zeros(len(indices), 1, 2, 2, dtype=torch.uint8), self.labels[indices]

    def stream(self, batches: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        return map(self.fetch, batches)


def test_skipped_batches_are_never_read() -> None:
    """Resuming late in an epoch of a large data set costs nothing."""
    reader = Reader()
    batches = list(training_batches(reader, seed=0, epoch=0, batch_size=4, start=2, device=CPU))
    assert reader.asked == [permutation(0, 0, 10)[8:].tolist()]
    assert len(batches) == 1


def test_a_batch_of_digits_costs_less_than_60_microseconds() -> None:
    """64 x 1 x 8 x 8, normalised; the best of 20 epochs, on a busy machine too."""
    data, times = examples(1280), []
    options = {"seed": 0, "epoch": 0, "batch_size": 64, "device": CPU, "normalize": NORMALIZE}
    for _ in range(20):
        began = time.process_time()
        count = sum(1 for _ in training_batches(data, **options))
        times.append((time.process_time() - began) / count)
    assert min(times) < 60e-6


def test_a_device_other_than_the_cpu() -> None:
    """`meta` stands for an accelerator: inputs and targets arrive there."""
    batches = evaluation_batches(examples(), batch_size=50, device=torch.device("meta"))
    (batch,) = batches
    assert batch.inputs.device.type == batch.targets.device.type == "meta"
