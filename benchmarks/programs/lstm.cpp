/// A recurrent network over a sequence: a long loop of short vectors.
#include <algorithm>
#include <array>
#include <autograd/base/simd.hpp>
#include <cmath>
#include <memory>
#include <vector>

#include "benchmarks/programs/workload.hpp"

namespace benchmarks {
namespace {

using V = ag::Var<double>;
using Batch = xsimd::batch<double>;

/// The LSTM objective of ADBench, whose gates work element by element. weights and biases have
/// shape (layers, 4, width): of the forget gate, the input gate, the output gate and the change;
/// extra has rows for the weights of the input, and the weights and biases of the output.
constexpr int layers = 2, width = 14, steps = 1000;

struct Data {
  xt::xarray<double> sequence = numbers<double>({steps + 1, width}, 0, 1);
  xt::xarray<double> hidden = numbers<double>({layers, width}, -1, 1, 2);
  xt::xarray<double> cell = numbers<double>({layers, width}, -1, 1, 3);
};

struct Layer {
  V weight[4], bias[4], hidden, cell;

  Layer(const V& weights, const V& biases, const V& hidden, const V& cell)
      : hidden(hidden), cell(cell) {
    for (int i = 0; i < 4; ++i) {
      weight[i] = weights[i];
      bias[i] = biases[i];
    }
  }
  V operator()(const V& input) {
    const V forget = ag::sigmoid(input * weight[0] + bias[0]);
    const V in = ag::sigmoid(hidden * weight[1] + bias[1]);
    const V out = ag::sigmoid(input * weight[2] + bias[2]);
    const V change = ag::tanh(hidden * weight[3] + bias[3]);
    cell = cell * forget + in * change;
    return hidden = out * ag::tanh(cell);
  }
};

/// The mean of -next * (y - log(sum(exp(y)) + 2)) over all steps but the last, where y is what the
/// network predicts for the next step.
struct Loss {
  V operator()(const V& weights, const V& biases, const V& extra) const {
    const V sequence = ag::borrow(data->sequence), hidden = data->hidden, cell = data->cell;
    std::vector<Layer> network;
    network.reserve(layers);
    for (int i = 0; i < layers; ++i) {
      network.emplace_back(weights[i], biases[i], hidden[i], cell[i]);
    }
    std::vector<V> outputs;
    outputs.reserve(steps);
    for (V x : ag::view(sequence, xt::range(0, steps)) * extra[0]) {
      for (Layer& layer : network) x = layer(x);
      outputs.push_back(x);
    }
    const V y = ag::stack(outputs) * extra[1] + extra[2];
    const V next = ag::view(sequence, xt::range(1, steps + 1));
    const V total = ag::sum(ag::exp(y), {.axis = 1, .keepdims = true});
    return -ag::mean(next * (y - ag::log(total + 2.0)));
  }
  std::shared_ptr<const Data> data;
};

/// Rows are padded to whole batches: `Row` is one in registers, `Memory` one in memory.
constexpr int lanes = Batch::size, batches = (width + lanes - 1) / lanes, padded = batches * lanes;
using Memory = std::array<double, padded>;

Batch load(const Memory& row, int at) { return Batch::load_unaligned(&row[at * lanes]); }
void store(const Batch& x, Memory& row, int at) { x.store_unaligned(&row[at * lanes]); }
void add(const Batch& x, Memory& row, int at) { store(load(row, at) + x, row, at); }

Batch sigmoid(const Batch& x) { return 1.0 / (1.0 + xsimd::exp(-x)); }
Batch sigmoid_back(const Batch& g, const Batch& y) { return g * y * (1.0 - y); }
Batch tanh_back(const Batch& g, const Batch& y) { return g * (1.0 - y * y); }

struct Gates {
  Memory forget, in, out, change;
};

/// What one layer computes in one step.
struct Step {
  Gates gates;
  Memory cell, tanh_cell, hidden;
};

Gates gates_of(const double* rows) {
  Gates gates{};
  Memory* const to[] = {&gates.forget, &gates.in, &gates.out, &gates.change};
  for (int i = 0; i < 4; ++i) std::copy_n(rows + i * width, width, to[i]->begin());
  return gates;
}

void copy_gates(const Gates& gates, double* rows) {
  const Memory* const from[] = {&gates.forget, &gates.in, &gates.out, &gates.change};
  for (int i = 0; i < 4; ++i) std::copy_n(from[i]->begin(), width, rows + i * width);
}

void forward(const Gates& w, const Gates& b, const Memory& input, const Step& before, Step& now) {
  for (int i = 0; i < batches; ++i) {
    const Batch x = load(input, i), h = load(before.hidden, i);
    const Batch forget = sigmoid(x * load(w.forget, i) + load(b.forget, i));
    const Batch in = sigmoid(h * load(w.in, i) + load(b.in, i));
    const Batch out = sigmoid(x * load(w.out, i) + load(b.out, i));
    const Batch change = xsimd::tanh(h * load(w.change, i) + load(b.change, i));
    const Batch cell = load(before.cell, i) * forget + in * change, tanh_cell = xsimd::tanh(cell);
    store(forget, now.gates.forget, i);
    store(in, now.gates.in, i);
    store(out, now.gates.out, i);
    store(change, now.gates.change, i);
    store(cell, now.cell, i);
    store(tanh_cell, now.tanh_cell, i);
    store(out * tanh_cell, now.hidden, i);
  }
}

/// The gradients by a layer's parameters, and by its state at the time that the sweep has reached.
struct Gradients {
  Gates weight{}, bias{};
  Memory hidden{}, cell{};
};

/// Adds to the gradients by the parameters and to that by the input; moves those by the state one
/// step back.
void backward(const Gates& w, const Memory& input, const Step& before, const Step& now,
              Gradients& g, Memory& to_input) {
  for (int i = 0; i < batches; ++i) {
    const Batch x = load(input, i), h = load(before.hidden, i);
    const Batch forget = load(now.gates.forget, i), in = load(now.gates.in, i),
                out = load(now.gates.out, i), change = load(now.gates.change, i),
                tanh_cell = load(now.tanh_cell, i), to_hidden = load(g.hidden, i);
    const Batch to_cell = load(g.cell, i) + tanh_back(to_hidden * out, tanh_cell);
    const Batch to_forget = sigmoid_back(to_cell * load(before.cell, i), forget);
    const Batch to_in = sigmoid_back(to_cell * change, in);
    const Batch to_out = sigmoid_back(to_hidden * tanh_cell, out);
    const Batch to_change = tanh_back(to_cell * in, change);
    add(to_forget, g.bias.forget, i);
    add(to_in, g.bias.in, i);
    add(to_out, g.bias.out, i);
    add(to_change, g.bias.change, i);
    add(to_forget * x, g.weight.forget, i);
    add(to_in * h, g.weight.in, i);
    add(to_out * x, g.weight.out, i);
    add(to_change * h, g.weight.change, i);
    add(to_forget * load(w.forget, i) + to_out * load(w.out, i), to_input, i);
    store(to_in * load(w.in, i) + to_change * load(w.change, i), g.hidden, i);
    store(to_cell * forget, g.cell, i);
  }
}

class LossByHand {
 public:
  explicit LossByHand(const Data& data) {
    for (int t = 0; t <= steps; ++t) sequence[t] = row(data.sequence.data() + t * width);
    for (int l = 0; l < layers; ++l) {
      states[l].hidden = row(data.hidden.data() + l * width);
      states[l].cell = row(data.cell.data() + l * width);
    }
  }

