"""The state that is carried from chunk to chunk goes with its reader."""

import torch

from dlkit.tasks.carried import Carried

ZEROS = (torch.zeros(2, 3, 4),)  # (layers, B, hidden)


def numbered(*readers: float) -> tuple[torch.Tensor, ...]:
    """A state that is one number all over for each reader."""
    return (torch.tensor(readers)[None, :, None].expand(2, -1, 4),)


def test_a_chunk_goes_on_with_the_reader_that_stopped_where_it_begins() -> None:
    """Whatever its place in the batch; a reader that begins elsewhere begins with nothing."""
    carried = Carried(ZEROS)
    carried.keep(torch.tensor([0, 100, 200]), 10, numbered(1, 2, 3))
    taken = carried.take(torch.tensor([210, 50, 10]), ZEROS)
    assert torch.equal(taken[0], numbered(3, 0, 1)[0])


def test_the_first_chunk_begins_with_the_initial_state() -> None:
    """There is nothing to go on from."""
    assert Carried(ZEROS).take(torch.tensor([0, 1, 2]), ZEROS) is ZEROS


def test_the_number_of_readers_may_change() -> None:
    """The last reader of an evaluation reads on alone."""
    carried = Carried(ZEROS)
    carried.keep(torch.tensor([0, 100, 200]), 10, numbered(1, 2, 3))
    alone = carried.take(torch.tensor([210]), (torch.zeros(2, 1, 4),))
    assert torch.equal(alone[0], numbered(3)[0])


def test_no_gradient_flows_into_the_chunk_before() -> None:
    """What is kept is detached, and in float32 whatever the precision of the forward pass."""
    carried = Carried(ZEROS)
    state = torch.ones(2, 3, 4, dtype=torch.bfloat16, requires_grad=True) * 2
    carried.keep(torch.tensor([0, 1, 2]), 10, (state,))
    (taken,) = carried.take(torch.tensor([10, 11, 12]), ZEROS)
    assert not taken.requires_grad
    assert taken.dtype == torch.float32


def test_a_fresh_one_makes_room_for_what_was_saved() -> None:
    """Saved and loaded, it goes on as the one that was saved."""
    carried, other = Carried((*ZEROS, *ZEROS)), Carried((*ZEROS, *ZEROS))
    carried.keep(torch.tensor([0, 100, 200]), 10, (*numbered(1, 2, 3), *numbered(4, 5, 6)))
    other.make_room(carried.state_dict())
    other.load_state_dict(carried.state_dict())
    indices = torch.tensor([10, 110, 210])
    one, two = (each.take(indices, (*ZEROS, *ZEROS)) for each in (carried, other))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert torch.equal(two[1], numbered(4, 5, 6)[0])
