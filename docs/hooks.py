"""Hooks of MkDocs: pages list every public name, command and decision by themselves."""

import re
from pathlib import Path
from typing import Any

import convviz_tb
from convviz_tb.cli.main import help_of

DOCS = Path(__file__).parent


def on_config(config: Any) -> Any:
    """Adds the decisions to the navigation, in their order."""
    decisions = [f"decisions/{page.name}" for page in sorted((DOCS / "decisions").glob("0*.md"))]
    inside = next(section["Inside"] for section in config.nav if "Inside" in section)
    inside.append({"Decisions": ["decisions.md", *decisions]})
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Fills in what is made: public names, commands, decisions."""
    made = {"public names": _names, "commands": _commands, "decisions": _decisions}
    return re.sub(r"<!-- made: ([a-z ]+) -->", lambda found: made[found[1]](), markdown)


def _names() -> str:
    return "\n\n".join(f"## ::: convviz_tb.{name}" for name in convviz_tb.__all__)


def _commands() -> str:
    pages = (f"## {name}\n\n```text\n{text}\n```" for name, text in help_of().items())
    return "\n\n".join(pages)


def _decisions() -> str:
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    titles = [page.read_text("utf-8").partition("\n")[0].removeprefix("# ") for page in pages]
    lines = zip(pages, titles, strict=True)
    return "\n".join(f"- [{title}](decisions/{page.name})" for page, title in lines)
