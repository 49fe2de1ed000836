/// A recurrent network that predicts the next character of a text; its gates work element by
/// element.
#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct Layer {
  V weight[4], bias[4], hidden, cell;  ///< of the gates forget, in, out and change

  V operator()(const V& input) {
    const V forget = ag::sigmoid(input * weight[0] + bias[0]);
    const V in = ag::sigmoid(hidden * weight[1] + bias[1]);
    const V out = ag::sigmoid(input * weight[2] + bias[2]);
    const V change = ag::tanh(hidden * weight[3] + bias[3]);
    cell = cell * forget + in * change;
    return hidden = out * ag::tanh(cell);
  }
};

struct Problem {
  Array main, extra, state, sequence;
  std::size_t layers, bits, count;

  explicit Problem(const json& in)
      : main(array(in["main_params"])),
        extra(array(in["extra_params"])),
        state(array(in["state"])),
        sequence(array(in["sequence"])),
        layers(main.shape(0) / 2),
        bits(extra.shape(1)),
        count(sequence.shape(0) - 1) {}

  /// What does not depend on the step before is computed for the whole sequence at once.
  V operator()(const V& main_params, const V& extra_params) const {
    const V p = ag::reshape(main_params, {ag::Index(layers), 2, 4, ag::Index(bits)});
    std::vector<Layer> network(layers);
    for (std::size_t i = 0; i < layers; ++i) {
      for (int gate = 0; gate < 4; ++gate) {
        network[i].weight[gate] = p[i][0][gate];
        network[i].bias[gate] = p[i][1][gate];
      }
      network[i].hidden = Array(xt::row(state, 2 * i));
      network[i].cell = Array(xt::row(state, 2 * i + 1));
    }
    const V text = ag::borrow(sequence);
    std::vector<V> outputs;
    for (V x : ag::view(text, xt::range(0, count)) * extra_params[0]) {
      for (Layer& layer : network) x = layer(x);
      outputs.push_back(x);
    }
    const V y = ag::stack(outputs) * extra_params[1] + extra_params[2];
    const V total = ag::log(ag::sum(ag::exp(y), {.axis = 1, .keepdims = true}) + 2.0);
    return -ag::mean(ag::view(text, xt::range(1, count + 1)) * (y - total));
  }

  double by_hand(const std::vector<Array>& at) const {
    const double *w = at[0].data(), *e = at[1].data();
    Array memory = state;
    std::vector<double> x(bits), y(bits);
    double loss = 0;
    for (std::size_t t = 0; t < count; ++t) {
      for (std::size_t j = 0; j < bits; ++j) x[j] = sequence(t, j) * e[j];
      for (std::size_t i = 0; i < layers; ++i) {
        const double *weight = w + 8 * bits * i, *bias = weight + 4 * bits;
        for (std::size_t j = 0; j < bits; ++j) {
          double &hidden = memory(2 * i, j), &cell = memory(2 * i + 1, j);
          const double forget = sigmoid(x[j] * weight[j] + bias[j]);
          const double in = sigmoid(hidden * weight[bits + j] + bias[bits + j]);
          const double out = sigmoid(x[j] * weight[2 * bits + j] + bias[2 * bits + j]);
          const double change = std::tanh(hidden * weight[3 * bits + j] + bias[3 * bits + j]);
          cell = cell * forget + in * change;
          x[j] = hidden = out * std::tanh(cell);
        }
      }
      double total = 2;
      for (std::size_t j = 0; j < bits; ++j) {
        y[j] = x[j] * e[bits + j] + e[2 * bits + j];
        total += std::exp(y[j]);
      }
      for (std::size_t j = 0; j < bits; ++j) loss -= sequence(t + 1, j) * (y[j] - std::log(total));
    }
    return loss / static_cast<double>(count * bits);
  }

  double objective() const { return by_hand({main, extra}); }

  Array gradient() const {
    const auto [by_main, by_extra] = ag::grad(*this)(main, extra);
    return xt::concatenate(xt::xtuple(xt::flatten(by_main), xt::flatten(by_extra)));
  }

  double check() const {
    const auto [value, gradients] = ag::value_and_grad(*this)(main, extra);
    const auto& [by_main, by_extra] = gradients;
    const auto f = [this](const std::vector<Array>& at) { return by_hand(at); };
    return std::max(relative_error(value, objective()),
                    gradient_error(f, {main, extra}, {by_main, by_extra}));
  }
};

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv,
             {{"objective", reader(&Problem::objective)},
              {"jacobian", reader(&Problem::gradient)},
              {"check", reader(&Problem::check)}});
}
