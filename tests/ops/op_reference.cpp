#include "tests/ops/op_reference.hpp"

#include <algorithm>
#include <map>

namespace op_cases {
namespace {

/// The next place in row-major order; false after the last.
bool advance(Place& place, const Shape& shape) {
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    if (++place[axis] < shape[axis]) return true;
    place[axis] = 0;
  }
  return false;
}

void for_each_place(const Shape& shape, const std::function<void(const Place&)>& f) {
  if (count(shape) == 0) return;
  Place place(shape.size(), 0);
  do {
    f(place);
  } while (advance(place, shape));
}

bool is_reduced(const Axes& axes, Index axis, Index rank) {
  if (!axes.list) return true;
  return std::ranges::any_of(*axes.list, [&](Index a) { return (a < 0 ? a + rank : a) == axis; });
}

/// Splits a place into the one of its group and the one in it.
struct Groups {
  Shape kept, without, inner;

  Groups(const Shape& shape, const Axes& axes) : kept(shape), inner(shape) {
    const auto rank = static_cast<Index>(shape.size());
    for (Index axis = 0; axis < rank; ++axis) {
      const auto i = static_cast<std::size_t>(axis);
      const bool reduced = is_reduced(axes, axis, rank);
      (reduced ? kept : inner)[i] = 1;
      if (!reduced) without.push_back(shape[i]);
    }
  }
};

Place sum_of(Place a, const Place& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

}  // namespace

std::string text(const Shape& shape) {
  std::string result = "(";
  for (Index extent : shape) {
    if (result.size() > 1) result += ", ";
    result += std::to_string(extent);
  }
  return result + (shape.size() == 1 ? ",)" : ")");
}

Shape shape_of(const Array& a) { return Shape(a.shape().begin(), a.shape().end()); }

Index count(const Shape& shape) {
  Index product = 1;
  for (Index extent : shape) product *= extent;
  return product;
}

Shape broadcast(const Shape& a, const Shape& b) {
  if (a.size() < b.size()) return broadcast(b, a);
  Shape result = a;
  for (std::size_t i = 0; i < b.size(); ++i) {
    Index& extent = result[i + a.size() - b.size()];
    if (extent == 1) extent = b[i];
  }
  return result;
}

Array build(const Shape& shape, const std::function<double(const Place&)>& f) {
  Array result = Array::from_shape(Array::shape_type(shape.begin(), shape.end()));
  double* next = result.data();
  for_each_place(shape, [&](const Place& place) { *next++ = f(place); });
  return result;
}

double at(const Array& a, const Place& place) {
  const std::size_t skipped = place.size() - a.dimension();
  std::size_t offset = 0;
  for (std::size_t i = 0; i < a.dimension(); ++i) {
    const std::size_t extent = a.shape(i);
    offset = offset * extent + (extent == 1 ? 0 : static_cast<std::size_t>(place[i + skipped]));
  }
  return a.data()[offset];
}

namespace {

template <class R>
Reference each_of_one(R (*f)(R)) {
  return [f](const std::vector<Array>& x) {
    return build(shape_of(x[0]), [&](const Place& p) { return double(f(at(x[0], p))); });
  };
}
template <class R>
Reference each_of_two(R (*f)(R, R)) {
  return [f](const std::vector<Array>& x) {
    return build(broadcast(shape_of(x[0]), shape_of(x[1])),
                 [&](const Place& p) { return double(f(at(x[0], p), at(x[1], p))); });
  };
}

}  // namespace

Reference each(double (*f)(double)) { return each_of_one(f); }
Reference each(long double (*f)(long double)) { return each_of_one(f); }
Reference each(double (*f)(double, double)) { return each_of_two(f); }
Reference each(long double (*f)(long double, long double)) { return each_of_two(f); }

Reference each(double (*f)(double, double, double)) {
  return [f](const std::vector<Array>& x) {
    const Shape shape = broadcast(broadcast(shape_of(x[0]), shape_of(x[1])), shape_of(x[2]));
    return build(shape, [&](const Place& p) { return f(at(x[0], p), at(x[1], p), at(x[2], p)); });
  };
}

Reference moved(const Shape& shape, const std::function<Place(const Place&)>& from) {
  return [=](const std::vector<Array>& x) {
    return build(shape, [&](const Place& p) { return at(x[0], from(p)); });
  };
}

Reference reshaped(const Shape& shape) {
  return [=](const std::vector<Array>& x) {
    const double* next = x[0].data();
    return build(shape, [&](const Place&) { return *next++; });
  };
}

Reference reduced(const Axes& axes, const std::function<double(const std::vector<double>&)>& f) {
  return [=](const std::vector<Array>& x) {
    const Groups groups(shape_of(x[0]), axes);
    Array result = build(groups.kept, [&](const Place& group) {
      std::vector<double> elements;
      for_each_place(groups.inner, [&](const Place& inner) {
        elements.push_back(at(x[0], sum_of(group, inner)));
      });
      return f(elements);
    });
    if (!axes.keepdims) {
      result.reshape(Array::shape_type(groups.without.begin(), groups.without.end()));
    }
    return result;
  };
}

Reference along(Index axis, const std::function<void(std::vector<double>&)>& f) {
  return [=](const std::vector<Array>& x) {
    const auto i = static_cast<std::size_t>(axis < 0 ? axis + Index(x[0].dimension()) : axis);
    return build(shape_of(x[0]), [&](Place place) {
      const auto here = static_cast<std::size_t>(place[i]);
      std::vector<double> line;
      for (place[i] = 0; place[i] < Index(x[0].shape(i)); ++place[i]) {
        line.push_back(at(x[0], place));
      }
      f(line);
      return line[here];
    });
  };
}

Reference contraction(const std::string& subscripts) {
  return [subscripts](const std::vector<Array>& x) {
    const std::size_t arrow = subscripts.find("->");
    const std::string output = subscripts.substr(arrow + 2);
    std::vector<std::string> inputs(1);
    for (char c : subscripts.substr(0, arrow)) {
      c == ',' ? inputs.emplace_back() : inputs.back() += c;
    }
    std::map<char, Index> extents;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      for (std::size_t i = 0; i < inputs[k].size(); ++i) {
        Index& extent = extents.try_emplace(inputs[k][i], 1).first->second;
        if (x[k].shape(i) != 1) extent = static_cast<Index>(x[k].shape(i));
      }
    }
    std::string summed;
    Shape shape, inner;
    for (char letter : output) shape.push_back(extents[letter]);
    for (const auto& [letter, extent] : extents) {
      if (output.find(letter) != std::string::npos) continue;
      summed += letter;
      inner.push_back(extent);
    }
    return build(shape, [&](const Place& place) {
      std::map<char, Index> where;
      for (std::size_t i = 0; i < output.size(); ++i) where[output[i]] = place[i];
      double total = 0;
      for_each_place(inner, [&](const Place& rest) {
        for (std::size_t i = 0; i < summed.size(); ++i) where[summed[i]] = rest[i];
        double product = 1;
        for (std::size_t k = 0; k < inputs.size(); ++k) {
          Place here;
          for (char letter : inputs[k]) here.push_back(where[letter]);
          product *= at(x[k], here);
        }
        total += product;
      });
      return total;
    });
  };
}

}  // namespace op_cases
