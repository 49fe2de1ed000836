/// Containers of arrays, such as the parameters of a network, and how to walk through their leaves.
/// Details of containers.hpp, which says what a container is.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/detail/api.hpp"
#include "autograd/detail/fields.hpp"
#include "autograd/var.hpp"

namespace AUTOGRAD_API autograd {
namespace detail {

/// The number type of a Var or of an array of floating-point numbers; void for anything else.
template <class A>
struct ScalarOf {
  using type = void;
};
template <class T>
struct ScalarOf<Var<T>> {
  using type = T;
};
template <Expression A>
requires std::floating_point<typename A::value_type>
struct ScalarOf<A> {
  using type = typename A::value_type;
};

template <class A>
constexpr bool is_var = false;
template <class T>
constexpr bool is_var<Var<T>> = true;
template <class A>
constexpr bool is_array = !is_var<A> && !std::is_void_v<typename ScalarOf<A>::type>;
/// What can be differentiated by: a Var, an array or a number.
template <class A>
constexpr bool is_leaf = is_var<A> || is_array<A> || std::is_floating_point_v<A>;

// ---- the kinds of containers

template <class A>
constexpr bool is_vector = false;
template <class E, class Allocator>
constexpr bool is_vector<std::vector<E, Allocator>> = true;

template <class A>
constexpr bool is_fixed_array = false;
template <class E, std::size_t n>
constexpr bool is_fixed_array<std::array<E, n>> = true;

template <class A>
constexpr bool is_tuple = false;
template <class... E>
constexpr bool is_tuple<std::tuple<E...>> = true;
template <class A, class B>
constexpr bool is_tuple<std::pair<A, B>> = true;

template <class A>
constexpr bool has_two_parts = false;
template <class A, class B>
constexpr bool has_two_parts<std::pair<A, B>> = true;
template <class A, class B>
constexpr bool has_two_parts<std::tuple<A, B>> = true;

/// std::map, recognised by its form, so that its header is not needed here.
template <class A>
constexpr bool is_map = false;
template <template <class, class, class, class> class Map, class K, class E, class Less, class A>
constexpr bool is_map<Map<K, E, Less, A>> = requires(const Map<K, E, Less, A>& map, const K& key) {
  typename Map<K, E, Less, A>::key_compare;
  map.at(key);  // std::multimap, which may hold a key twice, has no such function
};

/// A struct that is a template of its leaf, such as `template <class A> struct Layer { A W, b; };`.
template <class A>
constexpr bool is_struct = false;
template <template <class> class S, class Leaf>
requires is_leaf<Leaf>
constexpr bool is_struct<S<Leaf>> = std::is_aggregate_v<S<Leaf>> && !is_leaf<S<Leaf>>;

// ---- parts and types

/// References to the parts of a tuple, pair or struct.
template <class A>
auto parts(A& a) {
  if constexpr (is_struct<std::remove_const_t<A>>) {
    return fields(a);
  } else {
    return std::apply([](auto&... each) { return std::tie(each...); }, a);
  }
}

template <class... A>
struct Types {};
template <class... A, class... B>
Types<A..., B...> operator+(Types<A...>, Types<B...>);

/// The types of the leaves of A, as Types<...>; none where A is no container of leaves.
template <class A>
struct LeafTypes {
  using type = std::conditional_t<is_leaf<A>, Types<A>, Types<>>;
};
template <class A>
using LeafTypesT = typename LeafTypes<A>::type;
template <class E, class Allocator>
struct LeafTypes<std::vector<E, Allocator>> : LeafTypes<E> {};
template <class E, std::size_t n>
struct LeafTypes<std::array<E, n>> : LeafTypes<E> {};
template <class... E>
struct LeafTypes<std::tuple<E...>> {
  using type = decltype((Types<>() + ... + LeafTypesT<E>()));
};
template <class A, class B>
struct LeafTypes<std::pair<A, B>> : LeafTypes<std::tuple<A, B>> {};
template <class A>
requires is_map<A>
struct LeafTypes<A> : LeafTypes<typename A::mapped_type> {
};
template <template <class> class S, class Leaf>
requires is_struct<S<Leaf>>
struct LeafTypes<S<Leaf>> {
  using type = Types<Leaf>;
};

template <class... L>
constexpr bool any_var(Types<L...>) {
  return (is_var<L> || ...);
}
template <class... L>
constexpr bool any_array(Types<L...>) {
  return (is_array<L> || ...);
}
/// Whether A is a Var or a container of Vars.
template <class A>
constexpr bool has_vars = any_var(LeafTypesT<A>());
/// Whether A is an array or a container of arrays.
template <class A>
constexpr bool has_arrays = any_array(LeafTypesT<A>());
template <class A>
constexpr bool is_container = !is_leaf<A> && !std::is_same_v<LeafTypesT<A>, Types<>>;

/// The type A with F(leaf) in the place of each leaf.
template <class A, class F>
struct Mapped {
  using type = A;
};
template <class A, class F>
using MappedT = typename Mapped<A, F>::type;
template <class A, class F>
requires is_leaf<A>
struct Mapped<A, F> {
  using type = std::remove_cvref_t<std::invoke_result_t<const F&, const A&>>;
};
template <class E, class Allocator, class F>
requires is_container<std::vector<E, Allocator>>
struct Mapped<std::vector<E, Allocator>, F> {
  using type = std::vector<MappedT<E, F>>;
};
template <class E, std::size_t n, class F>
struct Mapped<std::array<E, n>, F> {
  using type = std::array<MappedT<E, F>, n>;
};
template <class... E, class F>
struct Mapped<std::tuple<E...>, F> {
  using type = std::tuple<MappedT<E, F>...>;
};
template <class A, class B, class F>
struct Mapped<std::pair<A, B>, F> {
  using type = std::pair<MappedT<A, F>, MappedT<B, F>>;
};
template <template <class, class, class, class> class Map, class K, class E, class Less, class A,
          class F>
requires is_map<Map<K, E, Less, A>> && is_container<Map<K, E, Less, A>>
struct Mapped<Map<K, E, Less, A>, F> {
  using Pair = std::pair<const K, MappedT<E, F>>;
  using type =
      Map<K, MappedT<E, F>, Less, typename std::allocator_traits<A>::template rebind_alloc<Pair>>;
};
template <template <class> class S, class Leaf, class F>
requires is_struct<S<Leaf>>
struct Mapped<S<Leaf>, F> {
  using type = S<MappedT<Leaf, F>>;
};

/// Whether b may stand beside a: both are leaves, where an integer or an array of integers may be
/// the second, or containers whose types are the same but for their leaves.
struct NoLeaf {
  double operator()(const auto&) const;
};
template <class A, class B>
constexpr bool same_form = std::is_same_v<MappedT<A, NoLeaf>, MappedT<B, NoLeaf>> ||
                           (is_leaf<A> && (std::is_arithmetic_v<B> || Expression<B>));

/// Gives a struct another leaf than it has.
template <class S>
struct OtherLeaf {
  std::conditional_t<has_vars<S>, double, Var<double>> operator()(const auto&) const;
};

/// Whether part i of a tuple, pair or struct has leaves. A field that a struct has whatever its
/// leaf is, such as `double rate` in `template <class A> struct Layer`, has none.
template <class A, std::size_t i>
constexpr bool has_leaves_at() {
  using Part = std::remove_cvref_t<std::tuple_element_t<i, decltype(parts(std::declval<A&>()))>>;
  if constexpr (is_struct<A>) {
    using Other = FieldsOf<MappedT<A, OtherLeaf<A>>>;
    constexpr bool depends_on_leaf =
        !std::is_same_v<Part, std::remove_cvref_t<std::tuple_element_t<i, Other>>>;
    static_assert(!depends_on_leaf || is_leaf<Part> || is_container<Part>,
                  "autograd: a field of a struct depends on the leaf and is neither an array nor a "
                  "container that is known (std::vector, array, pair, tuple, map, or a struct)");
    return depends_on_leaf;
  } else {
    return is_leaf<Part> || is_container<Part>;
  }
}
template <class A>
constexpr std::size_t part_count = std::tuple_size_v<decltype(parts(std::declval<A&>()))>;

// ---- walking through leaves

/// Calls f(i) with the index of each part of a tuple, pair or struct that has leaves.
template <class A, class F>
void for_each_part(const F& f) {
  const auto at = [&]<std::size_t i>(std::integral_constant<std::size_t, i> index) {
    if constexpr (has_leaves_at<A, i>()) f(index);
  };
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (at(std::integral_constant<std::size_t, i>()), ...);
  }
  (std::make_index_sequence<part_count<A>>());
}

/// Whether two containers of the same form have the same sizes and keys.
template <class A, class B>
bool same_structure(const A& a, const B& b) {
  if constexpr (is_vector<A> || is_fixed_array<A>) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return same_structure(x, y); });
  } else if constexpr (is_map<A>) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
      return x.first == y.first && same_structure(x.second, y.second);
    });
  } else if constexpr (is_container<A>) {
    bool same = true;
    for_each_part<A>(
        [&](auto i) { same &= same_structure(std::get<i>(parts(a)), std::get<i>(parts(b))); });
    return same;
  } else {
    return true;
  }
}

