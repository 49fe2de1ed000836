/// Hand tracking: the distances of measured points from a hand whose bones are turned, and their
/// Jacobian by the pose and by the places on the triangles of its skin.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "benchmarks/gradbench/harness.hpp"

namespace {

using namespace gradbench;

/// The bones that turn; their angles about x and z in the list of angles, whose last one is 0.
struct Joints {
  std::vector<ag::Index> x, z;

  explicit Joints(std::size_t bones) : x(bones, 20), z(bones, 20) {
    ag::Index next = 0;
    for (std::size_t finger = 0; finger < 5; ++finger) {
      for (std::size_t i = 0; i < 3; ++i) {
        x[4 * finger + 2 + i] = next++;
        if (i == 0) z[4 * finger + 2] = next++;
      }
    }
  }
};

struct Problem {
  Array theta, us;            ///< 26 numbers of the pose; (points, 2) or nothing
  Array relatives, inverses;  ///< (bones, 4, 4)
  Array base, weights, skin;  ///< (vertices, 4), (vertices, bones), their products
  Array points;               ///< (3, points)
  std::vector<int> parents;
  std::vector<std::vector<int>> triangles;
  std::vector<int> correspondences;
  bool mirrored;
  std::size_t bones, vertices, count;
  Joints joints;
  std::array<xt::xarray<ag::Index>, 3> corners;  ///< the vertices of each point

  explicit Problem(const json& in)
      : theta(array(in["theta"])),
        us(array(in["us"])),
        relatives(array(in["data"]["model"]["base_relatives"])),
        inverses(array(in["data"]["model"]["inverse_base_absolutes"])),
        base(array(in["data"]["model"]["base_positions"])),
        weights(array(in["data"]["model"]["weights"])),
        points(xt::transpose(array(in["data"]["points"]))),
        parents(in["data"]["model"]["parents"]),
        triangles(in["data"]["model"]["triangles"]),
        correspondences(in["data"]["correspondences"]),
        mirrored(in["data"]["model"]["is_mirrored"]),
        bones(parents.size()),
        vertices(base.shape(0)),
        count(correspondences.size()),
        joints(bones) {
    skin = Array::from_shape({4 * bones, vertices});
    for (std::size_t row = 0; row < 4 * bones; ++row) {
      for (std::size_t v = 0; v < vertices; ++v)
        skin(row, v) = weights(v, row / 4) * base(v, row % 4);
    }
    for (std::size_t corner = 0; corner < 3; ++corner) {
      corners[corner] = xt::xarray<ag::Index>::from_shape({count});
      for (std::size_t i = 0; i < count; ++i) corners[corner](i) = vertex(i, corner);
    }
  }

  bool on_triangles() const { return us.size() > 0; }
  ag::Index vertex(std::size_t point, std::size_t corner) const {
    return on_triangles() ? triangles[correspondences[point]][corner] : correspondences[point];
  }

  /// For all bones at once, (bones, 4, 4).
  V rotations(const V& pose) const {
    const V angles = ag::concatenate({ag::view(pose, xt::range(6, 26)), V(Array{0})});
    const V x = ag::take(angles, xt::adapt(joints.x)), z = ag::take(angles, xt::adapt(joints.z));
    const V cx = ag::cos(x), sx = ag::sin(x), cz = ag::cos(z), sz = ag::sin(z);
    const V o = xt::zeros<double>({bones}), l = xt::ones<double>({bones});
    const V rows =
        ag::stack({cz, -sz * cx, sz * sx, o, sz, cz * cx, -cz * sx, o, o, sx, cx, o, o, o, o, l});
    return ag::reshape(ag::transpose(rows), {-1, 4, 4});
  }

  static V turn(const V& axis) {
    const V angle = ag::norm(axis);
    const V identity = ag::diag(V(Array{1, 1, 1}));
    if (angle < 1e-4) return identity;
    const V n = axis / angle, x = n[0], y = n[1], z = n[2], o = 0;
    const V cross = ag::stack({o, -z, y, z, o, -x, -y, x, o});
    const V c = ag::cos(angle), outer = ag::outer(n, n);
    return outer * (1 - c) + c * identity + ag::sin(angle) * ag::reshape(cross, {3, 3});
  }

  /// The skin (3, vertices): one product with a matrix for all bones and vertices.
  V positions(const V& pose) const {
    const V turned = ag::matmul(V(relatives), rotations(pose));
    std::vector<V> absolutes;
    for (std::size_t i = 0; i < bones; ++i) {
      const V own = turned[i];
      absolutes.push_back(parents[i] < 0 ? own : ag::matmul(absolutes[parents[i]], own));
    }
    const V transforms = ag::matmul(ag::stack(absolutes), V(inverses));
    const V rows = ag::transpose(ag::view(transforms, xt::all(), xt::range(0, 3)), {1, 0, 2});
    V result = ag::matmul(ag::reshape(rows, {3, -1}), ag::borrow(skin));
    if (mirrored) result = result * ag::expand_dims(Array{-1, 1, 1}, 1);
    const V shift = ag::view(pose, xt::range(3, 6), xt::newaxis());
    return ag::matmul(turn(ag::view(pose, xt::range(0, 3))), result) + shift;
  }

  /// (3, points). `step` is added to the places on all triangles: its Jacobian holds those by each
  /// place, of which every distance knows but two.
  V operator()(const V& step, const V& pose) const {
    const V skin_now = positions(pose);
    const auto at = [&](int corner) { return ag::take(skin_now, corners[corner], 1); };
    if (!on_triangles()) return points - at(0);
    const V u = Array(xt::transpose(us)) + ag::expand_dims(step, 1);
    return points - (u[0] * at(0) + u[1] * at(1) + (1 - u[0] - u[1]) * at(2));
  }

