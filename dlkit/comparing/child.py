"""How a process behaves that works for another one."""

from __future__ import annotations

import os
import signal
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread


def follow_parent() -> None:
    """Leaves Ctrl-C to the parent, and ends when that does.

    A worker of a pool waits at a pipe that it holds open itself: were its parent killed, it would wait
    for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if (parent := parent_process()) is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
