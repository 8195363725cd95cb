"""Trains configs/cnn_digits.yaml and draws what the terminal shows at its end, as docs/run.svg."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from rich.console import Console

from dlkit.config.load import load
from dlkit.run import run
from dlkit.sinks.progress import Progress

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Runs and draws."""
    screen = Console(file=io.StringIO(), force_terminal=True, width=96, height=30)
    progress = Progress(screen)
    with tempfile.TemporaryDirectory() as folder:
        settings = [f"logging.folder={folder}", "fit.threads=1", "name=cnn_digits"]
        run(load(ROOT / "configs" / "cnn_digits.yaml", settings), display=[progress])
    paper = Console(file=io.StringIO(), record=True, force_terminal=True, width=96)
    paper.print(progress.view())
    picture = paper.export_svg(title="dlkit train configs/cnn_digits.yaml")
    # The fonts are named with places on the network; whoever looks at the picture shall not ask there.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    (ROOT / "docs" / "run.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
