/// Optimizers on top of autograd.
#pragma once

#include "optim/lbfgs.hpp"
#include "optim/losses.hpp"
#include "optim/minimize.hpp"
#include "optim/optimizers.hpp"
#include "optim/projected.hpp"
#include "optim/projections.hpp"
#include "optim/solvers.hpp"
#include "optim/stopping.hpp"
#include "optim/terms.hpp"
