"""Takes a training apart into a `Snapshot`, and puts it together again.

No generator is saved: what is random is a function of seed, epoch, step and index (`training.noise`,
`data.randomness`), so a position is enough to go on exactly where the training stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dlkit.errors import CheckpointError
from dlkit.training.checkpoint import Snapshot
from dlkit.training.loop import Loop, Position
from dlkit.training.part import Part

MOST_DIFFERENCES = 10


def capture(loop: Loop) -> Snapshot:
    """Everything of `loop` that changes during training, copied to the CPU."""
    model: dict[str, Tensor] = {}
    moments: dict[str, Tensor] = {}
    plain: dict[str, Any] = {}
    for name, module in loop.task.companions().items():
        model |= _tensors(name, module)
    with loop.engine.judged():
        for part in loop.engine.parts.values():
            model |= _tensors(part.name, part.module)
    for part in loop.engine.parts.values():
        if part.average:  # only to go on training takes the weights that it follows
            moments |= _tensors(_followed(part), part.module)
        for key, value in _optimizer_values(part):
            if isinstance(value, Tensor):
                moments[key] = _saved(value)
            else:
                plain[key] = value
    parts = loop.engine.parts.values()
    state = {
        "position": asdict(loop.position),
        "meter": loop.meter.state(),
        "health": loop.health.state(),
        "stopping": loop.stopping.state(),
        "precision": loop.engine.precision.state(),
        "schedules": {part.name: part.schedule.state() for part in parts},
        "optimizer": plain,
    }
    return Snapshot(loop.position.step, loop.position.epoch, model, moments, state)


def restore(loop: Loop, snapshot: Snapshot) -> None:
    """Makes `loop` what it was when `snapshot` was captured.

    Raises `CheckpointError` if the networks are not those of the snapshot.
    """
    state = snapshot.state
    loop.position = Position(**state["position"])
    loop.engine.step = loop.position.step
    loop.meter.restore(state["meter"])
    loop.health.restore(state["health"])
    loop.stopping.restore(state["stopping"])
    loop.engine.precision.restore(state["precision"])
    for name, module in loop.task.companions().items():
        load_weights(name, module, snapshot.model)
    with loop.engine.judged():
        for part in loop.engine.parts.values():
            load_weights(part.name, part.module, snapshot.model)
    for part in loop.engine.parts.values():
        if part.average:
            load_weights(_followed(part), part.module, snapshot.optimizer)
        part.schedule.restore(state["schedules"][part.name])
        _restore_optimizers(part, {**snapshot.optimizer, **state["optimizer"]})
        part.set_rate(max(loop.position.step - 1, 0))


def load_weights(
    part: str, module: nn.Module, saved: Mapping[str, Tensor], *, partial: bool = False
) -> list[str]:
    """Copies the tensors `part/…` of `saved` into `module`, in place.

    Returns the differences in words: tensors that are missing, left over, or of another shape or
    dtype. Raises `CheckpointError` with the first ten, and copies nothing, unless `partial`.
    """
    given = {
        key.removeprefix(f"{part}/"): value
        for key, value in saved.items()
        if key.startswith(f"{part}/")
    }
    if make_room := getattr(module, "make_room", None):  # its sizes were those of a batch
        make_room(given)
    own = module.state_dict()
    differences = list(_differences(own, given))
    if differences and not partial:
        shown = "\n".join(f"  {each}" for each in differences[:MOST_DIFFERENCES])
        more = len(differences) - MOST_DIFFERENCES
        raise CheckpointError(
            f"the checkpoint does not fit the model:\n{shown}"
            + (f"\n  and {more} more" if more > 0 else ""),
            hint="To take over what fits and train anew: --weights-only --allow-partial.",
        )
    fitting = {key: value for key, value in given.items() if key in own and _alike(own[key], value)}
    module.load_state_dict(fitting, strict=False)
    return differences


def _differences(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> Iterator[str]:
    for key in [*own, *(key for key in given if key not in own)]:
        if key not in given:
            yield f"{key}: the checkpoint has none"
        elif key not in own:
            yield f"{key}: the model has none"
        elif not _alike(own[key], given[key]):
            yield f"{key}: {_kind(given[key])} in the checkpoint, {_kind(own[key])} in the model"


def _alike(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype


def _kind(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


def _followed(part: Part) -> str:
    """Under what a snapshot keeps the weights that the part's average follows."""
    return f"{part.name}/followed"


def _tensors(name: str, module: nn.Module) -> dict[str, Tensor]:
    return {f"{name}/{key}": _saved(tensor) for key, tensor in module.state_dict().items()}


def _saved(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True).contiguous()


def _places(part: Part) -> Iterator[tuple[str, Optimizer, nn.Parameter]]:
    """Each optimizer's parameters with the name of their state."""
    names = {parameter: name for name, parameter in part.module.named_parameters()}
    for index, optimizer in enumerate(part.optimizers):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                yield f"{part.name}/{index}/{names[parameter]}", optimizer, parameter


def _optimizer_values(part: Part) -> Iterator[tuple[str, Any]]:
    for place, optimizer, parameter in _places(part):
        for key, value in optimizer.state.get(parameter, {}).items():
            yield f"{place}/{key}", value


def _restore_optimizers(part: Part, saved: Mapping[str, Any]) -> None:
    by_place: dict[str, dict[str, Any]] = {}
    for name, value in saved.items():
        place, _, key = name.rpartition("/")
        by_place.setdefault(place, {})[key] = value
    for place, optimizer, parameter in _places(part):
        for key, value in by_place.get(place, {}).items():
            optimizer.state[parameter][key] = _placed(value, parameter, optimizer)


def _placed(value: Any, parameter: nn.Parameter, optimizer: Optimizer) -> Any:
    """`value` where the optimizer expects it: moments beside their parameter and in its layout,
    step counters on the CPU unless a fused or capturable kernel counts on the device."""
    if not isinstance(value, Tensor):
        return value
    if value.shape == parameter.shape:
        return torch.empty_like(parameter, dtype=value.dtype).copy_(value).detach()
    on_device = any(
        group.get("fused") or group.get("capturable") for group in optimizer.param_groups
    )
    return value.to(parameter.device) if value.ndim or on_device else value.clone()
