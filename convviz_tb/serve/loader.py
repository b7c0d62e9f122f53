"""Entry point of the plugin: nothing in it may fail.

TensorBoard does not catch what is raised while it imports this module and asks the loader about
flags. So nothing is imported here that a broken install could lack: that happens in `load`, where
TensorBoard logs what is raised and goes on without our tab.
"""

from typing import Any, Final

from tensorboard.plugins import base_plugin

#: As in `schema.py`, which is not imported here.
_PLUGIN_NAME: Final = "convviz"


class ConvVizLoader(base_plugin.TBLoader):
    """Entry point: keeps every logged step and makes the plugin."""

    def fix_flags(self, flags: Any) -> None:
        """Has both loaders keep all our steps, where TensorBoard would keep 10 random ones.

        A user's own `--samples_per_plugin=convviz=N` wins.
        """
        samples = getattr(flags, "samples_per_plugin", None)
        if isinstance(samples, dict):
            samples.setdefault(_PLUGIN_NAME, 0)

    def load(self, context: base_plugin.TBContext) -> base_plugin.TBPlugin:
        """Makes the plugin."""
        from convviz_tb.serve.plugin import ConvVizPlugin

        return ConvVizPlugin(context)
