"""Jobs in processes: the same results, and nothing lost when one is killed."""

import os
import pickle
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dlkit.comparing import search
from dlkit.comparing.execute import ENGINES, InProcess, LocalProcesses, attempt, make_executor
from dlkit.comparing.jobs import Decide, Decision, Describe, Measure, Train, divide, jobs_for
from dlkit.comparing.plan import Cell, Contest, Plan, Task
from dlkit.errors import ConfigError, DataError


def cells(task: Task) -> list[Cell]:
    contests = [Contest(task.name, "128", rule) for rule in ("sgd", "adam")]
    return [
        c for contest in contests for c in contest.cells(search.grid(contest.rule, 4), range(2))
    ]


@pytest.fixture(scope="module")
def pool() -> Iterator[LocalProcesses]:
    made = LocalProcesses(2)
    yield made
    made.close()


def results(executor: Any, jobs: list[Train]) -> dict[str, Any]:
    return {o.cell.key: o.validation for _, outcomes in executor.run(jobs) for o in outcomes}


def test_processes_give_what_one_process_gives(pool: LocalProcesses, tiny_plan: Plan) -> None:
    """Bit for bit, whichever process trained a cell."""
    task = tiny_plan.tasks[0]
    jobs = divide(task, cells(task), "batched", seconds=0.01, stack=4, processes=2)
    assert len(jobs) == 4
    assert results(pool, jobs) == results(InProcess(), jobs)


def test_a_killed_process_loses_nothing(pool: LocalProcesses, tiny_plan: Plan) -> None:
    """One worker is killed after the first result: its jobs are done by another, each once."""
    task = replace(tiny_plan.tasks[0], epochs=4)
    jobs = divide(task, cells(task), "loop", seconds=0.3, stack=1, processes=2)
    seen = []
    for job, outcomes in pool.run(jobs):
        if not seen:
            os.kill(next(iter(pool._pool._processes)), signal.SIGKILL)
        seen.append((job, outcomes))
    assert sorted(cell.key for job, _ in seen for cell in job.cells) == sorted(
        cell.key for cell in cells(task)
    )


def test_an_error_of_a_job_comes_through(pool: LocalProcesses, tiny_plan: Plan) -> None:
    """What a worker raises is raised here."""
    task = replace(tiny_plan.tasks[0], data={"name": "digits", "validation_fraction": 0.9999})
    with pytest.raises(DataError, match="none to train on"):
        pool.alone(Describe(task, ("sgd",)))


def test_a_closed_pool_is_at_rest() -> None:
    """Nothing of it is left that Python would stumble over at its end: no worker, no manager."""
    executor = LocalProcesses(2)
    workers = [*executor._pool._processes.values()]
    manager = executor._pool._executor_manager_thread
    assert workers
    assert manager.is_alive()
    executor.close()
    assert not manager.is_alive()
    assert not any(worker.is_alive() for worker in workers)
    executor.close()


def test_one_process_is_this_one() -> None:
    """Nothing is started for `--jobs 1`."""
    assert isinstance(make_executor(1), InProcess)
    assert set(ENGINES) == {"local", "ray"}


def test_an_unknown_engine_is_refused() -> None:
    """With the nearest name."""
    with pytest.raises(ConfigError) as error:
        make_executor(2, "rey")
    assert str(error.value) == "unknown engine 'rey'. Did you mean 'ray'?"


@pytest.mark.parametrize(
    ("count", "how", "sizes"),
    [
        (100, {"stack": 50, "processes": 2, "seconds": 0.001}, [50, 50]),
        (120, {"stack": 50, "processes": 2, "seconds": 0.001}, [30, 30, 30, 30]),
        (10, {"stack": 50, "processes": 2, "seconds": 0.001}, [5, 5]),
        (40, {"stack": 96, "processes": 2, "seconds": 0.5}, [10] * 4),
        (30, {"stack": 96, "processes": 1, "seconds": 0.1}, [30]),
        (1, {"stack": 96, "processes": 2, "seconds": 0.5}, [1]),
    ],
)
def test_cells_are_divided_evenly(
    count: int, how: dict[str, Any], sizes: list[int], tiny: Task
) -> None:
    """No stack larger than it may be, none longer than eight seconds, work for every process."""
    few = Contest("tiny", "128", "sgd").cells([(("learning_rate", 0.1),)], range(count))
    jobs = divide(tiny, few, "batched", **how)
    assert [len(job.cells) for job in jobs] == sizes


def test_only_what_is_more_than_a_share_is_spread(tiny: Task) -> None:
    """Of two groups the shorter stays one stack, the longer feeds both processes; alone, both do."""
    plan = Plan("two", (tiny,), ("sgd",))
    some = [(("learning_rate", 0.1),)]
    short, long = (Contest("tiny", of, "sgd").cells(some, range(10)) for of in ("1", "128"))
    decisions = {
        ("tiny", of): Decision("tiny", of, "batched", each, 1.0, 96, 1, "timed")
        for of, each in (("1", 0.1), ("128", 0.2))
    }

    def sizes(cells: list[Cell]) -> list[tuple[str, int]]:
        jobs = jobs_for(plan, cells, decisions, 2)
        return [(job.cells[0].estimator, len(job.cells)) for job in jobs]

    assert sizes(short + long) == [("1", 10), ("128", 5), ("128", 5)]
    assert sizes(short) == [("1", 5), ("1", 5)]


def test_the_core_of_a_comparison_needs_no_torch(tmp_path: Path) -> None:
    """Plan, record, statistics and the parent of local processes import none."""
    import subprocess
    import sys

    program = (
        "import sys; from dlkit.comparing import command, plan, record, statistics, tuning, presets; "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_what_workers_hand_back_is_read_without_torch(tiny: Task, tmp_path: Path) -> None:
    """Importing it takes as long as training some hundred cells."""
    import subprocess
    import sys

    knobs = (("learning_rate", 0.1),)
    contest = Contest("tiny", "128", "sgd")
    jobs = [
        Describe(tiny, ("sgd",)),
        Decide(tiny, "128", ("sgd",)),
        Train(tiny, tuple(contest.cells([knobs], range(1))), "batched"),
        Measure(tiny, contest, knobs, 2),
    ]
    handed = tmp_path / "handed"
    handed.write_bytes(pickle.dumps([attempt(job) for job in jobs]))
    program = (
        "import pickle, sys; from dlkit.comparing import command; "
        "print(len(pickle.load(open(sys.argv[1], 'rb'))), 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, handed], capture_output=True, text=True, check=True
    )
    assert done.stdout == "4 False\n"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_workers_end_with_the_process_that_they_work_for(tmp_path: Path) -> None:
    """Killed without a chance to say so, it leaves none behind."""
    import subprocess
    import sys
    import time

    script = tmp_path / "main.py"
    script.write_text(
        "import os, time\n"
        "from dlkit.comparing.execute import LocalProcesses\n"
        "if __name__ == '__main__':\n"
        "    pool = LocalProcesses(2)._pool\n"
        "    print({pool.submit(os.getpid).result() for _ in range(20)}, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        workers = [int(each) for each in process.stdout.readline().strip("{}\n").split(",")]
        assert all(map(alive, workers))
        process.kill()
    for _ in range(100):
        if not any(map(alive, workers)):
            return
        time.sleep(0.1)
    pytest.fail("ten seconds later, workers are still there")


def alive(process: int) -> bool:
    """Whether there is such a process, and it runs."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
