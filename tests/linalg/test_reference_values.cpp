// Values of linear algebra against those of NumPy and SciPy (tests/reference/linalg.py).
#include <algorithm>
#include <autograd/autograd.hpp>
#include <autograd/linalg.hpp>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/expect.hpp"

namespace ag = autograd;
namespace linalg = ag::linalg;

namespace {

using Arrays = std::map<std::string, xt::xarray<double>>;

/// The lines "name|extents|numbers" of a file.
Arrays arrays_of(const std::string& path) {
  std::ifstream file(path);
  Arrays arrays;
  for (std::string name, extents, numbers;
       std::getline(std::getline(std::getline(file, name, '|'), extents, '|'), numbers);) {
    std::vector<std::size_t> shape;
    std::istringstream in(extents), list(numbers);
    for (std::size_t extent; in >> extent;) shape.push_back(extent);
    xt::xarray<double>& x = arrays[name] = xt::xarray<double>::from_shape(shape);
    for (double& each : x) list >> each;
  }
  return arrays;
}

/// The columns, or rows along axis -1, turned so that their largest element is positive.
template <class W>
W turned(const W& x, int axis = -2) {
  const W largest = ag::max(x, {.axis = axis, .keepdims = true});
  const W smallest = ag::min(x, {.axis = axis, .keepdims = true});
  return x * ag::where(largest > -smallest, 1, -1);
}

/// What each name of the file means here.
template <class T>
std::map<std::string, std::function<ag::Var<T>()>> functions(const Arrays& given) {
  using W = ag::Var<T>;
  const auto at = [&](const char* name) { return W(xt::xarray<T>(xt::cast<T>(given.at(name)))); };
  const W a = at("a"), stack = at("stack"), tall = at("tall"), b = at("b"), q = at("q"),
          columns = at("columns"), definite = at("definite"), diagonals = at("diagonals"),
          right = at("right");
  const linalg::Full thin{.full_matrices = false};
  std::map<std::string, std::function<W()>> f = {
      {"solve", [=] { return linalg::solve(a, columns); }},
      {"solve vector", [=] { return linalg::solve(definite, b); }},
      {"inv", [=] { return linalg::inv(stack); }},
      {"det", [=] { return linalg::det(stack); }},
      {"slogdet sign", [=] { return linalg::slogdet(-stack).sign; }},
      {"slogdet", [=] { return linalg::slogdet(-stack).logabsdet; }},
      {"cholesky", [=] { return linalg::cholesky(definite); }},
      {"solve_triangular", [=] { return linalg::solve_triangular(a, columns); }},
      {"solve_triangular lower",
       [=] { return linalg::solve_triangular(a, b, {.trans = true, .lower = true}); }},
      {"solve_banded",
       [=] {
         return linalg::solve_banded({2, 1}, diagonals, right);
       }},
      {"solve_sylvester", [=] { return linalg::solve_sylvester(a, W(stack[0]), q); }},
      {"eigenvalues", [=] { return linalg::eigvalsh(definite); }},
      {"eigenvectors", [=] { return turned(linalg::eigh(definite).eigenvectors); }},
      {"U", [=] { return turned(linalg::svd(tall, thin).U); }},
      {"S", [=] { return linalg::svdvals(tall); }},
      {"Vh", [=] { return turned(linalg::svd(tall, thin).Vh, -1); }},
      {"Q",
       [=] {
         const auto [Q, R] = linalg::qr(tall);
         return Q * ag::sign(ag::diag(R));
       }},
      {"R",
       [=] {
         const W R = linalg::qr(tall).R;
         return R * ag::expand_dims(ag::sign(ag::diag(R)), 1);
       }},
      {"pinv", [=] { return linalg::pinv(tall); }},
      {"lstsq", [=] { return linalg::lstsq(tall, right).x; }},
      {"residuals", [=] { return linalg::lstsq(tall, right).residuals; }},
      {"rank", [=] { return W(T(linalg::matrix_rank(tall)())); }},
      {"norm None", [=] { return linalg::norm(tall); }},
      {"norm nuc along axes",
       [=] {
         return linalg::norm(stack, "nuc", {2, 0});
       }},
      {"cond None", [=] { return linalg::cond(a); }},
      {"multi_dot",
       [=] {
         return linalg::multi_dot({b, a, columns});
       }},
      {"expm", [=] { return linalg::expm(stack); }},
      {"expm small", [=] { return linalg::expm(stack / 100); }},
      {"sqrtm", [=] { return linalg::sqrtm(definite); }}};
  for (const int n : {-2, 0, 1, 5}) {
    f["matrix_power " + std::to_string(n)] = [=] { return linalg::matrix_power(stack, n); };
  }
  const std::vector<std::pair<std::string, linalg::NormOrder>> orders = {
      {"0", 0}, {"1", 1},         {"-1", -1},         {"2", 2},       {"-2", -2},
      {"3", 3}, {"inf", ag::inf}, {"-inf", -ag::inf}, {"fro", "fro"}, {"nuc", "nuc"}};
  for (const auto& [name, order] : orders) {
    const linalg::NormOrder ord = order;
    f["norm " + name] = [=] { return linalg::norm(tall, ord); };
    f["norm of vector " + name] = [=] { return linalg::norm(b, ord); };
    f["cond " + name] = [=] { return linalg::cond(a, ord); };
  }
  return f;
}

}  // namespace

TEMPLATE_TEST_CASE("linear algebra agrees with NumPy and SciPy", "[linalg][reference_values]",
                   float, double) {
  using T = TestType;
  const std::string path = std::string(SOURCE_DIR) + "/tests/reference/linalg.txt";
  const Arrays all = arrays_of(path);
  const ag::Trace trace;
  const auto ours = functions<T>(all);
  const std::vector<std::string> arguments = {"a", "stack",    "tall",      "b",    "columns",
                                              "q", "definite", "diagonals", "right"};
  int compared = 0;
  for (const auto& [name, expected] : all) {
    if (std::find(arguments.begin(), arguments.end(), name) != arguments.end()) continue;
    INFO(name);
    REQUIRE(ours.contains(name));
    const expect::Array got = xt::cast<double>(ours.at(name)().value());
    CHECK(expect::difference(got, expected, std::is_same_v<T, float> ? 1e-3 : 1e-11) == "");
    ++compared;
  }
  CHECK(compared > 50);
}
