"""`dlkit train`: reads a config, trains it, says what came of it and what to type next."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from dlkit.config.schema import RunConfig
    from dlkit.runfolder import RunFolder


def command(
    config: Annotated[Path | None, typer.Argument(help="The config, a YAML file.")] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override one key: --set fit.epochs=5."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Go on with the run in this folder.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = None,
    threads: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Threads of the CPU.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="INTEGER", help="Seed of weights, batches and noise.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the end.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON; progress goes to stderr.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Everything but training: is this config fit to run?")
    ] = False,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print the config with every default filled in.")
    ] = False,
    weights_only: Annotated[
        bool,
        typer.Option(
            "--weights-only", help="With --resume: a new run that begins with its weights."
        ),
    ] = False,
    allow_partial: Annotated[
        bool,
        typer.Option("--allow-partial", help="With --weights-only: take what fits the model."),
    ] = False,
    allow_data_change: Annotated[
        bool, typer.Option("--allow-data-change", help="With --resume: the data may have changed.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> int:
    """Train the model that CONFIG describes; log, save, and test it."""
    folder = _folder(config, resume, weights_only=weights_only)
    loaded = _load(config, folder, overrides, device=device, threads=threads, seed=seed)
    if print_config:
        return _print_config(loaded)
    if check:
        return _check(loaded, as_json=as_json)
    flags = Flags(quiet, as_json, weights_only, allow_partial, allow_data_change)
    result = _finished_before(folder, loaded, flags) or _train(loaded, folder, flags)
    _report(result, as_json=as_json)
    return int(result["exit_code"])


@dataclass(frozen=True)
class Flags:
    """The yes-or-no options that a training depends on."""

    quiet: bool
    as_json: bool
    weights_only: bool
    allow_partial: bool
    allow_data_change: bool


def _folder(config: Path | None, resume: Path | None, *, weights_only: bool) -> RunFolder | None:
    """The folder of the run to resume, if one is to be resumed."""
    from dlkit.errors import ConfigError
    from dlkit.runfolder import find

    if config is None and resume is None:
        raise ConfigError(
            "nothing to train: name a config, or a run to --resume.",
            hint="For a first try: dlkit train configs/cnn_digits.yaml",
        )
    if weights_only and (config is None or resume is None):
        raise ConfigError(
            "--weights-only begins a new run: it needs a config, and --resume RUN for the weights."
        )
    return find(resume, Path("runs")) if resume else None


def _load(
    config: Path | None, folder: RunFolder | None, overrides: list[str] | None, **fit: object
) -> RunConfig:
    """The config as given, or as the run to resume saved it, with its overrides."""
    from dlkit.config.load import load

    path = config if config is not None else folder.config  # type: ignore[union-attr]
    short = [f"fit.{key}={value}" for key, value in fit.items() if value is not None]
    return load(path, [*(overrides or []), *short])


def _print_config(config: RunConfig) -> int:
    from dlkit.config.dump import dump

    sys.stdout.write(dump(config.resolved()))
    return 0


def _check(config: RunConfig, *, as_json: bool) -> int:
    from dlkit.check import check

    report = check(config)
    print(json.dumps(report.figures(), ensure_ascii=False) if as_json else report.text())
    return 0


def _finished_before(
    folder: RunFolder | None, config: RunConfig, flags: Flags
) -> dict[str, Any] | None:
    """The summary of a run that has nothing left to do."""
    if folder is None or flags.weights_only or not folder.summary.exists():
        return None
    summary: dict[str, Any] = json.loads(folder.summary.read_text(encoding="utf-8"))
    if summary["kind"] != "early" and config.fit.epochs > summary["epochs"]:
        return None
    return summary | {"reason": f"already finished: {summary['reason']}"}


def _train(config: RunConfig, folder: RunFolder | None, flags: Flags) -> dict[str, Any]:
    from dlkit.interruption import Interruption

    with Interruption().listening() as interruption:
        from dlkit.run import Inheritance, Resumption, run
        from dlkit.sinks.display import make_display

        resumption = inheritance = None
        if folder and flags.weights_only:
            inheritance = Inheritance(folder, flags.allow_partial)
        elif folder:
            resumption = Resumption(folder, flags.allow_data_change)
        stream = sys.stderr if flags.as_json else sys.stdout
        display = make_display(stream, quiet=flags.quiet)
        return asdict(
            run(
                config,
                display=[display] if display else [],
                interruption=interruption,
                resumption=resumption,
                inheritance=inheritance,
            )
        )


def _report(summary: dict[str, Any], *, as_json: bool) -> None:
    """The summary: as JSON, or in words with why it stopped and what to type next."""
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
        return
    folder = _shown(summary["folder"])
    lines = [f"run folder   {folder}"]
    if summary["scores"]:
        scores = "  ".join(f"{name} {value:.4g}" for name, value in summary["scores"].items())
        lines.append(f"test         {scores}  (weights of epoch {summary['weights_epoch']})")
    for rival, figures in summary.get("references", {}).items():
        scores = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
        lines.append(f"{rival:<12} {scores}")
    lines.append(
        f"time         {summary['seconds']:.1f} s for {summary['steps']} steps, "
        f"{summary['epochs']} epochs"
    )
    print("\n".join(lines))
    next_command = "train --resume" if summary["kind"] == "interrupted" else "tensorboard"
    print(f"Stopped: {summary['reason']}. Next: dlkit {next_command} {folder}")


def _shown(path: str) -> str:
    """`path` as one would type it here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
