# A BLAS with its C interface (cblas), for matmul, and LAPACK in it, for linalg and optim. OpenBLAS
# where there is one; that and other tuned libraries of BLAS have LAPACK in them.
# It is always the system's: a BLAS compiled here would be slow to build and badly tuned.
# Target: BLAS::BLAS, and the include directory XTENSOR_BLAS_INCLUDE_DIR, in which xtensor-blas has
# the declarations (xflens/cxxblas/drivers/cblas.h, xflens/cxxlapack/netlib/netlib.h). The target
# `xtensor-blas` itself is not used: it would have programs link a LAPACK of its own choice.
set(AUTOGRAD_BLA_VENDOR "${BLA_VENDOR}")
if(NOT AUTOGRAD_BLA_VENDOR)
  set(BLA_VENDOR OpenBLAS)
  find_package(BLAS QUIET)
  if(BLAS_FOUND)
    set(AUTOGRAD_BLA_VENDOR OpenBLAS)
  endif()
  unset(BLA_VENDOR)
endif()
if(NOT BLAS_FOUND)
  find_package(BLAS QUIET)
endif()

if(BLAS_FOUND)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LIBRARIES ${BLAS_LIBRARIES})
  check_cxx_source_compiles(
    "extern \"C\" float cblas_sdot(int, const float*, int, const float*, int);
     int main() { float x = 1; return int(cblas_sdot(1, &x, 1, &x, 1)) - 1; }"
    AUTOGRAD_BLAS_HAS_C_INTERFACE)
  check_cxx_source_compiles("extern \"C\" void dgesdd_(); int main() { dgesdd_(); }"
    AUTOGRAD_BLAS_HAS_LAPACK)
  unset(CMAKE_REQUIRED_LIBRARIES)
endif()
if(NOT BLAS_FOUND OR NOT AUTOGRAD_BLAS_HAS_C_INTERFACE)
  message(FATAL_ERROR
    "No BLAS with a C interface was found. BLAS is not downloaded, it must be a library of the "
    "system: install OpenBLAS (Debian, Ubuntu: libopenblas-dev; Fedora: openblas-devel; "
    "Homebrew, conda: openblas), or name yours with -DBLA_VENDOR=...")
endif()
if(NOT AUTOGRAD_BLAS_HAS_LAPACK)
  message(FATAL_ERROR "LAPACK is not in ${BLAS_LIBRARIES}: install OpenBLAS (Debian, Ubuntu: "
    "libopenblas-dev; Fedora: openblas-devel), or name a BLAS that has it with -DBLA_VENDOR=...")
endif()
message(STATUS "BLAS: ${BLAS_LIBRARIES}")

find_path(XTENSOR_BLAS_INCLUDE_DIR xflens/cxxblas/drivers/cblas.h)
mark_as_advanced(XTENSOR_BLAS_INCLUDE_DIR)
if(NOT XTENSOR_BLAS_INCLUDE_DIR)
  # Homebrew, xmake; equal to Debian's xtensor-blas_0.21.0.orig.tar.gz
  autograd_fetch_headers(autograd_xtensor_blas_headers autograd_xtensor_blas
    https://github.com/xtensor-stack/xtensor-blas/archive/refs/tags/0.21.0.tar.gz
    89ce6eceb47018f3b557945468502593e0bf0e5a816548aad8ac22247c8198b1)
  set(XTENSOR_BLAS_INCLUDE_DIR ${autograd_xtensor_blas_SOURCE_DIR}/include)
endif()
