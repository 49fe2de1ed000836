/// Containers of arrays, such as the parameters of a network, in the place of arrays.
///
/// A container is a std::vector, std::array, std::pair, std::tuple or std::map of arrays, numbers
/// or containers, or a struct that is a template of its leaf:
///
///     template <class A> struct Layer { A W, b; };
///     template <class A> struct Network { std::vector<Layer<A>> layers; A scale; };
///
///     auto loss = [](const Network<Var>& net, const Var& x) { ... };
///     Network<Array> net = ...;
///     Network<Array> gradient = ag::grad<0>(loss)(net, x);
///
/// All transforms but hessian and the sparse ones take containers as arguments. The function
/// receives the same container with a Var in the place of each array and number; a gradient is the
/// same container with the gradient by each of them in its place. Elements that are neither, such
/// as a std::string in a tuple, and fields of a struct whose type does not depend on its leaf, are
/// copied. A struct must be an aggregate of at most 16 fields, without base classes and C arrays.
/// Of containers that belong together, such as the vectors of `hvp`, sizes and keys must be equal:
/// std::invalid_argument.
///
/// `evaluate`, `vjp`, `make_vjp`, `jvp` and `make_jvp` also take functions that return containers
/// of Vars.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "autograd/detail/api.hpp"
#include "autograd/detail/call.hpp"
#include "autograd/detail/containers.hpp"
#include "autograd/slicing.hpp"

namespace AUTOGRAD_API autograd {

/// A container of arrays, numbers or Vars.
template <class A>
concept Container = detail::is_container<A>;

namespace detail {

/// The shape of a leaf; that of a number is ().
template <class A>
Dims shape_of_leaf(const A& leaf) {
  if constexpr (std::is_arithmetic_v<A>) {
    return {};
  } else {
    return shape_of(leaf);
  }
}

/// Copies the elements of an array, row-major, or a number. Returns the end of the copy.
template <class A, class T>
T* copy_of_leaf(const A& leaf, T* to) {
  if constexpr (std::is_arithmetic_v<A>) {
    *to++ = leaf;
    return to;
  } else {
    if (leaf.size() == 0) return to;
    return std::copy(leaf.template begin<xt::layout_type::row_major>(),
                     leaf.template end<xt::layout_type::row_major>(), to);
  }
}

[[noreturn]] void refuse_vector(std::span<const Index> shape, Index expected);
/// Throws std::invalid_argument, which begins with `name` and calls a Var `what`, if its shape is
/// not the expected one.
void check_shape(const char* name, const char* what, std::span<const Index> shape,
                 std::span<const Index> expected);
}  // namespace detail

/// Takes a vector back to the container whose elements `flatten` put into it.
template <Scalar T, class C>
class Unflatten {
 public:
  explicit Unflatten(const C& container)
      : form_(detail::empty_result<detail::ResultOf, T>(container)) {
    detail::for_each_leaf(
        [&](const auto& leaf) {
          shapes_.push_back(detail::shape_of_leaf(leaf));
          size_ += element_count(shapes_.back());
        },
        container);
  }

  /// The number of elements.
  Index size() const { return size_; }

  /// The container with the elements of a vector: of arrays and numbers for an array, of Vars for a
  /// Var. Throws std::invalid_argument for a vector of another shape than (size(),).
  auto operator()(const xt::xarray<T>& vector) const {
    return unflattened(vector, [&]<class Leaf>(const Leaf&, Index from, const Dims& shape) {
      Leaf leaf{};
      T* to = detail::output_buffer(leaf, shape, "unflatten");
      std::copy_n(vector.data() + from, element_count(shape), to);
      return leaf;
    });
  }
  auto operator()(const Var<T>& vector) const {
    return unflattened(vector, [&](const auto&, Index from, const Dims& shape) {
      return reshape(autograd::view(vector, xt::range(from, from + element_count(shape))),
                     Extents(shape));
    });
  }

