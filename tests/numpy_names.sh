#!/bin/sh
# Checks that everything which Python's autograd 1.9.1 knows has its place here: each name of its
# tables stands in the first column of a table of docs/numpy.md, is a function of the headers under
# that or another name, or is listed below with the reason why it is missing:
# sh tests/numpy_names.sh [root of the project]
set -eu
cd "${1:-.}"

# numpy_vjps.py, numpy_jvps.py, numpy_wrapper.py and linalg.py: functions with derivatives, and those
# without.
numpy='
abs absolute add all allclose amax amin any append arccos arccosh arcsin arcsinh arctan arctan2
arctanh argmax argmin argpartition argsort argwhere around array_equal array_equiv array_split
atleast_1d atleast_2d atleast_3d broadcast_to cbrt ceil clip column_stack concatenate cos cosh
count_nonzero cross cumsum deg2rad degrees diag diagonal diff divide dot dsplit einsum empty_like
equal exp exp2 expand_dims expm1 fabs fix flatnonzero fliplr flipud floor floor_divide fmax fmin full
full_like gradient greater greater_equal hsplit hstack inner isclose isfinite isinf isnan isneginf
isposinf kron less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not
logical_or logical_xor make_diagonal matmul max maximum mean min minimum mod moveaxis msort multiply
nan_to_num negative nonzero not_equal ones_like outer pad partition power prod rad2deg radians ravel
reciprocal remainder repeat reshape rint roll rollaxis rot90 round searchsorted select sign sin sinc
sinh sort split sqrt square squeeze stack std subtract sum swapaxes tan tanh tensordot tile trace
transpose tril triu unwrap var vsplit where zeros_like
angle array conj conjugate imag iscomplex iscomplexobj isreal isscalar ndim parse_einsum_input real
real_if_close result_type shape size true_divide vstack
cholesky det eig eigh inv norm pinv slogdet solve svd
'

# differential_operators.py, misc, test_util.py and builtins.py: the function that serves here.
others='
grad grad
elementwise_grad elementwise_grad
deriv deriv
grad_named grad
value_and_grad value_and_grad
jacobian jacobian
hessian hessian
make_hvp make_hvp
hessian_tensor_product hvp
tensor_jacobian_product vjp
make_vjp make_vjp
make_jvp_reversemode make_jvp
make_ggnvp make_ggnvp
grad_and_aux grad_and_aux
checkpoint checkpoint
fixed_point fixed_point
flatten flatten
const_graph trace_nodes
full_graph trace_nodes
check_grads check_gradients
check_vjp check_gradients
check_jvp check_gradients
sgd SGD
rmsprop RMSprop
adam Adam
'

# Why names are missing.
missing='
angle           complex numbers
conj            complex numbers
conjugate       complex numbers
imag            complex numbers
iscomplex       complex numbers
iscomplexobj    complex numbers
isreal          complex numbers
real            complex numbers
real_if_close   complex numbers
holomorphic_grad complex numbers
array           Var and xt::xarray are the arrays
isscalar        types are known to the compiler
result_type     types are known to the compiler
parse_einsum_input a part of einsum
check_equivalent a part of check_grads
scalar_close    a part of check_grads
make_numerical_jvp a part of check_grads
combo_check     products of options are loops in C++
multigrad_dict  arguments have no names
unflatten_optimizer optimizers take containers
container_take  containers are those of C++
make_sequence   containers are those of C++
'

awk -v numpy="$numpy" -v others="$others" -v missing="$missing" '
  function complain(text) {
    print text
    bad = 1
  }
  # The names that the first column of a line of docs/numpy.md has in its pieces of code.
  function names_in(cell, parts, n, i, code) {
    n = split(cell, parts, "`")
    for (i = 2; i <= n; i += 2) {
      code = parts[i]
      while (match(code, /[A-Za-z_][A-Za-z_0-9]*/)) {
        listed[substr(code, RSTART, RLENGTH)] = 1
        code = substr(code, RSTART + RLENGTH)
      }
    }
  }
  FILENAME == "docs/numpy.md" {
    if (/^\|/ && split($0, cells, "|")) names_in(cells[2])
    next
  }
  !/^ *\/\// {
    text = $0
    while (match(text, /[A-Za-z_][A-Za-z_0-9]*/)) {
      declared[substr(text, RSTART, RLENGTH)] = 1
      text = substr(text, RSTART + RLENGTH)
    }
  }
  END {
    n = split(missing, lines, "\n")
    for (i = 1; i <= n; i++) {
      if (split(lines[i], words, " ") < 2) continue
      reason[words[1]] = 1
      if (words[1] in declared && !(words[1] in listed) && words[1] !~ /^(array|real)$/)
        complain(words[1] " is called missing, but the headers have it")
    }
    n = split(numpy, names, /[ \n]+/)
    for (i = 1; i <= n; i++) {
      if (names[i] == "") continue
      count++
      if (!(names[i] in listed) && !(names[i] in reason))
        complain("docs/numpy.md does not say what becomes of " names[i])
    }
    n = split(others, lines, "\n")
    for (i = 1; i <= n; i++) {
      if (split(lines[i], words, " ") < 2) continue
      count++
      if (!(words[2] in declared)) complain("there is no " words[2] ", which stands for " words[1])
    }
    if (count < 180) complain("only " count " names")
    if (!bad) print count " names of Python'\''s autograd, all of them accounted for."
    exit bad
  }
' docs/numpy.md autograd/*.hpp autograd/*.inc autograd/detail/*.hpp optim/*.hpp
