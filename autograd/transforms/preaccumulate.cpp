#include "autograd/preaccumulate.hpp"

#include <cstring>
#include <new>
#include <vector>

#include "autograd/engine/raw_sweep.hpp"

namespace autograd::detail {
namespace {

/// What the tape keeps of a step: its inputs, where its results lie, and how to run it again.
template <class T>
struct Preaccumulated : ManyInputs {
  const StepCode<T>* code;
  const void* step;
  const T* results;
};

template <class T>
const Preaccumulated<T>& attributes_of(const Node<T>& node) {
  return *static_cast<const Preaccumulated<T>*>(static_cast<const ManyInputs*>(node.attributes));
}

/// A partial derivative of 0 says nothing about a cotangent that is not finite: whether the result
/// depends on that input at all, only the operations know.
template <class T>
void vjp_number(RawSweep<T>& sweep, const Node<T>& node, T g) {
  if (!(g - g == T(0))) return sweep.vjp_by_rule(node.root);
  const Preaccumulated<T>& step = attributes_of(node);
  const T* partials = node.data + 1;
  for (std::uint32_t k = 0; k < step.count; ++k) {
    if (sweep.wants(step.ids[k])) sweep.give(step.ids[k], g == T(0) ? T(0) : g * partials[k]);
  }
}

template <class T>
void vjp_raw(RawSweep<T>& sweep, NodeId id) {
  vjp_number(sweep, sweep.tape()[id], *sweep.gradient(id).data);
}

/// Runs the step on stand-ins of its inputs, so that its derivatives by one do not pass through
/// another, and sweeps it.
template <class T>
void vjp_recorded(VjpContext<T>& context) {
  Tape<T>& tape = Tape<T>::current();
  const auto& step = context.template attributes<Preaccumulated<T>>();
  std::vector<Var<T>> x;
  std::vector<NodeId> ids;
  for (std::uint32_t k = 0; k < step.count; ++k) {
    x.push_back(stand_in(tape.var(step.ids[k])));
    ids.push_back(tape.id("preaccumulate", x.back()));
  }
  const Index place = tape.value("preaccumulate", context.y()).data - step.results;
  const Var<T> y =
      step.code->replay(step.step, x, static_cast<std::size_t>(place) / step.code->stride);
  std::vector<Var<T>> gradients(x.size());
  recorded_sweep<T>(tape, tape.id("preaccumulate", y), context.g, ids, gradients);
  for (std::uint32_t k = 0; k < step.count; ++k) {
    if (context.wants(static_cast<int>(k))) context.add(static_cast<int>(k), gradients[k]);
  }
}

template <class T>
constexpr Op<T> preaccumulate_op{"preaccumulate", vjp_raw<T>, vjp_recorded<T>,
                                 nullptr,         nullptr,    vjp_number<T>};

/// Writes the values of x. False where they are no numbers, or where one may be a root that is 0:
/// operations on Vars find the smooth square of such a root (Op::product), slopes do not.
template <class T>
bool read_numbers(const Tape<T>& tape, std::span<const Var<T>> x, T* values) {
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (!tape.holds_number(x[k])) return false;
    values[k] = tape.held_number(x[k]);
    if (tape.has_roots && values[k] == 0) return false;
  }
  return true;
}

/// A copy of the step that lives as long as the trace.
const void* kept(Arena& arena, const void* step, std::size_t size) {
  return std::memcpy(arena.take<double>((size + sizeof(double) - 1) / sizeof(double)), step, size);
}

}  // namespace

template <class T>
bool record_step(const StepCode<T>& code, const void* step, std::span<const Var<T>> x,
                 std::span<Var<T>> y) {
  Tape<T>& tape = Tape<T>::current();
  if (tape.throw_on_nonfinite) return false;
  const ArenaScope scratch(tape.gradients);
  T* values = tape.gradients.template take<T>(x.size());
  if (!read_numbers(tape, x, values)) return false;
  T* result = tape.arena.template take<T>(code.results * code.stride);
  if (!code.run(step, values, result)) return false;
  auto* ids = tape.arena.template take<NodeId>(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) ids[k] = tape.id("preaccumulate", x[k]);
  auto* attributes = new (tape.arena.template take<Preaccumulated<T>>(1))
      Preaccumulated<T>{{ids, static_cast<std::uint32_t>(x.size())},
                        &code,
                        kept(tape.arena, step, code.size),
                        result};
  for (Var<T>& each : y) {
    each = tape.push_many(preaccumulate_op<T>, {result, &scalar_layout}, attributes);
    result += code.stride;
  }
  return true;
}

#define AUTOGRAD_INSTANTIATE(T)                                                          \
  template bool record_step<T>(const StepCode<T>&, const void*, std::span<const Var<T>>, \
                               std::span<Var<T>>)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd::detail
