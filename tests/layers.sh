#!/bin/sh
# Checks who includes whom: sh tests/layers.sh [root of the project]
set -eu
cd "${1:-.}"

# Folders of a directory, lowest first: a file includes its own folder, lower ones, and what users
# include, which lies at the top of the directory and in detail/.
layers='
autograd   base loops conv tape engine ops linalg transforms
optim      base optimizers,terms,projections solvers
'

# What only certain files may include: the header begins with the first word; the files follow.
owners='
xtensor/       autograd/xtensor.hpp tests/*
xtensor-blas/  autograd/loops/blas.cpp
xflens/        autograd/loops/blas.cpp autograd/loops/lapack* optim/base/linalg.cpp
fmt/           autograd/base/error.* examples/* tests/* benchmarks/*
'

# What a directory sees of the project: anything that is not named here is forbidden.
sees='
autograd   autograd/*
optim      autograd/* optim/*
examples   autograd/autograd.hpp autograd/xtensor.hpp optim/optim.hpp examples/*
'

files=$(find autograd optim examples tests benchmarks -name '*.hpp' -o -name '*.cpp' 2>/dev/null ||
  true)

# shellcheck disable=SC2086  # a list of words
awk -v layers="$layers" -v owners="$owners" -v sees="$sees" '
  function to_regex(glob) {
    gsub(/[.]/, "[.]", glob)
    gsub(/[*]/, ".*", glob)
    return "^" glob "$"
  }
  function matches_any(name, words, first, count, i) {
    for (i = first; i <= count; i++) if (name ~ to_regex(words[i])) return 1
    return 0
  }
  function allowed(words, count, text, i) {
    for (i = 2; i <= count; i++) text = text (i > 2 ? ", " : "") words[i]
    return text
  }
  function folder_of(path) {
    if (path !~ /^[^\/]+\/.*\//) return "top"
    sub(/^[^\/]+\//, "", path)
    sub(/\/.*/, "", path)
    return path
  }
  # 0 for what users include; folders that stand in one word do not see each other.
  function layer_of(path, folder, lines, words, names, i, k, n) {
    folder = folder_of(path)
    if (folder == "top" || folder == "detail") return 0
    n = split(layers, lines, "\n")
    for (i = 1; i <= n; i++) {
      count = split(lines[i], words, " ")
      if (count == 0 || index(path, words[1] "/") != 1) continue
      for (k = 2; k <= count; k++)
        if (("," words[k] ",") ~ ("," folder ",")) return k - 1
    }
    return -1
  }
  function has_layers(path, lines, words, i, n) {
    n = split(layers, lines, "\n")
    for (i = 1; i <= n; i++)
      if (split(lines[i], words, " ") && index(path, words[1] "/") == 1) return 1
    return 0
  }
  function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    bad = 1
  }

  FNR == 1 {
    directory = FILENAME
    sub(/\/.*/, "", directory)
    if (has_layers(FILENAME) && layer_of(FILENAME) < 0)
      complain("lies in a folder that tests/layers.sh does not know")
    if (has_layers(FILENAME) && folder_of(FILENAME) == "top" && FILENAME ~ /[.]cpp$/)
      complain("lies at the top, where only what users include does")
  }
  /^[ \t]*#[ \t]*include[ \t]*[<"]/ {
    header = $0
    sub(/^[^<"]*[<"]/, "", header)
    sub(/[>"].*/, "", header)

    n = split(owners, lines, "\n")
    for (i = 1; i <= n; i++) {
      count = split(lines[i], words, " ")
      if (count && index(header, words[1]) == 1 && !matches_any(FILENAME, words, 2, count))
        complain("includes " header ", which only these may: " allowed(words, count))
    }

    n = split(sees, lines, "\n")
    for (i = 1; i <= n; i++) {
      count = split(lines[i], words, " ")
      if (count && words[1] == directory && header ~ /^(autograd|optim|examples|tests)\// &&
          !matches_any(header, words, 2, count))
        complain("includes " header ", which " directory "/ must not see")
    }

    if (has_layers(FILENAME) && index(header, directory "/") == 1) {
      mine = layer_of(FILENAME)
      other = layer_of(header)
      if (other > mine) complain("includes " header ", which lies in a higher folder")
      if (other == mine && folder_of(header) != folder_of(FILENAME) && mine > 0)
        complain("includes " header ", which lies beside its folder")
    }
  }
  END { exit bad }
' $files
echo "Layers: $(echo "$files" | wc -l) files, all in order."
