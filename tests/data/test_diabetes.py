"""The diabetes data equal scikit-learn's, standardised by the training rows alone."""

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler

from dlkit.data.diabetes import diabetes
from dlkit.data.splits import random_split


def test_features_and_targets_are_scikit_learns_standardised_by_the_training_rows() -> None:
    """Equal to scikit-learn's `StandardScaler`, fitted on the same training rows, on each part."""
    features, targets = load_diabetes(return_X_y=True, scaled=False)
    split = random_split(442, test_fraction=0.2, validation_fraction=0.1, split_seed=0)
    scaler = StandardScaler().fit(features[split[0]])
    target_scaler = StandardScaler().fit(targets[split[0], None])
    data = diabetes()
    for part, indices in zip((data.train, data.validation, data.test), split, strict=True):
        inputs = scaler.transform(features[indices]).astype(np.float32)
        labels = target_scaler.transform(targets[indices, None]).astype(np.float32)
        np.testing.assert_allclose(part.inputs.numpy(), inputs, atol=1e-6)
        np.testing.assert_allclose(part.labels.numpy(), labels, atol=1e-6)


def test_facts_lead_back_to_the_original_unit() -> None:
    """`target * std + mean` gives the progression from 25 to 346 again."""
    data = diabetes()
    assert data.facts.input_shape == (10,)
    assert data.facts.outputs == 1
    assert data.facts.target == "values"
    assert data.facts.classes == ()
    assert data.normalize is None
    everything = torch.cat([data.train.labels, data.validation.labels, data.test.labels])
    values = everything * torch.tensor(data.facts.target_std) + torch.tensor(data.facts.target_mean)
    expected = np.sort(load_diabetes().target)
    np.testing.assert_allclose(np.sort(values.flatten().numpy()), expected, atol=1e-4)
