"""Jobs on a Ray cluster: that of `RAY_ADDRESS`, or a local one. Needs the extra `ray`.

Ray hands a job out again when the worker that had it is gone; jobs are pure, so nothing is lost or
done by halves.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

from dlkit.comparing.execute import Some, attempt, opened
from dlkit.comparing.jobs import Job
from dlkit.errors import ConfigError

MOST_RETRIES = 5


class RayCluster:
    """Some processes of a cluster, one thread each. See `execute.Executor`."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._ray = _ray()
        address = os.environ.get("RAY_ADDRESS")
        own = {} if address else {"num_cpus": processes, "include_dashboard": False}
        self._ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False, **own)
        self._attempt = self._ray.remote(num_cpus=1, max_retries=MOST_RETRIES)(_attempt)

    def run(self, jobs: Sequence[Some]) -> Iterator[tuple[Some, Any]]:
        """See `Executor.run`."""
        waiting = {self._attempt.remote(job): job for job in jobs}
        while waiting:
            done, _ = self._ray.wait([*waiting], num_returns=1)
            for reference in done:
                yield waiting.pop(reference), opened(self._ray.get(reference))

    def alone(self, job: Job) -> Any:
        """See `Executor.alone`."""
        return next(self.run([job]))[1]

    def close(self) -> None:
        """Leaves the cluster; a local one ends."""
        self._ray.shutdown()


def _attempt(job: Job) -> Any:
    from dlkit.comparing import worker

    worker.prepare()
    return attempt(job)


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise ConfigError(
            "--engine ray needs Ray, which is not installed.",
            hint="Install it: pip install 'dlkit-dictionary[ray]'",
        ) from error
    return ray
