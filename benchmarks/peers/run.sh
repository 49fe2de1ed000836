#!/bin/sh
# The workloads of benchmarks/programs with every peer that is installed: one table, in Markdown.
#
#   sh benchmarks/peers/run.sh [--threads N] [--ours FILE.json] [options of compare.py]
#
# FILE.json is what benchmarks/programs wrote with --json; without it that program is run, if it is
# built. PYTHON names the interpreter that has the peers of requirements.txt, CXX the compiler.
set -eu
here=$(dirname "$0")
python=${PYTHON:-python3}
compiler="${CXX:-g++} -std=c++20 -O3 -march=native"
threads=1 ours=
while [ $# -gt 0 ]; do
  case $1 in
    --threads) threads=$2; shift 2 ;;
    --ours) ours=$2; shift 2 ;;
    --help) exec "$python" "$here/compare.py" --help ;;
    *) break ;;
  esac
done
export OMP_NUM_THREADS="$threads" OPENBLAS_NUM_THREADS="$threads" MKL_NUM_THREADS="$threads"
export PYTHONDONTWRITEBYTECODE=1

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

# Of the Python package, or else of the system.
libtorch_flags() {
  root=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2>/dev/null) ||
    root=/usr
  headers=$root/include
  [ "$root" != /usr ] || headers=/usr/include/torch
  echo "-I$headers -I$headers/torch/csrc/api/include -I$headers/csrc/api/include" \
    "-L$root/lib -Wl,-rpath,$root/lib -ltorch -ltorch_cpu -lc10"
}

# run_peer NAME HEADER FLAGS: builds and runs NAME.cpp, and adds its figures to $results.
run_peer() {
  if ! echo "#include <$2>" | $compiler -E -xc++ - $3 >"$build/log" 2>&1; then
    echo "$1: not installed: skipped"
  elif ! $compiler "$here/$1.cpp" -o "$build/$1" $3 >"$build/log" 2>&1; then
    echo "$1: does not build: skipped: $(grep -m 1 error "$build/log")"
  else
    echo "$1" >&2
    "$build/$1" "$threads" >"$build/$1.json"
    results="$results --results $1=$build/$1.json"
  fi
}

programs=$here/../../build/bench/benchmarks/programs
if [ -x "$programs" ]; then
  core=$(OPENBLAS_VERBOSE=2 "$programs" --only "no such workload" 2>&1 | grep Core | tail -1)
  echo "OpenBLAS of ours: ${core:-not found}"
  if [ -z "$ours" ]; then
    ours=$build/ours.json
    "$programs" --threads "$threads" --json "$ours" >&2
  fi
fi
[ -n "$ours" ] || echo "ours: build/bench/benchmarks/programs is not built: skipped"

results=
run_peer adept adept_arrays.h -ladept
run_peer libtorch torch/torch.h "$(libtorch_flags)"
"$python" "$here/compare.py" --threads "$threads" ${ours:+--ours "$ours"} $results "$@"
