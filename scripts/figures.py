"""The figures of docs/results.md: which config is trained, with which seeds, and what is to be reached.

`{files}` in an override stands for the folder that `reproduce.py --files` names; what it must hold is
said in docs/results.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """A config, what is set besides, and what to reach: `{"accuracy": ">= 0.97"}` by test score."""

    config: str
    title: str
    goals: Mapping[str, str]
    overrides: Sequence[str] = ()
    splits: bool = False
    """Whether the seed also chooses the split."""
    within: str = ""
    """A bound on the time of a run, in words."""
    files: bool = False
    """Whether it needs a folder of files that dlkit does not bring."""
    group: str = "families"
    """`core`: the first figures, measured when none is named; `fashion`: long ones."""
    rivals: Sequence[str] = field(default=())
    """Which of the rivals that a run reports are worth a column; none: all."""


CORE: Mapping[str, Figure] = {
    "digits-random": Figure(
        "cnn_digits", "digits, random 80/20", {"accuracy": ">= 0.985"}, splits=True, group="core"
    ),
    "digits-writers": Figure(
        "cnn_digits",
        "digits, other writers",
        {"accuracy": ">= 0.98"},
        ["data.split=writers"],
        splits=True,
        group="core",
    ),
    "digits-mlp": Figure(
        "mlp_digits", "digits, random 80/20", {"accuracy": ">= 0.975"}, splits=True, group="core"
    ),
    "diabetes": Figure(
        "mlp_diabetes", "diabetes", {"rmse": "<= 1.02 ridge"}, splits=True, group="core"
    ),
    "fashion-bf16": Figure(
        "resnet_fashion_mnist",
        "Fashion-MNIST, bf16",
        {"accuracy": ">= 0.93"},
        within="15 min",
        group="fashion",
    ),
    "fashion-fp32": Figure(
        "resnet_fashion_mnist",
        "Fashion-MNIST, fp32",
        {"accuracy": ">= 0.93"},
        ["fit.precision=fp32"],
        within="40 min",
        group="fashion",
    ),
}

FASHION_SCENES = ["data.name=fashion_scenes", "data.images=800"]
FASHION_FLIPS = "regularization.augmentation={shift: 8, zoom: 0.2, horizontal_flip: true}"
TREES = "data.folder={files}/trees"
WEIGHTS = "model.backbone_weights={files}/efficientnet_lite0.safetensors"

FAMILIES: Mapping[str, Figure] = {
    "rnn-digits": Figure(
        "rnn_digits", "digits_rows, random 80/20", {"accuracy": ">= 0.97"}, splits=True
    ),
    "lstm-digits": Figure(
        "lstm_digits", "digits_rows, random 80/20", {"accuracy": ">= 0.975"}, splits=True
    ),
    "lstm-pixels": Figure(
        "lstm_pixels", "digits_pixels, random 80/20", {"accuracy": ">= 0.935"}, splits=True
    ),
    "lstm-fashion-rows": Figure(
        "lstm_fashion_rows", "Fashion-MNIST rows, 12,000 images", {"accuracy": ">= 0.88"}
    ),
    "lstm-adding": Figure(
        "lstm_adding", "adding_problem, 100 steps", {"rmse": "<= 0.1 (MSE 0.01)"}
    ),
    "rnn-adding": Figure(
        "lstm_adding",
        "adding_problem, 100 steps",
        {"rmse": "> 0.374 (MSE 0.14)"},
        ["model.name=rnn"],
    ),
    "lstm-text": Figure(
        "lstm_text",
        "a novel of 433,000 characters",
        {"bits": "<= 1.75"},
        ["data.file={files}/text/austen_northanger_abbey.txt"],
        within="10 min",
        files=True,
    ),
    "lstm-forecast": Figure(
        "lstm_forecast",
        "elnino, a month ahead",
        {"rmse": "<= 0.51"},
        ["data.file={files}/series/elnino.csv"],
        files=True,
    ),
    "gru-italypowerdemand": Figure(
        "gru_ucr",
        "UCR ItalyPowerDemand",
        {"accuracy": ">= 0.96"},
        [
            "data.folder={files}/ucr/ItalyPowerDemand",
            "model.bidirectional=false",
            "model.readout=last",
        ],
        files=True,
    ),
    "gru-basicmotions": Figure(
        "gru_ucr",
        "UEA BasicMotions",
        {"accuracy": ">= 0.95"},
        ["data.folder={files}/ucr/BasicMotions"],
        files=True,
    ),
    "gru-gunpoint": Figure(
        "gru_ucr",
        "UCR GunPoint",
        {"accuracy": ">= 0.94"},
        ["data.folder={files}/ucr/GunPoint"],
        files=True,
    ),
    "vae-digits": Figure(
        "vae_digits",
        "digits, black and white by their grey values, random 80/20",
        {"loss": "<= 22.9", "bound": "<= 22.7"},
        ["data.validation_fraction=0"],
        splits=True,
    ),
    "vae-digits-grey": Figure(
        "vae_digits",
        "digits, grey, random 80/20",
        {"loss": "<= 23.5"},
        [
            "data.validation_fraction=0",
            "model.binarise=none",
            "model.hidden=[384, 384]",
            "model.prior=mixture",
            "regularization.dropout=0.15",
        ],
        splits=True,
    ),
    "vae-fashion-grey": Figure(
        "vae_fashion_mnist", "Fashion-MNIST, grey, 58,000 images", {"loss": "<= 243"}
    ),
    "gan-digits": Figure(
        "gan_digits",
        "digits, random 80/20",
        {"frechet": "<= 4", "coverage": ">= 0.75", "modes": "10 of 10"},
        ["data.validation_fraction=0"],
    ),
    "rcnn-digits": Figure("rcnn_scenes", "digits_scenes", {"map50": ">= 0.93"}),
    "faster-rcnn-digits": Figure("faster_rcnn_scenes", "digits_scenes", {"map50": ">= 0.96"}),
    "rcnn-fashion": Figure(
        "rcnn_scenes",
        "fashion_scenes, 800 images, without clutter",
        {"map50": ">= 0.82"},
        [
            *FASHION_SCENES,
            "data.clutter=0",
            "model.crop=64",
            "model.width=12",
            "model.dropout=0.2",
            "regularization.weight_decay=0.3",
            "regularization.augmentation={horizontal_flip: true}",
            "fit.epochs=30",
        ],
    ),
    "faster-rcnn-fashion": Figure(
        "faster_rcnn_scenes",
        "fashion_scenes, 800 images, without clutter",
        {"map50": ">= 0.78"},
        [
            *FASHION_SCENES,
            FASHION_FLIPS,
            "data.clutter=0",
            "model.strides=[4, 8, 16]",
            "regularization.weight_decay=0.3",
            "fit.epochs=36",
        ],
    ),
    "yolo-v1-digits": Figure("yolo_v1_scenes", "digits_scenes", {"map50": ">= 0.93"}),
    "yolo-v1-fashion": Figure(
        "yolo_v1_scenes",
        "fashion_scenes, 800 images",
        {"map50": ">= 0.70"},
        [*FASHION_SCENES, FASHION_FLIPS, "fit.epochs=60"],
    ),
    "yolo-digits": Figure(
        "yolo_scenes",
        "digits_scenes",
        {"map50": ">= 0.985", "map": ">= 0.86"},
        ["model.focal_gamma=2", "model.box_weight=4"],
    ),
    "yolo-fashion": Figure(
        "yolo_scenes",
        "fashion_scenes, 800 images",
        {"map50": ">= 0.75"},
        [*FASHION_SCENES, FASHION_FLIPS, "fit.epochs=60", "model.views=2"],
    ),
    "yolo-trees": Figure(
        "yolo_trees",
        "tree crowns, trained on one photo, tested on two others",
        {"map50": ">= 0.30"},
        [TREES, WEIGHTS],
        files=True,
    ),
    "yolo-trees-scratch": Figure(
        "yolo_trees",
        "tree crowns, as above, without the weights",
        {"map50": "at most a fifth of that"},
        [TREES, "model.backbone_weights=null"],
        files=True,
    ),
}

TABLE: Mapping[str, Figure] = {**CORE, **FAMILIES}
