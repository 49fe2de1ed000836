#include "examples/energy_autoencoder/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "examples/data/files.hpp"
#include "examples/energy_autoencoder/pictures.hpp"
#include "examples/support/timer.hpp"

namespace examples {
namespace {

/// Rounding in float may leave a norm this far above 1.
constexpr double norm_tolerance = 1e-5;

/// What the notebook takes for 0 in D and E.
constexpr double precision = 1e-7;

double largest(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

double percent(std::size_t part, std::size_t whole) {
  return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

/// The part of the picture that the patches cover.
Image covered(const Image& image, const Image& like) {
  return {xt::view(image.pixels, xt::range(0, like.height()), xt::range(0, like.width()))};
}

template <class T>
xt::xarray<T> product(const xt::xarray<T>& a, const xt::xarray<T>& b) {
  return autograd::evaluate([](const auto& a, const auto& b) { return autograd::matmul(a, b); })(a,
                                                                                                 b);
}

template <class T>
double norm(const xt::xarray<T>& a) {
  return std::sqrt(xt::sum(xt::square(xt::cast<double>(a)))());
}

void append(std::vector<double>& history, const std::vector<double>& values) {
  history.insert(history.end(), values.begin(), values.end());
}

/// A plot of all series that have points; none if there are none.
void add_histories(Report& report, const std::string& name, Plot plot,
                   const std::vector<std::pair<const char*, const std::vector<double>*>>& histories,
                   const std::string& sentence) {
  for (const auto& [series, values] : histories) {
    if (!values->empty()) plot.series.push_back({series, counting(values->size()), *values});
  }
  if (!plot.series.empty()) report.plot(name, plot, sentence);
}

bool honoured(const EnergyFigures& figures) {
  return std::max(figures.atom_norm, figures.encoder_norm) <= 1 + norm_tolerance;
}

}  // namespace

Image energy_image(const EnergyOptions& options) {
  return to_gray(options.image.empty() ? decode_image(textiles_png(), "textiles")
                                       : read_image(options.image));
}

template <class T>
EnergyReport<T>::EnergyReport(const EnergyOptions& options, const Image& image,
                              const Autoencoder<T>& model)
    : options_(options), image_(image), model_(model), progress_("learning", options.model.outer) {
  fmt::print("N = {} samples of dimension n = {} (patches of {} x {}), m = {} atoms\n",
             model.X().shape(1), model.X().shape(0), options.patch, options.patch, options.atoms);
}

template <class T>
void EnergyReport<T>::inner(const std::function<optim::Result<T>()>& minimize, char unknown) {
  optim::Result<T> result;
  seconds_ += seconds_of([&] { result = minimize(); });
  Inner& inner = unknown == 'Z' ? codes_ : unknown == 'D' ? dictionary_ : encoder_;
  inner.iterations += result.iterations;
  if (result.objectives.empty()) return;  // there was nothing to minimise
  append(inner.data, result.objectives[0]);
  append(inner.prior, result.objectives[1]);
}

template <class T>
void EnergyReport<T>::outer() {
  objectives_.push_back(model_.terms().sum());
  if (progress_.due()) {
    progress_.update(objectives_.size(), fmt::format("objective {:.1f}", objectives_.back()));
  }
}

template <class T>
EnergyFigures EnergyReport<T>::figures() const {
  const xt::xarray<T>&D = model_.D(), &E = model_.E(), &Z = model_.Z();
  EnergyFigures figures;
  figures.terms = model_.terms();
  figures.data_of_codes = codes_.data.back();
  const xt::xarray<T> wrong = Z - product(E, model_.X());
  figures.nonzeros = count_nonzero(Z);
  figures.encoding_error = figures.nonzeros == 0 ? 0 : norm(wrong) / norm(Z);
  figures.atoms_used = atoms_used(Z);
  figures.atom_norm = largest(column_norms(D));
  figures.encoder_norm = largest(column_norms(E));
  figures.similarity = similarity<T>(E, xt::transpose(D));
  figures.rebuilt = from_patches(product(D, Z), options_.patch, image_.width() / options_.patch);
  figures.original = covered(image_, figures.rebuilt);
  figures.psnr = psnr(figures.rebuilt, figures.original);
  return figures;
}

template <class T>
void EnergyReport<T>::print(const EnergyFigures& figures) const {
  fmt::print("g_z(Z) = {:e}\nf_z(Z,D) = {:e}\nf_d(D,Z) = {:e}\nf_e(E,Z) = {:e}\n",
             figures.terms.prior, figures.data_of_codes, figures.terms.decoding,
             figures.terms.encoding);
  fmt::print("g_z(Z) + f_d(D,Z) + f_e(E,Z) = {:e}\n", figures.terms.sum());
  fmt::print("inner loops: {} iterations for Z, {} for D, {} for E; outer loop: {}; {:.2f} s\n",
             codes_.iterations, dictionary_.iterations, encoder_.iterations, objectives_.size(),
             seconds_);
  fmt::print(
      "sparsity of Z: {} non-zero entries out of {} entries, i.e. {:.1f} %; {} of {} atoms "
      "are used\n",
      figures.nonzeros, model_.Z().size(), percent(figures.nonzeros, model_.Z().size()),
      figures.atoms_used, options_.atoms);
  fmt::print("encoder: ||Z - EX|| / ||Z|| = {:.3f}\n", figures.encoding_error);
  fmt::print("norms of atoms at most {:.6f}, of the encoder's columns {:.6f}: {}\n",
             figures.atom_norm, figures.encoder_norm,
             honoured(figures) ? "constraints honoured" : "CONSTRAINTS VIOLATED");
}

template <class T>
void EnergyReport<T>::add_plots(Report& report) const {
  add_histories(report, "inner_codes",
                {"Sub-problems: codes Z", "evaluations", "objective", true, true, {}},
                {{"data term", &codes_.data}, {"prior term", &codes_.prior}},
                "The terms within the minimisations over Z, one after the other.");
  add_histories(
      report, "inner_maps",
      {"Sub-problems: dictionary D and encoder E", "evaluations", "objective", false, true, {}},
      {{"D: data term", &dictionary_.data}, {"E: data term", &encoder_.data}},
      "The same over D, and over E. Peaks are where Z has changed.");
  add_histories(report, "outer", {"Global convergence", "round", "objective", false, true, {}},
                {{"objective", &objectives_}},
                "The whole objective after each round over Z, D and E.");
  const auto atoms = column_norms(model_.D()), encoder = column_norms(model_.E());
  report.plot("norms",
              {"Norms of columns",
               "column",
               "norm",
               false,
               false,
               {{"D: an atom each", counting(atoms.size()), atoms, Draw::points},
                {"E: a pixel of the patch each", counting(encoder.size()), encoder, Draw::points}}},
              "Norms of the columns of D and of E, which may be 1 at most.");
}

template <class T>
void EnergyReport<T>::add_pictures(Report& report, const EnergyFigures& figures) const {
  const xt::xarray<T>&D = model_.D(), &E = model_.E(), &Z = model_.Z();
  report.picture("codes.png", spy_above(Z, 0),
                 fmt::format("Where Z is not zero, a column for each of {} samples: {} of {} "
                             "entries, {:.1f} %. {} of {} atoms are used.",
                             Z.shape(1), figures.nonzeros, Z.size(),
                             percent(figures.nonzeros, Z.size()), figures.atoms_used, Z.shape(0)));
  const auto filled = [](const xt::xarray<T>& a) {
    return percent(count_nonzero(a, precision), a.size());
  };
  report.picture(
      "spy.png", side_by_side({spy_above(D, precision), spy_above(E, precision)}, 16),
      fmt::format("Where D ({} x {}, left) and E ({} x {}) have entries above {:g}: "
                  "{:.1f} % of D, {:.1f} % of E.",
                  D.shape(0), D.shape(1), E.shape(0), E.shape(1), precision, filled(D), filled(E)));
  report.picture("atoms.png", atoms_picture(D, options_.patch),
                 "The atoms, each from black (smallest) to white (largest).");
  report.picture("encoder.png", matrices<T>(E, xt::transpose(D)),
                 fmt::format("The encoder E (left) beside the transposed dictionary (right): "
                             "similarity {:.2f}, where 1 is alike.",
                             figures.similarity));
  report.picture("reconstruction.png", side_by_side({figures.original, figures.rebuilt}, 8),
                 fmt::format("The picture and its reconstruction DZ: {:.1f} dB.", figures.psnr));
}

template <class T>
void EnergyReport<T>::add_figures(Report& report, const EnergyFigures& figures) const {
  report.figure("g_z", figures.terms.prior, "||Z||_1");
  report.figure("f_z", figures.data_of_codes, "f_d + f_e after the last minimisation over Z");
  report.figure("f_d", figures.terms.decoding, "lambda_d/2 ||X - DZ||^2");
  report.figure("f_e", figures.terms.encoding, "lambda_e/2 ||Z - EX||^2");
  report.figure("objective_final", objectives_.back(), "g_z + f_d + f_e in the end");
  report.figures("objectives", objectives_, "after each round");
  report.figure("nonzeros", figures.nonzeros, "entries of Z that are not zero");
  report.figure("nonzero_fraction", percent(figures.nonzeros, model_.Z().size()) / 100,
                "part of Z that is not zero");
  report.figure("atoms_used", figures.atoms_used, "atoms that any sample uses");
  report.figure("encoding_error", figures.encoding_error, "||Z - EX|| / ||Z||");
  report.figure("inner_iterations",
                codes_.iterations + dictionary_.iterations + encoder_.iterations,
                "FISTA iterations in all");
  report.figure("inner_iterations_z", codes_.iterations, "for Z");
  report.figure("inner_iterations_d", dictionary_.iterations, "for D");
  report.figure("inner_iterations_e", encoder_.iterations, "for E");
  report.figure("outer_iterations", objectives_.size(), "rounds over Z, D and E");
  report.figure("max_atom_norm", figures.atom_norm, "largest norm of a column of D; at most 1");
  report.figure("max_encoder_norm", figures.encoder_norm,
                "largest norm of a column of E; at most 1");
  report.figure("similarity", figures.similarity,
                "cosine of the angle between E and the transposed D");
  report.figure("psnr", figures.psnr, "of the reconstruction, in dB");
  report.figure("seconds", seconds_, "spent in the minimisations");
}

template <class T>
int EnergyReport<T>::finish() {
  const EnergyFigures figures = this->figures();
  print(figures);
  Report report(options_.common, "Energy auto-encoder",
                "Learns a dictionary D, an encoder E and sparse codes Z from the patches X of a "
                "picture: lambda_d/2 ||X - DZ||^2 + lambda_e/2 ||Z - EX||^2 + ||Z||_1 falls while "
                "Z, D and E take turns, each minimised by FISTA with gradients of autograd.");
  if (!std::isfinite(objectives_.back())) {
    report.fail(fmt::format("The objective is {} in the end.", objectives_.back()));
  }
  add_plots(report);
  add_pictures(report, figures);
  add_figures(report, figures);
  report.expect(std::is_sorted(objectives_.rbegin(), objectives_.rend()),
                "the objective never rises from one round to the next");
  report.expect(honoured(figures), "the columns of D and E have norms of at most 1");
  return report.finish();
}

template class EnergyReport<float>;
template class EnergyReport<double>;

}  // namespace examples
