/// The one place that includes xtensor. Everything else, users' code too, includes this file.
///
/// Three things are settled here:
/// - xtensor 0.26 moved its headers into sub-folders; both arrangements work.
/// - xtensor before 0.25 picks a wrong temporary type under g++ in C++20 (`xt::eval(a + a)` on an
///   xarray then throws or crashes: xtensor issues #1970, #2701, #2785). The specialisation below
///   mends it; it must stand between xexpression_traits.hpp and the other headers.
/// - Printing an array takes xtensor's xio.hpp, which costs time to compile and so is left to those
///   who print. Without it, a deleted operator names that header in the compiler's first error.
#pragma once

#include <iosfwd>

#if __has_include(<xtensor/containers/xarray.hpp>)

#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/generators/xbuilder.hpp>
#include <xtensor/generators/xrandom.hpp>
#include <xtensor/views/xview.hpp>

#else

#if defined(XTENSOR_ARRAY_HPP) || defined(XTENSOR_EXPRESSION_HPP)
#error "include <autograd/xtensor.hpp> before any header of xtensor: it mends xtensor under C++20"
#endif

#include <xtensor/xexpression_traits.hpp>
#include <xtensor/xtensor_config.hpp>
#if __cplusplus > 201703L && XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 25
namespace xt::detail {
template <template <class, std::size_t, class, bool> class S, class X, std::size_t N, class A,
          bool Init>
struct xtype_for_shape<S<X, N, A, Init>> {
  template <class T, layout_type L>
  using type = xarray<T, L>;
};
}  // namespace xt::detail
#endif

#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xrandom.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#endif

namespace autograd::detail {

/// Any array. Its name is what a compiler says to somebody who prints one without xtensor's
/// xio.hpp.
struct printing_needs_xtensor_xio_hpp {
  template <class E>
  requires(xt::is_xexpression<E>::value) printing_needs_xtensor_xio_hpp(const E&);
};

}  // namespace autograd::detail

namespace xt {

/// To print arrays, #include <xtensor/xio.hpp> (from xtensor 0.26 on <xtensor/io/xio.hpp>). The
/// operator declared there needs no conversion, and so is preferred to this one.
std::ostream& operator<<(std::ostream&, autograd::detail::printing_needs_xtensor_xio_hpp) = delete;

}  // namespace xt
