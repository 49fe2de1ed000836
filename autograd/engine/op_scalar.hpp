/// The number type of an operation. The files of operations are compiled twice, for float and for
/// double, so that rules and compositions are plain functions and no templates: T is the number
/// type and V the Var of this compilation.
#pragma once

#ifndef AUTOGRAD_SCALAR
#error "this file is compiled with AUTOGRAD_SCALAR defined as float or double"
#endif

#include "autograd/base/error.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape/tape.hpp"

namespace autograd {
namespace {
using T = AUTOGRAD_SCALAR;
using V = Var<T>;

[[maybe_unused]] Tape<T>& tape() { return Tape<T>::current(); }
}  // namespace
}  // namespace autograd
