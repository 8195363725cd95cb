"""`dlkit import-weights`: makes safetensors of a PyTorch file without running what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    source: Annotated[Path, typer.Argument(help="A .pt or .pth file.")],
    out: Annotated[Path | None, typer.Option(help="Where to write; default: beside it.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> int:
    """Read the tensors of SOURCE, and nothing else of it, into a .safetensors file."""
    from dlkit.import_weights import import_weights

    target = out or source.with_suffix(".safetensors")
    count = import_weights(source, target)
    print(f"{count} tensors written to {target}")
    return 0
