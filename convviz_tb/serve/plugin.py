"""The plugin's HTTP routes: parses requests and answers them from the store.

TensorBoard imports this module at every start, so it imports neither TensorFlow nor Keras.
`docs/http_api.md` has the routes.
"""

import math
import re
from collections.abc import Callable, Iterable
from importlib import resources
from typing import Any, Final

from tensorboard import errors, plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from tensorboard.util import tb_logging
from werkzeug import Request, Response

from convviz_tb.schema import PLUGIN_NAME
from convviz_tb.serve.scalars import keras_curves, layer_profiles
from convviz_tb.serve.store import NotStored, Ref, Store, Unanswered, new_cache

#: The address of a fact or a sheet names one content for ever, so browsers may keep it.
_DAY: Final = 24 * 60 * 60

#: Stands in for the frontend where it was not built, so that the tab is not a blank page.
_NOT_BUILT: Final = """\
export function render() {
  document.body.style.cssText = "margin:2rem;font:16px sans-serif;background:#fff;color:#222";
  document.body.textContent =
    "The frontend of convviz_tb has not been built. In its source tree run " +
    "`pip install .` (or `make demo`), then restart TensorBoard.";
}
"""

_logger = tb_logging.get_logger()

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class ConvVizPlugin(base_plugin.TBPlugin):
    """Serves the frontend and what the callback logged.

    Args:
        context: TensorBoard's own; only its data provider is used.
    """

    plugin_name = PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._data_provider = context.data_provider
        self._cache = new_cache()

    def get_plugin_apps(self) -> dict[str, WsgiApp]:
        """The routes, as `docs/http_api.md` describes them."""
        return {
            "/index.js": _app(_serve_module),
            # Safari ignores the entry page's <base>: it would look for an es_module_path of
            # "/index.js" beside the plugins. Of this one every browser finds one of the two.
            f"/plugin/{PLUGIN_NAME}/index.js": _app(_serve_module),
            "/runs": _app(self._serve_runs),
            "/series": _app(self._serve_series),
            "/curves": _app(self._serve_curves),
            "/profile": _app(self._serve_profile),
            "/facts": _app(self._serve_facts),
            "/sheet": _app(self._serve_sheet),
            "/report": _app(self._serve_report),
        }

    def is_active(self) -> bool:
        """Asked only where no data of ours is listed, and on every page load: so no, at once."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """What TensorBoard needs to know to show the tab."""
        return base_plugin.FrontendMetadata(
            es_module_path=f"/plugin/{PLUGIN_NAME}/index.js", tab_name="ConvViz"
        )

    def _serve_runs(self, request: Request) -> Response:
        return _json(request, {"runs": self._store(request).runs()})

    def _serve_series(self, request: Request) -> Response:
        return _json(request, self._store(request).series(_text(request, "run")))

    def _serve_curves(self, request: Request) -> Response:
        run = _text(request, "run")
        return _json(request, {"run": run, "curves": keras_curves(self._store(request), run)})

    def _serve_profile(self, request: Request) -> Response:
        run = _text(request, "run")
        return _json(request, {"run": run, "layers": layer_profiles(self._store(request), run)})

    def _serve_facts(self, request: Request) -> Response:
        facts = self._store(request).facts(_ref(request))
        return _json(request, facts, expires=_DAY)

    def _serve_sheet(self, request: Request) -> Response:
        picture, mime = self._store(request).sheet(_ref(request))
        return _respond(request, picture, mime, expires=_DAY)

    def _serve_report(self, request: Request) -> Response:
        """As JSON: no HTML of ours is ever shown from this origin, only saved by the page."""
        from convviz_tb.serve.report import page_of

        try:
            page, left_out = page_of(self._store(request), runs=request.args.getlist("run") or None)
        except ValueError as error:
            raise errors.InvalidArgumentError(str(error)) from error
        return _json(request, {"page": page, "left_out": left_out})

    def _store(self, request: Request) -> Store:
        return Store(
            provider=self._data_provider,
            context=plugin_util.context(request.environ),
            experiment=plugin_util.experiment_id(request.environ),
            cache=self._cache,
        )


def _app(answer: Callable[[Request], Response]) -> WsgiApp:
    """`answer` for GET and HEAD, with what is not stored told as 404, and no data server as 503."""

    @Request.application
    def app(request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            allow = [("Allow", "GET, HEAD")]
            return _respond(request, "GET and HEAD only", "text/plain", code=405, headers=allow)
        try:
            return answer(request)
        except NotStored as error:
            raise errors.NotFoundError(str(error)) from error
        except Unanswered as error:
            _logger.warning("convviz_tb: %s", error, exc_info=error.__cause__)
            return _respond(request, str(error), "text/plain", code=503)

    return app


def _respond(request: Request, content: Any, mime: str, **options: Any) -> Response:
    response: Response = http_util.Respond(request, content, mime, **options)
    return response


def _json(request: Request, content: Any, **options: Any) -> Response:
    return _respond(request, content, "application/json", **options)


def _serve_module(request: Request) -> Response:
    try:
        module = (resources.files("convviz_tb") / "static" / "index.js").read_bytes()
    except OSError:  # not there, or not for us to read
        module = _NOT_BUILT.encode()
    return _respond(request, module, "text/javascript")


def _ref(request: Request) -> Ref:
    """The event that an address names."""
    return Ref(_text(request, "run"), _text(request, "tag"), _step(request), _wall_time(request))


def _text(request: Request, name: str) -> str:
    value = request.args.get(name)
    if not value:
        raise errors.InvalidArgumentError(f"{name}: missing")
    return value


def _step(request: Request) -> int:
    text = _text(request, "step")
    if not re.fullmatch(r"-?[0-9]{1,19}", text):
        raise errors.InvalidArgumentError("step: not a whole number")
    return int(text)


def _wall_time(request: Request) -> float:
    try:
        wall_time = float(_text(request, "at"))
    except ValueError:
        wall_time = math.nan
    if not math.isfinite(wall_time):
        raise errors.InvalidArgumentError("at: not a wall time as `series` gives it")
    return wall_time