/// Calls f(leaf of a, leaf of b, ...) for all leaves, in order, of containers of the same
/// structure.
template <class F, class A, class... B>
void for_each_leaf(const F& f, A& a, B&... b) {
  using Container = std::remove_const_t<A>;
  if constexpr (is_leaf<Container>) {
    f(a, b...);
  } else if constexpr (is_vector<Container> || is_fixed_array<Container>) {
    for (std::size_t i = 0; i < a.size(); ++i) for_each_leaf(f, a[i], b[i]...);
  } else if constexpr (is_map<Container>) {
    for (auto& [key, element] : a) for_each_leaf(f, element, b.find(key)->second...);
  } else if constexpr (is_container<Container>) {
    for_each_part<Container>(
        [&](auto i) { for_each_leaf(f, std::get<i>(parts(a)), std::get<i>(parts(b))...); });
  }
}

/// Throws std::invalid_argument, which begins with `name` and calls b `what`.
[[noreturn]] void refuse_structure(const char* name, const char* what);

/// Calls f(leaf of a, leaf of b) for all leaves. Throws std::invalid_argument, which begins with
/// `name` and calls b `what`, if their structures differ.
template <class F, class A, class B>
void for_each_pair_of_leaves(const char* name, const char* what, const F& f, A& a, B& b) {
  constexpr bool same = same_form<std::remove_const_t<A>, std::remove_const_t<B>>;
  static_assert(same,
                "autograd: containers of different types meet; they may differ in their leaves "
                "only, as Net<Array> and Net<Var> do");
  if constexpr (same) {
    if (!same_structure(a, b)) refuse_structure(name, what);
    for_each_leaf(f, a, b);
  }
}

