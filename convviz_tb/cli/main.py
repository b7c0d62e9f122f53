"""Command line: `convviz-tb report`, `render`, `info`; arguments in, exit status out.

0: done. 1: it could not be done; one line on stderr says why. 2: the arguments are wrong.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import convviz_tb

_RENDER: Final = """\
examples:
  convviz-tb render checkpoints/ --images photos/ --log-dir runs/pets
  convviz-tb render checkpoints/ --images photos/ --examples --log-dir runs/pets
  convviz-tb render epoch_*.weights.h5 --builder my_models:build --log-dir runs/pets
  convviz-tb render checkpoints/ --log-dir runs/pets --layers conv1 conv2 --filters 32

A checkpoint's step is the number after "epoch" in its name, or the one whole number by which the
names differ; --steps names them otherwise. The first is the baseline: save the untrained model,
too. What the log holds already is skipped."""
_REPORT: Final = """\
examples:
  convviz-tb report runs -o pets.html
  convviz-tb report runs/pets -o pets.html --layers conv2 --steps 0 4 8 --size 2"""
_INFO: Final = """\
examples:
  convviz-tb info runs
  convviz-tb info runs/pets --json"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (ValueError, OSError, RuntimeError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        print(f"convviz-tb {options.command}: {lines[0]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"convviz-tb {options.command}: interrupted", file=sys.stderr)
        return 130
    return status


