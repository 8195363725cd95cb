"""Signals: the first asks a training to stop after its step and save; the second stops it now."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dlkit.errors import ExitCode

SIGNALS = {
    signal.SIGINT: ExitCode.INTERRUPTED,
    signal.SIGTERM: ExitCode.TERMINATED,
    signal.SIGHUP: ExitCode.HANGUP,
}


class Interrupted(BaseException):
    """Raised out of whatever is being done when nothing needs to be saved; `code` is the exit code.

    Like KeyboardInterrupt it is no `Exception`, so that nothing takes it for an error.
    """

    def __init__(self, code: ExitCode) -> None:
        self.code = code
        super().__init__(code.name)


class Interruption:
    """What the signals have asked for so far."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._graceful = False

    def reason(self) -> str | None:
        """The name of the signal that came, e.g. `SIGINT`; None as long as none did."""
        return self.signal.name if self.signal else None

    @property
    def code(self) -> ExitCode:
        """The exit code of the signal that came."""
        return SIGNALS[self.signal] if self.signal else ExitCode.DONE

    @contextmanager
    def graceful(self) -> Iterator[None]:
        """Within, the first signal is only noted: whoever asks `reason` stops in good order."""
        self._graceful = True
        try:
            yield
        finally:
            self._graceful = False

    @contextmanager
    def listening(self) -> Iterator[Interruption]:
        """Within, SIGINT, SIGTERM and SIGHUP come here; the old handlers come back after."""
        old = {number: signal.signal(number, self._take) for number in SIGNALS}
        try:
            yield self
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        again = self.signal is not None
        self.signal = signal.Signals(number)
        if again or not self._graceful:
            raise Interrupted(self.code)
