"""`dlkit compare-optimizers`: a fair comparison of update rules, or their paths on a surface."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    preset: Annotated[
        str | None, typer.Option(help="quick (the default), laptop or laptop-conv.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Compare on this config's data and model instead.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="With --config: override one key."),
    ] = None,
    optimizers: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Rules of the catalogue; all by default.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Reporting seeds, apart from those of the tuning.")
    ] = None,
    tuning_seeds: Annotated[
        int | None, typer.Option(help="Seeds that rates are chosen by.")
    ] = None,
    first_seed: Annotated[
        int | None, typer.Option(help="Where seeds begin: another one repeats it independently.")
    ] = None,
    rates: Annotated[
        int | None, typer.Option(help="Learning rates of each rule, a factor of 2 apart.")
    ] = None,
    track: Annotated[
        str | None, typer.Option(help="default: no tuning; lr: the rate; full: further knobs too.")
    ] = None,
    estimators: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Batch sizes to compare: full, 1, 64, or none."),
    ] = None,
    budget: Annotated[
        int | None, typer.Option(metavar="EPOCHS", help="Epochs that every training gets.")
    ] = None,
    target: Annotated[
        float | None, typer.Option(help="Validation score to reach, instead of a derived one.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Processes of one thread each; one a core by default.")
    ] = None,
    engine: Annotated[str, typer.Option(help="Where cells run: local or ray.")] = "local",
    out: Annotated[
        Path | None, typer.Option(help="A new folder for the record; under runs by default.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the comparison in --out, or the newest.")
    ] = False,
    replay: Annotated[
        str | None,
        typer.Option(metavar="CELL", help="Train one cell of --out again by torch.optim alone."),
    ] = None,
    surface: Annotated[
        str | None, typer.Option(help="valley, saddle, beale, rosenbrock or minima: paths on it.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as JSON; progress goes to stderr.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> int:
    """Compare optimizers fairly: tuned on equal budgets, over paired seeds, with intervals."""
    if surface is not None:
        return _surface(surface, out, optimizers, as_json=as_json)
    from dlkit.comparing import command as comparing
    from dlkit.comparing.planning import Wishes, plan_for

    if replay is not None:
        return comparing.replay_cell(replay, out=out, as_json=as_json)
    wishes = Wishes(
        optimizers=optimizers,
        seeds=seeds,
        tuning_seeds=tuning_seeds,
        first_seed=first_seed,
        rates=rates,
        track=track,
        estimators=estimators,
        budget=budget,
        target=target,
    )
    if resume:
        given = [*wishes.given(), *["--preset"] * bool(preset), *["--config"] * bool(config)]
        return comparing.go_on(out=out, processes=jobs, engine=engine, given=given, as_json=as_json)
    plan, notes = plan_for(preset, config, overrides or (), wishes)
    return comparing.compare(
        plan, out=out, processes=jobs, engine=engine, notes=notes, as_json=as_json
    )


def _surface(name: str, out: Path | None, optimizers: str | None, *, as_json: bool) -> int:
    from rich.console import Console

    from dlkit.comparing.surfaces.command import run_surface

    console = Console(stderr=as_json)
    rules = optimizers.split(",") if optimizers else None
    return run_surface(name, out=out, optimizers=rules, console=console, json=as_json)
