#include "autograd/threads.hpp"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "autograd/base/error.hpp"
#include "autograd/loops/blas.hpp"
#include "autograd/loops/parallel_for.hpp"

namespace autograd {
namespace {

/// Whether this thread is at work for the pool: then it must not wait for the pool, and nested
/// loops run on it alone.
thread_local bool working = false;

/// A pool of threads that wait for work. One caller at a time is helped: it publishes its work
/// under a new `round_` and wakes the helpers, and caller and helpers take blocks from the counter
/// `next_` until none is left. The helper that is the last to finish wakes the caller. A caller
/// that finds the pool in use computes alone, which gives the same result, since the division into
/// blocks does not depend on who computes them.
class Pool {
 public:
  /// Makes the pool of a process that fork() has made, if the pool of the parent is given. It has
  /// as many helpers, which start when they are needed. The threads of the parent's pool do not
  /// exist in this process and its locks may be held, so that pool is neither used nor destroyed.
  explicit Pool(const Pool* of_parent = nullptr)
      : of_parent_(of_parent), helpers_(of_parent != nullptr ? of_parent->helpers() : 0) {}

  /// Throws std::system_error, and leaves the number as it was, if threads cannot be started.
  void resize(int helpers);
  int helpers() const { return helpers_; }
  /// Computes with the helpers. Returns false, and does nothing, if they help another thread.
  bool run(int count, const std::function<void(int)>& work);

 private:
  void start(int helpers);
  void stop_after(int helpers);
  void help(int number, unsigned seen);
  void compute_blocks();

  [[maybe_unused]] const Pool* const of_parent_;  ///< kept reachable for the leak sanitizer
  std::atomic<int> helpers_;
  std::vector<std::thread> threads_;  ///< fewer than `helpers_` until they are needed
  std::mutex in_use_;                 ///< held by the thread that the pool helps
  std::mutex mutex_;                  ///< guards what follows
  std::condition_variable wake_, finished_;
  const std::function<void(int)>* work_ = nullptr;
  int count_ = 0, busy_ = 0;
  int staying_ = 0;  ///< helpers of this number and above end
  unsigned round_ = 0;
  std::atomic<int> next_ = 0;
  std::exception_ptr error_;
};

void Pool::start(int helpers) {
  {
    const std::lock_guard lock(mutex_);
    staying_ = helpers;
  }
  while (static_cast<int>(threads_.size()) < helpers) {
    threads_.emplace_back(&Pool::help, this, static_cast<int>(threads_.size()), round_);
  }
}

void Pool::stop_after(int helpers) {
  {
    const std::lock_guard lock(mutex_);
    staying_ = helpers;
  }
  wake_.notify_all();
  for (; static_cast<int>(threads_.size()) > helpers; threads_.pop_back()) threads_.back().join();
}

void Pool::resize(int helpers) {
  const std::lock_guard in_use(in_use_);
  const int before = static_cast<int>(threads_.size());
  try {
    start(helpers);
  } catch (...) {
    stop_after(before);
    throw;
  }
  stop_after(helpers);
  helpers_ = helpers;
}

void Pool::compute_blocks() {
  working = true;
  for (int i = next_++; i < count_; i = next_++) {
    try {
      (*work_)(i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
    }
  }
  working = false;
}

void Pool::help(int number, unsigned seen) {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return number >= staying_ || round_ != seen; });
    if (number >= staying_) return;
    seen = round_;
    lock.unlock();
    compute_blocks();
    lock.lock();
    if (--busy_ == 0) finished_.notify_one();
  }
}

bool Pool::run(int count, const std::function<void(int)>& work) {
  if (working) return false;
  const std::unique_lock in_use(in_use_, std::try_to_lock);
  if (!in_use.owns_lock()) return false;
  if (static_cast<int>(threads_.size()) < helpers_) {
    try {
      start(helpers_);
    } catch (const std::exception&) {
      // The threads that have been started will do.
    }
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    count_ = count;
    next_ = 0;
    busy_ = static_cast<int>(threads_.size());
    error_ = nullptr;
    ++round_;
  }
  wake_.notify_all();
  compute_blocks();
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [&] { return busy_ == 0; });
  if (error_ != nullptr) std::rethrow_exception(error_);
  return true;
}

Pool* current_pool = nullptr;

Pool& pool() {
  // Never destroyed, for destructors of static objects may compute.
  static const bool made = [] {
    current_pool = new Pool;
    pthread_atfork(nullptr, nullptr, [] { current_pool = new Pool(current_pool); });
    return true;
  }();
  static_cast<void>(made);
  return *current_pool;
}

/// Ends the helpers before the code that they run may be unloaded.
struct AtEnd {
  ~AtEnd() {
    if (current_pool != nullptr) current_pool->resize(0);
  }
} at_end;

}  // namespace

void set_num_threads(int count) {
  if (count < 1) fail("set_num_threads", "the number of threads must be at least 1, got {}", count);
  try {
    pool().resize(count - 1);
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(),
                            format("set_num_threads: {} threads cannot be had", count));
  }
  set_blas_threads(count);
}

int num_threads() { return pool().helpers() + 1; }

void detail::parallel_for(int count, const std::function<void(int)>& work) {
  if (count > 1 && pool().helpers() > 0 && pool().run(count, work)) return;
  for (int i = 0; i < count; ++i) work(i);
}

}  // namespace autograd
