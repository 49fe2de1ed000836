/// Rules on Vars in the raw sweep, for operations that have no raw vjp.
#include "autograd/engine/fusion.hpp"
#include "autograd/engine/raw_sweep.hpp"
#include "autograd/engine/vjp_context.hpp"

namespace autograd {
namespace {

/// Runs a rule on Vars in the raw sweep: contributions are added to its gradients as arrays.
template <class T>
class RawVjpContext final : public VjpContext<T> {
 public:
  RawVjpContext(RawSweep<T>& sweep, NodeId id, const Var<T>& g)
      : VjpContext<T>(sweep.tape(), id, g), sweep_(sweep) {}

  bool records() const override { return false; }
  bool wants(int i) const override { return sweep_.wants(this->input(i)); }
  void add(int i, const Var<T>& contribution) override {
    if (!wants(i)) return;
    const NodeId part = this->tape_.id("gradient", contribution);
    const Layout &given = *this->tape_[part].layout, &own = *this->tape_[this->input(i)].layout;
    if (given.size == 0 || own.size == 0) return;
    const Layout& larger = given.size > own.size ? given : own;
    if (this->tape_[part].state == State::fusable) return add_fusable(this->input(i), part, larger);
    const View<const T> value = this->tape_.value(part);
    sweep_.add(this->input(i), larger.dims(), {&value, 1}, Builtin<T>::copy);
  }

 private:
  void add_fusable(NodeId input, NodeId part, const Layout& space) {
    const auto [to, fresh] = sweep_.destination(input);
    Fusion<T> fusion(sweep_, space.dims());
    fusion.put(to, fresh, fusion.value(part));
    fusion.run();
  }

  RawSweep<T>& sweep_;
};

}  // namespace

template <class T>
void RawSweep<T>::vjp_by_rule(NodeId id) {
  const Scope<T> scratch(tape_);
  const View<const T> g = gradient(id);
  RawVjpContext<T> context(*this, id,
                           tape_.push(constant_op<T>, {const_cast<T*>(g.data), g.layout}, {}));
  tape_[id].op->vjp_recorded(context);
}

template void RawSweep<float>::vjp_by_rule(NodeId id);
template void RawSweep<double>::vjp_by_rule(NodeId id);

}  // namespace autograd
