"""Builds plain data, with the position of everything, from the events of PyYAML's parser.

The pure Python parser, because its positions count characters; on events, because nothing is then
constructed but what stands here: dict, list, str, int, float, bool and None.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any, NoReturn

import yaml

from dlkit.config.document import Document, KeyPath, dotted
from dlkit.config.scalars import quoted, resolve
from dlkit.errors import ConfigError, Location, Problem

MAX_DEPTH = 64
MAX_NODES = 50_000

_FORBIDDEN = re.compile("[^\t\n -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""All that YAML 1.2 doesn't print, and the line breaks that only YAML 1.1 has."""


def parse_value(text: str, file: str, start: int = 0) -> Document:
    """The YAML value that `text` holds from the character `start` on; no text at all is null.

    `file` is how errors call the text. Raises `ConfigError`.
    """
    return _Reader(text.replace("\r\n", "\n").replace("\r", "\n"), file, start).document()


class Places:
    """Finds line and column of a character of `text`; `file` is how the text is called."""

    def __init__(self, text: str, file: str) -> None:
        self.file, self.lines = file, text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def at(self, index: int) -> Location:
        """The place of the character `index`, with its line unless that is too long to show."""
        number = min(bisect_right(self.starts, index), len(self.lines))
        line = self.lines[number - 1]
        column = index - self.starts[number - 1] + 1
        # Control characters would act on the terminal that shows the line.
        source = _FORBIDDEN.sub("\ufffd", line) if len(line) <= 200 else ""
        return Location(self.file, number, column, source)


class _Reader:
    """Builds the data from the parser's events, one method for each kind of node.

    Events are `Any`: which attributes one has depends on its class, and the stubs know few.
    """

    def __init__(self, text: str, file: str, start: int) -> None:
        self.text, self.places, self.start = text, Places(text, file), start
        self.keys: dict[KeyPath, Location] = {}
        self.values: dict[KeyPath, Location] = {}
        self.problems: list[Problem] = []
        self.nodes = 0

    def document(self) -> Document:
        """The one document of the text."""
        if bad := _FORBIDDEN.search(self.text):
            self.fail(_control(bad[0]), self.places.at(bad.start()))
        self.loader: Any = yaml.SafeLoader(self.text[self.start :])
        try:
            data = self.top()
        except yaml.MarkedYAMLError as error:
            self.explain(error)
        except (ValueError, OverflowError):  # PyYAML 6 lets chr() fail on an escape beyond Unicode
            self.fail("not valid YAML: unknown character.", self.at(self.loader.get_mark()))
        return Document(data, self.keys, self.values, tuple(self.problems))

    def next(self) -> Any:
        """The next event of the parser."""
        return self.loader.get_event()

    def top(self) -> Any:
        """The value of the whole text, None if there is no document in it."""
        self.next()  # the start of the stream
        if isinstance(event := self.next(), yaml.StreamEndEvent):
            self.values[()] = self.place(event)
            return None
        data = self.node(self.next(), ())
        self.next()  # the end of the document
        if not isinstance(event := self.next(), yaml.StreamEndEvent):
            self.refuse("a config is one document, and a second one begins here.", event)
        return data

    def node(self, event: Any, path: KeyPath) -> Any:
        """The value that begins with `event`, its positions noted under `path`."""
        self.check(event, path)
        self.values[path] = self.place(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(event)

    def check(self, event: Any, path: KeyPath) -> None:
        """Refuses what this reader doesn't do, before anything is made of it."""
        self.nodes += 1
        if isinstance(event, yaml.AliasEvent):
            name = quoted(f"*{event.anchor}")
            self.refuse(f"aliases are not allowed: {name}. Write the value again.", event)
        if event.anchor is not None:
            name = quoted(f"&{event.anchor}")
            self.refuse(f"anchors are not allowed: {name}.", event)
        if event.tag is not None:
            self.refuse(f"tags are not allowed: {quoted(event.tag)}.", event)
        if len(path) > MAX_DEPTH:
            self.refuse(f"nested more than {MAX_DEPTH} levels deep.", event)
        if self.nodes > MAX_NODES:
            self.refuse(f"more than {MAX_NODES} keys and values.", event)

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        """Key by key; one that is repeated or not text is noted, and reading goes on."""
        result: dict[str, Any] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            key = self.key(event, path)
            inner = (*path, str(event.value))
            if key in result:
                hint = f"It is first set in line {self.keys[inner].line}."
                self.note(f"key {quoted(dotted(inner))} is set again.", event, hint)
            self.keys[inner] = self.place(event)
            value = self.node(self.next(), inner)
            if isinstance(key, str):
                result[key] = value
            else:
                hint = "Quote it, if it is meant."
                self.note(f"key {quoted(event.value)} is not text.", event, hint)
        return result

    def key(self, event: Any, path: KeyPath) -> Any:
        """What a key says, which should be text."""
        self.check(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            self.refuse("a key must be text, not a list or a mapping.", event)
        key = self.scalar(event)
        if event.implicit[0] and key == "<<":
            self.refuse("merge keys (<<) are not allowed. Write the values again.", event)
        return key

    def sequence(self, path: KeyPath) -> list[Any]:
        """Item by item."""
        items: list[Any] = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, len(items))))
        return items

    def scalar(self, event: Any) -> Any:
        """The value of a word; text if it is quoted."""
        if bad := _FORBIDDEN.search(event.value):  # from an escape such as "\0"
            self.refuse(_control(bad[0]), event)
        if not event.implicit[0]:
            return event.value
        try:
            return resolve(event.value)
        except ValueError as error:
            self.refuse(f"{error}.", event)

    def place(self, event: Any) -> Location:
        """Where `event` begins."""
        return self.at(event.start_mark)

    def at(self, mark: Any) -> Location:
        """The parser's position as one in the whole text."""
        return self.places.at(self.start + mark.index)

    def note(self, message: str, event: Any, hint: str) -> None:
        """Takes down a problem that doesn't keep the rest from being read."""
        self.problems.append(Problem(message, self.place(event), hint))

    def refuse(self, message: str, event: Any) -> NoReturn:
        """Gives up at `event`."""
        self.fail(message, self.place(event))

    def fail(self, message: str, place: Location, hint: str = "") -> NoReturn:
        """Gives up at `place`."""
        raise ConfigError(Problem(message, place, hint)) from None

    def explain(self, error: yaml.MarkedYAMLError) -> NoReturn:
        """A syntax error, in the parser's words."""
        place = self.at(error.problem_mark or error.context_mark)
        line = self.places.lines[place.line - 1]
        tab = "\t" in line[: len(line) - len(line.lstrip())]
        context = f" {error.context}" if error.context else ""
        hint = "Indent with spaces, not with tabs." if tab else ""
        self.fail(f"not valid YAML{context}: {str(error.problem)[:200]}.", place, hint)


def _control(character: str) -> str:
    return f"control character U+{ord(character):04X} is not allowed."
