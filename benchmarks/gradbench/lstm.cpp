/// A recurrent network that predicts the next character of a text; its gates work element by
/// element.
#include <algorithm>
#include <cmath>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

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

  /// The layers from `first` to `last`, each one step behind that before it, are one array: no step
  /// of a layer waits for another one of these.
  struct Network {
    V weight[4], bias[4];  ///< of the gates forget, in, out and change: (layers, bits)
    V hidden, cell;        ///< (layers, bits)

    static V rows(const V& x, ag::Index first, ag::Index last) {
      return first == 0 && last == x.shape(0) ? x : ag::view(x, xt::range(first, last));
    }
    static V with_rows(const V& x, ag::Index first, const V& part) {
      if (part.shape(0) == x.shape(0)) return part;
      return ag::set(x, xt::range(first, first + part.shape(0)), part);
    }

    void step(const V& input, ag::Index first, ag::Index last) {
      const auto gate = [&](int i, const V& x) {
        return x * rows(weight[i], first, last) + rows(bias[i], first, last);
      };
      const V x = first > 0 ? rows(hidden, first - 1, last - 1)
                  : last == 1
                      ? ag::expand_dims(input, 0)
                      : ag::concatenate({ag::expand_dims(input, 0), rows(hidden, 0, last - 1)});
      const V h = rows(hidden, first, last), c = rows(cell, first, last);
      const V next = c * ag::sigmoid(gate(0, x)) + ag::sigmoid(gate(1, h)) * ag::tanh(gate(3, h));
      hidden = with_rows(hidden, first, ag::sigmoid(gate(2, x)) * ag::tanh(next));
      cell = with_rows(cell, first, next);
    }
  };

  Network network(const V& main_params) const {
    const ag::Index l = static_cast<ag::Index>(layers), b = static_cast<ag::Index>(bits);
    const V by_layer = ag::reshape(main_params, {l, 2, 4, b});
    const V by_gate =
        ag::reshape(ag::reshape(ag::transpose(by_layer, {1, 2, 0, 3}), {-1}), {2, 4, l, b});
    Network result;
    for (int i = 0; i < 4; ++i) {
      result.weight[i] = by_gate[0][i];
      result.bias[i] = by_gate[1][i];
    }
    result.hidden = Array(xt::view(state, xt::range(0, 2 * layers, 2)));
    result.cell = Array(xt::view(state, xt::range(1, 2 * layers, 2)));
    return result;
  }

  /// Layer i takes character t in wave t + i. What does not depend on the characters before is
  /// computed for all at once.
  V operator()(const V& main_params, const V& extra_params) const {
    const ag::Index l = static_cast<ag::Index>(layers), n = static_cast<ag::Index>(count);
    const V text = ag::borrow(sequence);
    const V inputs = ag::view(text, xt::range(0, n)) * extra_params[0];
    Network all = network(main_params);
    std::vector<V> outputs;
    for (ag::Index wave = 0; wave < n + l - 1; ++wave) {
      const ag::Index first = std::max<ag::Index>(0, wave - n + 1), last = std::min(wave + 1, l);
      all.step(inputs[std::min(wave, n - 1)], first, last);
      if (last == l) outputs.push_back(all.hidden[-1]);
    }
    const V y = ag::stack(outputs) * extra_params[1] + extra_params[2];
    const V total = ag::log(ag::sum(ag::exp(y), {.axis = 1, .keepdims = true}) + 2.0);
    return -ag::mean(ag::view(text, xt::range(1, n + 1)) * (y - total));
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
