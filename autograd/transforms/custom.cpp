#include "autograd/custom.hpp"

#include <algorithm>
#include <stdexcept>

#include "autograd/base/error.hpp"
#include "autograd/engine/vjp_context.hpp"

namespace autograd::detail {
namespace {

template <class T>
struct CustomOp : Op<T> {
  std::shared_ptr<const CustomRule<T>> rule;
};

/// Calls the user's vjp, and checks what it returns.
template <class T>
void vjp_recorded_custom(VjpContext<T>& context) {
  const CustomRule<T>& rule = *static_cast<const CustomOp<T>&>(context.op()).rule;
  const char* name = rule.name.c_str();
  if (context.records() && !rule.on_vars) {
    fail<std::logic_error>(name,
                           "its vjp works on arrays, so it has no second derivative; write it "
                           "with Vars");
  }
  std::vector<Var<T>> inputs;
  for (int i = 0; i < context.count(); ++i) inputs.push_back(context.x(i));
  const Contributions<T> contributions =
      rule.vjp(context.g, context.y(), inputs, context.records());
  if (contributions.size() != inputs.size()) {
    fail(name, "its vjp returns {} gradients for {} inputs", contributions.size(), inputs.size());
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!contributions[i]) {
      if (!context.wants(static_cast<int>(i))) continue;
      fail<std::logic_error>(name, "it has no derivative by input {}", i);
    }
    if (!same(contributions[i]->shape(), inputs[i].shape())) {
      fail(name, "its vjp returns shape {} for input {} of shape {}",
           to_string(contributions[i]->shape()), i, to_string(inputs[i].shape()));
    }
    context.add(static_cast<int>(i), *contributions[i]);
  }
}

}  // namespace

template <class T>
Var<T> record_custom(std::shared_ptr<const CustomRule<T>> rule, std::span<const Var<T>> inputs,
                     const xt::xarray<T>& y) {
  Tape<T>& tape = Tape<T>::current();
  auto op = std::make_shared<CustomOp<T>>();
  op->name = rule->name.c_str();
  op->vjp_recorded = vjp_recorded_custom<T>;
  op->kind = Kind::user;
  op->rule = std::move(rule);
  auto* list = tape.arena.template take<ManyInputs>(1);
  *list = {tape.arena.template take<NodeId>(inputs.size()),
           static_cast<std::uint32_t>(inputs.size())};
  for (std::size_t i = 0; i < inputs.size(); ++i) list->ids[i] = tape.id(op->name, inputs[i]);
  const View<T> value = tape.allocate(op->name, make_row_major(tape.arena, shape_of(y), op->name));
  std::copy(y.begin(), y.end(), value.data);
  tape.keep(op);
  return tape.push_many(*op, value, list);
}

template Var<float> record_custom<float>(std::shared_ptr<const CustomRule<float>>,
                                         std::span<const Var<float>>, const xt::xarray<float>&);
template Var<double> record_custom<double>(std::shared_ptr<const CustomRule<double>>,
                                           std::span<const Var<double>>, const xt::xarray<double>&);

}  // namespace autograd::detail
