"""Pictures of every kind become uint8 tensors of one size, upright and on white, deterministically."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dlkit.data.decoding import SUFFIXES, Decoder
from dlkit.errors import DataError

RED, HALF = (200, 10, 30), 128


def corners() -> Image.Image:
    """32 x 32, each quarter of another colour, so that every orientation shows."""
    image = Image.new("RGB", (32, 32))
    for place, colour in (((0, 0), (250, 0, 0)), ((16, 0), (0, 250, 0)),
                          ((0, 16), (0, 0, 250)), ((16, 16), (250, 250, 0))):  # fmt: skip
        image.paste(colour, (*place, place[0] + 16, place[1] + 16))
    return image


def decoded(folder: Path, image: Image.Image, name: str = "x.png", **options: object) -> np.ndarray:
    """Saved and decoded again, as `(H, W, C)`."""
    path = folder / name
    image.save(path, **options)
    return Decoder(32, 32, "rgb")(path).permute(1, 2, 0).numpy()


def test_a_plain_picture_is_itself(tmp_path: Path) -> None:
    """Where the size is right nothing is resampled."""
    assert np.array_equal(decoded(tmp_path, corners()), np.array(corners()))


TRANSPOSED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera held so stores the upright picture, by EXIF's value: the inverse is applied."""


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_made_upright(tmp_path: Path, orientation: int) -> None:
    """D08: all eight values give the same picture."""
    method = TRANSPOSED[orientation]
    stored = corners() if method is None else corners().transpose(method)
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(decoded(tmp_path, stored, exif=exif), np.array(corners()))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_is_laid_on_white(tmp_path: Path, mode: str) -> None:
    """D07: alpha 0 is white whatever is below, 255 the colour, 128 half way."""
    alpha = np.zeros((32, 32), np.uint8)
    alpha[:, 10:20], alpha[:, 20:] = HALF, 255
    if mode == "PA":
        image = Image.fromarray(np.full((32, 32), 60, np.uint8)).convert("P").convert("PA")
        image.putalpha(Image.fromarray(alpha))
    else:
        grey = Image.new("L", (32, 32), 60)
        image = grey.convert(mode)
        image.putalpha(Image.fromarray(alpha))
    pixels = decoded(tmp_path, image, "x.tif" if mode == "PA" else "x.png")
    assert (pixels[:, :10] == 255).all()
    assert (pixels[:, 20:] == 60).all()
    assert (np.abs(pixels[:, 10:20].astype(int) - (60 * 128 + 255 * 127) / 255) <= 1).all()


@pytest.mark.parametrize("kind", ["P", "RGB", "L"])
def test_a_transparent_colour_is_white(tmp_path: Path, kind: str) -> None:
    """D07: PNG's tRNS chunk names one colour of the picture as transparent."""
    image = Image.new("RGB", (32, 32), (90, 90, 90))
    image.paste((10, 10, 10), (0, 0, 16, 32))
    image = image.convert(kind) if kind != "P" else image.quantize(2)
    clear = {"P": image.getpixel((0, 0)), "RGB": (10, 10, 10), "L": 10}[kind]
    pixels = decoded(tmp_path, image, transparency=clear)
    assert (pixels[:, :16] == 255).all()
    assert (pixels[:, 16:] == 90).all()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "I;16"])
@pytest.mark.parametrize("target", ["rgb", "grey"])
def test_every_mode_becomes_the_wanted_one(tmp_path: Path, mode: str, target: str) -> None:
    """D07: a light square on dark stays one, with three channels or one."""
    image = Image.new("L", (32, 32), 0)
    image.paste(255, (8, 8, 24, 24))
    if mode == "I;16":
        image = Image.fromarray(np.array(image).astype(np.uint16) * 257)
        assert image.mode == "I;16"
    else:
        image = image.convert("RGB").convert(mode)
    path = tmp_path / "x.tif"
    image.save(path)
    pixels = Decoder(32, 32, target)(path)
    assert pixels.shape == (3 if target == "rgb" else 1, 32, 32)
    assert pixels.dtype == torch.uint8
    assert (pixels[:, 8:24, 8:24] > 250).all()
    assert (pixels[:, :8] < 5).all()


def test_sixteen_bits_keep_their_steps(tmp_path: Path) -> None:
    """The 8 highest bits, not a value clipped at 255."""
    values = (np.arange(1024).reshape(32, 32) * 64).astype(np.uint16)
    pixels = decoded(tmp_path, Image.fromarray(values))
    assert np.array_equal(pixels[..., 0], values >> 8)


