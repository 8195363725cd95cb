"""The engine: what it does between a task's updates, held against hand-written torch."""

import math
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

from dlkit.errors import ConfigError, Diverged
from dlkit.optim.schedules import Steps, constant
from dlkit.tasks.task import Update
from dlkit.training.engine import Engine
from dlkit.training.guard import Guard, NonFinite
from dlkit.training.part import Part, Penalty
from dlkit.training.precision import Precision

CPU = torch.device("cpu")


def part(
    module: nn.Module,
    *,
    name: str = "model",
    rate: float = 0.1,
    groups: list[dict] | None = None,
    **options: object,
) -> Part:
    optimizer = torch.optim.SGD(groups or module.parameters(), lr=rate)
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    schedule = constant(Steps(per_epoch=1, total=100))
    return Part(name, module, [optimizer], schedule, **options)  # type: ignore[arg-type]


def engine(*parts: Part, precision: str = "fp32", immediate: bool = True) -> Engine:
    named = {each.name: each for each in parts}
    return Engine(named, Precision(precision, CPU), Guard(CPU, immediate=immediate))


def linear(seed: int = 0, inputs: int = 3, outputs: int = 1) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(inputs, outputs)


def squares(module: nn.Module, inputs: Tensor) -> Iterator[Update]:
    yield Update({"loss": module(inputs).square().mean()})


def test_an_update_is_a_step_of_plain_torch() -> None:
    """One update with SGD moves the weights exactly as a hand-written step does."""
    ours, theirs, inputs = linear(), linear(), torch.randn(8, 3)
    engine(part(ours)).advance(squares(ours, inputs))
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1)
    theirs(inputs).square().mean().backward()
    optimizer.step()
    assert torch.equal(ours.weight, theirs.weight)
    assert torch.equal(ours.bias, theirs.bias)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_second_update_sees_the_weights_that_the_first_one_moved(precision: str) -> None:
    """Two parts in turn, as in a GAN: the generator's loss is that of the stepped discriminator,
    under autocast too, whose weight cache must not outlive one update."""
    generator, discriminator = linear(1, 2, 3), linear(2, 3, 1)
    noise = torch.randn(4, 2)
    seen: list[float] = []

    def adversarial() -> Iterator[Update]:
        fake = generator(noise)
        yield Update({"loss": discriminator(fake.detach()).float().mean()}, part="discriminator")
        judged = discriminator(fake).float().mean()
        seen.append(judged.item())
        yield Update({"loss": -judged}, part="generator")

    both = engine(
        part(generator, name="generator"),
        part(discriminator, name="discriminator", rate=1.0),
        precision=precision,
    )
    fake = generator(noise).detach()
    scalars = both.advance(adversarial())
    with torch.no_grad(), both.precision.autocast():
        stepped = discriminator(fake).float().mean().item()
    assert seen[0] == pytest.approx(stepped, abs=1e-2 if precision == "bf16" else 1e-6)
    assert seen[0] < scalars["discriminator/loss"].item() - 0.1


def test_an_update_gives_gradients_to_its_own_part_only() -> None:
    """The generator's update leaves the discriminator's gradients as they were: none."""
    generator, discriminator = linear(1, 2, 3), linear(2, 3, 1)

    def only_generator() -> Iterator[Update]:
        yield Update({"loss": discriminator(generator(torch.randn(4, 2))).mean()}, part="generator")

    both = engine(part(generator, name="generator"), part(discriminator, name="discriminator"))
    both.advance(only_generator())
    assert generator.weight.grad is not None
    assert discriminator.weight.grad is None


def test_micro_batches_of_unequal_size_make_the_step_of_the_whole_batch() -> None:
    """Accumulated over 5 + 3 examples, the weights are those after one batch of 8."""
    ours, theirs, inputs = linear().double(), linear().double(), torch.randn(8, 3).double()
    streams = [squares(ours, inputs[:5]), squares(ours, inputs[5:])]
    scalars = engine(part(ours)).advance_together(streams, [5 / 8, 3 / 8])
    whole = engine(part(theirs)).advance(squares(theirs, inputs))
    assert torch.allclose(ours.weight, theirs.weight, atol=1e-14, rtol=0)
    assert scalars["loss"].item() == pytest.approx(whole["loss"].item(), abs=1e-14)


def infinite_loss(module: nn.Linear) -> Iterator[Update]:
    yield Update({"loss": module.weight.sum() * torch.tensor(math.inf)})


def infinite_gradient(module: nn.Linear) -> Iterator[Update]:
    yield Update({"loss": (module.weight * 0).abs().sqrt().sum()})  # 0, with gradient 0/0


@pytest.mark.parametrize(
    ("updates", "what"), [(infinite_loss, "loss"), (infinite_gradient, "gradient")]
)
def test_what_is_not_finite_moves_no_weight(
    updates: Callable[[nn.Linear], Iterator[Update]], what: str
) -> None:
    """A loss is refused before backward, a gradient before the step; the weights stay."""
    module = linear()
    before = module.weight.detach().clone()
    with pytest.raises(NonFinite, match=f"the {what} is not finite at step 1"):
        engine(part(module)).advance(updates(module))
    assert torch.equal(module.weight, before)


