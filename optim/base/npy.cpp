#include "optim/base/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <charconv>
#include <istream>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include "autograd/base/error.hpp"
#include "autograd/detail/shape.hpp"
#include "optim/base/arrays.hpp"

namespace optim::detail {
namespace {

static_assert(std::endian::native == std::endian::little,
              "arrays are written as they are in memory");

using autograd::fail;
using Error = std::runtime_error;
using Shape = std::vector<std::size_t>;

constexpr const char* name = "optimizer state";

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t longest_header = 65535;  // of version 1.0

/// The type as NumPy names it.
template <class T>
std::string_view descr() {
  if (std::is_same_v<T, float>) return "<f4";
  return std::is_same_v<T, double> ? "<f8" : "<u8";
}

void read_bytes(std::istream& in, char* to, std::size_t count) {
  const auto wanted = static_cast<std::streamsize>(count);
  if (in.rdbuf()->sgetn(to, wanted) != wanted) fail<Error>(name, "it ends too early");
}

/// An unsigned number of this many bytes, the lowest first.
std::size_t read_number(std::istream& in, std::size_t bytes) {
  std::array<char, 4> digits = {};
  read_bytes(in, digits.data(), bytes);
  return std::bit_cast<std::uint32_t>(digits);
}

/// The dictionary that describes the array.
std::string read_header(std::istream& in) {
  std::array<char, 8> prefix;
  read_bytes(in, prefix.data(), prefix.size());
  const int version = static_cast<unsigned char>(prefix[6]);
  if (std::string_view(prefix.data(), magic.size()) != magic || version < 1 || version > 3) {
    fail<Error>(name, "this is no NPY array of version 1, 2 or 3");
  }
  const std::size_t size = read_number(in, version == 1 ? 2 : 4);
  if (size > longest_header) fail<Error>(name, "a header of {} bytes is too long", size);
  std::string header(size, '\0');
  read_bytes(in, header.data(), size);
  return header;
}

/// Takes a header apart: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } in any order.
class Header {
 public:
  explicit Header(std::string_view text) : rest_(text) {
    expect("{");
    while (!accept("}")) {
      entry();
      if (!accept(",") && !next_is("}")) malformed();
    }
    skip_spaces();
    if (!rest_.empty() || entries_ != 3 || !has_shape_ || descr.empty()) malformed();
  }

  std::string_view descr;
  bool fortran_order = false;
  Shape shape;

 private:
  [[noreturn]] static void malformed() { fail<Error>(name, "the header of an array is malformed"); }

  void skip_spaces() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_[0]))) {
      rest_.remove_prefix(1);
    }
  }
  bool next_is(std::string_view token) {
    skip_spaces();
    return rest_.starts_with(token);
  }
  bool accept(std::string_view token) {
    if (!next_is(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) malformed();
  }

  void entry() {
    const std::string_view key = quoted();
    expect(":");
    ++entries_;
    if (key == "descr" && descr.empty()) {
      descr = quoted();
    } else if (key == "fortran_order") {
      fortran_order = accept("True");
      if (!fortran_order) expect("False");
    } else if (key == "shape" && !has_shape_) {
      tuple();
    } else {
      malformed();
    }
  }

  std::string_view quoted() {
    expect("'");
    const std::size_t end = rest_.find('\'');
    if (end == rest_.npos) malformed();
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return word;
  }

  void tuple() {
    has_shape_ = true;
    expect("(");
    while (!accept(")")) {
      skip_spaces();
      std::size_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc()) malformed();
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      shape.push_back(extent);
      if (!accept(",") && !next_is(")")) malformed();
    }
  }

  std::string_view rest_;
  int entries_ = 0;
  bool has_shape_ = false;
};

/// Throws where it, or the bytes of the elements, cannot be counted; extents of 0 do not hide that.
std::size_t checked_size(const Shape& shape, std::size_t element_size) {
  if (shape.size() > autograd::max_rank)
    fail<Error>(name, "an array has {} axes; at most 16", shape.size());
  const auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
  std::size_t bytes = element_size, size = 1;
  for (const std::size_t extent : shape) {
    size *= extent;
    if (extent == 0) continue;
    if (bytes > most / extent)
      fail<Error>(name, "the extents of an array are too large to be true");
    bytes *= extent;
  }
  return size;
}

/// The elements, in portions: an array that claims to be large takes memory as its bytes come.
template <class T>
std::vector<T> read_elements(std::istream& in, std::size_t size) {
  constexpr std::size_t portion = 1 << 16;
  std::vector<T> elements;
  while (elements.size() < size) {
    const std::size_t at = elements.size(), count = std::min(portion, size - at);
    elements.resize(at + count);
    read_bytes(in, reinterpret_cast<char*>(elements.data() + at), count * sizeof(T));
  }
  return elements;
}

}  // namespace

template <class T>
void write_npy(std::ostream& out, const xt::xarray<T>& array) {
  std::string header = autograd::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                        descr<T>(), shape_text(array));
  const std::size_t prefix = magic.size() + 4, whole = (prefix + header.size() + 64) / 64 * 64;
  header.append(whole - prefix - header.size() - 1, ' ') += '\n';
  out << magic << '\1' << '\0' << static_cast<char>(header.size() & 0xff)
      << static_cast<char>(header.size() >> 8) << header;
  out.write(reinterpret_cast<const char*>(array.data()),
            static_cast<std::streamsize>(array.size() * sizeof(T)));
}

template <class T>
xt::xarray<T> read_npy(std::istream& in) {
  const std::string text = read_header(in);
  const Header header(text);
  if (header.descr != descr<T>()) {
    fail<Error>(name, "an array has elements of type {}, expected {}", header.descr, descr<T>());
  }
  if (header.fortran_order && header.shape.size() > 1)
    fail<Error>(name, "an array is in Fortran's order");
  const std::vector<T> elements = read_elements<T>(in, checked_size(header.shape, sizeof(T)));
  xt::xarray<T> array = xt::xarray<T>::from_shape(header.shape);
  std::copy(elements.begin(), elements.end(), array.data());
  return array;
}

template void write_npy(std::ostream&, const xt::xarray<float>&);
template void write_npy(std::ostream&, const xt::xarray<double>&);
template void write_npy(std::ostream&, const xt::xarray<std::uint64_t>&);
template xt::xarray<float> read_npy(std::istream&);
template xt::xarray<double> read_npy(std::istream&);
template xt::xarray<std::uint64_t> read_npy(std::istream&);

}  // namespace optim::detail
