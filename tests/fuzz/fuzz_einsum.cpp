// einsum against sums written as loops, with all subscripts that are valid and many that are not.
#include <algorithm>
#include <autograd/autograd.hpp>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"

namespace ag = autograd;

namespace {

using A = xt::xarray<double>;
using V = ag::Var<double>;
using Extents = std::map<char, std::size_t>;

struct Problem {
  std::string text;
  std::vector<A> operands;
};

/// The first bytes give the shapes and elements, the rest is the text of the subscripts.
Problem read(const std::uint8_t* data, std::size_t size) {
  const std::size_t head = std::min<std::size_t>(size, 20);
  fuzz::Input input(data, head);
  Problem problem{{data + head, data + size}, {}};
  const auto count = static_cast<std::size_t>(input.number(1, 3));
  for (std::size_t k = 0; k < count; ++k) {
    std::vector<std::size_t> shape(static_cast<std::size_t>(input.number(0, 4)));
    for (std::size_t& extent : shape) extent = static_cast<std::size_t>(input.number(0, 3));
    A operand = A::from_shape(shape);
    for (std::size_t i = 0; i < operand.size(); ++i) {
      operand.flat(i) = static_cast<double>((i * i + 3 * i + k) % 7) - 3;
    }
    problem.operands.push_back(operand);
  }
  return problem;
}

struct Subscripts {
  std::vector<std::string> inputs;
  std::string output;
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Puts one character in place of each ellipsis, and removes spaces.
std::string without_dots(std::string text) {
  std::replace(text.begin(), text.end(), '*', '?');
  for (std::size_t at; (at = text.find("...")) != std::string::npos;) text.replace(at, 3, "*");
  std::erase(text, ' ');
  return text;
}

/// As NumPy reads them; nothing where they are not valid.
std::optional<Subscripts> parse(const std::string& text) {
  Subscripts result{{""}, ""};
  std::size_t at = 0;
  for (; at < text.size() && text[at] != '-'; ++at) {
    if (text[at] == ',') {
      result.inputs.emplace_back();
    } else if (is_letter(text[at]) || text[at] == '*') {
      result.inputs.back() += text[at];
    } else {
      return {};
    }
  }
  std::map<char, int> uses;
  for (const std::string& letters : result.inputs) {
    for (const char letter : letters) ++uses[letter];
  }
  if (at == text.size()) {
    for (const auto& [letter, count] : uses) {  // the character of ellipses comes first
      if (count == 1 || letter == '*') result.output += letter;
    }
    return result;
  }
  if (text.substr(at, 2) != "->") return {};
  for (at += 2; at < text.size(); ++at) {
    const bool known = uses.contains(text[at]) || text[at] == '*';
    if (!known || result.output.find(text[at]) != std::string::npos) return {};
    result.output += text[at];
  }
  return result;
}

/// Puts letters, the digits 9, 8, ..., in place of an ellipsis that stands for `count` axes.
bool expand(std::string& letters, std::size_t count) {
  const std::size_t at = letters.find('*');
  if (at == std::string::npos) return true;
  letters.replace(at, 1, std::string("56789").substr(5 - count));
  return letters.find('*') == std::string::npos;
}

/// The same for all operands and the output; false where they do not fit.
bool expand(Subscripts& subscripts, const std::vector<A>& operands) {
  if (subscripts.inputs.size() != operands.size()) return false;
  std::size_t longest = 0;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    std::string& letters = subscripts.inputs[k];
    if (letters.find('*') == std::string::npos) continue;
    if (letters.size() > operands[k].dimension() + 1) return false;
    const std::size_t count = operands[k].dimension() + 1 - letters.size();
    if (!expand(letters, count)) return false;
    longest = std::max(longest, count);
  }
  if (longest > 0 && subscripts.output.find('*') == std::string::npos) return false;
  return expand(subscripts.output, longest);
}

/// The extent of each letter, where 1 broadcasts; nothing where the shapes do not fit.
std::optional<Extents> extents_of(const Subscripts& subscripts, const std::vector<A>& operands) {
  if (subscripts.inputs.size() != operands.size()) return {};
  Extents extents;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    const std::string& letters = subscripts.inputs[k];
    if (letters.size() != operands[k].dimension()) return {};
    for (std::size_t i = 0; i < letters.size(); ++i) {
      const std::size_t extent = operands[k].shape(i), first = letters.find(letters[i]);
      if (operands[k].shape(first) != extent) return {};
      std::size_t& known = extents.emplace(letters[i], extent).first->second;
      if (known == 1) known = extent;
      if (extent != 1 && known != extent) return {};
    }
  }
  return extents;
}

