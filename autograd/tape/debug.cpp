#include "autograd/debug.hpp"

#include <cmath>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/base/error.hpp"
#include "autograd/loops/loops.hpp"
#include "autograd/tape/finite.hpp"
#include "autograd/tape/tape.hpp"

namespace autograd {

template <class T>
std::vector<TraceNode<T>> trace_nodes() {
  Tape<T>& tape = Tape<T>::current();
  std::vector<TraceNode<T>> nodes;
  for (NodeId id = tape.scope_start(); id < tape.size(); ++id) {
    const auto inputs = tape[id].in();
    nodes.push_back({id, tape[id].op->name, {inputs.begin(), inputs.end()}, tape.var(id)});
  }
  return nodes;
}

template <class T>
void print_trace(std::ostream& out, bool values) {
  const char* type = std::is_same_v<T, float> ? "float" : "double";
  for (const TraceNode<T>& node : trace_nodes<T>()) {
    std::string inputs;
    for (NodeId input : node.inputs) inputs += format("{}%{}", inputs.empty() ? "" : ", ", input);
    out << format("%{} = {}({}) ", node.id, node.operation, inputs);
    if (values) {
      out << node.array << '\n';
    } else {
      out << format("{} {}\n", type, to_string(node.array.shape()));
    }
  }
}

template <class T>
void write_dot(std::ostream& out) {
  out << "digraph trace {\n";
  for (const TraceNode<T>& node : trace_nodes<T>()) {
    out << format("  n{} [label=\"{} {}\"{}];\n", node.id, node.operation,
                  to_string(node.array.shape()), node.inputs.empty() ? ", shape=box" : "");
    for (NodeId input : node.inputs) out << format("  n{} -> n{};\n", input, node.id);
  }
  out << "}\n";
}

FiniteGuard::FiniteGuard()
    : outer_float_(std::exchange(Tape<float>::current().throw_on_nonfinite, true)),
      outer_double_(std::exchange(Tape<double>::current().throw_on_nonfinite, true)) {}

FiniteGuard::~FiniteGuard() {
  if (auto* tape = Tape<float>::current_if_any()) tape->throw_on_nonfinite = outer_float_;
  if (auto* tape = Tape<double>::current_if_any()) tape->throw_on_nonfinite = outer_double_;
}

template <class T>
void check_finite(const char* op, View<const T> array, const char* of) {
  if (array.layout->size == 0) return;
  Dims shape(array.layout->dims()), place(shape.size(), 0);
  for (int axis = 0; axis < shape.size(); ++axis) {
    if (array.layout->strides[axis] == 0) shape[axis] = 1;  // repeated elements are checked once
  }
  for (Index i = element_count(shape); i > 0; --i) {
    Index offset = 0;
    for (int axis = 0; axis < place.size(); ++axis) {
      offset += place[axis] * array.layout->strides[axis];
    }
    const T value = array.data[offset];
    if (!std::isfinite(value)) {
      fail<std::runtime_error>(op, "{} is {} at {} of shape {}", of,
                               std::isnan(value) ? std::abs(value) : value, to_string(place),
                               to_string(array.layout->dims()));
    }
    for (int axis = place.size() - 1; axis >= 0; --axis) {
      if (++place[axis] < shape[axis]) break;
      place[axis] = 0;
    }
  }
}

template std::vector<TraceNode<float>> trace_nodes<float>();
template std::vector<TraceNode<double>> trace_nodes<double>();
template void print_trace<float>(std::ostream&, bool);
template void print_trace<double>(std::ostream&, bool);
template void write_dot<float>(std::ostream&);
template void write_dot<double>(std::ostream&);
template void check_finite<float>(const char*, View<const float>, const char*);
template void check_finite<double>(const char*, View<const double>, const char*);

}  // namespace autograd
