"""Checkpoints on disk: whole or not there, and every byte of them checked before use."""

import errno
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from dlkit.training import checkpoint
from dlkit.training.checkpoint import Invalid, Snapshot, Store, load

FIXTURES = Path(__file__).parent.parent / "fixtures"
FILES = ["model.safetensors", "optimizer.safetensors", "state.json", "manifest.json"]


def snapshot(step: int = 5, epoch: int = 1) -> Snapshot:
    generator = torch.Generator().manual_seed(step)
    weight = torch.randn(3, 2, generator=generator)
    return Snapshot(
        step,
        epoch,
        {"model/weight": weight},
        {"model/0/weight/exp_avg": -weight},
        {"position": {"step": step}},
    )


def saved(tmp_path: Path) -> Path:
    return Store(tmp_path).commit(snapshot(), {"torch": "2.14.1"})


def test_what_is_committed_is_read_back(tmp_path: Path) -> None:
    """Tensors bit for bit, state and environment as they were."""
    path = saved(tmp_path)
    read, manifest = load(path)
    assert path.name == "step-00000005-epoch-0001"
    assert torch.equal(read.model["model/weight"], snapshot().model["model/weight"])
    assert read.state == {"position": {"step": 5}}
    assert manifest["environment"] == {"torch": "2.14.1"}


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_at_any_length_is_noticed(tmp_path: Path, name: str) -> None:
    """Every shorter length of every file makes the checkpoint invalid."""
    path = saved(tmp_path)
    whole = (path / name).read_bytes()
    for length in range(len(whole)):
        (path / name).write_bytes(whole[:length])
        with pytest.raises(Invalid):
            load(path)


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_anywhere_is_noticed(tmp_path: Path, name: str) -> None:
    """Weights, headers, state and manifest: one bit of any byte makes the checkpoint invalid."""
    path = saved(tmp_path)
    whole = (path / name).read_bytes()
    chosen = random.Random(0)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chosen.randrange(8)
        (path / name).write_bytes(damaged)
        with pytest.raises(Invalid):
            load(path)


def test_the_reason_names_file_and_fault(tmp_path: Path) -> None:
    """A cut file is told by its size, a changed one by its sha256."""
    path = saved(tmp_path)
    weights = path / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:10])
    with pytest.raises(Invalid) as cut:
        load(path)
    weights.write_bytes(whole[:-1] + b"\0")
    with pytest.raises(Invalid) as changed:
        load(path)
    assert str(cut.value) == f"model.safetensors holds 10 bytes instead of {len(whole)}"
    assert str(changed.value) == "model.safetensors does not have the sha256 that the manifest says"


def test_a_file_from_another_step_is_noticed(tmp_path: Path) -> None:
    """Weights of another checkpoint, themselves whole, do not pass for those of this one."""
    store = Store(tmp_path)
    one, other = store.commit(snapshot(5), {}), store.commit(snapshot(6), {})
    shutil.copy(other / "model.safetensors", one / "model.safetensors")
    with pytest.raises(Invalid, match="sha256"):
        load(one)


def test_symbolic_links_are_refused(tmp_path: Path) -> None:
    """Neither a linked checkpoint nor a linked file in one is read."""
    path = saved(tmp_path / "run")
    (tmp_path / "step-00000005-epoch-0001").symlink_to(path)
    with pytest.raises(Invalid, match="is a symbolic link"):
        load(tmp_path / "step-00000005-epoch-0001")
    (path / "state.json").rename(tmp_path / "state.json")
    (path / "state.json").symlink_to(tmp_path / "state.json")
    with pytest.raises(Invalid, match=r"state\.json is a symbolic link"):
        load(path)


def test_a_newer_format_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the version that wrote it and what to do."""
    monkeypatch.setattr(checkpoint, "FORMAT_VERSION", 7)
    monkeypatch.setattr(checkpoint, "__version__", "9.9")
    path = saved(tmp_path)
    monkeypatch.undo()
    with pytest.raises(Invalid) as error:
        load(path)
    assert str(error.value).startswith("it was written by dlkit 9.9 in format 7; this dlkit ")
    assert str(error.value).endswith("reads formats up to 1: update dlkit")


def test_the_released_format_is_still_read() -> None:
    """A checkpoint written by version 0.1.0 lies in tests/fixtures and loads."""
    read, manifest = load(FIXTURES / "format-1" / "step-00000005-epoch-0001")
    assert manifest["format_version"] == 1
    assert torch.equal(read.model["model/weight"], torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert read.state["position"]["step"] == 5


def test_pruning_keeps_the_newest_and_the_best(tmp_path: Path) -> None:
    """Of five checkpoints, the last two and the one of the best epoch stay."""
    store = Store(tmp_path)
    for epoch in range(1, 6):
        store.commit(snapshot(epoch * 10, epoch), {})
    store.prune(keep=2, best_epoch=2)
    assert [checkpoint.epoch_of(path) for path in store.candidates()] == [5, 4, 2]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EFBIG])
def test_a_failed_save_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """When fsync fails, the temporary folder goes and the checkpoint before is untouched."""
    store = Store(tmp_path)
    before = store.commit(snapshot(5), {})

    def failing(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(checkpoint.os, "fsync", failing)
    with pytest.raises(OSError, match=os.strerror(code)):
        store.commit(snapshot(6), {})
    assert [path.name for path in tmp_path.iterdir()] == [before.name]
    load(before)


def kill_at(operation: int) -> None:
    """Makes this process die, as by `kill -9`, just before its n-th file operation."""
    count = 0

    def counted(original: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == operation:
                os._exit(137)
            return original(*arguments, **options)

        return call

    for name in ("fsync", "rename", "open"):
        setattr(os, name, counted(getattr(os, name)))
    Path.open = counted(Path.open)  # type: ignore[method-assign, assignment]
    Path.mkdir = counted(Path.mkdir)  # type: ignore[method-assign, assignment]


def test_killed_at_any_file_operation_the_newest_checkpoint_is_whole(tmp_path: Path) -> None:
    """A process is killed before each operation of a save in turn: what has a final name loads, the
    checkpoint before is still there, and what is left over is swept."""
    store, killed = Store(tmp_path), 0
    store.commit(snapshot(1), {})
    for operation in range(1, 60):
        child = os.fork()
        if child == 0:
            kill_at(operation)
            store.commit(snapshot(2), {})
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        names = [path.name for path in store.candidates()]
        assert names[-1] == "step-00000001-epoch-0001"
        for path in store.candidates():
            load(path)
        store.sweep()
        assert not list(tmp_path.glob(".tmp-*"))
        if status == 0:
            assert len(names) == 2
            break
        killed += 1
        shutil.rmtree(tmp_path / "step-00000002-epoch-0001", ignore_errors=True)
    assert killed >= 10


def test_the_manifest_is_readable_json(tmp_path: Path) -> None:
    """Another program can read sizes and sha256 of the files."""
    manifest = json.loads((saved(tmp_path) / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {"model.safetensors", "optimizer.safetensors", "state.json"}
    assert all(len(facts["sha256"]) == 64 for facts in manifest["files"].values())
