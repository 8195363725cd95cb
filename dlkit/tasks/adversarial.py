"""The adversarial game: a discriminator tells generated images, a generator learns to pass for real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from dlkit.data.batches import Batch
from dlkit.data.dataset import Data, References
from dlkit.errors import DataError
from dlkit.tasks.features import Embedded
from dlkit.tasks.pictures import beside, unit_grid
from dlkit.tasks.sample_judge import COMPARED, Judge, compare, draws_of, joined
from dlkit.tasks.sample_quality import NEIGHBOURS
from dlkit.tasks.task import Direction, Task, Update

PREVIEW_SEED, SHOWN = 0, 64


class Players(Protocol):
    """What the task reads of a model: its two networks, and its options."""

    generator: nn.Module
    """Noise `(B, latent)` to images from 0 to 1, `(B, C, H, W)`."""
    discriminator: nn.Module
    """Images to logits `(B, 1)`, each by itself: without batch norm."""
    latent: int
    discriminator_steps: int
    ema_decay: float


class Rules(Protocol):
    """What the task asks of a loss; `dlkit.nn.adversarial` says more."""

    def discriminator(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """The discriminator's loss, a scalar."""

    def generator(self, fake_logits: Tensor) -> Tensor:
        """The generator's loss, a scalar."""

    def penalty(self, discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor | None:
        """What the discriminator minimises besides, if anything."""


class Adversarial(Task):
    """Some updates of the discriminator on fresh noise, then one of the generator, for each batch.

    What is judged is a running average of the generator: as many images as are held out, against
    those, by the features of a small classifier that is trained on the training split
    (`dlkit.tasks.features`). Scores: `frechet`, the classifier-Fréchet distance, comparable only
    between runs on the same data and with the same number of images (it is no FID, whose features and
    numbers of images are others); `coverage`, `density`, `precision`, `recall`; `modes`, the number of
    classes that are hit. The test has more: see `examine`.
    """

    metrics: Mapping[str, Direction] = {
        "frechet": "min",
        "coverage": "max",
        "density": "max",
        "precision": "max",
        "recall": "max",
        "modes": "max",
    }
    monitor = "frechet"

    def __init__(self, model: Players, loss: Rules, data: Data) -> None:
        self.model, self.loss, self.data = model, loss, data
        decay = get_ema_multi_avg_fn(model.ema_decay)
        self.average = AveragedModel(model.generator, multi_avg_fn=decay)
        self.judge = Judge(data, next(model.generator.parameters()).device)
        self._seen: list[tuple[Embedded, list[Embedded]]] = []
        self._kept: list[tuple[Tensor, Tensor]] = []
        for split in ("validation", "test"):
            _refuse_few(len(getattr(data, split)), split)

    def parts(self) -> Mapping[str, nn.Module]:
        """The two networks."""
        return {"generator": self.model.generator, "discriminator": self.model.discriminator}

    def companions(self) -> Mapping[str, nn.Module]:
        """The averaged generator."""
        return {"average": self.average}

    def updates(self, batch: Batch) -> Iterator[Update]:
        """`discriminator_steps` updates of the discriminator, one of the generator, then the average
        moves: its weights by `ema_decay`, its running statistics are copied."""
        for _ in range(self.model.discriminator_steps):
            yield self._discriminate(batch.inputs)
        yield self._generate(len(batch.indices))
        self.average.update_parameters(self.model.generator)

    def _discriminate(self, real: Tensor) -> Update:
        with torch.no_grad():
            fake = self.model.generator(self._noise(len(real))).to(real.dtype)  # (B, C, H, W)
        # Examples don't meet in the discriminator, so both halves at once give what each would alone.
        logits = self.model.discriminator(torch.cat([real, fake])).float()  # (2 B, 1)
        real_logits, fake_logits = logits.chunk(2)
        terms = {"adversarial": self.loss.discriminator(real_logits, fake_logits)}
        penalty = self.loss.penalty(self.model.discriminator, real, fake)
        if penalty is not None:
            terms["gradient_penalty"] = penalty
        means = {"real_logit": real_logits.mean(), "fake_logit": fake_logits.mean()}
        return Update(terms, "discriminator", {name: each.detach() for name, each in means.items()})

    def _generate(self, count: int) -> Update:
        fake = self.model.generator(self._noise(count))  # (B, C, H, W)
        logits = self.model.discriminator(fake).float()  # (B, 1)
        return Update({"adversarial": self.loss.generator(logits)}, "generator")

    def observe(self, batch: Batch) -> None:
        """Generates as many images as the batch holds, and takes the features of both."""
        self._compare(batch, draws=1)

    def examine(self, batch: Batch) -> None:
        """As `observe`, but where a test is small, images are generated several times: one draw of some
        hundred is a matter of luck (see `compare`). More scores:

        - `nearest_training`, the mean Euclidean distance of generated images (the first 1,000, if they
          are more) to the nearest training image, and `held_out_nearest_training`, that of held-out
          images: a much smaller first one would say that training images are copied;
        - `images`, how many are generated in a draw, and as many held out; `draws`.
        """
        fake = self._compare(batch, draws=draws_of(len(self.data.test)))
        room = COMPARED - sum(len(each) for each, _ in self._kept)
        self._kept.append((fake[:room], batch.inputs[:room]))

    def scores(self) -> dict[str, float]:
        """The metrics over all observed images, with what `examine` adds where that was called."""
        seen, kept = self._seen, self._kept
        self._seen, self._kept = [], []
        if sum(len(real.classes) for real, _ in seen) <= NEIGHBOURS:  # it was interrupted
            return {}
        real = joined([each for each, _ in seen])
        fakes = [joined(draw) for draw in zip(*(drawn for _, drawn in seen), strict=True)]
        scores = compare(real, fakes)
        if kept:
            generated, held_out = (torch.cat(side) for side in zip(*kept, strict=True))
            scores |= {
                "nearest_training": self.judge.nearest_training(generated),
                "held_out_nearest_training": self.judge.nearest_training(held_out),
                "images": len(real.classes),
                "draws": len(fakes),
            }
        return scores

    def references(self) -> References:
        """The same figures for noise, for one class over and over, for a Gaussian of the training
        images' mean and covariance, and for training images."""
        return self.judge.references()

    def preview(self) -> Mapping[str, Tensor]:
        """`samples`: images of the same 64 noises every time, and 64 training images beside them."""
        generator = torch.Generator().manual_seed(PREVIEW_SEED)
        noise = torch.randn(SHOWN, self.model.latent, generator=generator)
        with torch.inference_mode():
            samples = self._samples(noise.to(self.judge.device))
        real, _ = self.judge.training_images(SHOWN)
        return {"samples": beside(unit_grid(samples), unit_grid(real))}

    def _compare(self, batch: Batch, *, draws: int) -> Tensor:
        """Takes the features of the batch and of `draws` times as many generated images; returns those
        of the first draw."""
        drawn = [self._samples(self._noise(len(batch.indices))) for _ in range(draws)]
        self._seen.append((self.judge.embed(batch.inputs), [self.judge.embed(d) for d in drawn]))
        return drawn[0]

    def _samples(self, noise: Tensor) -> Tensor:
        """Images `(B, C, H, W)` of the averaged generator, for noise `(B, latent)`."""
        images: Tensor = self.average.eval()(noise).float()
        return images

    def _noise(self, count: int) -> Tensor:
        return torch.randn(count, self.model.latent, device=self.judge.device)


def _refuse_few(count: int, split: str) -> None:
    """Raises `DataError` for a split with images, but too few of them to have neighbours."""
    if 0 < count <= NEIGHBOURS:
        raise DataError(
            f"the {split} split holds {count} {'image' if count == 1 else 'images'}; to compare "
            f"generated images with it takes at least {NEIGHBOURS + 1}",
            hint=f"Use a larger data.{split}_fraction, say.",
        )
