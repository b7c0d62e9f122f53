"""What a notebook shows: results as pictures, a run as a page, patterns as a figure."""

import html
import io
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import convviz_tb
from convviz_tb import ConvViz, FilterPatterns, GradCAM, filter_patterns, grad_cam
from support.events import read_run
from support.zoo import one_convolution

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3)).astype("float32")


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> ConvViz:
    """A callback after its `fit`."""
    model = one_convolution(5)
    model.compile("sgd", "sparse_categorical_crossentropy")
    patterns = FilterPatterns("conv", filters=3, steps=2)
    watch = ConvViz(
        tmp_path_factory.mktemp("logs") / "run", patterns=patterns, heatmaps=GradCAM(IMAGES[:2])
    )
    model.fit(IMAGES, np.arange(6) % 2, epochs=2, verbose=0, callbacks=[watch])
    return watch


def picture(encoded: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(encoded))
    assert opened.format == "PNG"
    return opened


def test_patterns_are_shown_as_their_pictures():
    patterns = filter_patterns(one_convolution(5), "conv", filters=3, steps=2)
    height, width = patterns.images.shape[1:3]
    assert picture(patterns._repr_png_()).size == (2 * width, 2 * height)


def test_heatmaps_are_shown_layer_by_layer():
    maps = grad_cam(one_convolution(5), IMAGES[:4], ["conv"], classes=1)
    assert picture(maps["conv"]._repr_png_()).size == (224, 224)
    assert isinstance(maps, dict)
    shown = maps._repr_html_()
    assert "<p>conv</p>" in shown and shown.count("data:image/png;base64,") == 1


def test_report_of_a_callback_is_that_of_its_run(watch, tmp_path):
    done = watch.report(tmp_path / "run.html", steps=2)
    assert done.left_out == ["run: 2 of 3 steps, as asked for"]
    assert (tmp_path / "run.html").stat().st_size == done.size


def test_show_puts_the_report_into_a_sandboxed_frame(watch, monkeypatch):
    shown: list[Any] = []
    display = type(sys)("IPython.display")
    display.HTML, display.display = str, shown.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setitem(sys.modules, "IPython", type(sys)("IPython"))
    watch.show(height=300)
    (frame,) = shown
    assert 'sandbox="allow-scripts allow-downloads"' in frame and 'height="300"' in frame
    inside = re.search(r'srcdoc="([^"]*)"', frame)
    assert inside and html.unescape(inside[1]).startswith("<!doctype html>")


def test_plot_draws_a_row_for_each_filter_and_a_column_for_each_step(watch):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    figure = watch.plot("conv", filters=2)
    assert len(figure.axes) == 2 * 3
    assert picture(figure._repr_png_()).width > 100
    event = read_run(Path(watch.log_dir))["patterns/conv"][2]
    assert event.sheet is not None
    height, width = event.facts["sheet"]["tile"]
    drawn = figure.axes[2].images[0].get_array()
    assert np.array_equal(drawn, np.asarray(event.sheet.convert("RGB"))[:height, :width])
    assert [axis.get_title() for axis in figure.axes[:3]] == ["step 0", "step 1", "step 2"]
    with pytest.raises(ValueError, match="steps: 9 is not among"):
        watch.plot("conv", steps=[9])
    with pytest.raises(ValueError, match="layer: 'nothing'; name one of"):
        watch.plot("nothing")


@pytest.mark.parametrize(
    ("module", "call", "message"),
    [
        ("matplotlib.figure", lambda: convviz_tb.plot(".", "conv"), "pip install matplotlib"),
        ("IPython.display", lambda: convviz_tb.show("."), "needs IPython"),
    ],
)
def test_what_is_optional_is_asked_for(monkeypatch, module, call, message):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=message):
        call()
