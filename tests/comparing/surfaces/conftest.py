"""One small record for all tests of what is made from records."""

import pytest

from dlkit.comparing.surfaces import functions, measure
from dlkit.comparing.surfaces.record import Record


@pytest.fixture(scope="session")
def valley() -> Record:
    """The valley with a rule that turning leaves alone and one that it does not."""
    return measure.measure(functions.find("valley"), ["sgd", "adagrad"], {"muon": "no matrix"})
