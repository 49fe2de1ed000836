#include "examples/support/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "examples/support/file.hpp"
#include "examples/support/utf8.hpp"

namespace examples {
namespace {

std::string escaped(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return std::string(1, c);
  }
}

/// The name of the folder itself, also for "." and with a slash at the end.
std::string folder_name(const std::filesystem::path& folder) {
  return (std::filesystem::absolute(folder) / "").lexically_normal().parent_path().filename();
}

std::string paragraph(std::string_view text) {
  return fmt::format("<p>{}</p>\n", html_escaped(text));
}

std::string html_row(const std::vector<std::string>& cells, std::string_view tag) {
  std::string row = "<tr>";
  for (const std::string& cell : cells)
    row += fmt::format("<{0}>{1}</{0}>", tag, html_escaped(cell));
  return row + "</tr>\n";
}

/// An element around its content; nothing when that is empty.
std::string around(std::string_view content, std::string_view begin, std::string_view end) {
  return content.empty() ? "" : fmt::format("{}\n{}{}\n", begin, content, end);
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) out += escaped(c);
  return out;
}

std::string url_escaped(std::string_view path) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
  std::string out;
  for (const char c : path) {
    out += plain.find(c) != plain.npos
               ? std::string(1, c)
               : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

Report::Report(const CommonOptions& options, std::string_view title, std::string_view sentence)
    : options_(options),
      head_(fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n",
                        html_escaped(folder_name(options.out)), html_escaped(title))) {
  text(sentence);
}

void Report::text(std::string_view paragraph) { head_ += examples::paragraph(paragraph); }

std::string Report::link(const std::string& file) const {
  return url_escaped(folder_name(options_.out) + "/" + file);
}

void Report::show_picture(const std::string& file, std::string_view sentence) {
  pictures_ += fmt::format(
      "<figure><a href=\"{0}\"><img src=\"{0}\" alt=\"{1}\"></a><figcaption>{1}</figcaption>"
      "</figure>\n",
      link(file), html_escaped(sentence));
}

void Report::picture(const std::string& file, std::string_view sentence) {
  files_.push_back(file);
  show_picture(file, sentence);
}

void Report::picture(const std::string& file, const Image& image, std::string_view sentence) {
  write_png(options_.out / file, image);
  picture(file, sentence);
}

void Report::plot(const std::string& name, const Plot& plot, std::string_view sentence) {
  const bool drawn = write_plot(options_.out / name, plot);
  if (drawn) {
    picture(name + ".png", sentence);
    files_.push_back(name + ".csv");
  } else {
    file(name + ".csv", sentence);
    files_.back() += " (no plot: gnuplot is missing or failed)";
  }
}

void Report::table(const Table& table, std::string_view sentence) {
  std::string rows;
  for (const auto& row : table.rows()) rows += html_row(row, rows.empty() ? "th" : "td");
  tables_ += paragraph(sentence) + around(rows, "<div class=\"table\"><table>", "</table></div>");
}

void Report::file(const std::string& file, std::string_view sentence) {
  files_.push_back(file);
  links_ += fmt::format("<p><a href=\"{}\">{}</a>: {}</p>\n", link(file), html_escaped(file),
                        html_escaped(sentence));
}

void Report::figures(std::string_view name, std::span<const double> values,
                     std::string_view sentence) {
  json_.add(name, values);
  std::vector<std::string> shown;
  for (const double value : values) shown.push_back(Table::Cell(value).text());
  if (shown.size() > 4) {
    shown.erase(shown.begin() + 3, shown.end() - 1);
    shown.insert(shown.begin() + 3, "...");
  }
  show_figure(name, fmt::format("{}", fmt::join(shown, ", ")), sentence);
}

void Report::show_figure(std::string_view name, std::string_view value, std::string_view sentence) {
  figures_ += fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td></tr>\n", html_escaped(name),
                          html_escaped(value), html_escaped(sentence));
}

void Report::fail(std::string_view sentence) {
  fmt::print(stderr, "{}\n", sentence);
  head_ += fmt::format("<p class=\"failed\">{}</p>\n", html_escaped(sentence));
  exit_code_ = 1;
}

void Report::expect(bool holds, std::string_view sentence) {
  if (holds || !options_.quick) return;
  fail(fmt::format("This was expected, and is not so: {}", sentence));
}

int Report::finish() {
  const std::string html = head_ + around(pictures_, "<div class=\"pictures\">", "</div>") +
                           tables_ + around(figures_, "<table class=\"figures\">", "</table>") +
                           links_ + "</section>\n";
  write_file(options_.out / "report.html", html);
  files_.emplace_back("report.html");
  fmt::print("results    {}: {}\n", options_.out.string(), fmt::join(files_, ", "));
  if (!options_.json.empty()) json_.write(options_.json);
  return exit_code_;
}

}  // namespace examples
