/* Simple recurrent unit (Lei et al. 2018), both directions, forward and backward, bfloat16 in and out.

   gate = sigmoid(u_f), reset = sigmoid(u_r), c_t = gate c_{t-1} + (1 - gate) u_x, h = reset c + (1 - reset) x.
   u: (B, T, 2, 3, H), x and h: (B, T, 2, H) (x may be null), c: (B, T, 2, H) float, lengths: (B). */
#include <math.h>
#include <stdint.h>
#include <string.h>

static inline float up(uint16_t v) { uint32_t w = (uint32_t)v << 16; float f; memcpy(&f, &w, 4); return f; }
static inline uint16_t down(float f) { uint32_t w; memcpy(&w, &f, 4); return (uint16_t)((w + 0x7fff + ((w >> 16) & 1)) >> 16); }

/* Bounded: below -88 expf overflows, and with -ffast-math the reciprocal of infinity is no number. */
static inline float sigmoid(float x) { return 1 / (1 + expf(-fminf(fmaxf(x, -60), 60))); }

static const uint16_t nothing[512];
static const float zeros[512];

void sru_forward(const uint16_t *u, const uint16_t *x, const int32_t *lengths, uint16_t *h, float *c,
                 int B, int T, int H) {
  for (int b = 0; b < B; b++)
    for (int d = 0; d < 2; d++) {
      float state[512];
      for (int k = 0; k < H; k++) state[k] = 0;
      for (int step = 0; step < lengths[b]; step++) {
        int t = d ? lengths[b] - 1 - step : step;
        long at = ((long)b * T + t) * 2 + d;
        const uint16_t *restrict v = u + at * 3 * H, *restrict s = x ? x + at * H : nothing;
        uint16_t *restrict o = h + at * H;
        float *restrict keep = c + at * H;
        float skip = x ? 1 : 0;
        #pragma GCC ivdep
        for (int k = 0; k < H; k++) {
          float f = sigmoid(up(v[H + k])), r = sigmoid(up(v[2 * H + k]));
          float now = f * state[k] + (1 - f) * up(v[k]);
          state[k] = now;
          keep[k] = now;
          o[k] = down(r * now + skip * (1 - r) * up(s[k]));
        }
      }
    }
}

void sru_backward(const uint16_t *u, const uint16_t *x, const int32_t *lengths, const float *c, const uint16_t *dh,
                  uint16_t *du, uint16_t *dx, int B, int T, int H) {
  for (int b = 0; b < B; b++)
    for (int d = 0; d < 2; d++) {
      float carry[512];
      uint16_t scratch[512];
      for (int k = 0; k < H; k++) carry[k] = 0;
      for (int step = lengths[b] - 1; step >= 0; step--) {
        int t = d ? lengths[b] - 1 - step : step;
        long at = ((long)b * T + t) * 2 + d;
        const uint16_t *restrict v = u + at * 3 * H, *restrict s = x ? x + at * H : nothing, *restrict g = dh + at * H;
        uint16_t *restrict ov = du + at * 3 * H, *restrict of = ov + H, *restrict or = of + H, *restrict e = dx ? dx + at * H : scratch;
        const float *restrict now = c + at * H, *restrict before = step ? now + (d ? 2 : -2) * H : zeros;
        #pragma GCC ivdep
        for (int k = 0; k < H; k++) {
          float f = sigmoid(up(v[H + k])), r = sigmoid(up(v[2 * H + k]));
          float grad = up(g[k]), total = carry[k] + grad * r, in = up(v[k]);
          float skip = up(s[k]), old = before[k];
          ov[k] = down(total * (1 - f));
          of[k] = down(total * (old - in) * f * (1 - f));
          or[k] = down(grad * (now[k] - skip) * r * (1 - r));
          e[k] = down(grad * (1 - r));
          carry[k] = total * f;
        }
      }
    }
}
