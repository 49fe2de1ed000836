/// Optimizers on top of autograd.
#pragma once

#include "optim/sgd.hpp"
