"""The pictures: drawn, legible, told apart; and no torch for any of it."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dlkit.comparing import report, search
from dlkit.comparing.report import drawing, pictures, style
from dlkit.comparing.report.drawing import draw_all
from dlkit.comparing.report.reading import Results
from dlkit.comparing.report.summary import summarise
from dlkit.comparing.report.vector import inline
from dlkit.errors import ConfigError, StorageError
from dlkit.runfolder import RunFolder

Record = dict[str, Any]
NAMES = ["curves", "rates", "target", "final", "pairs", "trials"]


def test_the_pictures_of_a_record_are_drawn(drawn: list[Path]) -> None:
    """One PNG each, of at least three colours on white: axes, curves, words."""
    expected = [f"digits-mlp-rules-{name}.png" for name in NAMES]
    assert [path.name for path in drawn] == ["report.html", *expected]
    for path in drawn[1:]:
        pixels = np.asarray(Image.open(path).convert("RGB"))  # (H, W, 3)
        assert (pixels[0, 0] == 255).all()
        assert len(np.unique(pixels @ np.array([1, 256, 65536]))) > 3
        assert 0.002 < (pixels < 250).any(-1).mean() < 0.6


def test_one_seed_is_drawn_without_pairs(lone: Record, tmp_path: Path) -> None:
    """Everything but the comparison of two, which needs two seeds."""
    files = [path.stem.removeprefix("digits-mlp-rules-") for path in report.write(lone, tmp_path)]
    assert files == ["report", *(name for name in NAMES if name != "pairs")]


def test_a_record_without_a_finished_cell_has_a_page_and_no_picture(
    small: Record, tmp_path: Path
) -> None:
    """An interruption in the first second leaves something that can be shown."""
    empty = small | {"status": "interrupted", "cells": [], "chosen": [], "timings": []}
    assert report.write(empty, tmp_path) == [tmp_path / "report.html"]


def test_names_of_files_are_safe(wide: Record) -> None:
    """A task called `other <task>` is a file like any other; both axes and the profile are there."""
    results = Results(wide)
    names = [picture.name for picture in pictures.drawable(results, summarise(results))]
    assert "other-task-estimators-curves" in names
    assert names[-1] == "profile"
    assert len(names) == len(set(names)) == 2 * 2 * 7 + 1


def test_twelve_rules_look_different() -> None:
    """No two rules share colour and dash, whatever their order; nor do five estimators or strangers."""
    for names, axis in (
        ([*search.CENTRES], "rules"),
        (["mine", "yours", "sgd", "theirs"], "rules"),
        (["full batch", "64", "32", "8", "1 example"], "estimators"),
    ):
        assert len(set(style.looks(names, axis).values())) == len(names)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=50, deadline=None)
def test_labels_keep_their_order_and_their_distance(wanted: list[float]) -> None:
    """Spread labels lie in order, apart, within the axes; and labels that fit are not moved."""
    places = style.spread(wanted, 0.05, 0.0, 1.0)
    ordered = sorted(range(len(wanted)), key=lambda k: wanted[k])
    in_order = [places[k] for k in ordered]
    assert all(b - a >= 0.05 - 1e-9 for a, b in pairwise(in_order))
    assert in_order[0] >= -1e-9
    assert in_order[-1] <= 1 + 1e-9
    gaps = [wanted[b] - wanted[a] for a, b in pairwise(ordered)]
    if all(gap >= 0.05 for gap in gaps):
        assert places == pytest.approx(wanted)


def test_the_report_can_be_made_again_from_the_file(
    lone: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From `record.json` or its folder alone, byte for byte the same page."""
    RunFolder(tmp_path).write_json("record.json", lone)
    monkeypatch.setattr(report, "drawable", lambda results, summary: [])
    first, second = tmp_path / "first", tmp_path / "second"
    report.write_report(tmp_path, first)
    report.write_report(tmp_path / "record.json", second)
    assert (first / "report.html").read_bytes() == (second / "report.html").read_bytes()


def test_pictures_are_the_same_every_time(lone: Record, tmp_path: Path) -> None:
    """No dates and no random names in a drawing."""
    results = Results(lone)
    picture = pictures.drawable(results, summarise(results))[-1]
    (one, first), (_, second) = (pictures.render(picture, tmp_path) for _ in range(2))
    assert one.name == "digits-mlp-rules-trials.png"
    inlined = [inline(svg, picture.says) for svg in (first, second)]
    assert inlined[0] == inlined[1]


def test_several_processes_draw_the_same_pictures(lone: Record, tmp_path: Path) -> None:
    """In the order of the report, though they end in another."""
    results = Results(lone)
    found = pictures.drawable(results, summarise(results))[-3:]
    here = [pictures.render(each, tmp_path) for each in found]
    there = draw_all(lone, found, tmp_path, processes=2)
    assert [path for path, _ in there] == [path for path, _ in here]
    assert [inline(svg, "") for _, svg in there] == [inline(svg, "") for _, svg in here]


def test_pictures_are_drawn_even_if_the_processes_that_draw_die(
    lone: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison is done by then; its report is made without them."""
    results = Results(lone)
    found = pictures.drawable(results, summarise(results))[-1:]
    monkeypatch.setattr(drawing, "_open", os._exit)  # a record is no exit code: it dies anyhow
    [(path, _)] = draw_all(lone, found, tmp_path, processes=2)
    assert path.exists()


def test_a_folder_without_a_record(tmp_path: Path) -> None:
    """The message names the folder."""
    with pytest.raises(ConfigError, match="there is no comparison in"):
        report.write_report(tmp_path, tmp_path)


def test_a_place_that_cannot_be_written(lone: Record, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "here").write_text("", encoding="utf-8")
    with pytest.raises(StorageError) as caught:
        report.write(lone, tmp_path / "here")
    assert str(caught.value) == f"cannot write the report to {tmp_path / 'here'}: Not a directory"


def test_a_report_needs_no_torch() -> None:
    """Table, page and pictures are imported without torch; and matplotlib only when something is drawn."""
    program = "import sys, dlkit.comparing.report, dlkit.comparing.board; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert {"torch", "matplotlib", "tensorboard"}.isdisjoint(done.stdout.split())
