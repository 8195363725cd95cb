"""The variational autoencoder: an encoder to a distribution of codes, a decoder back to images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

from dlkit.data.dataset import Facts
from dlkit.errors import OptionError
from dlkit.models.shapes import image_shape
from dlkit.models.vae_networks import encoder_and_decoder
from dlkit.nn.priors import Mixture, Prior, StandardNormal
from dlkit.nn.variational import Bernoulli, Gaussian, Likelihood
from dlkit.ranges import (
    NaturalInt,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    PositiveInts,
    Share,
)

COMPONENTS = 20
"""Of a mixture as the prior, unless a number is given."""


def vae(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    architecture: Literal["dense", "convolutional"] = "dense",
    latent: PositiveInt = 8,
    hidden: PositiveInts = (128, 128),
    channels: PositiveInts | None = None,
    prior: Literal["normal", "mixture"] = "normal",
    components: PositiveInt | None = None,
    likelihood: Literal["bernoulli", "gaussian"] = "bernoulli",
    scale: Literal["learned"] | PositiveFloat | None = None,
    binarise: Literal["none", "threshold", "sample"] = "none",
    beta: NonNegativeFloat = 1.0,
    kl_warmup_steps: NaturalInt = 0,
    bound_samples: NaturalInt = 200,
    bound_images: PositiveInt = 1000,
    batch_norm: bool = False,
    dropout: Share = 0.0,
) -> nn.Module:
    """Images `(B, C, H, W)` from 0 to 1 to a normal distribution of codes `(B, latent)`, and back.

    Trained to make minus the evidence lower bound small (Kingma & Welling 2014, arXiv:1312.6114,
    equation 10): `-E_q(z|x)[log p(x|z)] + KL(q(z|x), p(z))`, with one code an image, drawn as
    `z = mean + deviation * noise`. Labels are ignored. Raises `ConfigError` if the data are not images,
    `OptionError` for options that do not go together and for too many blocks. Options:

    - `architecture`: `dense` layers only, or `convolutional` blocks around them. A block of the encoder
      halves the image by a strided convolution, one of the decoder doubles it by a transposed one.
    - `latent`: numbers of a code.
    - `hidden`: units of each hidden dense layer of the encoder; the decoder has them in reverse.
    - `channels`: feature maps of each convolutional block, from the image inwards; null is [32, 64].
    - `prior`: what codes are expected to be: `normal`, the standard normal distribution; or `mixture`,
      several normal distributions whose shares, means and variances are learned, which can come closer
      to the codes that there are (Tomczak & Welling 2018, arXiv:1705.07120, section 2). Its divergence
      has no closed form and is measured at the drawn codes.
    - `components`: how many distributions a `mixture` has; null is 20.
    - `likelihood`: of a pixel, given the code: `bernoulli` for black and white, `gaussian` for real
      numbers. Grey pixels under `bernoulli` are common and give good pictures, but what is reported
      then is a cross-entropy and no likelihood: it can't fall below the entropy of the grey values.
    - `scale`: standard deviation of `gaussian` pixels, one for all of them; null is `learned`.
    - `binarise`: what the model sees: the pixels as they are; white where they are above 0.5; or white
      with a probability that is the pixel, drawn anew each time (Burda et al. 2016, arXiv:1509.00519,
      section 5), in evaluation always alike for one seed.
    - `beta`: weight of the divergence in training; above 1 it makes for independent codes (Higgins et
      al. 2017, beta-VAE, equation 4). Scores have 1, whatever it is.
    - `kl_warmup_steps`: updates over which the weight of the divergence rises linearly to `beta`, so
      that codes are used before they are made cheap (Sønderby et al. 2016, arXiv:1602.02282, section 3).
    - `bound_samples`: codes an image for the importance-weighted bound of the test (Burda et al. 2016,
      equation 8); 0 leaves it out.
    - `bound_images`: the most test images that get it, the first ones: it costs `bound_samples` times
      what another score does.
    - `batch_norm`: normalise hidden units and feature maps over the batch.
    - `dropout`: share of each hidden dense layer's units that is zeroed at random while training.
    """
    shape = image_shape(facts, "vae")
    if architecture == "dense" and channels is not None:
        raise _useless("channels", "architecture: dense", "architecture: convolutional")
    if prior == "normal" and components is not None:
        raise _useless("components", "prior: normal", "prior: mixture")
    if likelihood == "bernoulli" and scale is not None:
        raise _useless("scale", "likelihood: bernoulli", "likelihood: gaussian")
    if likelihood == "gaussian" and binarise != "none":
        message = f"'{binarise}' leaves black and white, of which a normal density is no model"
        raise OptionError("binarise", message, "Leave it out, or use 'likelihood: bernoulli'.")
    maps = [] if architecture == "dense" else [*(channels or (32, 64))]
    encoder, decoder = encoder_and_decoder(
        shape, maps, hidden, latent, activation, batch_norm=batch_norm, dropout=dropout
    )
    return Vae(
        encoder,
        decoder,
        StandardNormal(latent) if prior == "normal" else Mixture(latent, components or COMPONENTS),
        Bernoulli() if likelihood == "bernoulli" else Gaussian(_number(scale)),
        latent=latent,
        binarise=binarise,
        beta=beta,
        kl_warmup_steps=kl_warmup_steps,
        bound_samples=bound_samples,
        bound_images=bound_images,
    )


class Vae(nn.Module):
    """The two networks, prior and likelihood, and the options that the variational task reads."""

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        prior: Prior,
        likelihood: Likelihood,
        *,
        latent: int,
        binarise: str,
        beta: float,
        kl_warmup_steps: int,
        bound_samples: int,
        bound_images: int,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.prior, self.likelihood = prior, likelihood
        self.latent, self.binarise = latent, binarise
        self.beta, self.kl_warmup_steps = beta, kl_warmup_steps
        self.bound_samples, self.bound_images = bound_samples, bound_images

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the codes, each `(B, latent)`, of images `(B, C, H, W)`."""
        mean, log_variance = self.encoder(images).float().chunk(2, dim=1)
        return mean, log_variance

    def decode(self, codes: Tensor) -> Tensor:
        """What the likelihood takes, `(B, C, H, W)`, for codes `(B, latent)`."""
        decoded: Tensor = self.decoder(codes)
        return decoded

    def forward(self, images: Tensor) -> Tensor:
        """The expected pixels `(B, C, H, W)` given each image's mean code."""
        return self.likelihood.mean(self.decode(self.encode(images)[0]))


def _useless(option: str, chosen: str, other: str) -> OptionError:
    message = f"has no effect with '{chosen}'"
    return OptionError(option, message, f"Leave it out, or use '{other}'.")


def _number(scale: str | float | None) -> float | None:
    return None if scale is None or isinstance(scale, str) else float(scale)
