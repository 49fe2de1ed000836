// Files of optimizers' states: as NumPy writes them, damaged ones, and those that lie.
#include <autograd/autograd.hpp>
#include <optim/optim.hpp>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/support/expect.hpp"

using expect::difference;
using expect::error_of;

namespace {

using A = xt::xarray<double>;
using State = optim::OptimizerState<double>;

std::string bytes_of(const auto& number) {
  return {reinterpret_cast<const char*>(&number), sizeof(number)};
}

/// An NPY array of version 1.0 with this header, unpadded.
std::string npy(const std::string& header, const std::string& data) {
  std::string file = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
  file += bytes_of(static_cast<std::uint16_t>(header.size()));
  return file += header + data;
}

std::string header_of(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

/// The counts of a state: iterations, slots, parameters.
std::string counts(std::uint64_t iterations, std::uint64_t slots, std::uint64_t parameters) {
  return npy(header_of("<u8", "(3,)"),
             bytes_of(iterations) + bytes_of(slots) + bytes_of(parameters));
}

const std::string two = bytes_of(1.5) + bytes_of(-2.0);

/// A state of SGD with one parameter in these bytes.
State loaded(const std::string& array) {
  State state = optim::SGD<double>().state();
  std::istringstream in(counts(4, 1, 1) + array);
  state.load(in);
  return state;
}

/// What a state of SGD says to these bytes; it must stay as it was.
std::string refusal(const std::string& file) {
  State state = optim::SGD<double>().state();
  state.iterations = 7;
  const std::string message = error_of<std::runtime_error>([&] {
    std::istringstream in(file);
    state.load(in);
  });
  CHECK(state.iterations == 7);
  CHECK(state.slots[0].arrays.empty());
  return message;
}
std::string refusal_of_array(const std::string& array) { return refusal(counts(4, 1, 1) + array); }

}  // namespace

TEST_CASE("a saved state is what NumPy writes", "[optim][optimizer_state]") {
  State state{3, {{"velocity", {A{{1, 2}}, A{5}, A(0.5)}}}};
  std::ostringstream out;
  state.save(out);
  const auto padded = [](std::string header) {
    header.resize(117, ' ');
    return header + '\n';
  };
  const std::string expected =
      npy(padded("{'descr': '<u8', 'fortran_order': False, 'shape': (3,), }"),
          bytes_of(std::uint64_t(3)) + bytes_of(std::uint64_t(1)) + bytes_of(std::uint64_t(3))) +
      npy(padded("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }"),
          bytes_of(1.0) + bytes_of(2.0)) +
      npy(padded("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"), bytes_of(5.0)) +
      npy(padded("{'descr': '<f8', 'fortran_order': False, 'shape': (), }"), bytes_of(0.5));
  CHECK(out.str() == expected);
}

TEST_CASE("headers may be written in other ways", "[optim][optimizer_state]") {
  const auto check = [](const std::string& file) {
    const State state = loaded(file);
    CHECK(state.iterations == 4);
    CHECK(difference(state.at("velocity"), {1.5, -2}) == "");
  };
  check(npy(header_of("<f8", "(2,)"), two));
  check(npy("{'shape':(2,),'fortran_order':True,'descr':'<f8'}", two));
  check(npy("  { 'fortran_order' : False , 'descr' : '<f8' , 'shape' : ( 2 ) }  \n", two));
  std::string second = npy(header_of("<f8", "(2,)"), two);
  second[6] = 2;
  second.insert(10, 2, '\0');  // its length takes 4 bytes
  check(second);
}

TEST_CASE("further arrays may follow a state", "[optim][optimizer_state]") {
  const std::string file = counts(4, 1, 1) + npy(header_of("<f8", "(2,)"), two);
  std::istringstream in(file + file);
  State first = optim::SGD<double>().state(), second = first;
  first.load(in);
  second.load(in);
  CHECK(difference(first.at("velocity"), second.at("velocity")) == "");
}

TEST_CASE("damaged files are refused, whatever they claim", "[optim][optimizer_state]") {
  const std::string malformed = "optimizer state: the header of an array is malformed";
  const auto with_header = [](const std::string& header) {
    return refusal_of_array(npy(header, two));
  };
  CHECK(refusal(std::string(200, 'x')) ==
        "optimizer state: this is no NPY array of version 1, 2 or 3");
  CHECK(refusal("") == "optimizer state: it ends too early");
  CHECK(refusal(npy("{'descr': '<u8', 'fortran_order': False, 'shape', }", two)) == malformed);
  for (const char* header :
       {"", "{", "}", "{}", "{'descr'}", "{'descr': '<f8', 'fortran_order': False, }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), ",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), } x",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2 3), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (2,), }",
        "{'descr': <f8, 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<f8', 'shape': (2,), 'shape': (2,), }",
        "{'descr': '<f8', 'descr': '<f8', 'shape': (2,), }",
        "{'other': '<f8', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<f8, 'fortran_order': False, 'shape': (2,), }"}) {
    CAPTURE(header);
    CHECK(with_header(header) == malformed);
  }
  CHECK(with_header(header_of("<f4", "(2,)")) ==
        "optimizer state: an array has elements of type <f4, expected <f8");
  CHECK(with_header("{'descr': '<f8', 'fortran_order': True, 'shape': (1, 2), }") ==
        "optimizer state: an array is in Fortran's order");
  CHECK(with_header(header_of("<f8", "(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2)")) ==
        "optimizer state: an array has 17 axes; at most 16");
  std::string long_header = npy(header_of("<f8", "(2,)"), two);
  long_header[6] = 2;
  long_header.insert(10, "\xff\xff");
  CHECK(refusal_of_array(long_header) ==
        "optimizer state: a header of 4294901818 bytes is too long");
  CHECK(refusal_of_array(npy(header_of("<f8", "(2,)"), two + "x")) ==
        "optimizer state: something else follows it");
}

TEST_CASE("a shape takes no more memory than its bytes", "[optim][optimizer_state]") {
  const std::string too_large = "optimizer state: the extents of an array are too large to be true";
  for (const char* shape : {"(4611686018427387904, 4)", "(2305843009213693952,)",
                            "(0, 4611686018427387904, 4)", "(4294967296, 4294967296)"}) {
    CAPTURE(shape);
    CHECK(refusal_of_array(npy(header_of("<f8", shape), two)) == too_large);
  }
  for (const char* shape : {"(3,)", "(1099511627776,)", "(1024, 1024, 1024, 1024)"}) {
    CAPTURE(shape);
    CHECK(refusal_of_array(npy(header_of("<f8", shape), two)) ==
          "optimizer state: it ends too early");
  }
  CHECK(refusal(counts(4, 1, std::uint64_t(1) << 60)) == "optimizer state: it ends too early");
}

TEST_CASE("any change of a byte is harmless", "[optim][optimizer_state]") {
  std::mt19937 random(1);
  const std::string good = counts(4, 1, 1) + npy(header_of("<f8", "(2,)"), two);
  for (int k = 0; k < 5000; ++k) {
    std::string file = good;
    for (unsigned i = 0; i <= k % 3u; ++i)
      file[random() % file.size()] = static_cast<char>(random());
    State state = optim::SGD<double>().state();
    std::istringstream in(file);
    try {
      state.load(in);
      CHECK(state.slots[0].arrays.size() <= 1);
    } catch (const std::runtime_error&) {
      CHECK(state.slots[0].arrays.empty());
    }
  }
}
