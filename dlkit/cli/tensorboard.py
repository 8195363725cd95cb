"""`dlkit tensorboard`: shows runs in TensorBoard, on this machine only unless told otherwise."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

LOCAL = "127.0.0.1"


def command(
    folder: Annotated[Path, typer.Argument(help="A run, or the folder of all runs.")] = Path(
        "runs"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 6006,
    host: Annotated[str, typer.Option(help="Whoever reaches this address sees the runs.")] = LOCAL,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> int:
    """Serve TensorBoard for FOLDER at http://127.0.0.1:6006 until Ctrl-C."""
    from dlkit.errors import ConfigError, Problem, StorageError

    if not folder.is_dir():
        raise ConfigError(Problem(f"there is no folder {folder}", hint="Train something first."))
    if host != LOCAL:
        print(f"warning: {host} lets other machines see these runs", file=sys.stderr)
    from tensorboard import program

    server = program.TensorBoard()
    server.configure(
        argv=["tensorboard", "--logdir", str(folder), "--host", host, "--port", str(port)]
    )
    try:
        url = server.launch()
    except program.TensorBoardServerException as error:
        raise StorageError(
            f"TensorBoard cannot start: {error.msg}", hint="Try --port 0."
        ) from error
    print(f"TensorBoard shows {folder} at {url} (Ctrl-C ends it)", flush=True)
    _wait()
    return 0


def _wait() -> None:
    """Until a signal comes."""
    import signal

    try:
        signal.pause()
    except KeyboardInterrupt:
        print()
