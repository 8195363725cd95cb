"""Splits are disjoint, complete and reproducible, and never silently empty."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlkit.data.splits import (
    held_out_of,
    random_split,
    require_two_classes,
    untrained_classes,
)
from dlkit.errors import DataError, OptionError


@given(st.integers(30, 500), st.floats(0.1, 0.4), st.floats(0.1, 0.4), st.integers(0, 2**32 - 1))
def test_every_example_is_in_exactly_one_part(n: int, test: float, held: float, seed: int) -> None:
    """The three parts together are `range(n)`, and have the documented sizes."""
    parts = random_split(n, test_fraction=test, validation_fraction=held, split_seed=seed)
    assert torch.equal(torch.cat(parts).sort().values, torch.arange(n))
    assert len(parts[2]) == round(n * test)
    assert len(parts[1]) == round((n - len(parts[2])) * held)
    assert all(torch.equal(part, part.sort().values) for part in parts)


def test_a_split_depends_on_its_seed_alone() -> None:
    """The same seed repeats it, another one does not."""
    options = {"test_fraction": 0.2, "validation_fraction": 0.1}
    first, again = (random_split(100, **options, split_seed=1) for _ in range(2))
    other = random_split(100, **options, split_seed=2)
    assert all(map(torch.equal, first, again))
    assert not torch.equal(first[2], other[2])


def test_the_test_part_does_not_depend_on_the_validation_fraction() -> None:
    """Validating on more examples leaves the test as it was."""
    few = random_split(100, test_fraction=0.2, validation_fraction=0.1, split_seed=0)
    more = random_split(100, test_fraction=0.2, validation_fraction=0.5, split_seed=0)
    assert torch.equal(few[2], more[2])


def test_a_fraction_of_zero_gives_an_empty_part() -> None:
    """Nothing is asked for, nothing is missing."""
    train, validation, test = random_split(
        9, test_fraction=0.0, validation_fraction=0.0, split_seed=0
    )
    assert (len(train), len(validation), len(test)) == (9, 0, 0)


def test_a_part_that_rounds_to_nothing_is_refused_with_the_counts() -> None:
    """D04: 10 % of 4 examples is no example."""
    with pytest.raises(DataError) as caught:
        random_split(5, test_fraction=0.2, validation_fraction=0.1, split_seed=0)
    assert str(caught.value) == (
        "'validation_fraction' 0.1 of 4 examples is no whole example. Use a larger fraction, 0 "
        "for none, or more examples."
    )
    with pytest.raises(DataError) as caught:
        random_split(1, test_fraction=0.2, validation_fraction=0.1, split_seed=0)
    assert str(caught.value) == (
        "'test_fraction' 0.2 of 1 example is no whole example. Use a larger fraction or more "
        "examples."
    )


def test_a_split_must_leave_something_to_train_on() -> None:
    """D04: the message counts all three parts."""
    with pytest.raises(DataError) as caught:
        random_split(3, test_fraction=0.4, validation_fraction=0.9, split_seed=0)
    assert str(caught.value) == (
        "3 examples: 1 for the test and 2 for validation leave none to train on. Use smaller "
        "fractions or more examples."
    )


def test_fewer_training_examples_are_a_subset_and_keep_the_validation_part() -> None:
    """Learning curves over `train_examples` nest, and are judged on the same examples."""
    few, held = held_out_of(100, 20, 10, 0)
    more, same = held_out_of(100, 20, 50, 0)
    everything, _ = held_out_of(100, 20, None, 0)
    assert set(few.tolist()) < set(more.tolist()) < set(everything.tolist())
    assert torch.equal(held, same)
    assert torch.equal(torch.cat([everything, held]).sort().values, torch.arange(100))


def test_holding_out_too_much_names_the_option() -> None:
    """The counts are in the message, and the option for the place in the config."""
    with pytest.raises(OptionError) as caught:
        held_out_of(100, 100, None, 0)
    assert caught.value.option == "validation_examples"
    assert caught.value.message == "100 of 100 training images leave none to train on"
    with pytest.raises(OptionError) as caught:
        held_out_of(100, 20, 81, 0)
    assert caught.value.option == "train_examples"
    assert caught.value.message == "81 are wanted; 20 held for validation leave 80"


def test_one_class_is_refused() -> None:
    """D03: with the place and the one name."""
    with pytest.raises(DataError) as caught:
        require_two_classes(("cat",), "pets")
    assert (
        str(caught.value) == "pets: only one class, 'cat'; classification needs at least 2 classes"
    )
    with pytest.raises(DataError) as caught:
        require_two_classes((), "pets")
    assert str(caught.value) == "pets: no class; classification needs at least 2 classes"


def test_classes_without_a_training_example_are_named() -> None:
    """A warning, since the class may be rare and all of it in the test part."""
    labels = torch.tensor([0, 0, 2])
    assert untrained_classes(labels, ("a", "b", "c")) == ("no training example of: b",)
    assert untrained_classes(torch.tensor([0, 1]), ("a", "b")) == ()
