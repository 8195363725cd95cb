"""The rooms import only downwards: each arrow of the package is checked against one table."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dlkit

PACKAGE = Path(dlkit.__file__).parent
LAYERS = [
    {"errors", "events", "ranges"},
    {"signatures", "interruption"},
    {"registry"},
    {"catalog"},
    {"config", "runfolder"},
    {"dictionary"},
    {"optim", "data"},
    {"nn"},
    {"models"},
    {"tasks"},
    {"training"},
    {"environment", "device"},
    {"sinks", "import_weights"},
    {"feeding"},
    {"assemble", "resume"},
    {"trouble"},
    {"session"},
    {"run"},
    {"check", "claims", "comparing"},
    {"cli"},
    {"__main__"},
]
"""From the bottom up. A room may import rooms of lower rows, and itself, never its row's others."""
NARROW = {
    ("sinks", "training"): {"dlkit.sinks.checkpoints"},
    ("training", "data"): {
        "dlkit.training.loop",
        "dlkit.training.evaluation",
        "dlkit.training.noise",
    },
}
"""Arrows that only the named modules may draw."""
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def arrows(path: Path) -> Iterator[tuple[int, str]]:
    """Each imported dlkit module with its line; `from dlkit import x` counts as `dlkit.x`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "dlkit":
                yield from ((node.lineno, f"dlkit.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


def wrong_arrows(path: Path) -> list[str]:
    here = name_of(path)
    wrong = []
    for line, target in arrows(path):
        room = room_of(target)
        if not target.startswith("dlkit") or room in ("", "__version__"):
            continue
        own = room_of(here)
        downwards = room == own or LEVEL[room] < LEVEL.get(own, -1)
        permitted = here in NARROW.get((own, room), {here})
        if not (downwards and permitted):
            wrong.append(f"{path.relative_to(PACKAGE.parent)}:{line}: {here} imports {target}")
    return wrong


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_imports_only_rooms_below_its_own(path: Path) -> None:
    """No arrow points up or sideways; a failure names file and line."""
    assert wrong_arrows(path) == []


def test_every_room_has_a_place_in_the_table() -> None:
    """A new room must be given its layer here before anything may import it."""
    rooms = {room_of(name_of(path)) for path in modules()} - {""}
    assert rooms == set(LEVEL)


def test_an_arrow_upwards_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: a data module that imports the command line is reported with its line."""
    package = tmp_path / "dlkit"
    (package / "data").mkdir(parents=True)
    bad = package / "data" / "bad.py"
    bad.write_text("import math\nfrom dlkit.cli import app\n", encoding="utf-8")
    monkeypatch.setitem(globals(), "PACKAGE", package)
    assert wrong_arrows(bad) == ["dlkit/data/bad.py:2: dlkit.data.bad imports dlkit.cli"]


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc", "base"])
def test_no_room_is_called_after_nothing(name: str) -> None:
    """What has no name has no owner."""
    assert not [path for path in modules() if path.stem.rstrip("s") == name.rstrip("s")]


def test_the_package_itself_imports_nothing() -> None:
    """`import dlkit` costs nothing."""
    assert list(arrows(PACKAGE / "__init__.py")) == []
