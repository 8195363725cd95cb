"""The application: its commands, and one place where every failure becomes a message and a code."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence

import typer

from dlkit import __version__
from dlkit.cli import compare, explain, tensorboard, train, weights
from dlkit.errors import DlkitError, ExitCode, Problem, render
from dlkit.interruption import Interrupted

app = typer.Typer(
    name="dlkit",
    help="An executable deep-learning dictionary: every word you can look up, you can run.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="train")(train.command)
app.command(name="explain", context_settings=explain.CONTEXT)(explain.command)
app.command(name="tensorboard")(tensorboard.command)
app.command(name="import-weights")(weights.command)
app.command(name="compare-optimizers")(compare.command)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"dlkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """An executable deep-learning dictionary: every word you can look up, you can run."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line `arguments` (default: this process's); returns the exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(arguments, standalone_mode=False, prog_name="dlkit")
        return int(code or ExitCode.DONE)
    except Interrupted as interrupted:
        return _fail([Problem(f"stopped by a signal ({interrupted})")], interrupted.code, arguments)
    except KeyboardInterrupt:
        return _fail(
            [Problem("stopped by a signal (INTERRUPTED)")], ExitCode.INTERRUPTED, arguments
        )
    except DlkitError as error:
        return _fail(error.problems, error.exit_code, arguments)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; there is nobody to tell
        return ExitCode.DONE
    except Exception as error:
        if hasattr(error, "format_message"):  # typer's own: an unknown option, a missing argument
            return _fail([_usage(error)], ExitCode.USAGE, arguments)
        bug = Problem(
            f"a bug in dlkit: {type(error).__name__}: {error}",
            hint="Run again with --debug to see where.",
        )
        return _fail([bug], ExitCode.BUG, arguments)


def _usage(error: Exception) -> Problem:
    message = error.format_message().rstrip(".") or "nothing to do"  # type: ignore[attr-defined]
    return Problem(f"{message[:1].lower()}{message[1:]}.", hint="See dlkit --help.")


def _explained_by(problem: Problem) -> str | None:
    """The command that explains what a problem is about, if the dictionary has a page for it."""
    from dlkit.dictionary.find import find

    for topic in problem.topics:
        try:
            found = find(topic)
        except DlkitError:
            continue
        if not found.guessed:
            return f"dlkit explain {topic}"
    return None


def _fail(problems: Sequence[Problem], code: ExitCode, arguments: Sequence[str]) -> int:
    """Says what went wrong on stderr, and with `--json` on stdout too."""
    if "--debug" in arguments:
        traceback.print_exc()
    print(render(problems, _explained_by), file=sys.stderr)
    if "--json" in arguments:
        listed = [
            {
                "message": each.message,
                "hint": each.hint or None,
                "location": str(each.location) if each.location else None,
            }
            for each in problems
        ]
        print(json.dumps({"exit_code": int(code), "errors": listed}, ensure_ascii=False))
    return code