  std::vector<Array> jacobian() const {
    if (!on_triangles()) return {ag::jacobian<1>(*this)(Array{0, 0}, theta)};
    const auto [by_us, by_pose] = ag::jacobian(*this)(Array{0, 0}, theta);
    return {by_us, by_pose};
  }

  // ---- by hand

  using Matrix = std::array<double, 16>;

  static Matrix product(const Matrix& a, const Matrix& b) {
    Matrix c{};
    for (int i = 0; i < 4; ++i) {
      for (int k = 0; k < 4; ++k) {
        for (int j = 0; j < 4; ++j) c[4 * i + j] += a[4 * i + k] * b[4 * k + j];
      }
    }
    return c;
  }

  std::vector<Matrix> transforms(const Array& pose) const {
    std::vector<Matrix> absolutes(bones), result(bones);
    const auto angle = [&](ag::Index i) { return i < 20 ? pose(6 + i) : 0; };
    for (std::size_t i = 0; i < bones; ++i) {
      const double cx = std::cos(angle(joints.x[i])), sx = std::sin(angle(joints.x[i]));
      const double cz = std::cos(angle(joints.z[i])), sz = std::sin(angle(joints.z[i]));
      Matrix relative, inverse;
      std::copy_n(relatives.data() + 16 * i, 16, relative.begin());
      std::copy_n(inverses.data() + 16 * i, 16, inverse.begin());
      const Matrix own = product(
          relative, {cz, -sz * cx, sz * sx, 0, sz, cz * cx, -cz * sx, 0, 0, sx, cx, 0, 0, 0, 0, 1});
      absolutes[i] = parents[i] < 0 ? own : product(absolutes[parents[i]], own);
      result[i] = product(absolutes[i], inverse);
    }
    return result;
  }

  /// Adds the part of each bone to the vertices.
  std::vector<std::array<double, 3>> skin_by_hand(const Array& pose) const {
    std::vector<std::array<double, 3>> sum(vertices), result(vertices);
    std::size_t bone = 0;
    for (const Matrix& t : transforms(pose)) {
      for (std::size_t v = 0; v < vertices; ++v) {
        const double* p = base.data() + 4 * v;
        for (int i = 0; i < 3; ++i) {
          const double* row = &t[4 * i];
          sum[v][i] +=
              (row[0] * p[0] + row[1] * p[1] + row[2] * p[2] + row[3] * p[3]) * weights(v, bone);
        }
      }
      ++bone;
    }
    const double angle = std::sqrt(pose(0) * pose(0) + pose(1) * pose(1) + pose(2) * pose(2));
    const double n[] = {pose(0) / angle, pose(1) / angle, pose(2) / angle};
    const double c = std::cos(angle), s = std::sin(angle);
    for (std::size_t v = 0; v < vertices; ++v) {
      auto& p = sum[v];
      if (mirrored) p[0] = -p[0];
      const double along = (n[0] * p[0] + n[1] * p[1] + n[2] * p[2]) * (1 - c);
      for (int i = 0; i < 3; ++i) {
        const int j = (i + 1) % 3, k = (i + 2) % 3;
        const double turned =
            angle < 1e-4 ? p[i] : p[i] * c + (n[j] * p[k] - n[k] * p[j]) * s + n[i] * along;
        result[v][i] = turned + pose(3 + i);
      }
    }
    return result;
  }

  /// (3, points), for a step of the places.
  Array by_hand(const Array& step, const Array& pose) const {
    const auto skin_now = skin_by_hand(pose);
    Array result = points;
    for (std::size_t i = 0; i < count; ++i) {
      const double u = on_triangles() ? us(i, 0) + step(0) : 1,
                   v = on_triangles() ? us(i, 1) + step(1) : 0;
      const double shares[] = {u, v, 1 - u - v};
      for (std::size_t corner = 0; corner < (on_triangles() ? 3 : 1); ++corner) {
        const auto& at = skin_now[vertex(i, corner)];
        for (std::size_t j = 0; j < 3; ++j) result(j, i) -= shares[corner] * at[j];
      }
    }
    return result;
  }
  Array objective() const { return by_hand(Array{0, 0}, theta); }

  double check() const {
    const auto J = jacobian();
    const Array value = ag::evaluate(*this)(Array{0, 0}, theta);
    double worst = relative_error(value, objective());
    for (std::size_t i : {std::size_t(0), value.size() / 2, value.size() - 1}) {
      const auto row = [&](const Array& jacobian) {
        const std::size_t n = jacobian.shape(2);
        Array result = Array::from_shape({n});
        std::copy_n(jacobian.data() + i * n, n, result.begin());
        return result;
      };
      const auto f = [&](const std::vector<Array>& at) { return by_hand(at[0], at[1]).flat(i); };
      const Array by_step = on_triangles() ? row(J[0]) : Array{0, 0};
      worst = std::max(worst, gradient_error(f, {Array{0, 0}, theta}, {by_step, row(J.back())}));
    }
    return worst;
  }
};

json in_order(const Array& errors) { return lists(Array(xt::flatten(xt::transpose(errors)))); }

/// A row for each coordinate of each point, a column for each parameter.
json matrix(const std::vector<Array>& J) {
  json rows = json::array();
  for (std::size_t i = 0; i < J[0].shape(1); ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      json row = json::array();
      for (const Array& part : J) {
        for (std::size_t k = 0; k < part.shape(2); ++k) row.push_back(part(j, i, k));
      }
      rows.push_back(row);
    }
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv,
             {{"objective", reader(&Problem::objective, in_order)},
              {"jacobian", reader(&Problem::jacobian, matrix)},
              {"check", reader(&Problem::check)}});
}
