/// Aids for finding mistakes: the trace as data, in lines and as a graph, and stopping at the first
/// NaN or infinity.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "autograd/detail/api.hpp"
#include "autograd/var.hpp"

namespace AUTOGRAD_API autograd {

/// One array of a trace and the operation that made it.
template <class T>
struct TraceNode {
  std::uint32_t id;                   ///< counted from the beginning of the outermost trace
  std::string operation;              ///< "argument": what a transform differentiates by;
                                      ///< "constant": an array or number from outside
  std::vector<std::uint32_t> inputs;  ///< ids; smaller than its own
  Var<T> array;                       ///< with its shape, and its value, which may be lazy
};

/// The nodes of this thread's current trace, in the order in which they were recorded. The Vars in
/// it live as long as the trace.
template <class T>
std::vector<TraceNode<T>> trace_nodes();

/// Writes one line for each node of this thread's current trace, such as
/// `%3 = multiply(%1, %2) float (3, 4)`; with `values` also the elements, as a Var prints them,
/// which computes those that are lazy.
template <class T>
void print_trace(std::ostream& out, bool values = false);

/// Writes the graph of this thread's current trace in DOT, the language of Graphviz:
/// `dot -Tsvg trace.dot >trace.svg` draws it. Arrays from outside are boxes, operations ellipses.
template <class T>
void write_dot(std::ostream& out);

/// While a FiniteGuard lives, the first operation on this thread that produces a NaN or an
/// infinity, forward or in a gradient, throws std::runtime_error naming the operation, the place
/// and the value. An argument that holds one throws, too; constants may hold them. Operations that
/// were called before it are not checked, even if they are computed later.
class FiniteGuard {
 public:
  FiniteGuard();
  ~FiniteGuard();
  FiniteGuard(const FiniteGuard&) = delete;
  FiniteGuard& operator=(const FiniteGuard&) = delete;

 private:
  bool outer_float_;
  bool outer_double_;
};

}  // namespace autograd
