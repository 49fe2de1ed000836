/// einsum, as a composition of transposes, sums and stacks of matrix products. Operands are
/// multiplied from left to right. The axes that an ellipsis stands for get letters as well: the
/// characters 1, 2, ..., which no alphabet has, counted from the last of these axes.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "autograd/engine/op_scalar.hpp"
#include "autograd/engine/views.hpp"

namespace autograd {
namespace {

/// An array whose axes have letters.
struct Lettered {
  V array;
  std::string letters;
};

bool contains(const std::string& letters, char letter) {
  return letters.find(letter) != std::string::npos;
}

Index extent(const Lettered& x, char letter) {
  return x.array.shape(static_cast<Index>(x.letters.find(letter)));
}

/// Replaces two axes with the same letter by their diagonal.
void take_diagonals(Lettered& x) {
  for (std::size_t i = 0; i < x.letters.size(); ++i) {
    const std::size_t j = x.letters.find(x.letters[i], i + 1);
    if (j == std::string::npos) continue;
    const char letter = x.letters[i];
    const V moved = moveaxis(moveaxis(x.array, static_cast<Index>(i), 0), static_cast<Index>(j), 1);
    x.array = diagonal(moved);
    x.letters.erase(j, 1).erase(i, 1) += letter;
    return take_diagonals(x);
  }
}

/// Sums over the axes whose letters are in neither the output nor another operand (`needed`).
void sum_unneeded(Lettered& x, const std::string& needed) {
  Extents axes;
  std::string kept;
  for (std::size_t i = 0; i < x.letters.size(); ++i) {
    if (contains(needed, x.letters[i])) {
      kept += x.letters[i];
    } else {
      axes.push(static_cast<Index>(i));
    }
  }
  if (axes.size() > 0) x = {sum(x.array, {.axis = axes}), kept};
}

bool ends_with(const std::string& letters, const std::string& end) {
  return letters.size() >= end.size() &&
         letters.compare(letters.size() - end.size(), end.size(), end) == 0;
}

/// A view of x whose axes have these letters, with extent 1 for letters that x does not have.
/// Leading axes of that kind are left out, since broadcasting restores them.
V along(const Lettered& x, const std::string& letters) {
  if (ends_with(letters, x.letters)) return x.array;
  const Layout& layout = *tape().node("einsum", x.array).layout;
  Dims shape, strides;
  for (char letter : letters) {
    const bool has = contains(x.letters, letter);
    const std::size_t axis = has ? x.letters.find(letter) : 0;
    shape.push(has ? layout.shape[axis] : 1);
    strides.push(has ? layout.strides[axis] : 0);
  }
  return strided_view(x.array, shape, strides, 0, "einsum");
}

Index joined_extent(const Lettered& x, const std::string& letters) {
  Index product = 1;
  for (char letter : letters) product = saturated_product(product, extent(x, letter));
  return product;
}

/// The product of two operands, if no letter that both have is summed over: element by element.
Lettered product_of_elements(const Lettered& a, const Lettered& b, const std::string& needed) {
  std::string letters;
  Dims shape;
  for (char letter : needed) {
    const bool of_a = contains(a.letters, letter);
    if (contains(letters, letter) || (!of_a && !contains(b.letters, letter))) continue;
    letters += letter;
    shape.push(extent(of_a ? a : b, letter));
  }
  element_count(shape, "einsum");
  return {along(a, letters) * along(b, letters), letters};
}

/// The product of two operands, summed over the letters that are not needed afterwards. Letters of
/// both operands are `shared` if they are summed over and of the `batch` if not: a stack of matrix
/// products, (batch, left, shared) times (batch, shared, right).
Lettered product(Lettered a, Lettered b, const std::string& needed) {
  sum_unneeded(a, needed + b.letters);
  sum_unneeded(b, needed + a.letters);
  std::string batch, left, right, shared;
  for (char letter : a.letters) {
    if (!contains(b.letters, letter)) {
      left += letter;
    } else {
      (contains(needed, letter) ? batch : shared) += letter;
    }
  }
  for (char letter : b.letters) {
    if (!contains(a.letters, letter)) right += letter;
  }
  if (shared.empty()) return product_of_elements(a, b, needed);
  const Index count = joined_extent(a, batch), inner = joined_extent(a, shared);
  const Index rows = joined_extent(a, left), columns = joined_extent(b, right);
  Dims shape;
  for (char letter : batch + left) shape.push(extent(a, letter));
  for (char letter : right) shape.push(extent(b, letter));
  element_count(shape, "einsum");
  const V x = reshape(along(a, batch + left + shared), {count, rows, inner});
  const V y = reshape(along(b, batch + shared + right), {count, inner, columns});
  return {reshape(matmul(x, y), shape), batch + left + right};
}

constexpr char ellipsis = '.';

/// The subscripts without spaces, with one character for an ellipsis.
std::string compact(const std::string& subscripts) {
  std::string text;
  for (std::size_t i = 0; i < subscripts.size(); ++i) {
    if (subscripts[i] == ' ') continue;
    const bool dots = subscripts.compare(i, 3, "...") == 0;
    if (!dots && subscripts[i] == ellipsis) {
      fail("einsum", "subscripts \"{}\": an ellipsis has three dots", subscripts);
    }
    text += subscripts[i];
    if (dots) i += 2;
  }
  return text;
}

std::vector<std::string> parse(const std::string& subscripts, std::size_t operands,
                               std::string& output) {
  const std::string text = compact(subscripts);
  const std::size_t arrow = text.find("->");
  const std::string inputs = text.substr(0, arrow);
  for (char c : inputs + (arrow == std::string::npos ? "" : text.substr(arrow + 2))) {
    if (!std::isalpha(static_cast<unsigned char>(c)) && c != ',' && c != ellipsis) {
      fail("einsum", "subscripts \"{}\": '{}' is not a letter", subscripts, c);
    }
  }
  std::vector<std::string> parts(1);
  for (char c : inputs) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() != operands) {
    fail("einsum", "subscripts \"{}\" name {} operands, {} are given", subscripts, parts.size(),
         operands);
  }
  if (arrow != std::string::npos) {
    output = text.substr(arrow + 2);
    return parts;
  }
  if (contains(inputs, ellipsis)) output = ellipsis;
  for (char c = 'A'; c <= 'z'; ++c) {  // as NumPy: the letters that appear once, sorted
    if (std::ranges::count(inputs, c) == 1 && std::isalpha(static_cast<unsigned char>(c))) {
      output += c;
    }
  }
  return parts;
}

/// Puts letters for `count` axes in place of an ellipsis.
void expand_ellipsis(const std::string& subscripts, std::string& letters, Index count) {
  const std::size_t at = letters.find(ellipsis);
  if (at == std::string::npos) return;
  std::string axes;
  for (; count > 0; --count) axes += static_cast<char>(count);
  letters.replace(at, 1, axes);
  if (contains(letters, ellipsis)) {
    fail("einsum", "subscripts \"{}\": an operand has two ellipses", subscripts);
  }
}

/// Puts letters in place of all ellipses; that of the output has as many axes as the longest.
void expand_ellipses(const std::string& subscripts, std::vector<std::string>& parts,
                     std::string& output, std::span<const V> operands) {
  Index longest = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!contains(parts[i], ellipsis)) continue;
    const Index count = operands[i].dimension() - static_cast<Index>(parts[i].size()) + 1;
    expand_ellipsis(subscripts, parts[i], count);
    longest = std::max(longest, count);
  }
  if (longest > 0 && !contains(output, ellipsis)) {
    fail("einsum", "subscripts \"{}\": the output needs an ellipsis, too", subscripts);
  }
  expand_ellipsis(subscripts, output, longest);
}