  /// The vector of a container that has the same form, sizes and shapes, as a Var. Errors call the
  /// container `what`.
  template <class G>
  Var<T> joined(const char* name, const char* what, const G& container) const {
    std::vector<Var<T>> parts{Var<T>(xt::xarray<T>::from_shape({0}))};
    auto shape = shapes_.begin();
    const auto add = [&](const auto&, const auto& leaf) {
      const Var<T> part(leaf);
      detail::check_shape(name, what, part.shape(), *shape++);
      parts.push_back(ravel(part));
    };
    detail::for_each_pair_of_leaves(name, what, add, form_, container);
    return concatenate(std::span<const Var<T>>(parts));
  }

 private:
  template <class V, class F>
  auto unflattened(const V& vector, const F& leaf_from) const {
    const Dims given = detail::shape_of(vector);
    if (given.size() != 1 || given[0] != size_) detail::refuse_vector(given, size_);
    Index from = 0;
    auto shape = shapes_.begin();
    const auto next = [&](const auto& leaf) {
      const Dims& own = *shape++;
      return leaf_from(leaf, std::exchange(from, from + element_count(own)), own);
    };
    return detail::map_leaves(next, form_);
  }

  decltype(detail::empty_result<detail::ResultOf, T>(std::declval<const C&>())) form_;
  std::vector<Dims> shapes_;
  Index size_ = 0;
};

/// {vector, unflatten}: all elements of a container (or of one array) as a vector, leaf by leaf and
/// row-major, and the function that takes such a vector back. The vector of a container of Vars is
/// a Var, and depends on them.
///
///     auto [vector, unflatten] = ag::flatten(net);
///     auto loss_of_vector = [&](const Var& v) { return loss(unflatten(v)); };
template <class C>
requires Container<C> || detail::is_leaf<C>
[[nodiscard]] auto flatten(const C& container) {
  using T = detail::CallScalarT<C>;
  Unflatten<T, C> unflatten(container);
  if constexpr (detail::has_vars<C>) {
    Var<T> vector = unflatten.joined("flatten", "the container", container);
    return std::pair(vector, std::move(unflatten));
  } else {
    auto vector = xt::xarray<T>::from_shape({static_cast<std::size_t>(unflatten.size())});
    T* to = vector.data();
    detail::for_each_leaf([&](const auto& leaf) { to = detail::copy_of_leaf(leaf, to); },
                          container);
    return std::pair(std::move(vector), std::move(unflatten));
  }
}

namespace detail {

/// What a function returns as one Var: a Var as it is, a container of Vars as a vector; and the way
/// back, for arrays and Vars of that form.
template <class T, class Y>
class Joined {
 public:
  Var<T> operator()(const Y& y) { return y; }
  const Var<T>& apart(const Var<T>& x) const { return x; }
  template <class G>
  Var<T> joined(const char*, const char*, const G& g) const {
    return Var<T>(g);
  }
};
template <class T, class Y>
requires is_container<Y>
class Joined<T, Y> {
 public:
  Var<T> operator()(const Y& y) {
    auto [vector, unflatten] = flatten(y);
    unflatten_.emplace(std::move(unflatten));
    return vector;
  }
  auto apart(const Var<T>& x) const { return (*unflatten_)(x); }
  template <class G>
  Var<T> joined(const char* name, const char* what, const G& g) const {
    return unflatten_->joined(name, what, g);
  }

 private:
  std::optional<Unflatten<T, Y>> unflatten_;
};

/// The function that calls f and joins what it returns.
template <class T, class F, class Y>
auto joining(const F& f, Joined<T, Y>& joined) {
  return [&](auto&... at) { return joined(called<T, true>(f, at...)); };
}

/// A Var, or each Var of a container, as an array; anything else as it is.
template <class T, class Y>
auto as_arrays(const char* name, const Y& y) {
  const auto as_array = [&]<class L>(const L& leaf) {
    if constexpr (is_var<L>) {
      xt::xarray<T> result;
      read(leaf, output_buffer(result, leaf.shape(), name));
      return result;
    } else {
      return leaf;
    }
  };
  return map_leaves(as_array, y);
}

}  // namespace detail

}  // namespace autograd
