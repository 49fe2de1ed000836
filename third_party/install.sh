#!/bin/sh
# Installs what is missing to build and test this project on Debian (12 or later) or Ubuntu.
#
#   sh third_party/install.sh            compiler, libraries, tests, examples, benchmarks
#   sh third_party/install.sh checks     and the tools of .ci/run
#
# Needs root or sudo only if something is missing. Exit 2: something is missing and cannot be
# installed from here; the last lines then say what.
set -u

# One entry per line: the package, and behind a colon the command that will do instead of it.
packages='
g++:c++
make:make
cmake:cmake
libxtensor-dev
libxtensor-blas-dev
libxsimd-dev
libfmt-dev
libopenblas-dev
catch2
libbenchmark-dev
libcli11-dev
libpng-dev
libjpeg-dev
libwebp-dev
pkgconf:pkg-config
gnuplot-nox:gnuplot
'
checks='
clang-format:clang-format
clang:clang++
clang-tidy:clang-tidy
libclang-rt-dev
'
[ "${1-}" = checks ] && packages="$packages $checks"

has_command() { [ -n "$1" ] && command -v "$1" >/dev/null 2>&1; }
has_package() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

if ! has_command apt-get || ! has_command dpkg-query; then
  # Another system: tools are looked for here, libraries by CMake, which downloads most of them.
  missing=''
  has_command c++ || missing="$missing c++ (a compiler for C++20: g++ 12, clang 14 or later),"
  has_command cmake || missing="$missing cmake (3.22 or later),"
  has_command make || missing="$missing make,"
  [ -z "$missing" ] && exit 0
  echo "Missing:${missing%,}. Please install them; packages are installed for you only on Debian" \
    "and Ubuntu." >&2
  exit 2
fi

missing_packages() {
  for entry in $packages; do
    package=${entry%%:*}
    command=''
    [ "$package" = "$entry" ] || command=${entry#*:}
    has_command "$command" || has_package "$package" || printf ' %s' "$package"
  done
}
missing=$(missing_packages)
[ -z "$missing" ] && exit 0

as_root=''
if [ "$(id -u)" != 0 ]; then
  if has_command sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=sudo
  else
    echo "Missing packages, and no root to install them:$missing" >&2
    echo "As root: apt-get install$missing" >&2
    exit 2
  fi
fi

echo "Installing:$missing"
# shellcheck disable=SC2086  # a list of words
if ! $as_root apt-get -qq update ||
  ! $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends --no-remove $missing </dev/null; then
  echo "apt-get failed. Still missing:$(missing_packages)" >&2
  exit 2
fi
