"""`dlkit compare-optimizers --surface`: measures a surface, writes record and pictures, shows them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from dlkit.comparing.surfaces import functions, record, rules
from dlkit.errors import ConfigError, ExitCode, StorageError

if TYPE_CHECKING:
    from rich.console import Console


def run_surface(
    name: str,
    *,
    out: Path | None,
    optimizers: Sequence[str] | None,
    console: Console,
    json: bool,
    animate: bool = True,
) -> int:
    """Compares `optimizers` (None: all that fit) on the surface `name`; returns the exit code.

    Writes `record.json`, the PNG pictures and `animation.gif` to `out`, a new or empty folder (None:
    a new one under `runs`). `console` gets the animation (its last frame where it is no terminal,
    or where not `animate`), the table and the notes; with `json` the figures go to stdout as one
    line, so `console` should write to stderr. Raises `ConfigError` for an unknown surface or
    optimizer and for an occupied folder, `StorageError` where it cannot be written.
    """
    surface = functions.find(name)
    chosen, left_out = rules.select(optimizers)
    folder = _folder(out, name)
    made = _measure(surface, chosen, left_out)
    record.write(made, folder / "record.json")
    return _present(made, folder, console=console, json=json, animate=animate)


def redraw(
    path: Path, *, out: Path | None, console: Console, json: bool, animate: bool = True
) -> int:
    """Makes all pictures again from the record at `path`, without torch; else as `run_surface`.

    Raises `DataError` if there is no record at `path`.
    """
    made = record.read(path)
    folder = _folder(out, made.surface)
    record.write(made, folder / "record.json")
    return _present(made, folder, console=console, json=json, animate=animate)


def _measure(
    surface: functions.Surface, chosen: Sequence[str], left_out: Mapping[str, str]
) -> record.Record:
    """On one thread: tensors of some thousand numbers are not worth waking a second."""
    import torch

    from dlkit.comparing.surfaces.measure import measure

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return measure(surface, chosen, left_out)
    finally:
        torch.set_num_threads(threads)


def _present(
    made: record.Record, folder: Path, *, console: Console, json: bool, animate: bool
) -> int:
    """Pictures first: whoever stops the animation has them already."""
    from dlkit.comparing.surfaces import animation, picture, terminal

    files = [folder / "record.json", *picture.draw_all(made, folder), folder / "animation.gif"]
    animation.draw(made, files[-1])
    terminal.show(made, console, animate=animate)
    console.print(f"written to {folder}: {', '.join(file.name for file in files)}", highlight=False)
    if json:
        figures = record.figures(made) | {"folder": str(folder), "files": [f.name for f in files]}
        sys.stdout.write(dumps(figures) + "\n")
    return int(ExitCode.DONE)


def _folder(out: Path | None, name: str) -> Path:
    """The folder to write to, made if it is not there."""
    from dlkit.runfolder import create

    if out is None:
        return create(Path("runs"), f"surface-{name}").path
    try:
        out.mkdir(parents=True, exist_ok=True)
        occupied = any(out.iterdir())
    except FileExistsError:
        raise ConfigError(
            f"--out {out} is a file.", hint="Name a new or an empty folder."
        ) from None
    except OSError as error:
        raise StorageError(f"cannot write to --out {out}: {error.strerror}") from error
    if occupied:
        raise ConfigError(f"--out {out} is not empty.", hint="Name a new or an empty folder.")
    return out
