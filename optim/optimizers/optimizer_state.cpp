/// Saving and loading.
#include <cstdint>
#include <istream>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "autograd/base/error.hpp"
#include "optim/base/npy.hpp"
#include "optim/optimizers.hpp"

namespace optim {
namespace {

constexpr const char* name = "optimizer state";

/// Further arrays may follow in the stream, nothing else.
void check_end(std::istream& in) {
  constexpr int start_of_npy = 0x93;
  const int next = in.rdbuf()->sgetc();
  if (next == std::istream::traits_type::eof() || next == start_of_npy) return;
  autograd::fail<std::runtime_error>(name, "something else follows it");
}

}  // namespace

template <Scalar T>
void OptimizerState<T>::save(std::ostream& out) const {
  const std::size_t parameters = slots.empty() ? 0 : slots.front().arrays.size();
  detail::write_npy(out, xt::xarray<std::uint64_t>{iterations, std::uint64_t(slots.size()),
                                                   std::uint64_t(parameters)});
  for (const Slot& slot : slots) {
    for (const auto& array : slot.arrays) detail::write_npy(out, array);
  }
  if (!out.flush()) autograd::fail<std::runtime_error>(name, "cannot be written");
}

template <Scalar T>
void OptimizerState<T>::load(std::istream& in) {
  if (!in) autograd::fail<std::runtime_error>(name, "cannot be read");
  const auto counts = detail::read_npy<std::uint64_t>(in);
  if (counts.size() != 3 || counts.flat(1) != slots.size()) {
    autograd::fail<std::runtime_error>(name, "this is of another kind of optimizer");
  }
  OptimizerState<T> loaded{counts.flat(0), slots};
  for (Slot& slot : loaded.slots) {
    slot.arrays.clear();
    for (std::uint64_t p = 0; p < counts.flat(2); ++p) {
      slot.arrays.push_back(detail::read_npy<T>(in));
    }
  }
  check_end(in);
  *this = std::move(loaded);
}

template void OptimizerState<float>::save(std::ostream&) const;
template void OptimizerState<double>::save(std::ostream&) const;
template void OptimizerState<float>::load(std::istream&);
template void OptimizerState<double>::load(std::istream&);

}  // namespace optim
