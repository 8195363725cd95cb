"""Reading one long sequence of tokens in chunks, by several readers."""

import pytest
import torch

from dlkit.data.batches import evaluation_batches, training_batches
from dlkit.data.stream import IGNORED, Stream

CPU = torch.device("cpu")


def counting(n: int, chunk: int) -> Stream:
    """A text whose i-th token is i, with `n` of them to be predicted."""
    return Stream(torch.arange(n + 1, dtype=torch.int32), chunk)


def test_targets_are_the_tokens_after_the_inputs() -> None:
    """A chunk's targets are its inputs moved by one."""
    inputs, targets = counting(20, 4).fetch(torch.tensor([3, 11]))
    assert inputs.tolist() == [[3, 4, 5, 6], [11, 12, 13, 14]]
    assert targets.tolist() == [[4, 5, 6, 7], [12, 13, 14, 15]]
    assert inputs.dtype == targets.dtype == torch.int64


def test_beyond_the_end_nothing_is_asked() -> None:
    """The last chunk of a text is as long as the others, but asks only for what there is."""
    inputs, targets = counting(6, 4).fetch(torch.tensor([4]))
    assert inputs[0, :2].tolist() == [4, 5]
    assert targets.tolist() == [[5, 6, IGNORED, IGNORED]]


@pytest.mark.parametrize("n", [50, 53, 97])
def test_each_batch_goes_on_where_the_one_before_ended(n: int) -> None:
    """In every epoch each reader reads one stretch without a gap, and no two read the same."""
    text = counting(n, 4)
    for epoch in range(5):
        order = torch.stack([*text.training_order(seed=1, epoch=epoch, batch_size=3)])
        assert order.shape == (n // 3 // 4, 3)
        assert (order.diff(dim=0) == 4).all()
        read = torch.cat([text.fetch(batch)[1] for batch in order]).flatten()
        assert len(read.unique()) == len(read)
        assert read.max() <= n


def test_epochs_begin_at_different_offsets_so_that_every_token_is_read() -> None:
    """What the last chunks leave over is another end of the text each epoch."""
    text = counting(53, 4)
    orders = [text.training_order(seed=1, epoch=epoch, batch_size=3) for epoch in range(40)]
    assert {int(order[0][0]) for order in orders} == {0, 1, 2, 3, 4, 5}
    read = {int(t) for order in orders for batch in order for t in text.fetch(batch)[1].flatten()}
    assert read == set(range(1, 54))
    again = text.training_order(seed=1, epoch=7, batch_size=3)
    assert torch.equal(torch.stack([*again]), torch.stack([*orders[7]]))


@pytest.mark.parametrize(("n", "batch_size"), [(1, 8), (3, 8), (40, 1), (20_000, 8), (20_013, 3)])
def test_an_evaluation_asks_for_every_token_once(n: int, batch_size: int) -> None:
    """Whatever the number of readers, and whether or not they come out even."""
    batches = [*evaluation_batches(counting(n, 4), batch_size=batch_size, device=CPU)]
    assert all(len(batch.indices) for batch in batches)
    asked = torch.cat([batch.targets.flatten() for batch in batches])
    assert sorted(asked[asked != IGNORED].tolist()) == list(range(1, n + 1))


def test_more_readers_than_chunks_are_not_employed() -> None:
    """All of a short text at once is one update, each chunk a reader's."""
    batches = list(
        training_batches(counting(14, 4), seed=0, epoch=0, batch_size="full", device=CPU)
    )
    assert [batch.inputs.shape for batch in batches] == [(3, 4)]


def test_an_epoch_can_begin_in_its_middle() -> None:
    """The batches from the third on are those of the whole epoch without its first two."""
    text = counting(97, 4)
    whole = list(training_batches(text, seed=4, epoch=2, batch_size=3, device=CPU))
    rest = list(training_batches(text, seed=4, epoch=2, batch_size=3, start=2, device=CPU))
    assert len(rest) == len(whole) - 2
    assert all(torch.equal(a.inputs, b.inputs) for a, b in zip(whole[2:], rest, strict=True))
