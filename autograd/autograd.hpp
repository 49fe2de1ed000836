/// Reverse-mode automatic differentiation of array programs, after Python's autograd.
#pragma once

#include "autograd/check.hpp"
#include "autograd/containers.hpp"
#include "autograd/custom.hpp"
#include "autograd/debug.hpp"
#include "autograd/implicit.hpp"
#include "autograd/memory.hpp"
#include "autograd/numpy.hpp"
#include "autograd/operators.hpp"
#include "autograd/ops.hpp"
#include "autograd/preaccumulate.hpp"
#include "autograd/products.hpp"
#include "autograd/slicing.hpp"
#include "autograd/sparsity.hpp"
#include "autograd/threads.hpp"
#include "autograd/transforms.hpp"
#include "autograd/var.hpp"
