/// Chains of elementwise operations run tile by tile: the same results, less memory.
/// FUSE_FROM=n in the environment sets the size from which they do, in all tests of the program.

#include <cmath>
#include <cstdlib>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/loops/fused_loop.hpp"
#include "autograd/tape/tape.hpp"
#include "tests/engine/random_graph.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fuse_from.hpp"

namespace {

namespace ag = autograd;
using op_cases::distance;
using op_cases::Problem;

constexpr ag::Index never = ag::Index(1) << 60;

template <class T>
void fuse_all_from(ag::Index size) {
  ag::Tape<T>::current().fuse_from = size;
  ag::Tape<T>::current().fuse_rows_from = 1;
}

[[maybe_unused]] const bool set_by_environment = [] {
  const char* text = std::getenv("FUSE_FROM");
  if (text == nullptr) return false;
  fuse_all_from<float>(std::atol(text));
  fuse_all_from<double>(std::atol(text));
  return true;
}();

template <class T>
constexpr double tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-11;

/// What a problem gives, with operations fused from a size on.
template <class T>
struct Results {
  op_cases::ArrayOf<T> value;
  op_cases::ArraysOf<T> raw, recorded;
  Results(const Problem<T>& p, ag::Index from) {
    const FuseFrom setting(from);
    value = op_cases::value(p);
    raw = gradients(p);
    recorded = recorded_gradients(p);
  }
};

template <class T>
void check_fused_like_not_fused(const Problem<T>& p) {
  const Results<T> fused(p, 1), plain(p, never);
  CHECK(distance(fused.value, plain.value) <= tolerance<T>);
  CHECK(distance(fused.raw, plain.raw) <= tolerance<T>);
  CHECK(distance(fused.recorded, plain.recorded) <= tolerance<T>);
}

xt::xarray<double> wave(std::size_t rows, std::size_t columns) {
  xt::xarray<double> x = xt::zeros<double>({rows, columns});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(0.37 * double(i)) + 0.1;
  return x;
}

using V = ag::Var<double>;

const xt::xarray<double> prewitt = {{-1, 0, 1}, {-1, 0, 1}, {-1, 0, 1}};
const xt::xarray<double> laplace = {{0, 1, 0}, {1, -4, 1}, {0, 1, 0}};

}  // namespace

TEMPLATE_TEST_CASE("every operation gives with fusion what it gives without", "[engine][fusion]",
                   float, double) {
  for (const op_cases::Row& row : op_cases::rows()) {
    INFO(row.name());
    check_fused_like_not_fused(op_cases::problem_of<TestType>(row));
  }
}

TEMPLATE_TEST_CASE("random graphs give with fusion what they give without", "[engine][fusion]",
                   float, double) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    INFO("seed " << seed);
    check_fused_like_not_fused(random_graph::problem<TestType>(seed));
  }
}

TEST_CASE("second derivatives of fused operations agree with differences", "[engine][fusion]") {
  const FuseFrom everything(1);
  for (std::uint64_t seed = 1000; seed < 1100; ++seed) {
    INFO("seed " << seed);
    CHECK_NOTHROW(check(random_graph::problem<double>(seed),
                        {.step = 3e-4, .tolerance = 1e-5, .seed = seed}));
  }
}

