#pragma once

#include "examples/intrinsic_images/training.hpp"
#include "examples/support/image.hpp"
#include "examples/support/plot.hpp"
#include "examples/support/report.hpp"
#include "examples/support/table.hpp"

namespace examples {

/// Why the results of the question's code were not good.
void explain(Report& report);

/// Says whether a training has diverged, or has not learned enough to be of use.
void judge(Report& report, const Training& composed, const Training& l2, double error_of_input);

/// One row for each of the first `count` held-out pictures: the input, the albedos that both
/// networks predict, each at its best brightness, and the true albedo.
Image albedo_picture(const Samples& held_out, const Training& composed, const Training& l2,
                     std::size_t count);

/// The held-out errors of both trainings over the epochs, and that of the input.
Plot error_plot(const Training& composed, const Training& l2, double error_of_input);

/// Losses and errors of about ten epochs.
Table epochs_table(const Training& composed, const Training& l2);

}  // namespace examples