def test_grey_is_luma(tmp_path: Path) -> None:
    """ITU-R 601-2: 0.299 R + 0.587 G + 0.114 B."""
    path = tmp_path / "x.png"
    Image.new("RGB", (4, 4), RED).save(path)
    luma = 0.299 * RED[0] + 0.587 * RED[1] + 0.114 * RED[2]
    assert (np.abs(Decoder(4, 4, "grey")(path).numpy() - luma) <= 1).all()


def test_the_centre_is_cut_out_in_the_wanted_proportions(tmp_path: Path) -> None:
    """A wide picture loses its left and right, a tall one its top and bottom, nothing is squeezed."""
    wide = Image.new("RGB", (96, 32), (255, 0, 0))
    wide.paste(corners(), (32, 0))
    tall = Image.new("RGB", (32, 96), (255, 0, 0))
    tall.paste(corners(), (0, 32))
    assert np.array_equal(decoded(tmp_path, wide), np.array(corners()))
    assert np.array_equal(decoded(tmp_path, tall), np.array(corners()))


def test_scaling_is_pillows_bilinear_with_antialiasing(tmp_path: Path) -> None:
    """A square picture equals `Image.resize`; halving averages."""
    path = tmp_path / "x.png"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    expected = Image.fromarray(noise).resize((20, 20), Image.Resampling.BILINEAR)
    assert np.array_equal(Decoder(20, 20, "rgb")(path).permute(1, 2, 0), np.array(expected))


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (2, 3), (3, 500)])
def test_extreme_sizes_do_not_crash(tmp_path: Path, size: tuple[int, int]) -> None:
    """D09: and no huge picture is made on the way."""
    path = tmp_path / "x.png"
    Image.new("RGB", size, RED).save(path)
    pixels = Decoder(16, 24, "rgb")(path)
    assert pixels.shape == (3, 16, 24)
    assert (pixels == torch.tensor(RED, dtype=torch.uint8)[:, None, None]).all()


def test_the_first_frame_of_an_animation_is_taken(tmp_path: Path) -> None:
    """A GIF is a picture too."""
    path = tmp_path / "x.gif"
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, (0, 0, 255))]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert Decoder(8, 8, "rgb")(path)[:, 0, 0].tolist() == list(RED)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_suffix_can_be_decoded(tmp_path: Path, suffix: str) -> None:
    """What counts as a picture is one that Pillow can read here."""
    path = tmp_path / f"x{suffix}"
    mode = {".pgm": "L", ".pbm": "1"}.get(suffix, "RGB")
    Image.new("RGB", (8, 8), (255, 255, 255)).convert(mode).save(path)
    assert (Decoder(8, 8, "rgb")(path) >= 254).all()


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_picture_is_named(tmp_path: Path, suffix: str, share: float) -> None:
    """D05: wherever it is cut off; the half that is there is not taken for the whole."""
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, format="JPEG" if suffix == "jpg" else "PNG")
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(buffer.getvalue()[: int(len(buffer.getvalue()) * share)])
    with pytest.raises(DataError) as caught:
        Decoder(8, 8, "rgb")(path)
    assert str(caught.value).startswith(f"{path}: the picture cannot be decoded (")


def test_text_that_calls_itself_a_picture_is_named(tmp_path: Path) -> None:
    """Such as a web page that was saved instead."""
    path = tmp_path / "x.jpg"
    path.write_text("<html>")
    with pytest.raises(DataError) as caught:
        Decoder(8, 8, "rgb")(path)
    assert str(caught.value) == (
        f"{path}: the picture cannot be decoded (it is no picture of a known format)"
    )


def test_a_picture_that_is_gone_is_named(tmp_path: Path) -> None:
    """D19."""
    with pytest.raises(DataError) as caught:
        Decoder(8, 8, "rgb")(tmp_path / "x.png")
    assert str(caught.value) == f"{tmp_path}/x.png: the picture is gone"


def test_a_decompression_bomb_is_named(tmp_path: Path) -> None:
    """D24's class: a small PNG that says it is 60,000 x 60,000 is not unpacked."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    path = tmp_path / "x.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(DataError, match="could be decompression bomb"):
        Decoder(8, 8, "rgb")(path)


def test_floating_point_pixels_are_refused(tmp_path: Path) -> None:
    """Their range is not known, and Pillow would clip them silently."""
    path = tmp_path / "x.tif"
    Image.fromarray(np.full((8, 8), 0.5, np.float32)).save(path)
    with pytest.raises(DataError, match="floating-point pixels have no known range"):
        Decoder(8, 8, "rgb")(path)
