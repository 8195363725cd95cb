"""Pictures: braille in the terminal, SVG in a file, from one record."""

import math
import xml.dom.minidom

import pytest

from dlkit.dictionary import canvas, svg
from dlkit.dictionary.drawing import Dot, Line, Picture, contours, curve


def dots(rows: list[str]) -> set[tuple[int, int]]:
    """The set dots of braille rows: (across, down)."""
    found = set()
    for j, row in enumerate(rows):
        for i, character in enumerate(row):
            bits = ord(character) - 0x2800 if 0x2800 <= ord(character) < 0x2900 else 0
            for down, pair in enumerate(canvas._BITS):
                for across, bit in enumerate(pair):
                    if bits & bit:
                        found.add((2 * i + across, 4 * j + down))
    return found


def test_a_diagonal_sets_the_dots_of_a_diagonal() -> None:
    """From the lower left to the upper right corner, one dot a column, one step at a time."""
    picture = Picture((0, 1), (0, 1), [Line([(0, 0), (1, 1)])], axes=False)
    drawing = canvas.Canvas(picture, columns=12, rows=6)
    drawing.line(picture.lines[0])
    assert dots(drawing.text()) == {(i, 23 - i) for i in range(24)}


def test_axes_name_the_edges_of_the_window() -> None:
    """The numbers at the left and below are the picture's window, with 0 where it is inside."""
    rows = canvas.draw(Picture((-4, 4), (-1, 4)))["rows"]
    assert [row[:7].strip() for row in rows[:12]] == ["4", *[""] * 8, "0", "", "-1"]
    assert rows[-1].split() == ["-4", "4"]


def test_a_line_and_a_dot_are_named_in_the_legend() -> None:
    """Lines get letters and dots numbers, in the drawing and in the legend."""
    picture = Picture((0, 1), (0, 1), [Line([(0, 0), (0.5, 0.5), (1, 1)], "loss", "損失")],
                      [Dot(0.2, 0.9, "start", "始点"), Dot(0.9, 0.1)], axes=False)  # fmt: skip
    drawn = canvas.draw(picture)
    assert drawn["legend"] == [
        {"sign": "a", "en": "loss", "ja": "損失"},
        {"sign": "1", "en": "start", "ja": "始点"},
    ]
    text = "".join(drawn["rows"])
    assert [text.count(sign) for sign in "a1*"] == [1, 1, 1]


def test_what_lies_outside_is_left_out() -> None:
    """A pole of the curve neither fails nor draws beyond the window."""
    line = Line([(x, 1 / (x - 0.501)) for x in (i / 100 for i in range(101))])
    rows = canvas.draw(Picture((0, 1), (-5, 5), [line]))["rows"]
    assert max(map(len, rows)) <= canvas.COLUMNS + 8


def test_equal_axes_keep_a_circle_round() -> None:
    """With `equal` the circle is as many dots wide as high."""
    turn = [2 * math.pi * i / 200 for i in range(201)]
    circle = Line([(math.cos(a), math.sin(a)) for a in turn])
    found = dots(canvas.draw(Picture((-2, 2), (-1, 1), [circle], equal=True, axes=False))["rows"])
    across, down = zip(*found, strict=True)
    assert abs((max(across) - min(across)) - (max(down) - min(down))) <= 1


def test_contours_lie_on_their_level() -> None:
    """Each end of each piece of the contour x^2 + y^2 = 1 is at distance 1 from 0."""
    lines = contours(lambda x, y: x * x + y * y, (1.0,), (-2, 2), (-2, 2))
    assert len(lines) > 50
    for line in lines:
        assert [math.hypot(*point) for point in line.points] == pytest.approx([1, 1], abs=1e-3)


def test_a_curve_is_the_graph_of_the_function() -> None:
    """Its points begin and end at the range's ends."""
    points = curve(math.sin, (0, 3), points=4)
    assert points == [(float(x), math.sin(x)) for x in range(4)]


def test_svg_is_one_well_formed_element() -> None:
    """It has a title for screen readers, the labels of the language, a head and a moving dot."""
    picture = Picture((-1, 1), (-1, 1), [
        Line([(-1, -1), (1, 1)], "a<b", "甲", arrow=True, moving=True),
        *contours(lambda x, y: x - y, (0.0,), (-1, 1), (-1, 1), cells=4),
    ], [Dot(0, 0, "w")])  # fmt: skip
    text = svg.render(picture, "one & two", "en")
    root = xml.dom.minidom.parseString(text).documentElement  # noqa: S318 - our own text
    assert root.tagName == "svg"
    assert root.getElementsByTagName("title")[0].firstChild.data == "one & two"
    labels = [each.firstChild.data for each in root.getElementsByTagName("text")]
    assert {"a<b", "w", "-1", "1"} <= set(labels)
    assert len(root.getElementsByTagName("animateMotion")) == 1
    assert "甲" in svg.render(picture, "", "ja")


def test_svg_places_points_by_the_window() -> None:
    """The lower left corner of the window is at the lower left of the frame, y growing upwards."""
    place = svg._scale(Picture((0, 10), (0, 5)))
    assert place((0, 0)) == (svg.MARGIN, svg.HEIGHT - svg.MARGIN)
    assert place((10, 5)) == (svg.WIDTH - svg.MARGIN, svg.MARGIN)
