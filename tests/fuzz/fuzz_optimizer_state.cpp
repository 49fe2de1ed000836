// Whatever the file, loading the state of an optimizer gives one that reads back equal when it is
// saved, or throws std::runtime_error and leaves the state as it was.
#include <algorithm>
#include <bit>
#include <optim/optim.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"

namespace {

using A = xt::xarray<double>;
using State = optim::OptimizerState<double>;

bool equal(const State& a, const State& b) {
  const auto same_bytes = [](const A& x, const A& y) {  // as NaN may be among the elements
    return x.shape() == y.shape() &&
           std::equal(x.begin(), x.end(), y.begin(), [](double p, double q) {
             return std::bit_cast<std::uint64_t>(p) == std::bit_cast<std::uint64_t>(q);
           });
  };
  if (a.iterations != b.iterations || a.slots.size() != b.slots.size()) return false;
  for (std::size_t i = 0; i < a.slots.size(); ++i) {
    const auto &x = a.slots[i].arrays, &y = b.slots[i].arrays;
    if (!std::equal(x.begin(), x.end(), y.begin(), y.end(), same_bytes)) return false;
  }
  return true;
}

/// The state after a step on arrays of several shapes.
template <class O>
State some_state() {
  O optimizer;
  A w = {{1, 2, 3}, {4, 5, 6}}, b = 7.0, none = A::from_shape({0, 2});
  const A g = w / 2, h = 1.0;
  const optim::Parameter<double> parameters[] = {{&w, &g}, {&b, &h}, {&none, &none}};
  optimizer.step(parameters);
  return optimizer.state();
}

std::string saved(const State& state) {
  std::ostringstream file;
  state.save(file);
  return file.str();
}

void check_loading(const std::string& text, State state) {
  const State before = state;
  try {
    std::istringstream file(text);
    state.load(file);
  } catch (const std::runtime_error&) {
    fuzz::check(equal(state, before), "the state has changed, though it could not be loaded");
    return;
  }
  State again = before;
  std::istringstream file(saved(state));
  again.load(file);
  fuzz::check(equal(again, state), "another state after saving and loading");
}

/// The optimizer takes the state, or says that it does not fit.
void check_restoring(const std::string& text) {
  optim::Adam<double> adam;
  State state = adam.state();
  try {
    std::istringstream file(text);
    state.load(file);
    adam.restore(state);
  } catch (const std::runtime_error&) {
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace

std::vector<fuzz::Bytes> fuzz::seeds() {
  std::vector<Bytes> list;
  for (const State& state : {some_state<optim::Adam<double>>(), some_state<optim::SGD<double>>(),
                             optim::Adam<double>().state()}) {
    list.push_back(bytes(saved(state)));
  }
  return list;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const State adam = some_state<optim::Adam<double>>();
  const std::string text(data, data + size);
  check_loading(text, adam);
  check_restoring(text);
  return 0;
}
