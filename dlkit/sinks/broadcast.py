"""Tells every listener of a run what happened."""

from __future__ import annotations

from contextlib import ExitStack

from dlkit.events import Event, Sink


class Broadcast:
    """Hands each event to every sink, in the order in which they were added."""

    def __init__(self) -> None:
        self.sinks: list[Sink] = []

    def emit(self, event: Event) -> None:
        """Tells the sinks."""
        for sink in self.sinks:
            sink.handle(event)

    def close(self) -> None:
        """Closes every sink, also when one of them fails to."""
        with ExitStack() as stack:
            for sink in self.sinks:
                stack.callback(sink.close)
