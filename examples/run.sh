#!/bin/sh
# Restores a photograph of which 90 % of the pixels were lost: the embedded picture, or yours.
#   sh examples/run.sh
#   sh examples/run.sh my_photo.jpg --color
# Arguments go to the program; sh examples/run.sh --help lists them.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
sh "$root/third_party/install.sh"
(
  cd "$root"
  cmake --preset release || exit 2
  cmake --build --preset release --parallel "$jobs" --target inpaint
)
exec "$root/build/release/examples/inpaint" "$@"
