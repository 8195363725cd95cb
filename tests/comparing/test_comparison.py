"""A whole comparison in a folder: its record, its interruption, its going on."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dlkit.comparing.comparison import Comparison
from dlkit.comparing.execute import InProcess
from dlkit.comparing.jobs import Job, Train
from dlkit.comparing.plan import Plan
from dlkit.comparing.record import CELLS, RECORD, Store, read_record
from dlkit.comparing.view import Quiet
from dlkit.errors import ConfigError, Diverged, ExitCode
from dlkit.interruption import Interrupted
from dlkit.runfolder import RunFolder


class Counting(InProcess):
    """Notes which cells it trained; is interrupted when it has done `most` training jobs."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self.most, self.trained = most, []

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Any]]:
        for job, result in super().run(jobs):
            if isinstance(job, Train):
                if self.most is not None and self.most == 0:
                    raise Interrupted(ExitCode.INTERRUPTED)
                self.most = None if self.most is None else self.most - 1
                self.trained += [cell.key for cell in job.cells]
            yield job, result


def compare(plan: Plan, folder: Path, executor: InProcess) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    return Comparison(plan, RunFolder(folder), executor, Quiet()).run()


def curves(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything of the cells but the time that they took, and how."""
    return [
        {k: v for k, v in cell.items() if k not in ("seconds", "method")}
        for cell in record["cells"]
    ]


@pytest.fixture(scope="module")
def whole(tiny_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("whole")
    return folder, compare(tiny_plan, folder, Counting())


def test_the_record_on_disk_is_the_record(whole: tuple[Path, dict[str, Any]]) -> None:
    """Written whole, and JSON gives back what was handed out."""
    folder, record = whole
    assert read_record(folder) == json.loads(json.dumps(record))
    assert record["status"] == "finished"


def test_the_protocol_is_in_the_record(whole: tuple[Path, dict[str, Any]], tiny_plan: Plan) -> None:
    """Equal trials a rule, tuning and reporting seeds apart, tests of reports only, provenance."""
    record = whole[1]
    cells = record["cells"]
    for rule in tiny_plan.rules:
        own = [cell for cell in cells if cell["rule"] == rule]
        tuning = {cell["seed"] for cell in own if cell["phase"] == "tuning"}
        reporting = {cell["seed"] for cell in own if cell["phase"] == "reporting"}
        assert tuning == {0, 1}
        assert reporting == {1000, 1001}
        assert all((cell["test"] is None) == (cell["phase"] == "tuning") for cell in own)
        trials = {json.dumps(cell["knobs"]) for cell in own if cell["phase"] == "tuning"}
        [choice] = [each for each in record["chosen"] if each["rule"] == rule]
        assert choice["trials"] == len(trials) == 3 + 3 * choice["extensions"]
    provenance = record["provenance"]
    assert provenance["threads"] == 1
    assert provenance["data"]["tiny"]["sizes"] == {"train": 1078, "validation": 360, "test": 359}
    assert {"torch", "dlkit", "command", "started", "seconds", "device"} <= set(provenance)


def test_the_planner_says_why(whole: tuple[Path, dict[str, Any]]) -> None:
    """Both ways were timed, and the reason is in words."""
    [method] = whole[1]["methods"]
    assert method["batched_seconds"] > 0
    assert method["loop_seconds"] > 0
    assert "a model and update batched" in method["reason"]


def test_every_rule_is_timed_alone(whole: tuple[Path, dict[str, Any]], tiny_plan: Plan) -> None:
    """Median and quartiles, in order, after a warm-up."""
    timings = whole[1]["timings"]
    assert [each["rule"] for each in timings] == list(tiny_plan.rules)
    for each in timings:
        assert 0 < each["lower"] <= each["median"] <= each["upper"]
        assert (each["updates"], each["warmup"]) == (4, 2)


def test_a_killed_comparison_goes_on_where_it_was(
    whole: tuple[Path, dict[str, Any]], tiny_plan: Plan, tmp_path: Path
) -> None:
    """No finished cell is trained again, and the end is the same, bit for bit."""
    folder = tmp_path / "killed"
    first, second = Counting(most=1), Counting()
    with pytest.raises(Interrupted):
        compare(tiny_plan, folder, first)
    left = read_record(folder)
    assert left["status"] == "interrupted"
    assert sorted(cell["key"] for cell in left["cells"]) == sorted(first.trained)
    record = compare(tiny_plan, folder, second)
    assert first.trained
    assert not set(first.trained) & set(second.trained)
    assert curves(record) == curves(whole[1])
    assert record["chosen"] == whole[1]["chosen"]
    third = Counting()
    compare(tiny_plan, folder, third)
    assert third.trained == [], "a finished comparison trains nothing"


def test_a_resumed_comparison_needs_the_same_data(
    whole: tuple[Path, dict[str, Any]], tiny_plan: Plan, tmp_path: Path
) -> None:
    """Cells of other examples would not be paired with those that are finished."""
    data = {"tiny": {**whole[1]["provenance"]["data"]["tiny"], "fingerprint": "another"}}
    before = {"provenance": {"data": data}}
    comparison = Comparison(tiny_plan, RunFolder(tmp_path), InProcess(), Quiet(), before=before)
    with pytest.raises(ConfigError) as error:
        comparison.run()
    assert str(error.value) == (
        "the data of tiny changed since the comparison began. Start another comparison with --out."
    )
    assert read_record(tmp_path)["provenance"]["data"] == data, "to be compared with next time"


def test_a_finished_comparison_stays_what_it_was(
    whole: tuple[Path, dict[str, Any]], tiny_plan: Plan, tmp_path: Path
) -> None:
    """Resumed, it trains nothing, and still says when it began, how cells were run, and why."""
    folder = tmp_path / "again"
    shutil.copytree(whole[0], folder)
    again = Counting()
    before = read_record(folder)
    record = Comparison(tiny_plan, RunFolder(folder), again, Quiet(), before=before).run()
    assert again.trained == []
    assert record["methods"] == whole[1]["methods"]
    assert record["provenance"]["started"] == whole[1]["provenance"]["started"]
    assert record["provenance"]["seconds"] >= whole[1]["provenance"]["seconds"]


def test_a_torn_line_is_dropped(whole: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """A kill in the middle of a write loses that cell, and no other."""
    text = (whole[0] / CELLS).read_text()
    (tmp_path / CELLS).write_text(text[:-20])
    store = Store(RunFolder(tmp_path))
    assert len(store.outcomes) + len(store.timings) == text.count("\n") - 1
    assert (tmp_path / CELLS).read_text().endswith("\n")


def test_another_rule_changes_no_result(
    whole: tuple[Path, dict[str, Any]], tiny_plan: Plan, tmp_path: Path
) -> None:
    """Without lion, the cells of sgd and adam are what they were with it."""
    fewer = compare(replace(tiny_plan, rules=("adam", "sgd")), tmp_path / "fewer", InProcess())
    known = {cell["key"]: cell for cell in curves(whole[1])}
    assert all(cell == known[cell["key"]] for cell in curves(fewer))
    assert len(fewer["cells"]) < len(known)


def test_no_finite_run_is_said(tiny_plan: Plan, tmp_path: Path, monkeypatch: Any) -> None:
    """Where every rate of every rule diverges there is a record, and exit code 5."""
    monkeypatch.setattr("dlkit.comparing.search.default_rate", lambda rule: 1e30)
    plan = replace(tiny_plan, rules=("sgd",), most_extensions=0)
    with pytest.raises(Diverged) as error:
        compare(plan, tmp_path / "wild", InProcess())
    assert str(error.value).startswith(
        "no rule had a finite run: every rate that was tried diverged."
    )
    assert read_record(tmp_path / "wild")["chosen"][0]["knobs"] is None


def test_a_rule_that_does_not_fit_is_left_out(tiny_plan: Plan, tmp_path: Path) -> None:
    """Muon wants a hidden matrix, and a linear model has none: the others go on."""
    task = replace(tiny_plan.tasks[0], model={"name": "mlp", "hidden": []})
    plan = replace(tiny_plan, tasks=(task,), rules=("sgd", "muon"), rates=1, most_extensions=0)
    record = compare(plan, tmp_path / "linear", InProcess())
    assert record["plan"]["rules"] == ("sgd",)
    with pytest.raises(ConfigError, match=r"no rule is left to compare\."):
        compare(replace(plan, rules=("muon",)), tmp_path / "none", InProcess())


def test_one_reporting_seed_is_enough_to_run(tiny_plan: Plan, tmp_path: Path) -> None:
    """There are no intervals then, which the report says."""
    plan = replace(tiny_plan, rules=("sgd",), reporting_seeds=1, rates=1, most_extensions=0)
    record = compare(plan, tmp_path / "one", InProcess())
    assert sum(cell["phase"] == "reporting" for cell in record["cells"]) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            None,
            "there is no comparison in {folder}: no record.json in it. Name the folder of one with --out.",
        ),
        ("{", "{folder}/record.json is not a record: Expecting property name"),
        ('{"format": 9}', "{folder}/record.json is not the record of a comparison in format 1."),
    ],
)
def test_what_is_no_record_is_refused(text: str | None, message: str, tmp_path: Path) -> None:
    """Nothing there, not JSON, another format."""
    if text is not None:
        (tmp_path / RECORD).write_text(text)
    with pytest.raises(ConfigError) as error:
        read_record(tmp_path)
    assert str(error.value).startswith(message.replace("{folder}", str(tmp_path)))