using Places = std::map<char, std::size_t>;

double& element(A& x, const std::string& letters, const Places& places) {
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    at.push_back(x.shape(i) == 1 ? 0 : places.at(letters[i]));
  }
  return x.element(at.begin(), at.end());
}

/// Every combination of places of the letters adds one product.
A sum_of_products(const Subscripts& subscripts, const Extents& extents, std::vector<A> operands) {
  std::vector<std::size_t> shape;
  for (const char letter : subscripts.output) shape.push_back(extents.at(letter));
  A result = A::from_shape(shape);
  std::fill(result.begin(), result.end(), 0.0);
  std::size_t combinations = 1;
  for (const auto& [letter, extent] : extents) combinations *= extent;
  for (std::size_t number = 0; number < combinations; ++number) {
    Places places;
    std::size_t rest = number;
    for (const auto& [letter, extent] : extents) {
      places[letter] = rest % extent;
      rest /= extent;
    }
    double product = 1;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      product *= element(operands[k], subscripts.inputs[k], places);
    }
    element(result, subscripts.output, places) += product;
  }
  return result;
}

V einsum(const std::string& text, const std::vector<V>& x) {
  if (x.size() == 1) return ag::einsum(text, {x[0]});
  if (x.size() == 2) return ag::einsum(text, {x[0], x[1]});
  return ag::einsum(text, {x[0], x[1], x[2]});
}

/// The sum of all elements is linear in each operand: it is the product of the operand and its
/// gradient. All numbers are small integers, so that nothing is rounded.
void check_gradients(const Problem& problem, double total) {
  for (std::size_t k = 0; k < problem.operands.size(); ++k) {
    const A gradient = ag::grad([&](const V& operand) {
      std::vector<V> operands(problem.operands.begin(), problem.operands.end());
      operands[k] = operand;
      return ag::sum(einsum(problem.text, operands));
    })(problem.operands[k]);
    fuzz::check(gradient.shape() == problem.operands[k].shape(), "a gradient of another shape");
    double product = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      product += gradient.flat(i) * problem.operands[k].flat(i);
    }
    fuzz::check(product == total, "\"" + problem.text + "\": the gradient is wrong");
  }
}

}  // namespace

std::vector<fuzz::Bytes> fuzz::seeds() {
  // The number of operands less 1, for each its number of axes and their extents, the subscripts.
  const auto seed = [](Bytes head, const char* text) {
    head.resize(20);
    const Bytes tail = bytes(text);
    head.insert(head.end(), tail.begin(), tail.end());
    return head;
  };
  return {seed({1, 2, 2, 3, 2, 3, 1}, "ij,jk->ik"),
          seed({0, 2, 3, 3}, "ii"),
          seed({0, 2, 3, 3}, "ii->i"),
          seed({0, 3, 1, 2, 3}, "abc->cab"),
          seed({1, 3, 2, 3, 2, 3, 2, 2, 1}, "bij, bjk -> bik"),
          seed({2, 2, 2, 3, 2, 3, 2, 2, 2, 2}, "ij,jk,kl->il"),
          seed({1, 1, 2, 1, 3}, "i,j"),
          seed({1, 2, 0, 3, 2, 3, 2}, "ij,jk->ki"),
          seed({1, 0, 1, 3}, ",i->i"),
          seed({1, 4, 2, 2, 2, 2, 2, 2, 2}, "iajb,ab->ji"),
          seed({1, 3, 2, 3, 2, 2, 2, 1}, "...ij,...j->...i"),
          seed({1, 2, 3, 1, 2, 3, 2}, "i...,...i")};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Problem problem = read(data, size);
  std::optional<Subscripts> subscripts = parse(without_dots(problem.text));
  if (subscripts && !expand(*subscripts, problem.operands)) subscripts.reset();
  const std::optional<Extents> extents =
      subscripts ? extents_of(*subscripts, problem.operands) : std::nullopt;
  try {
    const ag::Trace trace;
    const A value =
        einsum(problem.text, {problem.operands.begin(), problem.operands.end()}).value();
    fuzz::check(extents.has_value(), "\"" + problem.text + "\" should have been refused");
    const A expected = sum_of_products(*subscripts, *extents, problem.operands);
    fuzz::check(value.shape() == expected.shape() && value == expected,
                "\"" + problem.text + "\": the value is wrong");
    check_gradients(problem, xt::sum(expected)());
  } catch (const std::invalid_argument& error) {
    fuzz::check(!extents, std::string("should not have been refused: ") + error.what());
  }
  return 0;
}
