#!/bin/sh
# Builds and runs the whole test suite: sh tests/run.sh
# Arguments go to ctest: sh tests/run.sh -R shape
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
sh "$root/third_party/install.sh"
cd "$root"
cmake --preset release || exit 2
cmake --build --preset release --parallel "$jobs"
ctest --preset release --parallel "$jobs" "$@"
