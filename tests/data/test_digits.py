"""The digits equal scikit-learn's own, are split as documented, and cost next to nothing to load."""

import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from dlkit.data import bundled
from dlkit.data.dataset import TensorExamples
from dlkit.data.digits import digits
from dlkit.errors import DataError, OptionError


def parts(data: object) -> list[TensorExamples]:
    found = [data.train, data.validation, data.test]
    assert all(isinstance(part, TensorExamples) for part in found)
    return found


def test_the_images_are_scikit_learns() -> None:
    """All three parts together hold exactly the images and labels of `load_digits`."""
    reference = load_digits()
    ours = [
        (image.numpy().tobytes(), int(label))
        for part in parts(digits())
        for image, label in zip(part.inputs, part.labels, strict=True)
    ]
    theirs = [
        (image.astype(np.uint8).tobytes(), int(label))
        for image, label in zip(reference.images, reference.target, strict=True)
    ]
    assert sorted(ours) == sorted(theirs)


def test_writers_train_on_the_first_half_and_test_on_the_second() -> None:
    """The file's order is that of the writers; validation comes out of the first half."""
    reference = load_digits()
    data = digits(split="writers")
    train, validation, test = parts(data)
    half = 1797 // 2
    assert (len(train), len(validation), len(test)) == (half - 90, 90, 1797 - half)
    assert np.array_equal(test.inputs.squeeze(1).numpy(), reference.images[half:])
    assert np.array_equal(test.labels.numpy(), reference.target[half:])


def test_facts_and_normalisation() -> None:
    """Raw uint8 images; after normalising, the training part has mean 0 and deviation 1."""
    data = digits()
    assert data.facts.input_shape == (1, 8, 8)
    assert data.facts.outputs == 10
    assert data.facts.classes == tuple("0123456789")
    assert data.train.inputs.dtype == torch.uint8
    assert data.normalize is not None
    normal = data.normalize(data.train.inputs)
    assert normal.dtype == torch.float32
    assert normal.mean().abs() < 1e-5
    assert abs(normal.std(correction=0) - 1) < 1e-5


def test_the_fingerprint_follows_the_split_and_nothing_else() -> None:
    """D20: equal for equal arguments, different for another seed, fraction or kind of split."""
    prints = [
        digits(**options).fingerprint
        for options in ({}, {"split_seed": 1}, {"validation_fraction": 0.2}, {"split": "writers"})
    ]
    assert len(set(prints)) == 4
    assert digits().fingerprint == prints[0]


def test_loading_takes_less_than_a_tenth_of_a_second() -> None:
    """The best of three, so that a busy machine does not decide."""
    times = []
    for _ in range(3):
        began = time.process_time()
        digits()
        times.append(time.process_time() - began)
    assert min(times) < 0.1


def test_neither_scikit_learn_nor_torchvision_is_imported() -> None:
    """Reading a file needs no second library; warnings are errors here too."""
    code = (
        "import sys; from dlkit.data.digits import digits; from dlkit.data import idx, cifar, "
        "folders, tables, diabetes, batches; digits(); "
        "print([m for m in ('sklearn', 'pandas', 'torchvision', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_test_fraction_has_no_effect_on_writers_and_says_so() -> None:
    """No option is silently ignored."""
    with pytest.raises(OptionError) as caught:
        digits(split="writers", test_fraction=0.3)
    assert caught.value.option == "test_fraction"
    assert caught.value.message == (
        "has no effect with 'split: writers', which tests on the second half"
    )


def test_without_scikit_learn_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """D01 for a file that lies in a package."""
    monkeypatch.setattr(bundled.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError) as caught:
        digits()
    assert str(caught.value) == (
        "scikit-learn, which holds digits.csv.gz, is not installed. Install it: "
        "pip install scikit-learn"
    )


def test_a_file_that_is_gone_names_its_path() -> None:
    """D01: another release of scikit-learn may not hold it."""
    with pytest.raises(
        DataError, match=r"no_such\.csv: this release of scikit-learn does not hold"
    ):
        bundled.locate("no_such.csv")
