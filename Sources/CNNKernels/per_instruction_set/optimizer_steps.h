// The steps of the optimisers, and the norm of a gradient.

/// One step of stochastic gradient descent.
static void sgd_step(
    const struct cnn_sgd *settings, float *restrict weights, float *restrict velocity,
    const float *restrict gradient, ptrdiff_t count) {
  const struct cnn_sgd s = *settings;
  if (!velocity) {
    for (ptrdiff_t i = 0; i < count; i++) {
      weights[i] -= s.rate * (s.gradient_factor * gradient[i] + s.decay * weights[i]);
    }
  } else if (s.nesterov) {
    for (ptrdiff_t i = 0; i < count; i++) {
      const float g = s.gradient_factor * gradient[i] + s.decay * weights[i];
      const float v = s.momentum * velocity[i] + g;
      velocity[i] = v;
      weights[i] -= s.rate * (g + s.momentum * v);
    }
  } else {
    for (ptrdiff_t i = 0; i < count; i++) {
      const float g = s.gradient_factor * gradient[i] + s.decay * weights[i];
      const float v = s.momentum * velocity[i] + g;
      velocity[i] = v;
      weights[i] -= s.rate * v;
    }
  }
}

/// One step of Adam.
static void adam_step(
    const struct cnn_adam *settings, float *restrict weights, float *restrict first,
    float *restrict second, const float *restrict gradient, ptrdiff_t count) {
  const struct cnn_adam s = *settings;
  for (ptrdiff_t i = 0; i < count; i++) {
    const float g = s.gradient_factor * gradient[i] + s.decay * weights[i];
    const float m = first[i] + (1 - s.beta1) * (g - first[i]);
    const float v = s.beta2 * second[i] + (1 - s.beta2) * g * g;
    first[i] = m;
    second[i] = v;
    weights[i] -= s.rate * m / (sqrtf(v) * s.root_correction + s.epsilon);
  }
}

/// The sum of the squares, from sixteen partial sums.
static double squared_sum(const float *values, ptrdiff_t count) {
  double sums[16] = {0};
  ptrdiff_t index = 0;
  for (; index + 16 <= count; index += 16) {
    for (int lane = 0; lane < 16; lane++) {
      const double value = values[index + lane];
      sums[lane] += value * value;
    }
  }
  double sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += sums[lane];
  for (; index < count; index++) sum += (double)values[index] * values[index];
  return sum;
}
