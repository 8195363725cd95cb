"""What may have been meant by an unknown key: a similar one, or the same one in another section."""

from __future__ import annotations

from collections.abc import Sequence

from dlkit.catalog import REGULARIZERS
from dlkit.config.document import ABSENT, Document
from dlkit.config.schema import COMPONENTS, DEFAULT_NAMES, SECTIONS
from dlkit.config.sections import SETTINGS, settings
from dlkit.registry import nearest


def advice(document: Document, section: str, key: str, names: Sequence[str]) -> str:
    """A sentence on `key`, which is none of the `names` that `section` (empty: the top) takes."""
    near = nearest(key, names) or _abbreviated(key, names)
    homes = [home for home, keys in _homes(document).items() if key in keys and home != section]
    places = " and ".join(f"under '{home}:'" if home else "at the top level" for home in homes)
    sentences = [f"Did you mean '{near}'?"] if near else []
    sentences += [f"This key exists {places}."] if places else []
    return " ".join(sentences) or f"Known: {', '.join(sorted(names)) or 'none'}."


def _abbreviated(key: str, names: Sequence[str]) -> str | None:
    """The name that `key` has the initials of: `lr` for `learning_rate`."""
    initials = {"".join(word[:1] for word in name.split("_")): name for name in names}
    return initials.get(key) if len(key) > 1 else None


def _homes(document: Document) -> dict[str, Sequence[str]]:
    """The keys that each section takes, with the components that the document names."""
    homes: dict[str, Sequence[str]] = {"": SECTIONS, "regularization": REGULARIZERS.names()}
    homes |= {section: settings(section).names() for section in SETTINGS}
    for section, table in COMPONENTS.items():
        name = document.get((section, "name"))
        name = DEFAULT_NAMES.get(section) if name is ABSENT else name
        if isinstance(name, str) and name in table:
            homes[section] = table.signature(name).names()
    return homes
