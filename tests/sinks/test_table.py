"""The epoch table loses columns when it gets narrow, never digits."""

import pytest

from dlkit.sinks.history import History
from dlkit.sinks.table import epoch_table


@pytest.fixture
def history(recorded):
    made = History()
    for event in recorded:
        made.take(event)
    return made


def test_the_whole_table(history):
    """The last eight epochs; `*` where they improved."""
    heading, rows = epoch_table(history, 80)
    assert heading == [
        "         train  validation  validation  learning",
        "epoch     loss        loss    accuracy      rate  time",
    ]
    assert [line for line, _ in rows] == [
        "    3   0.6927      0.8093      0.6321  0.001000  0:01  *",
        "    4   0.4644      0.5799      0.7164  0.001000  0:01  *",
        "    5   0.3113      0.4155      0.7711  0.001000  0:02  *",
        "    6   0.2087      0.2977      0.8647  0.001000  0:02  *",
        "    7   0.1399      0.2133      0.8830  0.001000  0:02  *",
        "    8  0.09375      0.1529      0.8905  0.001000  0:03  *",
        "    9  0.06284      0.1095      0.9502  0.001000  0:03  *",
        "   10  0.04213     0.07848      0.9443  0.001000  0:04",
    ]
    assert [best for _, best in rows] == [False] * 6 + [True, False]


@pytest.mark.parametrize(
    ("width", "last"),
    [
        (57, "    9  0.06284      0.1095      0.9502  0.001000  0:03  *"),
        (51, "    9  0.06284      0.1095      0.9502  0.001000  *"),
        (50, "    9  0.06284      0.1095      0.9502  0:03  *"),
        (40, "    9  0.06284      0.9502  0.001000  *"),
        (29, "    9  0.06284      0.9502  *"),
        (28, "    9  0.06284      0.9502"),
        (20, "    9      0.9502  *"),
        (17, "    9      0.9502"),
        (5, "    9      0.9502"),
    ],
)
def test_columns_are_left_out_by_priority(history, width, last):
    """Epoch and monitor stay always; then the training loss, the mark, other scores, rate, time."""
    _, rows = epoch_table(history, width)
    assert rows[-2] == (last, True)
    assert len(last) <= max(width, 17)


def test_an_empty_history_has_no_table():
    """Nothing is judged before the first epoch ends."""
    assert epoch_table(History(), 80) == ([], [])
