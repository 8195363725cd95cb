"""Where jobs run: in this process, in local processes, or on a Ray cluster. No torch here.

Jobs are independent and plain, so an executor need only hand them out and hand back what came of them;
one that loses a worker hands the worker's jobs out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from threading import Thread
from typing import Any, Protocol, TypeVar

from dlkit.comparing.child import follow_parent
from dlkit.comparing.jobs import Job
from dlkit.errors import ConfigError, DlkitError, MemoryShortage, OptionError, Problem
from dlkit.registry import did_you_mean

Some = TypeVar("Some", bound=Job)
PRELOADED = ["torch._dynamo", "dlkit.comparing.worker"]
"""Imported once, before processes are forked; torch imports the first when it makes an optimizer."""
MOST_SECONDS_TO_CLOSE = 5.0
MOST_BREAKDOWNS = 3
"""How often workers may die before it is taken for the machine's fault."""


class Executor(Protocol):
    """Runs jobs."""

    processes: int

    def run(self, jobs: Sequence[Some]) -> Iterator[tuple[Some, Any]]:
        """Each job with its result, in the order in which they end. Jobs' errors are raised."""

    def alone(self, job: Job) -> Any:
        """The result of `job`, run with nothing beside it."""

    def close(self) -> None:
        """Ends whatever is still running, without waiting for its results."""


class InProcess:
    """One job after the other, here."""

    processes = 1

    def __init__(self) -> None:
        self._ready = False

    def run(self, jobs: Sequence[Some]) -> Iterator[tuple[Some, Any]]:
        """See `Executor.run`."""
        for job in jobs:
            yield job, self.alone(job)

    def alone(self, job: Job) -> Any:
        """See `Executor.alone`."""
        from dlkit.comparing import worker

        if not self._ready:
            worker.prepare()
            self._ready = True
        return opened(attempt(job))

    def close(self) -> None:
        """Nothing is running."""


class LocalProcesses:
    """Some processes of this machine, one thread each.

    They are forked from a server that has imported torch once, which begins as soon as this is made.
    """

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._context: ForkServerContext = get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._breakdowns = 0
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(self.processes, self._context, initializer=_prepare)
        pool.submit(int)  # starts the server now, while this process goes on
        return pool

    def run(self, jobs: Sequence[Some]) -> Iterator[tuple[Some, Any]]:
        """See `Executor.run`."""
        left = list(jobs)
        while left:
            try:
                for job, result in self._round(list(left)):
                    left.remove(job)
                    yield job, result
            except BrokenProcessPool as error:
                self._breakdowns += 1
                if self._breakdowns >= MOST_BREAKDOWNS:
                    raise MemoryShortage(
                        f"worker processes died {self._breakdowns} times.",
                        hint="Is there enough memory? Use fewer with --jobs.",
                    ) from error
                self.close()
                self._pool = self._start()

    def _round(self, jobs: Sequence[Some]) -> Iterator[tuple[Some, Any]]:
        waiting: dict[Future[Any], Some] = {self._pool.submit(attempt, job): job for job in jobs}
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield waiting.pop(future), opened(future.result())

    def alone(self, job: Job) -> Any:
        """See `Executor.alone`."""
        return next(self.run([job]))[1]

    def close(self) -> None:
        """Kills the workers; returns when the pool has noticed."""
        workers = [*(self._pool._processes or {}).values()]
        manager: Thread | None = self._pool._executor_manager_thread  # type: ignore[assignment]
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in workers:
            process.kill()
        # At its end Python wakes a manager that still runs, by a pipe that this one may be closing.
        if manager is not None:
            manager.join(MOST_SECONDS_TO_CLOSE)


def _prepare() -> None:
    follow_parent()
    from dlkit.comparing import worker

    worker.prepare()


@dataclass(frozen=True)
class Failure:
    """An error that is the user's to mend, on its way from a worker: exceptions lose their parts."""

    kind: type[DlkitError]
    problems: tuple[Problem, ...]


def attempt(job: Job) -> Any:
    """What a worker does with `job`: its result, or a `Failure`."""
    from dlkit.comparing import worker

    try:
        return worker.work(job)
    except DlkitError as error:
        return Failure(type(error), error.problems)
    except OptionError as error:
        return Failure(ConfigError, (Problem(error.message, hint=error.hint),))


def opened(result: Any) -> Any:
    """What a worker handed back; raises it if it is a failure."""
    if isinstance(result, Failure):
        raise result.kind(*result.problems)
    return result


ENGINES = ("local", "ray")


def make_executor(processes: int, engine: str = "local") -> Executor:
    """In this process for one, else local processes; or a Ray cluster. Raises `ConfigError`."""
    if engine not in ENGINES:
        raise ConfigError(f"unknown engine '{engine}'.{did_you_mean(engine, ENGINES)}")
    if engine == "ray":
        from dlkit.comparing.ray_cluster import RayCluster

        return RayCluster(processes)
    return InProcess() if processes == 1 else LocalProcesses(processes)
