/// The examples as programs: their figures against known ones, and odd input.

#include "programs.hpp"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace programs;

namespace {

/// A run that must succeed; its figures.
std::string figures_of(const std::string& name, const std::string& arguments) {
  const TemporaryFolder folder;
  const Outcome outcome = run(name, folder, arguments);
  CAPTURE(name, arguments);
  CHECK(outcome.errors == "");
  CHECK(outcome.code == 0);
  CHECK(std::filesystem::file_size(folder / "out" / "report.html") > 0);
  return json_of(folder);
}

/// A run that must end with exit code 2 and this one line.
void check_refused(const std::string& name, const std::string& arguments,
                   const std::string& message) {
  const TemporaryFolder folder;
  const Outcome outcome = run(name, folder, arguments);
  CAPTURE(name, arguments);
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.errors, ContainsSubstring(message));
  CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
}

void check_refused_csv(const std::string& name, const std::string& option, const std::string& text,
                       const std::string& message) {
  const TemporaryFolder folder;
  const auto path = folder / "data.csv";
  image_files::write(path, {text.begin(), text.end()});
  check_refused(name, option + " '" + path.string() + "'", message);
}

}  // namespace

TEST_CASE("sgd_momentum: the velocity of each step", "[examples]") {
  const std::string json = figures_of("sgd_momentum", "--quick");
  CHECK(figure(json, "steps") == 12);
  CHECK(figure(json, "loss_final") > 0);
  figures_of("sgd_momentum", "--quick --nesterov --steps 200");
  check_refused("sgd_momentum", "--momentum 1.5", "--momentum");
  check_refused("sgd_momentum", "--steps -1", "--steps");
}

TEST_CASE("quadratic_fit: the digits of the answer", "[examples]") {
  const std::string json = figures_of("quadratic_fit", "");
  const auto check = [&](const std::string& key, double a2, double a1, double a0) {
    const std::string list = json.substr(json.find("\"" + key + "\": [") + key.size() + 5);
    std::size_t after_a2 = 0, after_a1 = 0;
    CHECK(std::stod(list, &after_a2) == a2);
    const std::string rest = list.substr(after_a2 + 1);
    CHECK(std::stod(rest, &after_a1) == a1);
    CHECK(std::stod(rest.substr(after_a1 + 1)) == a0);
  };
  check("one_by_one", -1.0001922562970325, 2.5003368582261487, 0.00014521557599919338);
  CHECK(figure(json, "one_by_one_loss") == 0.12500004789165717);
  CHECK(figure(json, "per_sample_distance") < 5e-4);
  CHECK(figure(json, "full_batch_distance") < 6e-4);
  CHECK(figure(json, "lbfgs_distance") < 1e-8);
}

TEST_CASE("simplex_fit: the best known value from every start", "[examples]") {
  const std::string json = figures_of("simplex_fit", "--quick");
  CHECK_THAT(figure(json, "objective"), WithinAbs(0.0695439153, 1e-10));
  CHECK_THAT(figure(json, "objective_worst"), WithinAbs(0.0695439153, 1e-10));
  CHECK_THAT(figure(json, "b"), WithinAbs(3.65014887, 2e-6));
}

TEST_CASE("linear_regression: the line of least squares, with and without a check", "[examples]") {
  const TemporaryFolder folder;
  // y = 2 x - 1 with residuals 0.1, -0.1, -0.1, 0.1: orthogonal to 1 and x.
  const std::string text = "x,y\n0,-0.9\n1,0.9\n2,2.9\n3,5.1\n";
  image_files::write(folder / "data.csv", {text.begin(), text.end()});
  const std::string json =
      figures_of("linear_regression",
                 "'" + (folder / "data.csv").string() + "' --learning-rate 0.1 --iterations 5000");
  CHECK_THAT(figure(json, "b"), WithinAbs(-1, 1e-9));
  CHECK_THAT(figure(json, "m"), WithinAbs(2, 1e-9));
  CHECK_THAT(figure(json, "loss"), WithinRel(0.01, 1e-9));
  CHECK(figure(json, "stopped_after") < 5000);
  CHECK(figure(json, "difference") < 1e-5);
  CHECK_THAT(json, ContainsSubstring("\"stopped_by\": \"GTOL\""));
  CHECK_THAT(json, ContainsSubstring("\"too_large_ended\": \"DIVERGED\""));
}

TEST_CASE("linear_regression: data that are no points", "[examples]") {
  check_refused("linear_regression", "nowhere.csv", "nowhere.csv");
  check_refused_csv("linear_regression", "", "1,2\n", "needed are two columns x, y and two rows");
  check_refused_csv("linear_regression", "", "1,2,3\n4,5,6\n", "2 x 3 numbers; needed are two");
  check_refused_csv("linear_regression", "", "1,2\n3,nan\n", "nan");
  check_refused_csv("linear_regression", "", "1,2\n3\n", "data.csv");
}

TEST_CASE("energy_autoencoder: constraints hold, the objective falls", "[examples]") {
  for (const char* dtype : {"float", "double"}) {
    const std::string json = figures_of("energy_autoencoder", std::string("--quick --atoms 30 "
                                                                          "--patch 6 --dtype ") +
                                                                  dtype);
    CHECK(figure(json, "max_atom_norm") <= 1 + 1e-5);
    CHECK(figure(json, "max_encoder_norm") <= 1 + 1e-5);
    CHECK(figure(json, "nonzero_fraction") < 0.9);
    CHECK(figure(json, "objective_final") > 0);
  }
  check_refused("energy_autoencoder", "nowhere.png", "nowhere.png");
  check_refused("energy_autoencoder", "--patch 1", "--patch");
  check_refused("energy_autoencoder", "--atoms 0", "--atoms");

  const TemporaryFolder folder;
  image_files::write(folder / "tiny.png",
                     image_files::png({4, 4}, std::vector(4, image_files::Bytes(4, 100))));
  check_refused("energy_autoencoder", "'" + (folder / "tiny.png").string() + "'",
                "smaller than one patch");
}
