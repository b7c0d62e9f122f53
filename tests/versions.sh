#!/usr/bin/env bash
# Runs the tests with the oldest and the newest versions that setup.py allows, and with the next ones,
# of which there is a pre-release; each in an environment of its own, without the tests of the
# sources and those that only look at the frontend:
#   tests/versions.sh [oldest] [newest] [next]
# PYTHON chooses the interpreter, ENVIRONMENTS where they are made (build/versions), TESTS which tests.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
environments=${ENVIRONMENTS:-build/versions}
left_out=(tests/test_{house,packaging,workflows}.py tests/frontend tests/serve/test_{notebook,proxy}.py)

# "name>=1.2" of install_requires -> "name==1.2"; without CUDA TensorFlow is a third of the size.
floors() {
  sed -n '/install_requires/,/\]/p' setup.py | sed -nE 's/^ *"([a-z]+)>=([0-9.]+)".*/\1==\2/p' |
    sed 's/^tensorflow==/tensorflow-cpu==/'
}

names() {
  floors | sed 's/==.*//'
}

# A bound that names a development version lets pip take pre-releases: of these three, not of what they need.
allowing_pre_releases() {
  floors | sed -E 's/^(tensorflow-cpu|keras|tensorboard)==(.*)/\1>=\2.dev0/; s/==.*//'
}

# Says which pre-release of TensorFlow there is for an interpreter; without one, why not, and fails.
next_tensorflow() {
  local newest
  newest=$("$1" -m pip index versions tensorflow-cpu --pre --only-binary=:all: 2>/dev/null |
    sed -nE '1s/.*\((.*)\)/\1/p')
  case "$newest" in
    "") echo "no TensorFlow has a wheel for $("$1" --version)" ; return 1 ;;
    *[a-z]*) echo "TensorFlow $newest" ;;
    *) echo "$newest is the newest TensorFlow with a wheel for $("$1" --version): no pre-release" ; return 1 ;;
  esac
}

for which in "${@:-oldest newest next}"; do
  for age in $which; do
    here="$environments/$age"
    [ -x "$here/bin/python" ] || "$python" -m venv "$here"
    case "$age" in
      oldest) mapfile -t wanted < <(floors) ;;
      newest) mapfile -t wanted < <(names) ;;
      next)
        mapfile -t wanted < <(allowing_pre_releases)
        if ! said=$(next_tensorflow "$here/bin/python"); then echo "== next: skipped, $said"; continue; fi
        echo "== next: $said" ;;
      *) echo "$age: oldest, newest or next" >&2; exit 2 ;;
    esac
    echo "== $age: ${wanted[*]}"
    # setuptools below 81 has the pkg_resources that TensorBoard 2.16 imports.
    "$here/bin/pip" install --quiet --upgrade "${wanted[@]}" pytest pytest-xdist \
      hypothesis playwright pyyaml 'setuptools>=77,<81' wheel
    # A pre-release brings a nightly Keras, whose files lie where those of ours do: one must go.
    if "$here/bin/pip" show --quiet keras-nightly 2>/dev/null; then
      "$here/bin/pip" uninstall --quiet --yes keras-nightly keras
      "$here/bin/pip" install --quiet --no-deps keras
    fi
    "$here/bin/pip" install --quiet --no-deps --no-build-isolation --force-reinstall .
    "$here/bin/python" --version
    "$here/bin/pip" list 2>/dev/null |
      grep -iE '^(tensorflow_cpu|tensorflow-cpu|keras|tensorboard|numpy|pillow|werkzeug) '
    CUDA_VISIBLE_DEVICES='' TF_CPP_MIN_LOG_LEVEL=3 "$here/bin/python" -m pytest -q \
      -n 2 --dist loadfile "${left_out[@]/#/--ignore=}" ${TESTS-} || { echo "== $age failed"; exit 1; }
  done
done
