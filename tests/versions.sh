#!/usr/bin/env bash
# Runs the tests with the oldest and with the newest versions that setup.py allows, each in an
# environment of its own; without those of the sources and those that only look at the frontend:
#   tests/versions.sh [oldest] [newest]
# PYTHON chooses the interpreter, ENVIRONMENTS where they are made (build/versions).
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
environments=${ENVIRONMENTS:-build/versions}
left_out=(tests/test_house.py tests/test_packaging.py tests/frontend tests/serve/test_{notebook,proxy}.py)

# "name>=1.2" of install_requires -> "name==1.2"; without CUDA TensorFlow is a third of the size.
floors() {
  sed -n '/install_requires/,/\]/p' setup.py | sed -nE 's/^ *"([a-z]+)>=([0-9.]+)".*/\1==\2/p' |
    sed 's/^tensorflow==/tensorflow-cpu==/'
}

names() {
  floors | sed 's/==.*//'
}

for which in "${@:-oldest newest}"; do
  for age in $which; do
    here="$environments/$age"
    [ -x "$here/bin/python" ] || "$python" -m venv "$here"
    if [ "$age" = oldest ]; then mapfile -t wanted < <(floors); else mapfile -t wanted < <(names); fi
    echo "== $age: ${wanted[*]}"
    # setuptools below 81 has the pkg_resources that TensorBoard 2.16 imports.
    "$here/bin/pip" install --quiet --upgrade "${wanted[@]}" pytest pytest-xdist \
      hypothesis playwright 'setuptools>=77,<81' wheel
    "$here/bin/pip" install --quiet --no-deps --no-build-isolation --force-reinstall .
    "$here/bin/python" --version
    "$here/bin/pip" list 2>/dev/null |
      grep -iE '^(tensorflow_cpu|tensorflow-cpu|keras|tensorboard|numpy|pillow|werkzeug) '
    CUDA_VISIBLE_DEVICES='' TF_CPP_MIN_LOG_LEVEL=3 "$here/bin/python" -m pytest -q \
      -n 2 --dist loadfile "${left_out[@]/#/--ignore=}" || { echo "== $age failed"; exit 1; }
  done
done