template <class F, class A>
MappedT<A, F> map_leaves(const F& f, const A& a);
/// Field i of a struct, with f(leaf) in place of its leaves.
template <std::size_t i, class F, class A>
decltype(auto) map_leaves_at(const F& f, const A& a) {
  if constexpr (has_leaves_at<A, i>()) {
    return map_leaves(f, std::get<i>(fields(a)));
  } else {
    return std::get<i>(fields(a));
  }
}

/// A copy of a in which f(leaf) takes the place of each leaf, in order.
template <class F, class A>
MappedT<A, F> map_leaves(const F& f, const A& a) {
  using Result = MappedT<A, F>;
  if constexpr (is_leaf<A>) {
    return f(a);
  } else if constexpr (!is_container<A>) {
    return a;
  } else if constexpr (is_vector<A>) {
    Result result;
    result.reserve(a.size());
    for (const auto& element : a) result.push_back(map_leaves(f, element));
    return result;
  } else if constexpr (is_fixed_array<A>) {
    return std::apply([&](const auto&... each) { return Result{map_leaves(f, each)...}; }, a);
  } else if constexpr (is_map<A>) {
    Result result;
    for (const auto& [key, element] : a) result.emplace(key, map_leaves(f, element));
    return result;
  } else if constexpr (is_tuple<A>) {
    return std::apply([&](const auto&... each) { return Result{map_leaves(f, each)...}; }, a);
  } else {
    Result result{};
    const auto fill = [&]<std::size_t i>(std::integral_constant<std::size_t, i>) {
      std::get<i>(fields(result)) = map_leaves_at<i>(f, a);
    };
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      (fill(std::integral_constant<std::size_t, i>()), ...);
    }
    (std::make_index_sequence<part_count<A>>());
    return result;
  }
}

/// A list with f(leaf) for each leaf of all arguments: a std::array where none is a container.
template <class L, class F, class... A>
auto list_of_leaves(const F& f, A&... a) {
  if constexpr ((is_leaf<std::remove_const_t<A>> && ...)) {
    return std::array<L, sizeof...(A)>{f(a)...};
  } else {
    std::vector<L> list;
    (for_each_leaf([&](auto& leaf) { list.push_back(f(leaf)); }, a), ...);
    return list;
  }
}

/// The arguments with the elements of a list in the place of their leaves.
template <class L, class... A>
auto with_leaves(const L* list, const A&... a) {
  const auto next = [&](const auto&) -> const L& { return *list++; };
  return std::tuple<MappedT<A, decltype(next)>...>{map_leaves(next, a)...};
}

}  // namespace detail
}  // namespace autograd
