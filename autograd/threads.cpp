#include "autograd/threads.hpp"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "autograd/blas.hpp"
#include "autograd/error.hpp"

namespace autograd {
namespace {

/// This thread is at work for the pool, and must not wait for it.
thread_local bool working = false;

/// Threads that wait for work.
class Pool {
 public:
  ~Pool() { resize(0); }

  void resize(int helpers);
  int helpers() const { return helpers_; }
  /// False if another thread is being helped.
  bool run(int count, const std::function<void(int)>& work);

 private:
  void help(unsigned seen);
  void take_turns();

  std::atomic<int> helpers_ = 0;
  std::vector<std::thread> threads_;
  std::mutex in_use_;  ///< held by whom the pool helps
  std::mutex mutex_;   ///< guards what follows
  std::condition_variable wake_, finished_;
  const std::function<void(int)>* work_ = nullptr;
  int count_ = 0, busy_ = 0;
  unsigned round_ = 0;
  bool stop_ = false;
  std::atomic<int> next_ = 0;
  std::exception_ptr error_;
};

void Pool::resize(int helpers) {
  const std::lock_guard in_use(in_use_);
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  stop_ = false;
  for (int i = 0; i < helpers; ++i) threads_.emplace_back(&Pool::help, this, round_);
  helpers_ = helpers;
}

void Pool::take_turns() {
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

void Pool::help(unsigned seen) {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stop_ || round_ != seen; });
    if (stop_) return;
    seen = round_;
    lock.unlock();
    take_turns();
    lock.lock();
    if (--busy_ == 0) finished_.notify_one();
  }
}

bool Pool::run(int count, const std::function<void(int)>& work) {
  if (working) return false;
  const std::unique_lock in_use(in_use_, std::try_to_lock);
  if (!in_use.owns_lock()) return false;
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
  take_turns();
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [&] { return busy_ == 0; });
  if (error_ != nullptr) std::rethrow_exception(error_);
  return true;
}

Pool& pool() {
  static Pool pool;
  return pool;
}

}  // namespace

void set_num_threads(int count) {
  if (count < 1) fail("set_num_threads", "the number of threads must be at least 1, got {}", count);
  pool().resize(count - 1);
  set_blas_threads(count);
}

int num_threads() { return pool().helpers() + 1; }

void detail::parallel_for(int count, const std::function<void(int)>& work) {
  if (count > 1 && pool().helpers() > 0 && pool().run(count, work)) return;
  for (int i = 0; i < count; ++i) work(i);
}

}  // namespace autograd
