"""A malicious or damaged archive is refused before anything is written; a good one appears whole."""

import gzip
import io
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dlkit.data import archive as module
from dlkit.data.archive import extract
from dlkit.errors import DataError, StorageError

LIMITS = {"max_bytes": 100_000, "max_entries": 50}


def entry(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, **fields: object):
    info = tarfile.TarInfo(name)
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    info.type = kind
    for key, value in fields.items():
        setattr(info, key, value)
    return info, io.BytesIO(content)


def pack(path: Path, *entries: tuple[tarfile.TarInfo, io.BytesIO]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, content in entries:
            archive.addfile(info, content if info.isreg() else None)
    return path


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Packs entries, and returns why `extract` refuses them; nothing may have been written."""

    def why(*entries: tuple[tarfile.TarInfo, io.BytesIO], **limits: int) -> str:
        path = pack(tmp_path / "a.tar.gz", entry("good"), *entries)
        with pytest.raises(DataError) as caught:
            extract(path, tmp_path / "target", **{**LIMITS, **limits})
        assert os.listdir(tmp_path) == ["a.tar.gz"]
        return str(caught.value).removeprefix(f"{path}: ")

    return why


def test_a_good_archive_is_unpacked(tmp_path: Path) -> None:
    """Files and folders with their content, with ordinary permissions, and nothing else beside."""
    path = pack(
        tmp_path / "a.tar.gz",
        entry("data", kind=tarfile.DIRTYPE),
        entry("data/a.bin", b"abc", mode=0o7777),
        entry("other/deep/b.bin", os.urandom(50_009)),
    )
    extract(path, tmp_path / "target", **LIMITS)
    assert (tmp_path / "target/data/a.bin").read_bytes() == b"abc"
    assert (tmp_path / "target/other/deep/b.bin").stat().st_size == 50_009
    assert stat.S_IMODE((tmp_path / "target/data/a.bin").stat().st_mode) & 0o7111 == 0
    assert sorted(os.listdir(tmp_path)) == ["a.tar.gz", "target"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../x", "leaves the folder"),
        ("a/../../x", "leaves the folder"),
        ("/etc/x", "is no relative path"),
        ("..\\x", "is no relative path"),
        ("C:\\x", "is no relative path"),
    ],
)
def test_a_name_that_leads_out_is_refused(
    refused: Callable[..., str], name: str, reason: str
) -> None:
    """D23."""
    assert refused(entry(name)) == f"refused, its entry '{name}' {reason}"


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_links_and_devices_are_refused(refused: Callable[..., str], kind: bytes) -> None:
    """D23: even those that stay inside; a link could redirect a later entry."""
    assert refused(entry("link", kind=kind, linkname="good"), entry("link/x")) == (
        "refused, its entry 'link' is neither a file nor a folder"
    )


@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("a", "./a")])
def test_an_entry_in_the_place_of_another_is_refused(
    refused: Callable[..., str], names: tuple[str, str]
) -> None:
    """The second of two equal names, and a file where a folder is."""
    assert refused(*map(entry, names)) == (
        f"refused, its entry '{names[1]}' is in the place of another"
    )


def test_too_many_entries_are_refused(refused: Callable[..., str]) -> None:
    """D24."""
    many = [entry(str(number)) for number in range(10)]
    assert refused(*many, max_entries=10) == "refused, it has more than 10 entries"


def test_too_much_content_is_refused(refused: Callable[..., str]) -> None:
    """D24: the sum of the entries' sizes."""
    large = [entry(str(number), os.urandom(400)) for number in range(3)]
    assert refused(*large, max_bytes=1000) == "refused, it unpacks to more than 1000 bytes"


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    """D24: 10 MB of zeros in 10 kB are refused although the limit would allow them."""
    path = pack(tmp_path / "a.tar.gz", entry("zeros", bytes(10_000_000)))
    limit = 100 * path.stat().st_size
    with pytest.raises(DataError) as caught:
        extract(path, tmp_path / "target", max_bytes=10**9, max_entries=10)
    assert str(caught.value) == f"{path}: refused, it unpacks to more than {limit} bytes"
    assert not (tmp_path / "target").exists()


def test_a_bomb_in_a_header_is_refused(tmp_path: Path) -> None:
    """D24: an extended header is not read into memory however long it claims to be."""
    info, _ = entry("x", kind=tarfile.XHDTYPE)
    info.size = 50_000_000
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf() + bytes(50_000_000)))
    with pytest.raises(DataError, match="refused, it unpacks to more than"):
        extract(path, tmp_path / "target", **LIMITS)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_archive_is_refused(tmp_path: Path, share: float) -> None:
    """D25: wherever it is cut off, and an empty file too."""
    path = pack(tmp_path / "a.tar.gz", *(entry(str(n), os.urandom(900)) for n in range(20)))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError) as caught:
        extract(path, tmp_path / "target", **LIMITS)
    assert str(caught.value).startswith(f"{path}: damaged (")
    assert os.listdir(tmp_path) == ["a.tar.gz"]


def test_a_web_page_is_no_archive(tmp_path: Path) -> None:
    """D25."""
    path = tmp_path / "a.tar.gz"
    path.write_text("<html>")
    with pytest.raises(DataError, match="damaged"):
        extract(path, tmp_path / "target", **LIMITS)


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    """What is there may be the user's."""
    path = pack(tmp_path / "a.tar.gz", entry("x"))
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(DataError) as caught:
        extract(path, target, **LIMITS)
    assert str(caught.value) == f"{target}: exists already. Remove it to unpack the archive again."


def test_an_interrupted_extraction_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P05: neither the final name nor the temporary folder."""

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    path = pack(tmp_path / "a.tar.gz", entry("x"))
    monkeypatch.setattr(module, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        extract(path, tmp_path / "target", **LIMITS)
    assert os.listdir(tmp_path) == ["a.tar.gz"]


def test_a_full_disk_is_a_storage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S06's class: exit code 6, the path and the system's reason."""

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    path = pack(tmp_path / "a.tar.gz", entry("x"))
    monkeypatch.setattr(module, "_write", full)
    with pytest.raises(StorageError) as caught:
        extract(path, tmp_path / "target", **LIMITS)
    target = tmp_path / "target"
    assert str(caught.value) == f"{target}: cannot be written (No space left on device)"
    assert not target.exists()


def test_what_a_killed_extraction_left_is_swept(tmp_path: Path) -> None:
    """D26: an old temporary folder goes, a fresh one may be another process's."""
    path = pack(tmp_path / "a.tar.gz", entry("x"))
    old, fresh = tmp_path / ".target.old", tmp_path / ".target.fresh"
    for folder in (old, fresh):
        (folder / "content").mkdir(parents=True)
    os.utime(old, (0, 0))
    extract(path, tmp_path / "target", **LIMITS)
    assert sorted(os.listdir(tmp_path)) == [".target.fresh", "a.tar.gz", "target"]