TEST_CASE("large arrays, whose tiles are many, give with fusion what they give without",
          "[engine][fusion]") {
  const std::pair<const char*, std::function<V(const V&)>> functions[] = {
      {"chain and sum", [](const V& x) { return ag::sum(ag::square(x * 3 - 1) * x); }},
      {"chain and norms",
       [](const V& x) { return ag::sum(ag::norm(ag::diff(x) + 1, {.axis = 1})); }},
      {"columns",
       [](const V& x) { return ag::sum(ag::norm(ag::diff(ag::transpose(x)), {.axis = 1})); }},
      {"every other",
       [](const V& x) {
         return ag::norm(ag::diff(ag::view(x, xt::all(), xt::range(1, xt::placeholders::_, 2))));
       }},
      {"several chains over the same array",
       [](const V& x) {
         const V y = ag::transpose(ag::view(x, xt::range(256, xt::placeholders::_, -1)));
         return ag::norm(ag::diff(x)) + ag::norm(ag::diff(x, 1, 0)) + ag::norm(ag::diff(y, 2)) +
                ag::sum(ag::view(x, xt::all(), 3) * 2) +
                ag::sum(ag::square(ag::correlate2d(x, laplace)));
       }},
      {"with its transpose", [](const V& x) { return ag::sum(x * ag::transpose(x) * x); }},
      {"broadcast both ways",
       [](const V& x) {
         return ag::sum(
             ag::square(x - ag::mean(x, {.axis = 1, .keepdims = true}) * ag::mean(x, {.axis = 0})));
       }},
      {"used twice",
       [](const V& x) {
         const V y = x * 2 + 1;
         return ag::sum(ag::square(y)) + ag::sum(y) + ag::logsumexp(y);
       }},
      {"costly and used twice",
       [](const V& x) {
         const V y = ag::exp(x * 0.5);
         return ag::sum(y * ag::sin(y)) / ag::sum(y) + ag::max(y);
       }},
      {"long",
       [](const V& x) {
         V y = x;
         for (int i = 0; i < 40; ++i) y = y * 0.9 + ag::square(x) * 0.01;
         return ag::sum(y);
       }},
      {"the branch not taken",
       [](const V& x) { return ag::sum(ag::where(x > 0, ag::sqrt(x), 0) * 2); }},
      {"slopes", [](const V& x) { return ag::sum(ag::square(ag::correlate2d(x, prewitt))); }},
      {"a kernel that is no product",
       [](const V& x) { return ag::norm(ag::correlate2d(x, laplace) * 2 + 1); }},
      {"slopes with other axes first",
       [](const V& x) {
         const V slopes = ag::correlate2d(x, prewitt);
         return ag::sum(slopes * ag::transpose(slopes) * slopes);
       }},
      {"slopes of which parts are used",
       [](const V& x) {
         const V slopes = ag::correlate2d(x, prewitt, {.stride = {2, 1}});
         return ag::sum(ag::exp(ag::view(slopes, 3)) + ag::view(slopes, 4)) + ag::norm(slopes);
       }},
      {"groups of channels",
       [](const V& x) {
         const V images = ag::reshape(ag::view(x, xt::range(0, 256)), {4, 4, 16, 257});
         const V kernels = ag::reshape(ag::view(x, 256, xt::range(0, 48)), {4, 2, 2, 3});
         const V y = ag::correlate2d(images, ag::stop_gradient(kernels), {.groups = 2});
         return ag::sum(y * ag::sin(y)) + ag::sum(ag::diff(y) * 2);
       }},
      {"two ways to group",
       [](const V& x) {
         const V images = ag::reshape(ag::view(x, xt::range(0, 252)), {2, 6, 21, 257});
         const V kernels = ag::stop_gradient(ag::view(x, 256, xt::range(0, 36)));
         const V y = ag::correlate2d(images, ag::reshape(kernels, {6, 3, 1, 2}), {.groups = 2});
         const V z = ag::correlate2d(
             images, ag::reshape(ag::view(kernels, xt::range(0, 24)), {6, 2, 1, 2}), {.groups = 3});
         return ag::sum(y * z) + ag::sum(y + ag::square(z)) + ag::norm(z);
       }},
      {"products of what is lazy",
       [](const V& x) {
         const V centred = x - ag::mean(x, {.axis = 0});
         return ag::sum(ag::square(ag::matmul(centred, x * 2 - 1))) +
                ag::sum(ag::matmul(ag::exp(x), centred) * centred);
       }},
      {"joined parts",
       [](const V& x) {
         V y = x;
         for (int i = 0; i < 3; ++i) y = (ag::roll(y, 1, 0) + ag::roll(y, -1, 1) + x) / 3;
         const V turned = ag::roll(y, 5, 0);
         return ag::sum(turned * y) + ag::sum(turned + x) + ag::sum(turned - 2 * x) +
                ag::norm(ag::concatenate({y, x})) + ag::logsumexp(ag::roll(x, 2, 1)) +
                ag::sum(ag::roll(x, 3)) + ag::max(ag::roll(y, 1)) +
                ag::sum(ag::square(ag::roll(x, 4, 0) + x), {.axis = 0})[5];
       }},
      {"the kernel, too",
       [](const V& x) {
         return ag::sum(
             ag::square(ag::correlate2d(x, ag::view(x, xt::range(0, 3), xt::range(0, 5)))));
       }},
  };
  const xt::xarray<double> x = wave(257, 257);
  for (const auto& [name, f] : functions) {
    INFO(name);
    Problem<double> p;
    p.f = [f = f](std::span<const V> list) { return f(list[0]); };
    p.x = {x};
    const Results<double> fused(p, 4096), plain(p, never);
    CHECK(distance(fused.value, plain.value) <= 1e-13);
    CHECK(distance(fused.raw, plain.raw) <= 1e-12);
    CHECK(distance(fused.recorded, plain.recorded) <= 1e-12);
  }
}

TEST_CASE("a chain takes no memory for what lies between", "[engine][fusion]") {
  const xt::xarray<double> x = wave(500, 200);
  const ag::Trace trace;
  const auto& arena = ag::Tape<double>::current().arena;
  const V v = ag::borrow(x);
  const std::size_t before = arena.used();
  const V total = ag::sum(ag::square((v - 1) * 2));
  CHECK(total.item() == Approx(xt::sum(xt::square((x - 1) * 2))()));
  CHECK(arena.used() - before < x.size() * sizeof(double));
}

