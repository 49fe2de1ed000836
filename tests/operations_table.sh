#!/bin/sh
# Checks docs/numpy.md against the declarations: each public operation has a line in its tables, and
# each line names operations that exist: sh tests/operations_table.sh [root of the project]
set -eu
cd "${1:-.}"

awk '
  BEGIN { name = "[a-z_][a-z_0-9]*" }

  function complain(text) {
    print text
    bad = 1
  }

  # The declarations: a result type, and the name of a function.
  FILENAME != "docs/numpy.md" {
    if (match($0, "^(V|bool|[A-Z][a-z]+<V>|std::vector<V>|xt::xarray<Index>|std::vector<xt::xarray<Index>>|Var<T>|.* Var<T>) " name "\\(")) {
      text = substr($0, 1, RLENGTH - 1)
      sub(/.* /, "", text)
      declared[text] = 1
      count++
    }
    next
  }

  # Calls use(operation, where) for what a piece of code names: itself, or the functions it calls,
  # but no members and nothing of another namespace.
  function names_in(code, text, before) {
    if (code ~ "^" name "$") use(code)
    while (match(code, name "\\(")) {
      text = substr(code, RSTART, RLENGTH - 1)
      before = RSTART == 1 ? " " : substr(code, RSTART - 1, 1)
      if (before !~ /[.:A-Za-z0-9]/) use(text)
      code = substr(code, RSTART + RLENGTH)
    }
  }
  function use(operation) {
    named[operation] = 1
    if (!(operation in declared))
      complain("docs/numpy.md:" FNR ": there is no operation " operation)
  }
  function codes_in(cell, parts, n, i) {
    n = split(cell, parts, "`")
    for (i = 2; i <= n; i += 2) names_in(parts[i])
  }
  # Operations that a line says are missing: pieces of code before a comma or the end of the cell.
  function missing_in(cell, parts, n, i) {
    n = split(cell, parts, "`")
    for (i = 2; i <= n; i += 2)
      if (parts[i] in declared && parts[i + 1] ~ /^( *$|,)/)
        complain("docs/numpy.md:" FNR ": " parts[i] " is listed as missing, but exists")
  }

  /^## / { missing = $0 ~ /Missing/ }
  /^\|/ && !/^\|-/ {
    split($0, cells, "|")
    if (cells[2] ~ /^ (NumPy|elsewhere) $/) next
    lines++
    if (missing) missing_in(cells[2])
    codes_in(cells[3] ~ /^ the same/ ? cells[2] : cells[3])
  }

  END {
    for (operation in declared)
      if (!(operation in named)) complain("docs/numpy.md: no line for " operation)
    if (count < 90 || lines < 50) complain("only " count " declarations and " lines " lines found")
    if (!bad) print count " declarations, " lines " lines: they agree."
    exit bad
  }
' autograd/ops.inc autograd/numpy.inc autograd/linalg.inc autograd/slicing.hpp docs/numpy.md
