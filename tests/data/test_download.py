"""Downloads are whole or not at all, over https alone, of pinned content, and resume."""

import fcntl
import hashlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dlkit.data.download import fetch, https_opener
from dlkit.errors import DataError, ExitCode, StorageError

CONTENT = bytes(range(256)) * 4000  # 1 MB: several chunks
PIN = hashlib.sha256(CONTENT).hexdigest()
URL = "https://data.test/file.bin"


class PlainInstead(urllib.request.HTTPSHandler):
    """Stands for the network: what is asked of any host over https, a local server answers."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def https_open(self, request: urllib.request.Request) -> Any:
        local = lambda host, **options: HTTPConnection("127.0.0.1", self.port, **options)  # noqa: E731
        return self.do_open(local, request)


class Server:
    """A server whose answers a test sets: `answer(handler)` for every path, and what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = whole
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.headers["Host"] + self.path, self.headers["Range"]))
                outer.answer(self)

            def log_message(self, *arguments: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.handle_error = lambda *details: None  # clients hang up here on purpose
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        if not self.thread.is_alive():
            return
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    @property
    def opener(self) -> urllib.request.OpenerDirector:
        return https_opener(PlainInstead(self.http.server_port))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")  # a proxy of this machine would be asked instead
    server = Server()
    yield server
    server.close()


def send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: object
) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    handler.wfile.write(body)


def whole(handler: BaseHTTPRequestHandler) -> None:
    """The content, or the range of it that is asked for."""
    wanted = handler.headers["Range"]
    if wanted is None:
        send(handler, 200, CONTENT, Content_Length=len(CONTENT))
        return
    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
    span = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
    rest = CONTENT[start:]
    send(handler, 206, rest, Content_Length=len(rest), Content_Range=span)


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Promises everything, sends half, hangs up."""
    send(handler, 200, CONTENT[:500_000], Content_Length=len(CONTENT))


def fetched(server: Server, path: Path, **options: Any) -> list[float]:
    """Fetches with patience that costs no time; returns the pauses that were made."""
    pauses: list[float] = []
    arguments = {"sha256": PIN, "max_bytes": len(CONTENT), **options}
    fetch(URL, path, opener=server.opener, pause=pauses.append, **arguments)
    return pauses


def failure(server: Server, path: Path, **options: Any) -> str:
    """The message of a fetch that fails, which leaves nothing behind."""
    with pytest.raises(DataError) as caught:
        fetched(server, path, **options)
    assert os.listdir(path.parent) == []
    assert caught.value.exit_code is ExitCode.DATA
    return str(caught.value)


def test_a_download_arrives_under_its_name_alone(server: Server, tmp_path: Path) -> None:
    """The content is there, no `.part` is, missing folders are made, nothing paused."""
    path = tmp_path / "new" / "file.bin"
    assert fetched(server, path) == []
    assert path.read_bytes() == CONTENT
    assert os.listdir(path.parent) == ["file.bin"]


def test_a_file_that_is_there_is_not_downloaded_again(server: Server, tmp_path: Path) -> None:
    """A right one is kept, a wrong one is the user's and is not overwritten."""
    path = tmp_path / "file.bin"
    path.write_bytes(CONTENT)
    fetched(server, path)
    path.write_bytes(b"mine")
    with pytest.raises(DataError) as caught:
        fetched(server, path)
    assert str(caught.value) == (
        f"{path}: its sha256 is {hashlib.sha256(b'mine').hexdigest()}, expected {PIN}. Remove the "
        "file to download it again."
    )
    assert path.read_bytes() == b"mine"
    assert server.asked == []


@pytest.mark.parametrize("url", ["http://data.test/x", "file:///etc/passwd", "ftp://x/y", "x"])
def test_only_https_is_used(tmp_path: Path, url: str) -> None:
    """X06: whatever else is refused before anything is asked, for mirrors too."""
    with pytest.raises(DataError) as caught:
        fetch(url, tmp_path / "x", sha256=PIN, max_bytes=1)
    assert str(caught.value) == f"{url}: only https is used for downloads"
    with pytest.raises(DataError, match="only https"):
        fetch(URL, tmp_path / "x", sha256=PIN, max_bytes=1, mirrors=[url])
    assert os.listdir(tmp_path) == []


def test_the_opener_speaks_nothing_but_https() -> None:
    """X06: no handler is there for http, file or ftp, so no redirect can reach one."""
    for url in ("http://127.0.0.1/", "file:///etc/passwd", "ftp://127.0.0.1/"):
        with pytest.raises(urllib.error.URLError):
            https_opener().open(url, timeout=1)