def help_of() -> dict[str, str]:
    """The help of each command, for the docs."""
    (commands,) = (each for each in _parser()._actions if each.dest == "command")
    parsers: dict[str, argparse.ArgumentParser] = dict(commands.choices or {})
    return {name: parser.format_help() for name, parser in parsers.items()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="convviz-tb", description="What a convnet learned, without TensorBoard's own program."
    )
    parser.add_argument(
        "--version", action="version", version=f"convviz_tb {convviz_tb.__version__}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_report(commands)
    _add_render(commands)
    _add_info(commands)
    return parser


def _command(commands: Any, name: str, run: Any, text: str, examples: str) -> Any:
    parser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _add_report(commands: Any) -> None:
    text = "write what the tab shows into one HTML file, which needs no server"
    add = _command(commands, "report", _report, text, _REPORT).add_argument
    add("log_dir", metavar="LOGDIR", help="a run, or a directory of runs")
    add("-o", "--output", required=True, metavar="FILE", help="the file to write")
    add("--runs", nargs="+", metavar="RUN", help="(all)")
    add("--layers", nargs="+", metavar="LAYER", help="names or paths (all)")
    add("--steps", type=int, nargs="+", metavar="STEP", help="(all)")
    add("--filters", type=int, help="patterns of each layer at most (all)")
    add("--size", type=float, default=5.0, metavar="MB", help="what the file may have (5)")


def _add_render(commands: Any) -> None:
    text = "log a training that is over, from the models that it saved"
    add = _command(commands, "render", _render, text, _RENDER).add_argument
    add("checkpoints", nargs="+", metavar="CHECKPOINT", help="files, or folders that hold them")
    add("--log-dir", required=True, metavar="DIR", help="directory of the run")
    add("--images", type=Path, metavar="FOLDER", help="pictures, or class folders of pictures")
    add("--count", type=int, default=8, help="how many pictures (8)")
    add(
        "--examples",
        nargs="?",
        type=Path,
        const=True,
        metavar="FOLDER",
        help="search these pictures for what excites each filter; alone, those of --images",
    )
    add("--example-count", type=int, default=256, help="how many of them (256)")
    add(
        "--value-range",
        type=float,
        nargs=2,
        default=(0.0, 255.0),
        metavar=("LOW", "HIGH"),
        help="what the model takes for black and white (0 255)",
    )
    add("--builder", metavar="MODULE:FUNCTION", help="makes the model that weights belong to")
    add("--steps", type=int, nargs="+", help="epochs completed at each checkpoint")
    add("--layers", nargs="+", default="auto", metavar="LAYER", help="of patterns (four)")
    add("--filters", type=_filters, default=16, help='of each layer, or "all" (16)')
    add("--no-patterns", action="store_true", help="heatmaps only")
    add("--heatmap-layers", nargs="+", default="auto", metavar="LAYER", help="(the last one)")
    add("--classes", choices=["predicted", "true", "top3"], default="predicted")
    add("--method", default="gradcam", help="of heatmaps (gradcam)")
    add("--ray", metavar="ADDRESS", help='compute on a Ray cluster; "auto" for the one that runs')
    add("--quiet", action="store_true", help="no progress bar")


def _add_info(commands: Any) -> None:
    text = "list runs, steps, layers, sizes and problems of a log directory"
    add = _command(commands, "info", _info, text, _INFO).add_argument
    add("log_dir", metavar="LOGDIR", help="a run, or a directory of runs")
    add("--json", action="store_true", help="for programs")


def _filters(text: str) -> int | str:
    return text if text == "all" else int(text)


def _report(options: argparse.Namespace) -> int:
    from convviz_tb.serve.report import report

    names = ("runs", "layers", "steps", "filters")
    chosen = {name: getattr(options, name) for name in names}
    done = report(options.log_dir, options.output, **chosen, size=int(options.size * 1e6))
    print(f"{done.path}: {done.size / 1e6:.1f} MB")
    for left_out in done.left_out:
        print(f"  left out: {left_out}")
    return 0


def _info(options: argparse.Namespace) -> int:
    from convviz_tb.cli.info import as_text, runs_in

    runs = runs_in(options.log_dir)
    if not runs and not options.json:
        raise ValueError(f"nothing of convviz_tb is in {options.log_dir!r}.")
    print(json.dumps(runs, indent=2) if options.json else as_text(runs))
    return 0


def _render(options: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before Keras loads TensorFlow
    from convviz_tb.heatmaps import GradCAM
    from convviz_tb.log.render import render
    from convviz_tb.patterns import FilterPatterns

    kinds: dict[str, Any] = {"patterns": None, "heatmaps": None}
    if not options.no_patterns:
        value_range = tuple(options.value_range)
        kinds["patterns"] = FilterPatterns(
            options.layers, filters=options.filters, value_range=value_range
        )
    if options.images:
        pictures = _pictures(options, "images", options.count)
        kinds["heatmaps"] = GradCAM(
            pictures.images,
            options.heatmap_layers,
            classes=options.classes,
            labels=pictures.labels,
            class_names=pictures.class_names,
            method=options.method,
        )
    if options.examples:
        kinds["examples"] = _examples(options)
    done = render(
        options.checkpoints,
        options.log_dir,
        **kinds,
        builder=options.builder,
        steps=options.steps,
        ray=options.ray,
        verbose=not options.quiet,
    )
    print(f"{len(done.steps)} steps rendered, {len(done.skipped)} were there: {done.log_dir}")
    return 0


def _examples(options: argparse.Namespace) -> Any:
    """The pictures that are searched: of a folder of their own, or more of those of --images."""
    from convviz_tb.examples import Examples

    if options.examples is True:
        if not options.images:
            raise ValueError("--examples: name a folder of pictures, or give --images.")
        options.examples = options.images
    found = _pictures(options, "examples", options.example_count)
    return Examples(found.images, found.labels, class_names=found.class_names)


def _pictures(options: argparse.Namespace, name: str, count: int) -> Any:
    """The pictures of an option, as large as the model of the first checkpoint takes them."""
    from convviz_tb.cli.pictures import read_pictures
    from convviz_tb.log.checkpoints import checkpoints_of
    from convviz_tb.model import load_saved, picture_input

    first = checkpoints_of(options.checkpoints, options.steps)[0]
    shape = picture_input(load_saved(first.path, options.builder), None).shape
    folder, value_range = getattr(options, name), tuple(options.value_range)
    return read_pictures(folder, shape, count, value_range, f"--{name}")
