/// The same page with libtorch.
#include <torch/torch.h>

#include <cstdio>

using torch::Tensor;

struct Points {
  Tensor x, y;
};

Points points() {
  const Tensor x = torch::linspace(-2, 2, 41, torch::kDouble);
  return {x, 0.8 * torch::tanh(1.5 * x - 0.5)};
}

Tensor curve(const Tensor& w, const Tensor& x) { return w[0] * torch::tanh(w[1] * x + w[2]); }

Tensor loss(const Tensor& w, const Points& p) {
  return torch::mean(torch::square(curve(w, p.x) - p.y)) + 1e-3 * torch::sum(torch::square(w));
}

Tensor gradient(const Tensor& at, const Points& p) {
  const Tensor w = at.clone().requires_grad_();
  return torch::autograd::grad({loss(w, p)}, {w})[0];
}

Tensor fitted(const Points& p) {
  Tensor w = torch::tensor({1.0, 1.0, 0.0}, torch::kDouble);
  for (int step = 0; step < 2000; ++step) w -= 0.5 * gradient(w, p);
  return w;
}

int main() {
  const Tensor w = fitted(points());
  std::printf("%.4f %.4f %.4f\n", w[0].item<double>(), w[1].item<double>(), w[2].item<double>());
}
