/// The examples as programs: their figures against known ones, and odd input.

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/examples/programs.hpp"

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

/// A run that must end with exit code 1, say why and not also say that all is well. Its figures.
std::string figures_of_failure(const std::string& name, const std::string& arguments,
                               const std::string& message, const std::string& comfort) {
  const TemporaryFolder folder;
  const Outcome outcome = run(name, folder, arguments);
  CAPTURE(name, arguments);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.errors, ContainsSubstring(message));
  CHECK_THAT(text_of(folder / "out" / "report.html"),
             ContainsSubstring("<p class=\"failed\">") && ContainsSubstring(message));
  CHECK_THAT(outcome.out, !ContainsSubstring(comfort));
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

TEST_CASE("sgd_momentum: the velocity of each step, and what it is for", "[examples]") {
  const std::string json = figures_of("sgd_momentum", "--quick");
  CHECK(figure(json, "steps") == 100);
  // The recurrence in NumPy: w = [0, 0]; v = 0.9 v - 0.02 g; w += v.
  CHECK_THAT(figure(json, "loss_final"), WithinRel(0.003933826411214206, 1e-9));
  CHECK_THAT(figure(json, "loss_final_without_momentum"), WithinRel(1.3793913556088897, 1e-9));
  figures_of("sgd_momentum", "--quick --nesterov --steps 200");
  check_refused("sgd_momentum", "--momentum 1.5", "--momentum");
  check_refused("sgd_momentum", "--steps -1", "--steps");
}

