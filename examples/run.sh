#!/bin/sh
# Builds and runs the examples, one program per scenario.
#   sh examples/run.sh                        the restoration of an embedded photograph (inpaint)
#   sh examples/run.sh my_photo.jpg --color   ... of yours: arguments go to the program
#   sh examples/run.sh --list                 all scenarios
#   sh examples/run.sh NAME [ARGUMENT...]     one of them; NAME --help lists its arguments
#   sh examples/run.sh --all [ARGUMENT...]    all of them, and out/index.html, which shows everything
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

scenarios='
inpaint               restores a photograph of which 90 % of the pixels were lost
energy_autoencoder    learns atoms, sparse codes and an encoder for the patches of a picture
sgd_momentum          shows the velocity and the weights of SGD with momentum, step by step
quadratic_fit         fits a parabola by four kinds of gradient descent
simplex_fit           fits a curve with weights that sum to one: no convex problem
linear_regression     fits a line, and shows when to stop and when the rate is too large
intrinsic_images      trains a network to tell the colour of things from their shading
subspace_clustering   finds the subspaces that points lie in, in three ways
'

names() { echo "$scenarios" | awk 'NF { print $1 }'; }
is_scenario() { names | grep -qxF -e "$1"; }
purpose() { echo "$scenarios" | awk -v name="$1" '$1 == name { sub(/^[^ ]+ +/, ""); print }'; }
program() { echo "$root/build/release/examples/$1"; }
usage() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' "$0"; }

configure() {
  sh "$root/third_party/install.sh"
  (cd "$root" && cmake --preset release) || exit 2
}

build() {
  jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
  (cd "$root" && cmake --build --preset release --parallel "$jobs" --target "$1")
}

run_one() {
  name=$1
  shift
  configure
  build "$name"
  exec "$(program "$name")" "$@"
}

# Runs a scenario for the gallery; what an earlier run reported there is gone if it fails.
run_into_gallery() {
  name=$1
  shift
  echo "== $name"
  rm -f "out/$name/report.html"
  build "$name" && "$(program "$name")" "$@" --out "out/$name"
}

index_entry() {
  state=''
  case " $failed " in *" $1 "*) state=' <span class="failed">failed</span>' ;; esac
  echo "<dt><a href=\"#$1\">$1</a></dt><dd>$(purpose "$1")$state</dd>"
}

section() {
  if [ -f "out/$1/report.html" ]; then
    cat "out/$1/report.html"
  else
    echo "<section id=\"$1\"><h2>$1</h2><p class=\"failed\">This run failed.</p></section>"
  fi
}

gallery() {
  cat "$root/examples/support/gallery_head.html"
  echo '<nav><dl>'
  for name in $(names); do index_entry "$name"; done
  echo '</dl></nav>'
  for name in $(names); do section "$name"; done
  printf '</body>\n</html>\n'
}

run_all() {
  configure
  mkdir -p out
  failed=''
  for scenario in $(names); do
    run_into_gallery "$scenario" "$@" || failed="$failed $scenario"
  done
  page=$(mktemp out/.index-XXXXXX)
  trap 'rm -f "$page"' EXIT
  gallery >"$page"
  chmod '=rw' "$page" # as the user's mask allows
  mv -f "$page" out/index.html
  echo "gallery    out/index.html"
  [ -z "$failed" ] || { echo "Failed:$failed" >&2 && exit 1; }
}

case ${1-} in
  --list)
    echo "$scenarios" | sed '/^$/d'
    ;;
  --all)
    shift
    run_all "$@"
    ;;
  -h | --help)
    usage
    ;;
  '' | -*)
    run_one inpaint "$@"
    ;;
  *)
    if is_scenario "$1"; then
      run_one "$@"
    elif [ -e "$1" ]; then
      run_one inpaint "$@"
    else
      echo "$1 is neither a scenario nor a file. The scenarios:" >&2
      names | sed 's/^/  /' >&2
      exit 2
    fi
    ;;
esac
