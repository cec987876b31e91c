#include <math.h>

#include "cnn_training_kernels.h"
#include "dispatch.h"

CNN_INLINE void cnn_training_sgd_body(
    float *restrict weights, float *restrict velocity, const float *restrict gradient, long count,
    cnn_training_sgd_settings s) {
  if (!velocity) {
    for (long i = 0; i < count; i++) {
      weights[i] -= s.rate * (s.gradient_factor * gradient[i] + s.decay * weights[i]);
    }
  } else if (s.nesterov) {
    for (long i = 0; i < count; i++) {
      const float g = s.gradient_factor * gradient[i] + s.decay * weights[i];
      const float v = s.momentum * velocity[i] + g;
      velocity[i] = v;
      weights[i] -= s.rate * (g + s.momentum * v);
    }
  } else {
    for (long i = 0; i < count; i++) {
      const float g = s.gradient_factor * gradient[i] + s.decay * weights[i];
      const float v = s.momentum * velocity[i] + g;
      velocity[i] = v;
      weights[i] -= s.rate * v;
    }
  }
}

CNN_DISPATCH(
    void, cnn_training_sgd,
    (float *weights, float *velocity, const float *gradient, long count,
     cnn_training_sgd_settings settings),
    (weights, velocity, gradient, count, settings))

CNN_INLINE void cnn_training_adam_body(
    float *restrict weights, float *restrict first, float *restrict second,
    const float *restrict gradient, long count, cnn_training_adam_settings s) {
  for (long i = 0; i < count; i++) {
    const float g = s.gradient_factor * gradient[i] + s.decay * weights[i];
    const float m = first[i] + (1 - s.beta1) * (g - first[i]);
    const float v = s.beta2 * second[i] + (1 - s.beta2) * g * g;
    first[i] = m;
    second[i] = v;
    weights[i] -= s.rate * m / (sqrtf(v) * s.root_correction + s.epsilon);
  }
}

CNN_DISPATCH(
    void, cnn_training_adam,
    (float *weights, float *first, float *second, const float *gradient, long count,
     cnn_training_adam_settings settings),
    (weights, first, second, gradient, count, settings))
