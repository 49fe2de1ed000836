/// Optimizers on top of autograd.
#pragma once

#include "optim/adam.hpp"
#include "optim/lbfgs.hpp"
#include "optim/learning_rate.hpp"
#include "optim/losses.hpp"
#include "optim/minimize.hpp"
#include "optim/projected.hpp"
#include "optim/projections.hpp"
#include "optim/rmsprop.hpp"
#include "optim/sgd.hpp"
#include "optim/solvers.hpp"
#include "optim/stopping.hpp"
#include "optim/term.hpp"
#include "optim/terms.hpp"
