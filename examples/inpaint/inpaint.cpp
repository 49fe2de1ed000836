/// Restores a photograph of which 90 % of the pixels were replaced by black or white, by gradient
/// descent on its roughness. The gradient of that function is never written down: it is derived
/// from `err_func` in objective.hpp. `inpaint --help` explains the options.

#include <algorithm>
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <vector>

#include "examples/inpaint/objective.hpp"
#include "examples/inpaint/problem.hpp"
#include "examples/inpaint/report.hpp"
#include "examples/support/timer.hpp"

namespace {

using namespace examples;

/// One array for a gray picture, three for a coloured one: each is restored for itself.
template <class T>
using Channels = std::vector<xt::xarray<T>>;

template <class T>
Channels<T> to_channels(const Image& image) {
  Channels<T> channels;
  for (std::size_t c = 0; c < image.channels(); ++c) {
    channels.push_back(xt::cast<T>(channel(image, c)));
  }
  return channels;
}

template <class T>
Image to_image(const Channels<T>& channels) {
  std::vector<xt::xarray<float>> planes;
  for (const auto& channel : channels) planes.push_back(xt::cast<float>(channel));
  return from_channels(planes);
}

/// Gradient descent that leaves known pixels alone and stays between black and white.
template <class T>
auto descent(const xt::xarray<bool>& known, const xt::xarray<T>& corrupted) {
  const optim::Projection<T> feasible = [fixed = optim::fixed<T>(known, corrupted),
                                         box = optim::box<T>(0, 1)](xt::xarray<T>& x) {
    fixed(x);
    box(x);
  };
  const auto L = [](std::uint64_t w) { return std::max(1.5 / static_cast<double>(w + 1), 0.015); };
  return optim::Projected(optim::SGD<T>({.learning_rate = L}), feasible);
}

template <class T>
int restore(const InpaintProblem& problem, const InpaintOptions& options) {
  const auto err_func = options.form == "rows" ? err_func_by_rows<T> : err_func_whole<T>;
  auto grad_error = ag::value_and_grad(err_func);

  Channels<T> normalized = to_channels<T>(problem.corrupted);
  Channels<T> gradients = normalized;
  double seconds_in_gradients = 0, seconds_in_steps = 0;
  std::vector<optim::Projected<optim::SGD<T>>> descents;
  for (const auto& channel : normalized) descents.push_back(descent(problem.known, channel));
  InpaintReport report(options, problem);

  for (std::size_t w = 0;; ++w) {
    double score = 0;
    seconds_in_gradients += seconds_of([&] {
      for (std::size_t c = 0; c < normalized.size(); ++c) {
        score += grad_error.into(gradients[c], normalized[c]);
      }
    });
    report.step(w, score, [&] { return to_image(normalized); });
    if (w == options.iterations) break;

    seconds_in_steps += seconds_of([&] {
      for (std::size_t c = 0; c < normalized.size(); ++c) {
        descents[c].step(normalized[c], gradients[c]);
      }
    });
  }
  return report.finish(seconds_in_gradients, seconds_in_steps);
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("inpaint", [&] {
    const InpaintOptions options = inpaint_options(argc, argv);
    const InpaintProblem problem = inpaint_problem(options);
    return options.dtype == "float" ? restore<float>(problem, options)
                                    : restore<double>(problem, options);
  });
}
