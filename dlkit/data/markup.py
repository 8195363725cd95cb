"""A small XML reader that knows its lines, and takes neither entities nor document types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from dlkit.errors import DataError

MOST_BYTES = 64 << 20


@dataclass
class Element:
    """A tag with its line (from 1), its text, and what is inside it."""

    tag: str
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[Element]:
        """The children of that name."""
        return (child for child in self.children if child.tag == tag)

    def first(self, tag: str) -> Element | None:
        """The first child of that name."""
        return next(self.all(tag), None)

    def said(self, tag: str) -> str:
        """The text of the first child of that name, or nothing."""
        child = self.first(tag)
        return child.text.strip() if child else ""


def read_markup(path: Path) -> Element:
    """The outermost element of an XML file; raises `DataError` with file and line if it has faults."""
    parser = expat.ParserCreate()
    open_elements = [Element("", 0)]

    def begin(tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, parser.CurrentLineNumber)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def text(characters: str) -> None:
        open_elements[-1].text += characters

    def refuse(*details: object) -> None:
        line = parser.CurrentLineNumber
        raise DataError(f"{path}:{line}: document types are not allowed in annotations")

    parser.StartElementHandler, parser.CharacterDataHandler = begin, text
    parser.EndElementHandler = lambda tag: open_elements.pop() and None
    parser.StartDoctypeDeclHandler = refuse
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise DataError(f"{path}: larger than {MOST_BYTES} bytes")
        parser.Parse(content, True)
    except OSError as error:
        raise DataError(f"{path.absolute()}: cannot be read ({error.strerror})") from error
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise DataError(f"{path}:{error.lineno}:{error.offset + 1}: no XML ({reason})") from error
    return open_elements[0].children[0]
