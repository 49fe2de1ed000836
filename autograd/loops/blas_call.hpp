/// For the files that call BLAS and LAPACK.
#pragma once

namespace autograd {

/// Lives while BLAS or LAPACK is called. fork() waits until no such object is left: OpenBLAS stops
/// its threads before a fork, which never ends while they are at work, and its locks must be free
/// in the child. A thread that was about to call is not in the child, but may be counted there.
class BlasCall {
 public:
  BlasCall();
  ~BlasCall();
  BlasCall(const BlasCall&) = delete;
  BlasCall& operator=(const BlasCall&) = delete;
};

}  // namespace autograd
