#include <cblas.h>

// Ends the threads that OpenBLAS starts when it is loaded; absent from builds without threads.
extern int blas_thread_shutdown_(void) __attribute__((weak));

static inline void cnn_openblas_end_threads(void) {
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}