def test_a_redirect_to_https_is_followed(server: Server, tmp_path: Path) -> None:
    """X06."""

    def redirect(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/file.bin":
            send(handler, 302, Location="https://other.test/moved", Content_Length=0)
        else:
            whole(handler)

    server.answer = redirect
    fetched(server, tmp_path / "file.bin")
    assert [address for address, _ in server.asked] == ["data.test/file.bin", "other.test/moved"]


def test_a_redirect_to_http_is_refused(server: Server, tmp_path: Path) -> None:
    """X06."""
    server.answer = lambda handler: send(
        handler, 302, Location="http://other.test/moved", Content_Length=0
    )
    assert failure(server, tmp_path / "file.bin") == (
        f"{URL} redirects to http://other.test/moved: only https is used for downloads"
    )
    assert len(server.asked) == 1


def test_other_content_is_refused(server: Server, tmp_path: Path) -> None:
    """D25: after one attempt, since another would give the same."""
    server.answer = lambda handler: send(handler, 200, b"other", Content_Length=5)
    found = hashlib.sha256(b"other").hexdigest()
    assert failure(server, tmp_path / "file.bin") == (
        f"{URL}: its sha256 is {found}, expected {PIN}. Put file.bin into {tmp_path} by hand "
        f"(from {URL})."
    )
    assert len(server.asked) == 1


def test_a_web_page_is_refused(server: Server, tmp_path: Path) -> None:
    """D25: such as a login page."""
    page = b"<html>Log in"
    server.answer = lambda handler: send(
        handler, 200, page, Content_Type="text/html; charset=utf-8", Content_Length=len(page)
    )
    assert failure(server, tmp_path / "file.bin") == (
        f"{URL}: the server sent a web page instead of the file. Is there a login page between this "
        "machine and the network?"
    )


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_that_is_too_large_is_refused(
    server: Server, tmp_path: Path, announced: bool
) -> None:
    """X06: by its announced length at once, else when the limit is passed."""
    length = {"Content_Length": len(CONTENT)} if announced else {}
    server.answer = lambda handler: send(handler, 200, CONTENT, **length)
    assert failure(server, tmp_path / "file.bin", max_bytes=1000) == (
        f"{URL}: the file is larger than the 1000 bytes allowed"
    )


def test_a_connection_that_breaks_off_is_resumed(server: Server, tmp_path: Path) -> None:
    """The second attempt asks for the rest only, and pauses a second before."""

    def breaking(handler: BaseHTTPRequestHandler) -> None:
        (cut if len(server.asked) == 1 else whole)(handler)

    server.answer = breaking
    path = tmp_path / "file.bin"
    assert fetched(server, path) == [1.0]
    assert path.read_bytes() == CONTENT
    assert [span for _, span in server.asked] == [None, "bytes=500000-"]


def test_a_server_that_ignores_ranges_starts_it_anew(server: Server, tmp_path: Path) -> None:
    """Its 200 means the whole file, so the part that was there is dropped."""
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:1000])
    server.answer = lambda handler: send(handler, 200, CONTENT, Content_Length=len(CONTENT))
    fetched(server, tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == CONTENT
    assert server.asked == [("data.test/file.bin", "bytes=1000-")]


def test_a_stale_part_is_dropped(server: Server, tmp_path: Path) -> None:
    """D26: a beginning that does not belong to the file costs one attempt, not the download."""
    (tmp_path / "file.bin.part").write_bytes(b"stale")
    assert fetched(server, tmp_path / "file.bin") == [1.0]
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


def test_a_part_that_is_longer_than_the_file_is_dropped(server: Server, tmp_path: Path) -> None:
    """The server says that it has no such range; the next attempt starts anew."""
    (tmp_path / "file.bin.part").write_bytes(CONTENT + b"more")

    def refuse(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers["Range"]:
            send(handler, 416, Content_Length=0)
        else:
            whole(handler)

    server.answer = refuse
    fetched(server, tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


def test_three_truncated_answers_are_enough(server: Server, tmp_path: Path) -> None:
    """D25: each starts anew here; the message says how far it came, and the part is removed."""
    server.answer = cut
    assert failure(server, tmp_path / "file.bin") == (
        f"{URL}: the connection broke off after 500000 of {len(CONTENT)} bytes. Put file.bin into "
        f"{tmp_path} by hand (from {URL})."
    )
    assert len(server.asked) == 3


def test_a_server_error_is_tried_again_and_then_reported(server: Server, tmp_path: Path) -> None:
    """With growing pauses; the message has the status."""
    server.answer = lambda handler: send(handler, 503, Content_Length=0)
    pauses: list[float] = []
    assert failure(server, tmp_path / "file.bin", mirrors=[]) == (
        f"{URL}: the server answered 503 Service Unavailable. Put file.bin into {tmp_path} by hand "
        f"(from {URL})."
    )
    with pytest.raises(DataError):
        fetch(
            URL, tmp_path / "x", sha256=PIN, max_bytes=9, opener=server.opener, pause=pauses.append
        )
    assert pauses == [1.0, 2.0]


def test_mirrors_are_tried_in_turn(server: Server, tmp_path: Path) -> None:
    """A file that the first host does not have comes from the second."""

    def only_second(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers["Host"] == "data.test":
            send(handler, 404, Content_Length=0)
        else:
            whole(handler)

    server.answer = only_second
    fetched(server, tmp_path / "file.bin", mirrors=["https://mirror.test/file.bin"])
    assert [host for host, _ in server.asked] == ["data.test/file.bin", "mirror.test/file.bin"]


def test_offline_names_the_file_and_where_to_put_it(server: Server, tmp_path: Path) -> None:
    """D27: nothing answers on that port any more."""
    opener = server.opener
    server.close()
    with pytest.raises(DataError) as caught:
        fetch(
            URL,
            tmp_path / "file.bin",
            sha256=PIN,
            max_bytes=9,
            opener=opener,
            pause=lambda seconds: None,
        )
    assert str(caught.value) == (
        f"{URL}: offline, data.test cannot be reached ([Errno 111] Connection refused). Put "
        f"file.bin into {tmp_path} by hand (from {URL})."
    )
    assert caught.value.exit_code == 3
    assert os.listdir(tmp_path) == []


def test_a_part_that_another_process_holds_is_left_alone(server: Server, tmp_path: Path) -> None:
    """S03's class: the second download ends at once, and the first is not disturbed."""
    part = tmp_path / "file.bin.part"
    with part.open("wb") as file:
        file.write(CONTENT[:100])
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(DataError) as caught:
            fetched(server, tmp_path / "file.bin")
    assert str(caught.value) == (
        f"{part}: another process is downloading this file. Start again when it has finished."
    )
    assert part.read_bytes() == CONTENT[:100]


def test_a_folder_that_cannot_be_made_is_a_storage_error(server: Server, tmp_path: Path) -> None:
    """S04's class: exit code 6, before anything is asked of the network."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file/x/file\.bin\.part: cannot be written"):
        fetched(server, tmp_path / "file" / "x" / "file.bin")
    assert server.asked == []


def test_an_interrupted_download_keeps_its_part_and_no_final_name(
    server: Server, tmp_path: Path
) -> None:
    """P05: Ctrl-C leaves what can be continued; the next start asks for the rest."""

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    server.answer = cut
    path = tmp_path / "file.bin"
    with pytest.raises(KeyboardInterrupt):
        fetch(URL, path, sha256=PIN, max_bytes=len(CONTENT), opener=server.opener, pause=interrupt)
    assert os.listdir(tmp_path) == ["file.bin.part"]
    server.answer = whole
    fetched(server, path)
    assert server.asked[-1] == ("data.test/file.bin", "bytes=500000-")
    assert path.read_bytes() == CONTENT


SCRIPT = """
import sys, pathlib
sys.path.insert(0, sys.argv[1])
from test_download import PlainInstead, PIN, CONTENT, URL
from dlkit.data.download import fetch, https_opener
fetch(URL, pathlib.Path(sys.argv[2]), sha256=PIN, max_bytes=len(CONTENT),
      opener=https_opener(PlainInstead(int(sys.argv[3]))))
"""


def test_kill_9_never_leaves_a_partial_file_under_the_final_name(
    server: Server, tmp_path: Path
) -> None:
    """D26: killed in the middle, the download goes on from its part at the next start."""
    sent = threading.Event()
    killed = threading.Event()

    def stalling(handler: BaseHTTPRequestHandler) -> None:
        cut(handler)
        handler.wfile.flush()
        sent.set()
        killed.wait(30)

    server.answer = stalling
    path = tmp_path / "file.bin"
    part = tmp_path / "file.bin.part"
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(path)]
    child = subprocess.Popen([*command, str(server.http.server_port)])
    try:
        assert sent.wait(60)
        deadline = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        killed.set()
    assert os.listdir(tmp_path) == ["file.bin.part"]
    had = part.stat().st_size
    assert 0 < had <= 500_000
    server.answer = whole
    fetched(server, path)
    assert server.asked[-1] == ("data.test/file.bin", f"bytes={had}-")
    assert path.read_bytes() == CONTENT


def test_a_full_disk_is_a_storage_error(server: Server, tmp_path: Path) -> None:
    """S06's class: exit code 6 with the system's reason, and the part is removed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(StorageError) as caught:
            fetched(server, tmp_path / "file.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(caught.value) == f"{tmp_path}/file.bin.part: cannot be written (File too large)"
    assert caught.value.exit_code is ExitCode.STORAGE
    assert os.listdir(tmp_path) == []
