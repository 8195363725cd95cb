"""Variational inference: an encoder and a decoder raise a lower bound of the images' likelihood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from dlkit.data.batches import Batch, evaluation_batches
from dlkit.data.dataset import Data, References
from dlkit.data.randomness import mix
from dlkit.nn.variational import Bernoulli, binarised
from dlkit.tasks.importance import Autoencoder, importance_bound
from dlkit.tasks.latent_pictures import latent_pictures
from dlkit.tasks.pixel_rivals import PixelRivals
from dlkit.tasks.task import Direction, Sums, Task, Update
from dlkit.tasks.warmup import Warmup

ACTIVE = 0.01
"""A number of the code is active if its mean varies more than this from image to image (Burda et al.
2016, arXiv:1509.00519, section 5.2)."""
TEST_CODES = 10
"""Codes of an image that the bound of the test is a mean over."""
BOUND_SEED, SHOWN, READ_AT_ONCE = 0, 32, 500


class Model(Autoencoder, Protocol):
    """What the task reads of a model beside its networks: its options; see `models.vae`."""

    binarise: str
    beta: float
    kl_warmup_steps: int
    bound_samples: int
    bound_images: int


class Variational(Task):
    """One update a batch, with the terms `reconstruction` and `kl`, in nats an image: minus the log-
    likelihood given one drawn code, and the divergence of the codes' distribution from the prior. The
    term `kl` is weighted with `beta`, warmed up; what is logged under this name is the plain one.

    Scores: `loss`, minus the evidence lower bound, which is the sum of `reconstruction` and `kl` with
    weight 1; `active_units`, the numbers of a code that differ from image to image.
    """

    metrics: Mapping[str, Direction] = {
        "loss": "min",
        "reconstruction": "min",
        "kl": "min",
        "active_units": "max",
    }
    monitor = "loss"

    def __init__(self, model: nn.Module, loss: nn.Module | None, data: Data) -> None:
        self.model, self.data = model, data
        self._vae = cast(Model, model)
        self.warmup = Warmup(self._vae.kl_warmup_steps)
        self._sums, self._bounds = Sums(), Sums()
        self._rivals = self._pixel_rivals()
        self._means: list[Tensor] = []
        self._images: list[Tensor] = []
        self._shown: tuple[Tensor, Tensor, list[int]] | None = None

    def parts(self) -> Mapping[str, nn.Module]:
        """The one network, as `model`."""
        return {"model": self.model}

    def companions(self) -> Mapping[str, nn.Module]:
        """The count of updates, where the divergence is warmed up."""
        return {"warmup": self.warmup} if self.warmup.steps else {}

    def updates(self, batch: Batch) -> Iterator[Update]:
        """One update; then the warm-up goes on."""
        _, reconstruction, kl = self._divide(binarised(batch.inputs, self._vae.binarise))
        reconstruction, kl = reconstruction.mean(), kl.mean()
        weighted = self._vae.beta * self.warmup.share() * kl
        terms = {"reconstruction": reconstruction, "kl": weighted}
        yield Update(terms, scalars={"kl": kl.detach()})
        self.warmup.advance()

    def observe(self, batch: Batch) -> None:
        """Adds the bound of each image, with one code, to the sums."""
        self._look(batch, codes=1)

    def examine(self, batch: Batch) -> None:
        """As `observe`, but with the mean over ten codes of an image, so that the score depends less on
        luck; adds the score `bound`: minus the importance-weighted bound of the first images, as many
        as the model's options say. It also scores the rivals."""
        images = self._look(batch, codes=TEST_CODES)
        self._rivals.add(images)
        left = self._vae.bound_images - sum(len(each) for each in self._means[:-1])
        if self._vae.bound_samples and left > 0:
            chosen = images[:left]
            luck = torch.Generator(images.device).manual_seed(
                mix(BOUND_SEED, int(batch.indices[0]))
            )
            bound = importance_bound(self._vae, chosen, self._vae.bound_samples, luck)
            self._bounds.add(len(chosen), bound=-bound.sum())

    def scores(self) -> dict[str, float]:
        """The metrics over the observed images, and `bound` where they were examined."""
        scores, bounds = self._sums.means(), self._bounds.means()
        if not scores:
            return {}
        means, images = torch.cat(self._means), torch.cat(self._images)
        self._means, self._images = [], []
        spread = means.var(0, correction=0)  # (Z,)
        axes = sorted(spread.topk(min(2, len(spread))).indices.tolist())
        self._shown = images, means[: len(images)], axes
        return {**scores, "active_units": float((spread > ACTIVE).sum()), **bounds}

    def references(self) -> References:
        """The test images under independent pixels: see `PixelRivals`."""
        return self._rivals.references()

    @torch.inference_mode()
    def preview(self) -> Mapping[str, Tensor]:
        """Reconstructions, samples, interpolation and a grid of codes: see `latent_pictures`."""
        shown, self._shown = self._shown, None
        if shown is None:
            return {}
        training = self.model.training
        self.model.eval()
        pictures = latent_pictures(self._vae, *shown)
        self.model.train(training)
        return pictures

    def _divide(self, images: Tensor, codes: int = 1) -> tuple[Tensor, Tensor, Tensor]:
        """Mean codes `(B, Z)`, and both sides of the bound, `(B,)` each, with so many drawn codes."""
        mean, log_variance = self._vae.encode(images)
        deviation = (0.5 * log_variance).exp()
        drawn = torch.stack([mean + deviation * torch.randn_like(mean) for _ in range(codes)])
        fits = [self._vae.likelihood.log_prob(self._vae.decode(each), images) for each in drawn]
        kl = self._vae.prior.divergence(drawn, mean, log_variance)
        return mean, -torch.stack(fits).mean(0), kl

    def _look(self, batch: Batch, codes: int) -> Tensor:
        """Takes the batch into account; returns its images as the model sees them."""
        images = binarised(batch.inputs, self._vae.binarise)
        mean, reconstruction, kl = self._divide(images, codes)
        sums = {"loss": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}
        self._sums.add(len(images), **{name: each.sum() for name, each in sums.items()})
        self._images.append(images[: max(0, SHOWN - sum(map(len, self._means)))])
        self._means.append(mean)
        return images

    def _pixel_rivals(self) -> PixelRivals:
        grey = isinstance(self._vae.likelihood, Bernoulli) and self._vae.binarise == "none"
        return PixelRivals(self._vae.likelihood, self._training_images, grey=grey)

    def _training_images(self) -> Iterator[Tensor]:
        """All of them; those that are binarised at random as their expectation, which is grey."""
        how = self._vae.binarise
        batches = evaluation_batches(
            self.data.train,
            batch_size=READ_AT_ONCE,
            device=next(self.model.parameters()).device,
            normalize=self.data.normalize,
        )
        return (binarised(each.inputs, "none" if how == "sample" else how) for each in batches)
