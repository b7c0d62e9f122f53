"""Tiles made by hand, and sheets of them."""

import io
from typing import Any

import numpy as np
from PIL import Image

SIDE = 16  # of patterns and pictures
MAP = 8  # of heatmaps


def encoded(tiles: list[np.ndarray]) -> tuple[bytes, dict[str, Any]]:
    """Tiles in one row as PNG, and what the facts say of such a sheet."""
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(tiles, axis=1)).save(buffer, "PNG")
    return buffer.getvalue(), {
        "count": len(tiles),
        "columns": len(tiles),
        "tile": [*tiles[0].shape[:2]],
    }


def noise(*seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def blob(row: int, column: int) -> np.ndarray:
    """A heatmap with its evidence at one place, as grey levels."""
    y, x = np.mgrid[:MAP, :MAP]
    return np.round(255 * np.exp(-((y - row) ** 2 + (x - column) ** 2) / 3)).astype(np.uint8)