  double operator()(Pointers<const double, 3> x, Pointers<double, 3> gradients) {
    for (int l = 0; l < layers; ++l) {
      weights[l] = gates_of(x[0] + l * 4 * width);
      biases[l] = gates_of(x[1] + l * 4 * width);
    }
    for (int i = 0; i < 3; ++i) extra[i] = row(x[2] + i * width);
    run();
    const double loss = sweep();
    for (int l = 0; l < layers; ++l) {
      copy_gates(g[l].weight, gradients[0] + l * 4 * width);
      copy_gates(g[l].bias, gradients[1] + l * 4 * width);
    }
    for (int i = 0; i < 3; ++i) std::copy_n(to_extra[i].begin(), width, gradients[2] + i * width);
    return loss;
  }

 private:
  static Memory row(const double* x) {
    Memory memory{};
    std::copy_n(x, width, memory.begin());
    return memory;
  }

  Step& state(int t, int layer) { return states[t * layers + layer]; }
  const Memory& input(int t, int layer) {
    return layer == 0 ? inputs[t] : state(t + 1, layer - 1).hidden;
  }

  void run() {
    for (int t = 0; t < steps; ++t) {
      for (int j = 0; j < padded; ++j) inputs[t][j] = sequence[t][j] * extra[0][j];
      for (int l = 0; l < layers; ++l) {
        forward(weights[l], biases[l], input(t, l), state(t, l), state(t + 1, l));
      }
    }
  }

  double sweep() {
    std::fill_n(g, layers, Gradients{});
    std::fill_n(to_extra, 3, Memory{});
    double loss = 0;
    for (int t = steps; t-- > 0;) {
      loss += loss_of_step(t, g[layers - 1].hidden);
      Memory to_input{};
      for (int l = layers; l-- > 0;) {
        backward(weights[l], input(t, l), state(t, l), state(t + 1, l), g[l],
                 l == 0 ? to_input : g[l - 1].hidden);
      }
      for (int j = 0; j < padded; ++j) to_extra[0][j] += to_input[j] * sequence[t][j];
    }
    return loss;
  }

  /// Adds to the gradient by what the last layer gives.
  double loss_of_step(int t, Memory& to_hidden) {
    const Memory &hidden = state(t + 1, layers - 1).hidden, &next = sequence[t + 1];
    Memory y, e;
    for (int i = 0; i < batches; ++i) {
      const Batch predicted = load(hidden, i) * load(extra[1], i) + load(extra[2], i);
      store(predicted, y, i);
      store(xsimd::exp(predicted), e, i);
    }
    double total = 2, share = 0, loss = 0;
    for (int j = 0; j < width; ++j) {
      total += e[j];
      share += next[j];
    }
    const double log_total = std::log(total), scale = 1.0 / (steps * width);
    for (int j = 0; j < padded; ++j) {
      const double to_y = scale * (share / total * e[j] - next[j]);
      loss -= scale * next[j] * (y[j] - log_total);
      to_hidden[j] += to_y * extra[1][j];
      to_extra[1][j] += to_y * hidden[j];
      to_extra[2][j] += to_y;
    }
    return loss;
  }

  std::vector<Memory> sequence = std::vector<Memory>(steps + 1), inputs = sequence;
  std::vector<Step> states = std::vector<Step>((steps + 1) * layers);
  Gates weights[layers], biases[layers];
  Memory extra[3], to_extra[3];
  Gradients g[layers];
};

}  // namespace

Workloads lstm() {
  const auto data = std::make_shared<const Data>();
  Workload result =
      workload<double, 3>("LSTM, 2 layers, 14 wide, 1000 steps",
                          Arrays<double, 3>{numbers<double>({layers, 4, width}, -1, 1, 4),
                                            numbers<double>({layers, 4, width}, -1, 1, 5),
                                            numbers<double>({3, width}, -1, 1, 6)},
                          Loss{data}, LossByHand(*data));
  result.units = steps;
  return {result};
}

}  // namespace benchmarks
