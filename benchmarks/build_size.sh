#!/bin/sh
# What it takes to build with the library: seconds to compile and link a page of code, beside the
# same page with xtensor alone and with libtorch; and the sizes of libraries and programs.
#
#   sh benchmarks/build_size.sh [PREFIX]
#
# PREFIX is where the library is installed. Without it the static and the shared library are built
# (in build/size-static and build/size-shared) and installed to a temporary folder. CXX names the
# compiler, CXXFLAGS adds to its options, BLAS says how to link BLAS (-lopenblas), PYTHON names the
# interpreter that has torch, ROUNDS how often everything is compiled, JOBS how many compilers build
# the library. Seconds are of the processor, so that other programs matter less.
set -eu
export LC_ALL=C
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname "$here")
compiler="${CXX:-g++} -std=c++20 -O2${CXXFLAGS:+ $CXXFLAGS}"
blas=${BLAS:--lopenblas}
python=${PYTHON:-python3}
rounds=${ROUNDS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# ---- the library

# install_library KIND OPTION: builds it and installs it to $work/prefix.
install_library() {
  build=$root/build/size-$1
  quietly cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DAUTOGRAD_BUILD_TESTS=OFF \
    -DAUTOGRAD_BUILD_EXAMPLES=OFF "$2"
  quietly cmake --build "$build" --parallel "${JOBS:-1}"
  quietly cmake --install "$build" --prefix "$work/prefix"
}

# quietly COMMAND...: what it says is shown only if it fails.
quietly() {
  "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

find_prefix() {
  if [ $# -gt 0 ]; then
    prefix=$(CDPATH='' cd -- "$1" && pwd)
  else
    prefix=$work/prefix
    install_library shared -DBUILD_SHARED_LIBS=ON
    install_library static -DBUILD_SHARED_LIBS=OFF
  fi
}

# Of a build with the static library.
find_inpaint() {
  inpaint=
  for build in bench release; do
    program=$root/build/$build/examples/inpaint
    if [ -x "$program" ] && ! ldd "$program" | grep -q libautograd; then inpaint=$program; fi
  done
}

# installed FILE: where the prefix has it; nothing if it does not.
installed() { find "$prefix" -name "$1" | head -n 1; }

# ---- libtorch, of the Python package

find_torch() {
  torch_headers=$("$python" -c '
from torch.utils.cpp_extension import include_paths
print(":".join(include_paths()))' 2>/dev/null) || torch_headers=
  torch_version=$("$python" -c 'import torch; print(torch.__version__)' 2>/dev/null) || :
  torch_libraries=$("$python" -c '
import os, torch
print(os.path.join(os.path.dirname(torch.__file__), "lib"))' 2>/dev/null) || :
}

# ---- compiling

# timed FILE COMMAND...: adds a line to FILE, the seconds of the processor that the command took.
timed() {
  to=$1
  shift
  times >"$work/times"
  "$@"
  times >>"$work/times"
  awk 'function seconds(text, parts) { split(text, parts, /[ms]/); return parts[1] * 60 + parts[2] }
    NR % 2 == 0 { spent = seconds($1) + seconds($2) - spent }
    END { print spent }' "$work/times" >>"$to"
}

median() { sort -n "$1" | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'; }

headers_of() {
  case $1 in
    libtorch) echo "$torch_headers" ;;
    *) echo "$include" ;;
  esac
}

compile_page() {
  (
    CPATH=$(headers_of "$1")${CPATH:+:$CPATH}
    export CPATH
    exec $compiler -c "$here/build_size/$1.cpp" -o "$work/$1.o"
  )
}

# shellcheck disable=SC2086  # $blas is a list of words
link_page() {
  case $1 in
    autograd) $compiler "$work/$1.o" -o "$work/$1" "${static:-$shared}" $blas ;;
    xtensor) $compiler "$work/$1.o" -o "$work/$1" ;;
    libtorch) $compiler "$work/$1.o" -o "$work/$1" "-L$torch_libraries" \
      "-Wl,-rpath,$torch_libraries" -ltorch -ltorch_cpu -lc10 ;;
  esac
}

# All pages take turns.
build_pages() {
  round=0
  while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    for page in $pages; do
      timed "$work/$page.compile" compile_page "$page"
      timed "$work/$page.link" link_page "$page"
    done
  done
}

# All pages compute the same.
check_pages() {
  for page in $pages; do
    LD_LIBRARY_PATH=$(dirname "${shared:-$static}") "$work/$page" >"$work/$page.out"
    cmp -s "$work/autograd.out" "$work/$page.out" ||
      { echo "$page computes something else: $(cat "$work/$page.out")" >&2; exit 1; }
  done
}

# ---- sizes

# stripped FILE: its megabytes without the symbols that nobody needs to link.
stripped() {
  cp -L "$1" "$work/stripped"
  chmod u+w "$work/stripped"
  strip --strip-unneeded "$work/stripped"
  wc -c <"$work/stripped" | awk '{ printf "%.2f", $1 / 1e6 }'
}

# add_size WHAT FILE: a row; what is not there is named and skipped.
add_size() {
  if [ -n "$2" ] && [ -e "$2" ]; then
    echo "| $1 | $(stripped "$2") |"
  else
    echo "$1: not found: skipped" >&2
  fi
}

# loaded FILE NAME: the first shared library that FILE loads and whose path contains NAME.
loaded() { ldd "$1" | awk -v name="$2" 'index($3, name) { print $3; exit }'; }

print_pages() {
  echo "| a page with | lines | compile (s) | link (s) | program, stripped (MB) |"
  echo "|---|---|---|---|---|"
  for page in $pages; do
    echo "| $page | $(wc -l <"$here/build_size/$page.cpp") | $(median "$work/$page.compile")" \
      "| $(median "$work/$page.link") | $(stripped "$work/$page") |"
  done
}

print_sizes() {
  echo "| file | stripped (MB) |"
  echo "|---|---|"
  add_size "libautograd.so" "$shared"
  add_size "liboptim.so" "$(installed liboptim.so)"
  add_size "libautograd.a" "$static"
  add_size "liboptim.a" "$(installed liboptim.a)"
  add_size "inpaint, linked with the static library" "$inpaint"
  [ -z "$shared" ] || add_size "BLAS that libautograd.so loads" "$(loaded "$shared" blas)"
  [ -n "$torch_headers" ] || return 0
  for library in torch torch_cpu c10; do
    add_size "lib$library.so" "$torch_libraries/lib$library.so"
  done
}

find_prefix "$@"
include=$prefix/include
static=$(installed libautograd.a)
shared=$(installed libautograd.so)
[ -n "$static$shared" ] || { echo "$prefix: the library is not installed there" >&2; exit 2; }
find_inpaint
find_torch
pages="autograd xtensor"
if [ -n "$torch_headers" ]; then
  pages="$pages libtorch"
else
  echo "libtorch: not installed: skipped" >&2
fi

build_pages
check_pages
print_pages
echo
print_sizes
echo
version=$($compiler --version | head -n 1)
echo "$version, $compiler; median of $rounds${torch_headers:+; libtorch $torch_version}."
