#!/bin/sh
# Checks who includes whom: sh tests/layers.sh [root of the project]
set -eu
cd "${1:-.}"

# autograd/: a file may include its own layer or lower ones. Names without extension, * allowed.
# A .cpp that is not named is a family of rules and belongs to layer 4.
layers='
1 shape error xtensor arena layout
2 scalar_math kernels loops places tiles walk program runner threads simd matrix small_products blas correlation* stencil weighted_rows
3 var tape memory debug
4 ops* arithmetic dual op_scalar conv operators slicing algebra rule pairs map movement gradients backward fusion differences
5 call sweepable jacobian make_vjp transforms preaccumulate sparsity colouring custom check
6 autograd
'

# What only certain files may include: the header begins with the first word; the files follow.
owners='
xtensor/       autograd/xtensor.hpp tests/*
xtensor-blas/  autograd/blas.cpp
xflens/        autograd/blas.cpp optim/linalg.cpp
fmt/           autograd/error.* examples/* tests/* benchmarks/*
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
  function layer_of(path, stem, lines, words, i, n) {  # of autograd/stem.ext
    stem = path
    sub(/^autograd\//, "", stem)
    sub(/[.][a-z]+$/, "", stem)
    n = split(layers, lines, "\n")
    for (i = 1; i <= n; i++)
      if (matches_any(stem, words, 2, split(lines[i], words, " "))) return words[1]
    return path ~ /[.]cpp$/ ? 4 : 0
  }
  function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    bad = 1
  }

  FNR == 1 {
    directory = FILENAME
    sub(/\/.*/, "", directory)
    if (directory == "autograd" && !layer_of(FILENAME))
      complain("is in no layer; name it in tests/layers.sh")
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

    if (directory == "autograd" && header ~ /^autograd\// && layer_of(FILENAME) &&
        layer_of(header) > layer_of(FILENAME))
      complain("(layer " layer_of(FILENAME) ") includes " header " (layer " layer_of(header) ")")
  }
  END { exit bad }
' $files
echo "Layers: $(echo "$files" | wc -l) files, all in order."