TEST_CASE("sgd_momentum: a rate that is too large", "[examples]") {
  const std::string comfort = "loss after";
  for (const char* nesterov : {"", "--nesterov "}) {
    const std::string at = std::string(nesterov) + "--steps 20000 --learning-rate ";
    const double limit = figure(
        figures_of_failure("sgd_momentum", at + "0.2", "is too large with this momentum", comfort),
        "largest_stable_rate");
    const auto loss = [&](double factor) {
      const std::string arguments = at + std::to_string(limit * factor);
      return figure(factor < 1
                        ? figures_of("sgd_momentum", arguments)
                        : figures_of_failure("sgd_momentum", arguments, "too large", comfort),
                    "loss_final");
    };
    CHECK(loss(0.99) < 1e-9);
    CHECK(!(loss(1.01) < 1e9));
  }
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

TEST_CASE("quadratic_fit: what was wrong in the question", "[examples]") {
  const std::string json = figures_of("quadratic_fit", "--quick");
  const auto list = [&](const std::string& key) {
    std::vector<double> numbers;
    std::stringstream text(json.substr(json.find("\"" + key + "\": [") + key.size() + 5));
    for (double number; numbers.size() < 3 && text >> number; text.ignore()) {
      numbers.push_back(number);
    }
    return numbers;
  };
  const auto from_1 = list("question"), from_0 = list("question_from_0");
  REQUIRE((from_1.size() == 3 && from_0.size() == 3));
  CHECK_THAT(from_1[0] - 2 * from_1[1], WithinAbs(-1, 1e-9));  // as at the start
  CHECK_THAT(from_0[0] - 2 * from_0[1], WithinAbs(0, 1e-9));
  CHECK(figure(json, "question_distance") > 2);
}

TEST_CASE("quadratic_fit: a rate that is too large", "[examples]") {
  figures_of_failure("quadratic_fit", "--quick --learning-rate 0.1",
                     "The rate 0.1 is too large for: gradient descent.", "nothing");
}

TEST_CASE("simplex_fit: the best known value from every start", "[examples]") {
  const std::string json = figures_of("simplex_fit", "--quick");
  CHECK_THAT(figure(json, "objective"), WithinAbs(0.0695439153, 1e-10));
  CHECK_THAT(figure(json, "objective_worst"), WithinAbs(0.0695439153, 1e-10));
  CHECK_THAT(figure(json, "b"), WithinAbs(3.65014887, 2e-6));
  CHECK(figure(json, "converged") == 6);
  CHECK(figure(figures_of("simplex_fit", "--iterations 1"), "converged") == 0);
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

namespace {

/// price = 3 year - 5900 and 0.5 (-1)^k, for 30 years from 1990 on.
std::string prices() {
  std::string csv = "year,price\n";
  for (int k = 0; k < 30; ++k) {
    csv += std::to_string(1990 + k) + "," + std::to_string(70 + 3 * k + (k % 2 == 0 ? 0.5 : -0.5)) +
           "\n";
  }
  return csv;
}

}  // namespace

TEST_CASE("linear_regression: points far from 0", "[examples]") {
  const TemporaryFolder folder;
  const std::string text = prices();
  image_files::write(folder / "prices.csv", {text.begin(), text.end()});
  const std::string file = "'" + (folder / "prices.csv").string() + "' ";
  const std::string comfort = "Stopping or not changes";

  SECTION("are scaled by default") {
    for (const char* scale : {"", "--scale --learning-rate 0.9"}) {
      const std::string json = figures_of("linear_regression", file + scale);
      CHECK_THAT(figure(json, "m"), WithinRel(2.9966629588431593, 1e-9));
      CHECK_THAT(figure(json, "b"), WithinRel(-5893.310901001113, 1e-9));
      CHECK_THAT(figure(json, "largest_stable_rate"), WithinRel(1, 1e-12));
      CHECK_THAT(json, ContainsSubstring("\"stopped_by\": \"GTOL\""));
    }
  }
  SECTION("make a usual rate diverge, which is said") {
    const std::string json = figures_of_failure(
        "linear_regression", file + "--learning-rate 0.0001",
        "The rate 0.0001 is too large: on these points gradient descent diverges above 2.49e-07",
        comfort);
    CHECK_THAT(figure(json, "largest_stable_rate"), WithinRel(2.4887408327865395e-07, 1e-9));
    CHECK(json.find("difference") == std::string::npos);
    figures_of_failure("linear_regression", file + "--learning-rate 2.5e-7 --iterations 10",
                       "is too large", comfort);
  }
  SECTION("make a small rate useless, which is said") {
    const Outcome outcome =
        run("linear_regression", folder, file + "--iterations 20000 --learning-rate 2e-7");
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, ContainsSubstring("The check never fired: after 20000 iterations") &&
                                !ContainsSubstring(comfort));
  }
}

TEST_CASE("linear_regression: data that are no points", "[examples]") {
  check_refused("linear_regression", "nowhere.csv", "nowhere.csv");
  check_refused_csv("linear_regression", "", "1,2\n", "needed are two columns x, y and two rows");
  check_refused_csv("linear_regression", "", "1,2,3\n4,5,6\n", "2 x 3 numbers; needed are two");
  check_refused_csv("linear_regression", "", "1,2\n3,nan\n", "nan");
  check_refused_csv("linear_regression", "", "7,2\n7,3\n", "all x are 7: a line through such");
  check_refused_csv("linear_regression", "", "1,2\n3,1e200\n",
                    "numbers up to 1e+200 are too large");
  check_refused_csv("linear_regression", "", "1e-200,2\n2e-200,1\n", "is too small to be squared");
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
    CHECK_THAT(figure(json, "g_z") + figure(json, "f_d") + figure(json, "f_e"),
               WithinRel(figure(json, "objective_final"), 1e-12));
    CHECK(figure(json, "f_z") > 0);
    CHECK_THAT(figure(json, "nonzeros"),
               WithinRel(figure(json, "nonzero_fraction") * 30 * 1600, 1e-9));
    CHECK(figure(json, "atoms_used") == 30);
    CHECK((figure(json, "encoding_error") > 0 && figure(json, "encoding_error") < 0.5));
    CHECK(figure(json, "inner_iterations_z") + figure(json, "inner_iterations_d") +
              figure(json, "inner_iterations_e") ==
          figure(json, "inner_iterations"));
    CHECK(figure(json, "outer_iterations") == 4);
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

TEST_CASE("energy_autoencoder: minimisations with nothing to minimise are skipped", "[examples]") {
  const std::string small = "--quick --atoms 8 --patch 6 --dtype ";
  for (const std::string dtype : {"float ", "double "}) {
    const std::string without_d = figures_of("energy_autoencoder", small + dtype + "--lambda-d 0");
    CHECK(figure(without_d, "inner_iterations_d") == 0);
    CHECK((figure(without_d, "f_d") == 0 && figure(without_d, "f_e") > 0));
    const std::string without_e = figures_of("energy_autoencoder", small + dtype + "--lambda-e 0");
    CHECK(figure(without_e, "inner_iterations_e") == 0);
    CHECK((figure(without_e, "f_e") == 0 && figure(without_e, "f_d") > 0));
    for (const char* lambda : {"0", "1e-300"}) {
      const std::string weights = std::string("--lambda-d ") + lambda + " --lambda-e " + lambda;
      CHECK(figure(figures_of("energy_autoencoder", small + dtype + weights), "nonzeros") == 0);
    }

    const TemporaryFolder folder;
    image_files::write(folder / "black.png",
                       image_files::png({12, 12}, std::vector(12, image_files::Bytes(12, 0))));
    const std::string black = figures_of(
        "energy_autoencoder", small + dtype + "'" + (folder / "black.png").string() + "'");
    CHECK((figure(black, "objective_final") == 0 && figure(black, "atoms_used") == 0));
  }
}

TEST_CASE("intrinsic_images: a training that diverges", "[examples]") {
  const std::string small = "--images 8 --epochs 2 --size 8 --learning-rate ";
  const std::string json =
      figures_of_failure("intrinsic_images", small + "10",
                         "The training with (4) + (6) has diverged", "not learned enough");
  CHECK(figure(json, "held_out_final") > 0);
  const TemporaryFolder folder;
  const Outcome outcome = run("intrinsic_images", folder, small + "1e-9");
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("The network has not learned enough"));
}

TEST_CASE("subspace_clustering: what has not converged is named", "[examples]") {
  const TemporaryFolder folder;
  const Outcome early = run("subspace_clustering", folder, "--iterations 1");
  CHECK(early.code == 0);
  for (const char* way : {"penalty", "projection", "proximal"}) {
    CHECK_THAT(early.out, ContainsSubstring(way + std::string(" has not converged: after 1 iter")));
  }
  const Outcome worse = run("subspace_clustering", folder, "--iterations 50 --lambda 1e6");
  CHECK_THAT(worse.out, ContainsSubstring("projection has not converged: after 50 iterations") &&
                            ContainsSubstring("; C = 0, with 290.932, is better.") &&
                            !ContainsSubstring("proximal has not converged"));
  const Outcome usual = run("subspace_clustering", folder, "");
  CHECK_THAT(usual.out, !ContainsSubstring("has not converged"));
}
