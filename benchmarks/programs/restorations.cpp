/// The objective of the photo restoration, by rows and on the whole picture.
#include <string>
#include <type_traits>
#include <utility>

#include "benchmarks/inpaint_by_hand.hpp"
#include "benchmarks/programs/workload.hpp"
#include "examples/inpaint/objective.hpp"

namespace benchmarks {
namespace {

template <class T, class F>
void add(Workloads& to, const std::string& form, F f, std::size_t width, std::size_t height) {
  const std::string name = "restoration, " + form + ", " + std::to_string(width) + "x" +
                           std::to_string(height) +
                           (std::is_same_v<T, float> ? ", float" : ", double");
  to.push_back(
      workload<T>(name, numbers<T>({height, width}, 0, 1), f,
                  [hand = InpaintByHand<T>(height, width)](const T* x, T* gradient) mutable {
                    return hand.value_and_gradient(x, gradient);
                  }));
}

template <class T>
void add_forms(Workloads& to) {
  for (const auto& [width, height] : {std::pair(256, 192), std::pair(1024, 768)}) {
    add<T>(to, "rows", examples::err_func_by_rows<T>, width, height);
    add<T>(to, "whole", examples::err_func_whole<T>, width, height);
  }
}

}  // namespace

Workloads restorations() {
  Workloads workloads;
  add_forms<float>(workloads);
  add<float>(workloads, "whole", examples::err_func_whole<float>, 4000, 3000);
  add_forms<double>(workloads);
  return workloads;
}

}  // namespace benchmarks
