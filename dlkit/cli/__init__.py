"""The command line: one file a command; what a command needs is imported in its body.

`dlkit --help` and errors of a config therefore never wait for torch.
"""

from __future__ import annotations

import sys


def main() -> None:
    """The entry point of the command `dlkit`."""
    from dlkit.cli.lookup import answer

    if (code := answer(sys.argv[1:])) is not None:
        sys.exit(code)
    from dlkit.cli.app import run

    sys.exit(run())
