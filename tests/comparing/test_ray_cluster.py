"""A comparison on a local Ray cluster of two workers, one of which is killed."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dlkit.comparing import search
from dlkit.comparing.execute import InProcess, make_executor
from dlkit.comparing.jobs import Train, divide
from dlkit.comparing.plan import Contest, Task
from dlkit.comparing.presets import DIGITS_MLP
from dlkit.errors import ConfigError

PROGRAM = """
import json, os, signal, sys
from dlkit.comparing.execute import make_executor
from dlkit.comparing.jobs import Describe
from dlkit.errors import DataError

sys.path.insert(0, sys.argv[1])
from test_ray_cluster import jobs_of, workers, wrong

cluster = make_executor(2, "ray")
killed, seen = 0, []
for job, outcomes in cluster.run(jobs_of()):
    if not killed and (busy := workers()):
        os.kill(busy[0], signal.SIGKILL)
        killed = busy[0]
    seen += [[o.cell.key, o.validation] for o in outcomes]
try:
    cluster.alone(Describe(wrong(), ("sgd",)))
except DataError as error:
    told = str(error)
cluster.close()
print(json.dumps({"killed": killed, "seen": seen, "told": told}))
"""


def tiny() -> Task:
    return replace(DIGITS_MLP, name="tiny", epochs=10, batch_size=64)


def wrong() -> Task:
    """A task whose data leave nothing to train on."""
    return replace(tiny(), data={"name": "digits", "validation_fraction": 0.9999})


def jobs_of() -> list[Train]:
    """Sixteen single trainings."""
    contest = Contest("tiny", "64", "adam")
    cells = contest.cells(search.grid("adam", 8), range(2))
    return divide(tiny(), cells, "loop", seconds=0.3, stack=1, processes=2)


def workers() -> list[int]:
    """Processes that are doing a job on this machine's cluster just now."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            title = entry.read_bytes()
        except OSError:
            continue
        if title.startswith(b"ray::_attempt"):
            found.append(int(entry.parent.name))
    return found


@pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="the extra ray is not installed")
@pytest.mark.skipif(sys.platform != "linux", reason="finds workers in /proc")
def test_a_killed_worker_loses_nothing() -> None:
    """Every cell comes back once, and is what one process makes of it; errors keep class and words."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)],
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["killed"]
    alone = {o.cell.key: o.validation for _, each in InProcess().run(jobs_of()) for o in each}
    assert len(found["seen"]) == len(alone) == 16
    assert dict(found["seen"]) == alone
    assert "none to train on" in found["told"]


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError) as error:
        make_executor(2, "ray")
    assert str(error.value) == (
        "--engine ray needs Ray, which is not installed. "
        "Install it: pip install 'dlkit-dictionary[ray]'"
    )
