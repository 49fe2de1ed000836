#include "examples/support/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace examples {
namespace {

/// In characters of UTF-8.
std::size_t width(const std::string& text) {
  const auto continues = [](unsigned char byte) { return (byte & 0xC0) == 0x80; };
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

std::string aligned_right(const std::string& text, std::size_t columns) {
  return std::string(columns - width(text), ' ') + text;
}

}  // namespace

std::string Table::Cell::text(int digits) const {
  if (!is_number_) return text_;
  return std::isnan(number_) ? "nan" : fmt::format("{:.{}g}", number_, digits);
}

Table::Table(std::vector<std::string> header, int digits)
    : digits_(digits), rows_{std::move(header)} {}

Table& Table::add(const std::vector<Cell>& row) {
  if (row.size() != rows_.front().size()) {
    throw std::logic_error("Table: a row must have as many cells as the header");
  }
  std::vector<std::string> cells;
  for (const Cell& cell : row) cells.push_back(cell.text(digits_));
  rows_.push_back(std::move(cells));
  return *this;
}

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows_) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(aligned_right(row[i], widths[i]));
    }
    out += fmt::format("{}\n", fmt::join(cells, "  "));
  }
  return out;
}

void Table::print() const { fmt::print("{}", text()); }

}  // namespace examples
