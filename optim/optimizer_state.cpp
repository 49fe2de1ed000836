/// Saving and loading. NPY is xtensor's.
#include <cstdint>
#include <istream>
#include <ostream>
#include <stdexcept>

#include "autograd/error.hpp"
#include "optim/optimizer.hpp"

#if __has_include(<xtensor/io/xnpy.hpp>)
#include <xtensor/io/xnpy.hpp>
#else
#include <xtensor/xnpy.hpp>
#endif

namespace optim {
namespace {

constexpr const char* name = "optimizer state";

template <class E>
void write(std::ostream& out, const E& array) {
  out << xt::dump_npy(array);
}

/// The stream throws at its end meanwhile: xtensor does not look.
template <class E>
xt::xarray<E> read(std::istream& in) {
  const std::ios::iostate throws_at = in.exceptions();
  try {
    in.exceptions(std::ios::failbit | std::ios::badbit);
    xt::xarray<E> array = xt::load_npy<E>(in);
    in.exceptions(throws_at);
    return array;
  } catch (const std::ios::failure&) {
    in.exceptions(throws_at);
    autograd::fail<std::runtime_error>(name, "it ends too early");
  } catch (const std::exception& error) {
    in.exceptions(throws_at);
    autograd::fail<std::runtime_error>(name, "cannot be read: {}", error.what());
  }
}

}  // namespace

template <Scalar T>
void OptimizerState<T>::save(std::ostream& out) const {
  const std::size_t parameters = slots.empty() ? 0 : slots.front().arrays.size();
  write(out, xt::xarray<std::uint64_t>{iterations, std::uint64_t(slots.size()),
                                       std::uint64_t(parameters)});
  for (const Slot& slot : slots) {
    for (const auto& array : slot.arrays) write(out, array);
  }
  if (!out.flush()) autograd::fail<std::runtime_error>(name, "cannot be written");
}

template <Scalar T>
void OptimizerState<T>::load(std::istream& in) {
  const auto counts = read<std::uint64_t>(in);
  if (counts.size() != 3 || counts(1) != slots.size()) {
    autograd::fail<std::runtime_error>(name, "this is of another kind of optimizer");
  }
  OptimizerState<T> loaded{counts(0), slots};
  for (Slot& slot : loaded.slots) {
    slot.arrays.clear();
    for (std::uint64_t p = 0; p < counts(2); ++p) slot.arrays.push_back(read<T>(in));
  }
  *this = std::move(loaded);
}

template void OptimizerState<float>::save(std::ostream&) const;
template void OptimizerState<double>::save(std::ostream&) const;
template void OptimizerState<float>::load(std::istream&);
template void OptimizerState<double>::load(std::istream&);

}  // namespace optim