TEST_CASE("what is lazy outside is computed inside, and again outside", "[engine][fusion]") {
  const xt::xarray<double> x = wave(100, 100);
  const ag::Trace trace;
  const V y = ag::exp(V(x)) * 2;
  const auto inner = ag::grad([&](const V& t) { return t * ag::sum(ag::stop_gradient(y)); });
  const double total = xt::sum(xt::exp(x) * 2)();
  CHECK(inner(1.0) == Approx(total));
  CHECK(ag::sum(y).item() == Approx(total));
  CHECK(y.value()(3, 4) == Approx(2 * std::exp(x(3, 4))));
  CHECK(inner(1.0) == Approx(total));
}

TEST_CASE("rows that overlap in memory, and do not fill tiles", "[engine][fusion]") {
  xt::xarray<double> data = xt::arange<double>(2000);
  const std::vector<std::size_t> shape{2, 300};
  const std::vector<std::ptrdiff_t> strides{512, 2};
  const auto rows = xt::adapt(data.data(), std::size_t(600), xt::no_ownership(), shape, strides);
  const ag::Trace trace;
  const xt::xarray<double> y = (ag::borrow(rows) + 1.0).value();
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 300; ++j) CHECK(y(i, j) == double(512 * i + 2 * j + 1));
  }
}

TEMPLATE_TEST_CASE("an element does not depend on its place", "[engine][fusion]", float, double) {
  using T = TestType;
  using V = ag::Var<T>;
  const auto f = [](const V& x) { return ag::exp(x * T(1)); };
  const auto rows = [](const V& x) { return ag::exp(ag::transpose(x) * T(1)); };
  const auto total = [&](const V& x) { return ag::sum(f(x)); };
  const std::size_t in_chunks = (std::size_t{1} << 20) + 1;
  const auto all_equal = [](const xt::xarray<T>& x) {
    return std::all_of(x.data(), x.data() + x.size(), [&](T y) { return y == x.data()[0]; });
  };
  for (int i = 0; i < 300; ++i) {
    const T value = T(-5) + T(i) * T(0.0311);
    CAPTURE(value);
    for (const std::size_t length : {std::size_t{4097}, i == 0 ? in_chunks : std::size_t{4353}}) {
      const xt::xarray<T> x = xt::full_like(xt::xarray<T>::from_shape({length}), value);
      const xt::xarray<T> pairs = xt::full_like(xt::xarray<T>::from_shape({2, length}), value);
      CHECK(all_equal(ag::evaluate(f)(x)));
      CHECK(all_equal(ag::grad(total)(x)));
      CHECK(all_equal(ag::evaluate(rows)(pairs)));
    }
  }
}

TEST_CASE("short rows are left alone", "[engine][fusion]") {
  const auto takes_memory = [](std::size_t rows, std::size_t columns) {
    const xt::xarray<double> x = wave(rows, columns);
    const ag::Trace trace;
    const auto& arena = ag::Tape<double>::current().arena;
    const V v = ag::borrow(x);
    const std::size_t before = arena.used();
    [[maybe_unused]] const V y = v * 2;
    return arena.used() - before >= x.size() * sizeof(double);
  };
  const FuseFrom setting(4096);
  ag::Tape<double>::current().fuse_rows_from = 64;
  CHECK(takes_memory(2000, 3));
  CHECK(!takes_memory(3, 2000));
}

TEST_CASE("each row of a Jacobian, and each inner scope, finds values computed",
          "[engine][fusion]") {
  const xt::xarray<double> x = wave(80, 80);
  const auto f = [](const V& v) {
    const V y = ag::exp(v) * 2;
    return ag::stack({ag::sum(y * y), ag::max(y), ag::sum(ag::sin(y))});
  };
  const xt::xarray<double> fused = ag::jacobian(f)(x);
  const FuseFrom setting(never);
  CHECK(distance(fused, xt::xarray<double>(ag::jacobian(f)(x))) <= 1e-12);
}

TEST_CASE("sums over many rows are made in double", "[engine][fusion]") {
  const xt::xarray<float> x = xt::ones<float>({100'000, 3}) * 0.1f;
  const auto f = [](const ag::Var<float>& v) {
    return ag::sum(ag::view(v, xt::all(), xt::range(0, 2)) * 1.0f);
  };
  CHECK(ag::evaluate(f)(x)() == Approx(200'000 * double(0.1f)).epsilon(1e-6));
}

TEST_CASE("programs have limits", "[engine][fusion]") {
  const ag::Dims shape{2};
  ag::FusedLoop<double> loop(shape);
  const double data[2] = {1, 2};
  ag::Arena arena;
  const ag::View<const double> array{data, ag::make_row_major(arena, shape)};
  const auto fill_arrays = [&] {
    for (int i = 0; i < 100; ++i) loop.array(array);
  };
  CHECK_THROWS_WITH(fill_arrays(), "fused loop: too many arrays");
  const ag::FusedLoop<double>::Operand first = 0;
  const auto fill_steps = [&] {
    for (int i = 0; i < 100; ++i) loop.row(ag::Builtin<double>::copy, {&first, 1});
  };
  CHECK_THROWS_WITH(fill_steps(), "fused loop: too many steps");
}
