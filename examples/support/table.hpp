#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace examples {

/// A small table of numbers and words, right-aligned: for the terminal and for the report.
///
///     Table table({"step", "velocity", "weight"});
///     table.add({1, -0.02, 0.98});
///     table.print();
class Table {
 public:
  /// A number or a text in the table. Whole numbers are written in full, truths as yes and no.
  class Cell {
   public:
    Cell(bool value) : text_(value ? "yes" : "no") {}
    Cell(std::integral auto value) : text_(std::to_string(value)) {}
    Cell(double value) : number_(value == 0 ? 0 : value), is_number_(true) {}  // no -0
    Cell(std::string text) : text_(std::move(text)) {}
    Cell(std::string_view text) : text_(text) {}
    Cell(const char* text) : text_(text) {}

    /// `digits` is how many significant digits a number has at most.
    std::string text(int digits = 6) const;

   private:
    std::string text_;
    double number_ = 0;
    bool is_number_ = false;
  };

  /// `digits` as in Cell::text, for all numbers.
  explicit Table(std::vector<std::string> header, int digits = 6);

  /// A row; throws std::logic_error when it has not as many cells as the header.
  Table& add(const std::vector<Cell>& row);

  /// One line per row, each with a line break at its end; two blanks between columns.
  std::string text() const;
  void print() const;

  /// The first is the header.
  const std::vector<std::vector<std::string>>& rows() const { return rows_; }

 private:
  int digits_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace examples