/// Removes the axes of extent 1 along which x broadcasts.
void drop_broadcast_axes(Lettered& x, const std::array<Index, 128>& extents) {
  Extents dropped;
  std::string kept;
  for (std::size_t i = 0; i < x.letters.size(); ++i) {
    const Index full = extents[static_cast<unsigned char>(x.letters[i])];
    if (x.array.shape(static_cast<Index>(i)) == full) {
      kept += x.letters[i];
    } else {
      dropped.push(static_cast<Index>(i));
    }
  }
  if (dropped.size() > 0) x = {squeeze(x.array, Axes(dropped)), kept};
}

void check_operand(const std::string& subscripts, const std::string& letters, const V& x,
                   std::array<Index, 128>& extents) {
  if (static_cast<Index>(letters.size()) != x.dimension()) {
    fail("einsum", "subscripts \"{}\": \"{}\" names {} axes, the operand has shape {}", subscripts,
         letters, letters.size(), to_string(x.shape()));
  }
  check_work("einsum", x.shape());
  for (std::size_t i = 0; i < letters.size(); ++i) {
    Index& known = extents[static_cast<unsigned char>(letters[i])];
    const Index here = x.shape(static_cast<Index>(i));
    const std::size_t first = letters.find(letters[i]);
    const Index expected = first < i ? x.shape(static_cast<Index>(first)) : known;
    const bool broadcasts = first == i && (known == -1 || known == 1 || here == 1);
    if (here != expected && !broadcasts) {
      fail("einsum", "subscripts \"{}\": '{}' is {} in one place and {} in another", subscripts,
           letters[i] < 'A' ? "..." : std::string(1, letters[i]), expected, here);
    }
    if (known == -1 || known == 1) known = here;
  }
}

void check_output(const std::string& subscripts, const std::string& output,
                  const std::array<Index, 128>& extents) {
  for (char letter : output) {
    if (extents[static_cast<unsigned char>(letter)] == -1) {
      fail("einsum", "subscripts \"{}\": '{}' of the output names no axis of an operand",
           subscripts, letter);
    }
    if (std::ranges::count(output, letter) > 1) {
      fail("einsum", "subscripts \"{}\": '{}' appears twice in the output", subscripts, letter);
    }
  }
}

}  // namespace

V einsum(const std::string& subscripts, std::initializer_list<V> operands) {
  std::string output;
  std::vector<std::string> parts = parse(subscripts, operands.size(), output);
  expand_ellipses(subscripts, parts, output, {operands.begin(), operands.size()});
  std::array<Index, 128> extents;
  extents.fill(-1);
  std::vector<Lettered> rest;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    rest.push_back({operands.begin()[i], parts[i]});
    check_operand(subscripts, parts[i], rest.back().array, extents);
    take_diagonals(rest.back());
  }
  check_output(subscripts, output, extents);
  for (Lettered& operand : rest) drop_broadcast_axes(operand, extents);
  Lettered result = rest[0];
  for (std::size_t i = 1; i < rest.size(); ++i) {
    std::string needed = output;
    for (std::size_t later = i + 1; later < rest.size(); ++later) needed += rest[later].letters;
    result = product(result, rest[i], needed);
  }
  sum_unneeded(result, output);
  return along(result, output);
}

}  // namespace autograd
