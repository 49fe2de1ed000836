#include "autograd/preaccumulate.hpp"

#include <new>
#include <vector>

#include "autograd/engine/raw_sweep.hpp"
#include "autograd/engine/recorded_sweep.hpp"
#include "autograd/engine/vjp_context.hpp"

namespace autograd::detail {
namespace {

/// The attributes of the results of one step. Behind each result lie its partial derivatives.
template <class T>
struct Preaccumulated : ManyInputs {
  RecordedStep<T> step;
};

template <class T>
const Preaccumulated<T>& attributes_of(const Node<T>& node) {
  return *static_cast<const Preaccumulated<T>*>(static_cast<const ManyInputs*>(node.attributes));
}

/// Adds the cotangent times each partial derivative. A cotangent that is not finite goes through
/// the operations instead: times a partial derivative of 0 it would be NaN, and whether the result
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

/// Runs the step on Vars and sweeps it. The inputs have stand-ins, so that a derivative by one
/// input does not pass through another that depends on it.
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
  const RecordedStep<T>& of = step.step;
  const Index place = tape.value("preaccumulate", context.y()).data - of.memory.results;
  const Var<T> y = of.replay(of.memory.step, x, static_cast<std::size_t>(place) / of.stride);
  std::vector<Var<T>> gradients(x.size());
  recorded_sweep<T>(tape, tape.id("preaccumulate", y), context.g, ids, gradients);
  for (std::uint32_t k = 0; k < step.count; ++k) {
    if (context.wants(static_cast<int>(k))) context.add(static_cast<int>(k), gradients[k]);
  }
}

template <class T>
constexpr Op<T> preaccumulate_op{"preaccumulate", vjp_raw<T>, vjp_recorded<T>,
                                 nullptr,         nullptr,    vjp_number<T>};

}  // namespace

/// An argument of 0 may be a root, of which operations on Vars find the smooth square (Op::product)
/// and slopes do not. Then the step runs on Vars.
template <class T>
StepMemory<T> begin_step(std::span<const Var<T>> x, T* values, std::size_t numbers,
                         std::size_t bytes) {
  Tape<T>& tape = Tape<T>::current();
  if (tape.throw_on_nonfinite) return {};
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (tape.common_layout(x[k]) != &scalar_layout) return {};
    values[k] = *tape.computed_value(x[k]);
    if (tape.has_kinks && values[k] == 0) return {};
  }
  return {tape.arena.template take<T>(numbers),
          tape.arena.template take<double>((bytes + sizeof(double) - 1) / sizeof(double))};
}

template <class T>
void record_results(const RecordedStep<T>& step, std::span<const Var<T>> x, std::span<Var<T>> y) {
  Tape<T>& tape = Tape<T>::current();
  auto* ids = tape.arena.template take<NodeId>(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) ids[k] = tape.id("preaccumulate", x[k]);
  auto* attributes = new (tape.arena.template take<Preaccumulated<T>>(1))
      Preaccumulated<T>{{ids, static_cast<std::uint32_t>(x.size())}, step};
  T* result = step.memory.results;
  for (Var<T>& each : y) {
    each = tape.push_many(preaccumulate_op<T>, {result, &scalar_layout}, attributes);
    result += step.stride;
  }
}

#define AUTOGRAD_INSTANTIATE(T)                                                                \
  template StepMemory<T> begin_step<T>(std::span<const Var<T>>, T*, std::size_t, std::size_t); \
  template void record_results<T>(const RecordedStep<T>&, std::span<const Var<T>>,             \
                                  std::span<Var<T>>)
AUTOGRAD_INSTANTIATE(float);
AUTOGRAD_INSTANTIATE(double);

}  // namespace autograd::detail
