"""See what a Keras convnet is learning while it trains, in TensorBoard.

Public names are loaded on first use (PEP 562): TensorBoard imports this package
at every start, and TensorFlow with Keras would cost it seconds.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convviz_tb.examples import Examples as Examples
    from convviz_tb.heatmaps import GradCAM as GradCAM
    from convviz_tb.heatmaps import Heatmaps as Heatmaps
    from convviz_tb.heatmaps import grad_cam as grad_cam
    from convviz_tb.log.callback import ConvViz as ConvViz
    from convviz_tb.log.render import Rendered as Rendered
    from convviz_tb.log.render import render as render
    from convviz_tb.notebook import plot as plot
    from convviz_tb.notebook import show as show
    from convviz_tb.patterns import FilterPatterns as FilterPatterns
    from convviz_tb.patterns import Patterns as Patterns
    from convviz_tb.patterns import filter_patterns as filter_patterns
    from convviz_tb.serve.report import Report as Report
    from convviz_tb.serve.report import report as report

__version__ = "0.1.0"

_HOME_OF = {
    "ConvViz": "log.callback",
    "Rendered": "log.render",
    "render": "log.render",
    "FilterPatterns": "patterns",
    "Patterns": "patterns",
    "filter_patterns": "patterns",
    "Examples": "examples",
    "GradCAM": "heatmaps",
    "Heatmaps": "heatmaps",
    "grad_cam": "heatmaps",
    "Report": "serve.report",
    "report": "serve.report",
    "show": "notebook",
    "plot": "notebook",
}
__all__ = list(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
