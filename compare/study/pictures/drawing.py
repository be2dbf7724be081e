"""matplotlib for pages: colours that follow the page's, and SVG that needs no fonts.

A picture is drawn in stand-in colours, which the page's style then sets: so the same
file serves light and dark.
"""

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
import numpy as np

INK, FAINT = "#010203", "#040506"
SCRATCH, TORCH, THIRD, PAPER = "#070809", "#0a0b0c", "#0d0e0f", "#111213"
DARK = "#1b1b1b"  # on colours that are light in both modes
VARIABLES = {
    INK: "--ink",
    FAINT: "--faint",
    SCRATCH: "--scratch",
    TORCH: "--torch",
    THIRD: "--third",
    PAPER: "--paper",
}
STYLE = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 2,
}
ALONE, PANEL, SMALL = (6.5, 3.6), (4.2, 3.1), (3.0, 2.6)  # inches
LINE = np.linspace(-6, 6, 481)  # where functions of one number are drawn


@dataclass(frozen=True)
class Picture:
    """`svg` to be put into a page; `caption` says what is seen, also to those who
    cannot see it."""

    svg: str
    caption: str


def draw(
    paint: Callable, caption: str, panels: int = 1, height: float | None = None
) -> Picture:
    """`paint(*axes)` draws on so many panels, an SVG each: they can be stacked."""
    wide, high = {1: ALONE, 4: SMALL}.get(panels, PANEL)
    size = wide, height or high
    with plt.rc_context({**STYLE, "svg.hashsalt": caption}):
        figures = [
            plt.figure(figsize=size, layout="constrained") for _ in range(panels)
        ]
        try:
            paint(*(figure.add_subplot() for figure in figures))
            written = [_written(figure) for figure in figures]
        finally:
            for figure in figures:
                plt.close(figure)
    marks = (f"p{zlib.crc32(caption.encode()):x}-{i}-" for i in range(panels))
    svgs = [_for_page(svg, mark) for svg, mark in zip(written, marks, strict=True)]
    return Picture("\n".join(svgs), caption)


def _written(figure) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def _for_page(svg: str, mark: str) -> str:
    """Ids begin with `mark`: they are shared by all pictures of a page."""
    svg = svg[svg.index("<svg") :]
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"(font: )([\d.]+px) [^;\"]+", r"\1\2 system-ui, sans-serif", svg)
    svg = re.sub(r'id="([^"]+)"', rf'id="{mark}\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{mark}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{mark}\1)", svg)
    return svg.replace("<svg", '<svg aria-hidden="true"', 1)


def both(axes, x, mine, theirs, **options) -> None:
    """torch thick and translucent, scratch thin on top: equal curves hide each other"""
    axes.plot(
        x, theirs, color=TORCH, linewidth=6, alpha=0.35, label="PyTorch", **options
    )
    axes.plot(x, mine, color=SCRATCH, linewidth=1.6, label="NumPy", **options)


def image(axes, array, title: str, cmap="RdBu_r", signed=True, **options) -> None:
    limit = float(abs(array).max()) or 1.0
    bounds = {"vmin": -limit, "vmax": limit} if signed else {}
    axes.imshow(array, cmap=cmap, interpolation="nearest", **bounds, **options)
    axes.set_title(title)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)


def frame(column, row, columns=1, rows=1):
    """Around so many cells of an image, of which this is the first."""
    from matplotlib.patches import Rectangle

    corner = column - 0.5, row - 0.5
    return Rectangle(corner, columns, rows, fill=False, edgecolor=THIRD, linewidth=2)
