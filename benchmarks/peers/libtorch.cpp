/// Some of the workloads with PyTorch's C++ library.
#include <torch/torch.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "measure.hpp"

namespace {

using torch::Tensor;
using Objective = std::function<Tensor(const std::vector<Tensor>&)>;

template <class T>
Tensor tensor(std::vector<std::int64_t> shape, double low, double high, std::uint64_t seed = 1) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  std::vector<T> data = peers::numbers<T>(count, low, high, seed);
  return torch::from_blob(data.data(), shape, torch::CppTypeToScalarType<T>::value).clone();
}

void measure(const std::string& name, const Objective& f, std::vector<Tensor> x) {
  const double tolerance = x[0].scalar_type() == torch::kFloat ? 1e-4 : 1e-8;
  for (Tensor& each : x) each.requires_grad_();
  peers::measure(name.c_str(), tolerance, [&] {
    const Tensor value = f(x);
    torch::autograd::grad({value}, x);
    return value.item<double>();
  });
}

Tensor sines(Tensor x) {
  for (int i = 0; i < 50; ++i) x = torch::sin(x);
  return x;
}

Tensor halvings(Tensor x) {
  for (int i = 0; i < 1000; ++i) x = (x + x) / 2;
  return x;
}

/// Every other one of the last axis.
Tensor every_other(const Tensor& x, std::int64_t from) {
  return x.slice(-1, from, torch::nullopt, 2);
}

/// Norms of differences along the last axis, summed over all others.
Tensor roughness(const Tensor& x) {
  const auto norms = [](const Tensor& y) {
    return torch::linalg_vector_norm(torch::diff(y), 2, {-1}).sum();
  };
  return norms(x) + norms(every_other(x, 0)) + norms(every_other(x, 1));
}

Tensor whole(const std::vector<Tensor>& x) { return roughness(x[0]) + roughness(x[0].t()); }

Tensor by_rows(const std::vector<Tensor>& x) {
  Tensor score = torch::zeros({}, x[0].options());
  for (const Tensor& lines : {x[0], x[0].t()}) {
    for (std::int64_t i = 0; i < lines.size(0); ++i) score = score + roughness(lines[i]);
  }
  return score;
}

void measure_perceptron(std::int64_t batch) {
  const Tensor images = tensor<float>({batch, 784}, 0, 1, 5);
  Tensor labels = torch::zeros({batch, 10});
  for (std::int64_t i = 0; i < batch; ++i) labels[i][(7 * i + i / 3) % 10] = 1;
  const auto loss = [=](const std::vector<Tensor>& w) {
    const Tensor hidden = torch::tanh(torch::addmm(w[1], images, w[0]));
    const Tensor logits = torch::addmm(w[3], hidden, w[2]);
    return (torch::logsumexp(logits, 1) - (labels * logits).sum(1)).mean();
  };
  measure("perceptron, batch " + std::to_string(batch) + ", one-hot labels", loss,
          {tensor<float>({784, 128}, -0.05, 0.05, 6), tensor<float>({128}, -0.1, 0.1, 7),
           tensor<float>({128, 10}, -0.1, 0.1, 8), tensor<float>({10}, -0.1, 0.1, 9)});
}

}  // namespace

int main(int argc, char** argv) {
  at::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 1);
  const Tensor half = torch::tensor(0.5, torch::kDouble);
  measure("50 sines", [](auto& x) { return sines(x[0]); }, {half.clone()});
  measure("1000 times (x + x) / 2", [](auto& x) { return halvings(x[0]); }, {half.clone()});
  measure("50 sines of a 64-vector", [](auto& x) { return sines(x[0]).sum(); },
          {tensor<double>({64}, 0.1, 1)});
  measure("restoration, rows, 256x192, float", by_rows, {tensor<float>({192, 256}, 0, 1)});
  measure("restoration, whole, 256x192, float", whole, {tensor<float>({192, 256}, 0, 1)});
  measure("restoration, rows, 1024x768, float", by_rows, {tensor<float>({768, 1024}, 0, 1)});
  measure("restoration, whole, 1024x768, float", whole, {tensor<float>({768, 1024}, 0, 1)});
  for (const std::int64_t batch : {32, 512}) measure_perceptron(batch);
}
