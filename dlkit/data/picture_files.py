"""Pictures decoded from their files: all at once, or batch by batch, read ahead by threads.

Threads and not processes: Pillow lets go of Python's lock while it decodes and scales, and threads
need no shared memory, no pickling and no fork.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from dlkit.data.dataset import Examples
from dlkit.data.decoding import Decoder
from dlkit.errors import DataError

Item = TypeVar("Item")
Result = TypeVar("Result")


class PictureFiles(Examples):
    """Examples that stay on the disk: `paths` of length N and `labels` `(N,)`.

    A file that is gone, damaged, or no longer of the size and time that it had at the start raises
    `DataError` with its path when its turn comes.
    """

    def __init__(
        self, paths: Sequence[Path], labels: Tensor, decoder: Decoder, workers: int = 0
    ) -> None:
        self.paths, self.labels = list(paths), labels
        self._decoder, self._workers = decoder, workers
        self._stamps = [stamp(path) for path in paths]

    def __len__(self) -> int:
        return len(self.paths)

    def fetch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs `(B, C, H, W)` uint8 and targets `(B,)` of the examples at `indices` `(B,)`."""
        return torch.stack([self._decode(index) for index in indices.tolist()]), self.labels[
            indices
        ]

    def stream(self, batches: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """`fetch` for each of `batches`, in order; `workers` threads decode the next meanwhile."""
        if self._workers:
            return read_ahead(self.fetch, batches, self._workers)
        return map(self.fetch, batches)

    def _decode(self, index: int) -> Tensor:
        path = self.paths[index]
        if stamp(path) != self._stamps[index]:
            raise DataError(f"{path}: the picture has changed since the training began")
        return self._decoder(path)


def stamp(path: Path) -> tuple[int, int]:
    """A file's size and time, by which a change is noticed; raises `DataError` if it is gone."""
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(f"{path}: the picture is gone ({error.strerror})") from error
    return status.st_size, status.st_mtime_ns


def decode_all(
    paths: Sequence[Path], decoder: Decoder, workers: int, *, keep: bool = True
) -> tuple[Tensor, dict[int, str]]:
    """Every picture, uint8 `(N, C, H, W)`, and what is wrong with those that cannot be decoded.

    Those are left black. With `keep` off the pictures are only tried, and the tensor is empty.
    """
    pixels = torch.zeros(len(paths) if keep else 0, *decoder.shape, dtype=torch.uint8)

    def put(index: int) -> str:
        try:
            picture = decoder(paths[index])
        except DataError as error:
            return str(error)
        if keep:
            pixels[index] = picture
        return ""

    with _threads(max(workers, 1)) as threads:
        outcomes = threads.map(put, range(len(paths)))
        return pixels, {index: problem for index, problem in enumerate(outcomes) if problem}


def read_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """`function` of each of `items`, in order, computed by threads before it is asked for."""
    waiting: deque[Future[Result]] = deque()
    with _threads(workers) as threads:
        for item in items:
            waiting.append(threads.submit(function, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that, when left early, finish what they have begun and begin nothing else."""
    threads = ThreadPoolExecutor(count, thread_name_prefix="pictures")
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)