def test_a_fused_optimizer_is_held_back_on_the_device_from_the_first_bad_step() -> None:
    """Where the flag is read late, as on an accelerator, later steps move nothing either."""
    module = linear()
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1, fused=True)
    optimizer.param_groups[0]["initial_lr"] = 0.1
    fused = Part("model", module, [optimizer], constant(Steps(per_epoch=1, total=9)))
    late = engine(fused, immediate=False)
    late.advance(squares(module, torch.randn(8, 3)))
    before = module.weight.detach().clone()
    late.guard.read()
    late.advance(infinite_loss(module))
    late.advance(squares(module, torch.randn(8, 3)))
    assert torch.equal(module.weight, before)
    with pytest.raises(NonFinite, match="at step 2"):
        late.guard.read()


@pytest.mark.parametrize("kind", ["l1", "l2"])
def test_a_penalty_is_a_term_of_the_loss_over_weights_only(kind: str) -> None:
    """L1 adds strength * sum |w|, L2 strength * sum w^2; the bias has no part in it."""
    module = linear()
    weight = module.weight.detach().clone()
    penalised = part(module, penalties=(Penalty(kind, 0.5),))
    scalars = engine(penalised).advance(iter([Update({"loss": module.bias.sum() * 0})]))
    expected = 0.5 * (weight.abs() if kind == "l1" else weight.square()).sum()
    slope = 0.5 * (weight.sign() if kind == "l1" else 2 * weight)
    assert scalars[kind].item() == pytest.approx(expected.item(), rel=1e-6)
    assert torch.allclose(module.weight, weight - 0.1 * slope)
    assert torch.equal(module.bias.grad, torch.zeros(1))  # type: ignore[arg-type]


@pytest.mark.parametrize(("proximal", "zeros"), [(True, 45), (False, 0)])
def test_proximal_l1_gives_exact_zeros_and_the_subgradient_none(proximal: bool, zeros: int) -> None:
    """Linear regression with 5 of 50 useful inputs: soft thresholding sets useless weights to 0."""
    torch.manual_seed(0)
    inputs = torch.randn(200, 50).double()
    targets = inputs[:, :5].sum(1, keepdim=True) * 2 + torch.randn(200, 1).double()
    module = nn.Linear(50, 1).double()
    trained = engine(part(module, rate=0.05, penalties=(Penalty("l1", 0.4, proximal=proximal),)))
    for _ in range(500):
        trained.advance(iter([Update({"loss": (module(inputs) - targets).square().mean()})]))
    found = int((module.weight == 0).sum())
    assert found >= zeros - 3 if zeros else found == 0
    assert (module.weight[0, :5].abs() > 1).all()


def test_proximal_l1_thresholds_each_weight_by_the_rate_of_its_group() -> None:
    """Muon's AdamW has a rate of its own, and so has a backbone: what they do not move only shrinks."""
    fast, slow = linear(0), linear(1)
    module = nn.ModuleList([fast, slow])
    before = [each.weight.detach().clone() for each in (fast, slow)]
    groups = [
        {"params": list(each.parameters()), "lr": r} for each, r in ((fast, 0.1), (slow, 0.01))
    ]
    shrunk = part(module, groups=groups, penalties=(Penalty("l1", 0.5, proximal=True),))
    engine(shrunk).advance(iter([Update({"loss": sum(p.sum() for p in module.parameters()) * 0})]))
    for each, old, threshold in zip((fast, slow), before, (0.05, 0.005), strict=True):
        assert torch.equal(each.weight, nn.functional.softshrink(old, threshold))


def test_clipping_is_that_of_torch() -> None:
    """Entries are bounded first, then the norm; the logged norm is the one before clipping."""
    ours, theirs, inputs = linear(), linear(), 10 * torch.randn(8, 3)
    clipped = part(ours, clip_value=3.0, clip_norm=0.5)
    scalars = engine(clipped).advance(squares(ours, inputs))
    theirs(inputs).square().mean().backward()
    norm = torch.nn.utils.get_total_norm([p.grad for p in theirs.parameters()])
    nn.utils.clip_grad_value_(theirs.parameters(), 3.0)
    nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
    assert scalars["gradient_norm"].item() == pytest.approx(norm.item())
    assert torch.allclose(ours.weight.grad, theirs.weight.grad)  # type: ignore[arg-type]


def test_a_part_without_trainable_parameters_is_refused() -> None:
    """`backward(inputs=[])` would raise at the first step; the user hears of it at assembly."""
    frozen = linear().requires_grad_(False)
    schedule = constant(Steps(per_epoch=1, total=1))
    with pytest.raises(ConfigError, match="part 'model' has no trainable parameter"):
        Part("model", frozen, [], schedule)


def test_float16_overflow_is_skipped_counted_and_finally_fatal() -> None:
    """An overflowing step moves nothing; after 51 in a row the run stops and says so."""
    module = linear()
    scaled = engine(part(module), precision="fp16")
    before = module.weight.detach().clone()
    scaled.advance(infinite_gradient(module))
    assert torch.equal(module.weight, before)
    assert scaled.precision.skipped == 1

    def overflow_on_and_on() -> None:
        for _ in range(60):
            scaled.advance(infinite_gradient(module))

    with pytest.raises(Diverged, match="float16 gradients overflowed"):
        overflow_on_and_on()
    assert scaled.precision.skipped <= 51
