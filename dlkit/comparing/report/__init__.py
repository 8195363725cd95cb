"""The report of a comparison: table, pictures and page, pure functions of its record. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlkit.comparing.record import read_record
from dlkit.comparing.report.drawing import draw_all
from dlkit.comparing.report.page import document
from dlkit.comparing.report.pictures import drawable
from dlkit.comparing.report.reading import Results
from dlkit.comparing.report.summary import plain, summarise
from dlkit.comparing.report.terminal import table
from dlkit.comparing.report.vector import inline
from dlkit.errors import StorageError

__all__ = ["as_json", "table", "write", "write_report"]

PAGE, PICTURES = "report.html", "pictures"


def write_report(record_path: Path, out_dir: Path) -> list[Path]:
    """Makes the report of `record_path` again: a `record.json`, or the folder that holds it.

    Raises `ConfigError` if there is no such record, `StorageError` if `out_dir` can't be written.
    """
    folder = record_path if record_path.is_dir() else record_path.parent
    return write(read_record(folder), out_dir)


def write(record: Mapping[str, Any], out_dir: Path, *, processes: int = 1) -> list[Path]:
    """Writes `report.html` and `pictures/*.png`; returns their paths, the page first."""
    results = Results(record)
    summary = summarise(results)
    folder = out_dir / PICTURES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pictures = drawable(results, summary)
        drawn = draw_all(record, pictures, folder, processes=processes)
        vectors = [
            (picture, inline(svg, picture.says))
            for picture, (_, svg) in zip(pictures, drawn, strict=True)
        ]
        (out_dir / PAGE).write_text(document(results, summary, vectors), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot write the report to {out_dir}: {error.strerror}") from error
    return [out_dir / PAGE, *(path for path, _ in drawn)]


def as_json(record: Mapping[str, Any]) -> dict[str, Any]:
    """What `--json` prints: the record without its trainings, and what it says in numbers."""
    kept = {key: value for key, value in record.items() if key != "cells"}
    return {**kept, "summary": plain(summarise(Results(record)))}
