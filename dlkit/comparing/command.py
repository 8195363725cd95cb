"""`dlkit compare-optimizers` behind its options: folders, processes, signals, what is shown."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from dlkit.comparing.comparison import Comparison
from dlkit.comparing.execute import Executor, make_executor
from dlkit.comparing.plan import Plan, read_plan
from dlkit.comparing.record import RECORD, read_record
from dlkit.comparing.view import make_view
from dlkit.errors import ConfigError, ExitCode, StorageError
from dlkit.interruption import Interruption
from dlkit.runfolder import RunFolder, create

ROOT, STEM = Path("runs"), "compare"


def compare(
    plan: Plan,
    *,
    out: Path | None,
    processes: int | None,
    engine: str = "local",
    notes: Sequence[str] = (),
    as_json: bool = False,
) -> int:
    """Runs `plan` in a new folder; returns the exit code."""
    processes = processes_for(processes)
    with closing(make_executor(processes, engine)) as executor:
        folder = new_folder(out, plan.name)
        record = _run(plan, folder, executor, notes, as_json=as_json)
    return _present(record, folder, processes=processes, as_json=as_json)


def go_on(
    *,
    out: Path | None,
    processes: int | None,
    engine: str = "local",
    given: Sequence[str] = (),
    as_json: bool = False,
) -> int:
    """Goes on with the comparison in `out`, or in the newest folder; `given` are options it refuses."""
    if given:
        raise ConfigError(
            f"--resume goes on with the plan it finds, so {', '.join(given)} can't change it.",
            hint="Start another comparison with --out.",
        )
    folder = existing_folder(out)
    left = read_record(folder.path)
    processes = processes_for(processes)
    with closing(make_executor(processes, engine)) as executor:
        record = _run(read_plan(left["plan"]), folder, executor, (), before=left, as_json=as_json)
    return _present(record, folder, processes=processes, as_json=as_json)


def replay_cell(key: str, *, out: Path | None, as_json: bool = False) -> int:
    """Trains one cell again through plain `torch.optim`, and says whether it is the same."""
    record = read_record(existing_folder(out).path)
    from dlkit.comparing.replay import find, replay

    find(record, key)
    result = replay(record, key)
    sys.stdout.write((json.dumps(result.plain()) if as_json else result.text()) + "\n")
    return int(ExitCode.DONE if result.same else ExitCode.CLAIM)


def _run(
    plan: Plan,
    folder: RunFolder,
    executor: Executor,
    notes: Sequence[str],
    *,
    before: Mapping[str, Any] | None = None,
    as_json: bool,
) -> dict[str, Any]:
    stream = sys.stderr if as_json else sys.stdout
    with Interruption().listening(), folder.lock(), closing(make_view(stream)) as view:
        for note in notes:
            view.say(f"note: {note}")
        if plan.reporting_seeds == 1:
            view.say("note: one reporting seed: no intervals, and nothing can be told apart")
        return Comparison(plan, folder, executor, view, before=before).run()


def _present(record: dict[str, Any], folder: RunFolder, *, processes: int, as_json: bool) -> int:
    """The table or the JSON, and the report beside the record."""
    from dlkit.comparing import board, report

    with ThreadPoolExecutor(1) as beside:
        written = beside.submit(board.write_board, record, folder.path)
        files = report.write(record, folder.path, processes=processes)
        written.result()
    if as_json:
        found = report.as_json(record) | {"folder": str(folder.path)}
        sys.stdout.write(json.dumps(found) + "\n")
        return int(ExitCode.DONE)
    from rich.console import Console

    console = Console(file=sys.stdout)
    console.print(report.table(record, width=console.width))
    cells, seconds = len(record["cells"]), record["provenance"]["seconds"]
    words = f"{cells} cells in {seconds:.1f} s. Written to {folder.path}: {RECORD}, {files[0].name}"
    console.print(words, highlight=False, soft_wrap=True)
    return int(ExitCode.DONE)


def processes_for(wanted: int | None) -> int:
    """One a core that this process may use, unless `wanted` says otherwise."""
    if wanted is None:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    if wanted < 1:
        raise ConfigError(f"--jobs {wanted}: it must be at least 1.")
    return wanted


def new_folder(out: Path | None, name: str) -> RunFolder:
    """The folder `out`, made if it isn't there, or a new one under `runs`.

    Raises `ConfigError` if `out` holds something, `StorageError` if it can't be made.
    """
    if out is None:
        return create(ROOT, f"{STEM}-{name}")
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
        here = (out / RECORD).is_file()
        hint = (
            "--resume goes on with the comparison in it."
            if here
            else "Name a new or an empty folder."
        )
        raise ConfigError(f"--out {out} is not empty.", hint=hint)
    return RunFolder(out)


def existing_folder(out: Path | None) -> RunFolder:
    """The folder `out`, or the newest comparison under `runs`. Raises `ConfigError`."""
    if out is not None:
        return RunFolder(out)
    found = [path.parent for path in ROOT.glob(f"{STEM}-*/{RECORD}")]
    if not found:
        raise ConfigError(
            f"there is no comparison under {ROOT}.", hint="Name its folder with --out."
        )
    return RunFolder(max(found, key=lambda path: (path / RECORD).stat().st_mtime))
