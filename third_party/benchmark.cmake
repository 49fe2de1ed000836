# Google Benchmark, for benchmarks/.
# Target: benchmark::benchmark
find_package(benchmark CONFIG QUIET)
if(TARGET benchmark::benchmark)
  message(STATUS "Google Benchmark: ${benchmark_VERSION} in ${benchmark_DIR}")
else()
  # Homebrew, Chimera Linux; equal to Debian's benchmark_1.9.1.orig.tar.gz
  message(STATUS "Google Benchmark: not installed, taking 1.9.1 from GitHub")
  FetchContent_Declare(autograd_benchmark
    URL https://github.com/google/benchmark/archive/refs/tags/v1.9.1.tar.gz
    URL_HASH SHA256=32131c08ee31eeff2c8968d7e874f3cb648034377dfc32a4c377fa8796d84981)
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)  # its options obey the variables below
  set(BENCHMARK_ENABLE_TESTING OFF)
  set(BENCHMARK_ENABLE_INSTALL OFF)
  set(BENCHMARK_ENABLE_WERROR OFF)
  FetchContent_MakeAvailable(autograd_benchmark)
endif()
