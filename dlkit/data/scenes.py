"""Scenes made of real items: digits, or Fashion-MNIST's clothes, on noisy canvases with clutter.

Each scene is a function of (seed, split, number), so that fewer scenes are the first of more. Items
of the three splits are different ones, and a box is exactly as large as the pixels of its item.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from dlkit.data import fingerprint
from dlkit.data.boxes import CHANNELS, BoxImages, BoxTargets
from dlkit.data.bundled import locate, read_table
from dlkit.data.dataset import Data, Facts, TensorExamples
from dlkit.data.idx import FASHION_MNIST, fashion_mnist
from dlkit.data.randomness import mix, permutation
from dlkit.data.scene_canvas import Items, Scene
from dlkit.errors import OptionError
from dlkit.ranges import FolderPath, NaturalInt, PositiveInt, Seed, UnitInterval

DIGITS_FILE = "digits.csv.gz"
HELD_OUT = 0.15
"""The share of the training writers' digits that only validation scenes show."""
SMALLEST_CANVAS = 32


def digits_scenes(
    *,
    images: PositiveInt = 2000,
    validation_images: NaturalInt = 200,
    test_images: PositiveInt = 400,
    size: PositiveInt = 96,
    most_items: PositiveInt = 4,
    empty: UnitInterval = 0.1,
    clutter: NaturalInt = 4,
    scene_seed: Seed = 0,
) -> Data:
    """Scenes of scikit-learn's handwritten digits, enlarged; uint8 `(N, 3, size, size)`. Options:

    - `images`: how many scenes there are to train on.
    - `validation_images`: how many there are for validation, with digits kept from training.
    - `test_images`: how many there are for the test. Its digits are the second half of the file: other
      writers' than those of training and validation.
    - `size`: of a scene, in pixels; a digit takes about a fifth to two fifths of it.
    - `most_items`: a scene that is not empty shows one to so many digits; they overlap a little.
    - `empty`: the share of scenes that show clutter only.
    - `clutter`: up to so many strokes, and as many pieces of items, in each scene.
    - `scene_seed`: seeds the scenes; another one gives other scenes of the same digits.
    """
    table = read_table(DIGITS_FILE, delimiter=",")  # (1797, 65): the pixels, then the digit
    items = Items((table[:, :-1].reshape(-1, 8, 8) / 16).float(), table[:, -1].long())
    half = len(table) // 2
    order = permutation(0, 0, half)
    held = round(half * HELD_OUT)
    recipe = Recipe(size, most_items, empty, clutter, scene_seed)
    return _data(
        recipe,
        {
            "train": (items.take(order[held:].sort().values), images),
            "validation": (items.take(order[:held].sort().values), validation_images),
            "test": (items.take(torch.arange(half, len(table))), test_images),
        },
        classes=tuple("0123456789"),
        source=str(locate(DIGITS_FILE)),
    )


def fashion_scenes(
    *,
    images: PositiveInt = 800,
    validation_images: NaturalInt = 200,
    test_images: PositiveInt = 400,
    size: PositiveInt = 96,
    most_items: PositiveInt = 4,
    empty: UnitInterval = 0.1,
    clutter: NaturalInt = 4,
    scene_seed: Seed = 0,
    folder: FolderPath | None = None,
    download: bool = False,
) -> Data:
    """Scenes of Fashion-MNIST's clothes; uint8 `(N, 3, size, size)`. Options:

    - `images`: how many scenes there are to train on.
    - `validation_images`: how many there are for validation, with 5,000 items kept from training.
    - `test_images`: how many there are for the test, with the official test items.
    - `size`: of a scene, in pixels; an item takes about a fifth to two fifths of it.
    - `most_items`: a scene that is not empty shows one to so many items; they overlap a little.
    - `empty`: the share of scenes that show clutter only.
    - `clutter`: up to so many strokes, and as many pieces of items, in each scene.
    - `scene_seed`: seeds the scenes; another one gives other scenes of the same items.
    - `folder`: where Fashion-MNIST's four files are; without it, where data set `fashion_mnist` looks.
    - `download`: gets the files if they are not there.
    """
    clothes = fashion_mnist(folder=folder, download=download)
    counts = {"train": images, "validation": validation_images, "test": test_images}
    recipe = Recipe(size, most_items, empty, clutter, scene_seed)
    return _data(
        recipe,
        {split: (_items(getattr(clothes, split)), count) for split, count in counts.items()},
        classes=FASHION_MNIST.classes,
        source=clothes.source,
    )


def _items(examples: TensorExamples) -> Items:
    return Items(examples.inputs[:, 0] / 255, examples.labels)


@dataclass(frozen=True)
class Recipe:
    """How a scene is made; the options of the data sets above."""

    size: int = 96
    most_items: int = 4
    empty: float = 0.1
    clutter: int = 4
    seed: int = 0

    def scenes(self, items: Items, count: int, salt: int) -> BoxImages:
        """`count` scenes of `items`; another `salt` gives other scenes."""
        images = torch.empty(count, 1, self.size, self.size, dtype=torch.uint8)
        targets = []
        for number in range(count):
            random = np.random.default_rng(mix(self.seed, salt, number))
            scene = Scene(self.size, items, random)
            boxes = scene.compose(self.most_items, self.empty, self.clutter)
            images[number, 0] = torch.from_numpy(scene.pixels())
            targets.append(boxes)
        return BoxImages(images, BoxTargets.of(targets))


def _data(
    recipe: Recipe,
    splits: dict[str, tuple[Items, int]],
    *,
    classes: tuple[str, ...],
    source: str,
) -> Data:
    if recipe.size < SMALLEST_CANVAS:
        raise OptionError("size", f"{recipe.size} is less than {SMALLEST_CANVAS} pixels")
    train, validation, test = (
        recipe.scenes(*splits[split], salt)
        for salt, split in enumerate(("train", "validation", "test"))
    )
    for name, each in (("train", train), ("validation", validation), ("test", test)):
        if len(each) and not len(each.targets.together):
            message = f"none of the {len(each)} scenes of the {name} part shows an item"
            raise OptionError("empty", message, "Use a smaller share, or more scenes.")
    return Data(
        train,
        validation,
        test,
        facts=Facts((CHANNELS, recipe.size, recipe.size), len(classes), "boxes", classes),
        normalize=None,
        fingerprint=fingerprint.of_tensors(
            *(tensor for each in (train, validation, test) for tensor in each.contents())
        ),
        source=source,
        augments="boxes",
    )
