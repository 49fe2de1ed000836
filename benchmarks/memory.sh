#!/bin/sh
# The memory of ten gradients, ours beside PyTorch's: one table, in Markdown. Linux only.
#
#   sh benchmarks/memory.sh
#
# PYTHON names the interpreter that has torch. Each workload of each library runs in a process of
# its own, on one thread.
#
# loaded: the process with its libraries. before: with the data too, and after a gradient of a small
# problem of the same kind, which loads what is loaded late. The work is what ten gradients add to
# that at their peak; the total is the peak itself. All are of resident memory.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
ours=$here/../build/bench/benchmarks/memory
python=${PYTHON:-python3}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1

peers=yes
"$python" -c 'import torch' 2>/dev/null || peers=
[ -n "$peers" ] || echo "PyTorch: not installed: skipped" >&2
[ -x "$ours" ] || { echo "build/bench/benchmarks/memory is not built" >&2; exit 2; }

echo "| workload | library | loaded (MB) | before (MB) | work (MB) | total (MB) | value |"
echo "|---|---|---|---|---|---|---|"
for workload in restoration perceptron; do
  "$ours" "$workload"
  [ -z "$peers" ] || "$python" "$here/memory.py" "$workload"
done
