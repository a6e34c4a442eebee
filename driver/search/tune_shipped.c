/* driver/search/tune_shipped.c - lessons for the first search of all: written by
 *
 *     build/tests/bench/tuner --learn tests/data/spaces
 *
 * from the times that are recorded there. */
#include "driver/search/tune_lesson.h"

/* clang-format off */
static const struct curve LESSON_0[] = {
    {"block0", {0.00F, -0.31F, -0.28F, 0.09F, 0.43F, -0.09F, -0.02F, 0.17F, 0.00F, 0.00F, 0.00F}},
    {"block1", {0.23F, -0.25F, -0.30F, 0.04F, 0.17F, 0.12F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"readonly0", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"tile0", {-0.39F, -0.18F, 0.08F, 0.49F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"tile1", {0.32F, 0.02F, -0.26F, -0.08F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"padding0", {0.15F, -0.15F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"threads", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, -0.33F, -0.33F, -0.13F, 0.27F, 0.51F}},
    {"work", {0.30F, -0.04F, -0.35F, -0.55F, 0.08F, 0.56F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
};
static const struct curve LESSON_1[] = {
    {"block0", {0.00F, 0.00F, 0.00F, 0.00F, -0.01F, -0.05F, -0.04F, -0.03F, 0.13F, 0.00F, 0.00F}},
    {"block1", {0.17F, -0.22F, -0.18F, 0.05F, 0.18F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"tile0", {-0.31F, -0.03F, 0.34F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"tile1", {0.39F, -0.05F, -0.33F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"readonly0", {-0.20F, 0.20F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"padding0", {-0.04F, 0.04F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"shared0", {0.46F, -0.46F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"threads", {0.00F, 0.00F, 0.00F, 0.00F, 0.50F, -0.44F, -0.28F, -0.16F, 0.01F, 0.16F, 0.21F}},
    {"work", {0.23F, -0.02F, -0.25F, -0.30F, 0.34F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
};
static const struct curve LESSON_2[] = {
    {"block0", {0.69F, 0.16F, -0.35F, -0.52F, -0.21F, 0.24F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"block1", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.47F, 0.11F, -0.20F, -0.38F, 0.00F, 0.00F}},
    {"tile0", {-0.22F, -0.06F, 0.27F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"tile1", {-0.30F, 0.02F, 0.08F, 0.20F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"stride0", {0.02F, -0.02F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"stride1", {0.22F, -0.22F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"threads", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.54F, 0.24F, 0.27F, -0.31F, -0.64F, -0.10F}},
    {"work", {-0.02F, -0.21F, -0.14F, -0.02F, 0.11F, 0.28F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
};
static const struct curve LESSON_3[] = {
    {"group0", {0.00F, 0.00F, 0.00F, 0.00F, 0.07F, -0.31F, -0.20F, 0.44F, 0.00F, 0.00F, 0.00F}},
    {"group1", {0.00F, 0.00F, 0.00F, 0.00F, 0.55F, 0.20F, -0.25F, -0.51F, 0.00F, 0.00F, 0.00F}},
    {"block0", {0.00F, 0.00F, 0.00F, 0.19F, -0.04F, -0.15F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"block1", {0.00F, 0.00F, 0.00F, -0.28F, -0.07F, 0.35F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"=mdima", {0.00F, 0.00F, 0.00F, 0.07F, -0.01F, -0.06F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"=ndimb", {0.00F, 0.00F, 0.00F, 0.11F, -0.01F, -0.10F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"vector0", {0.39F, 0.07F, -0.32F, -0.14F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"vector1", {0.30F, 0.06F, -0.15F, -0.20F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"shared0", {-0.05F, 0.05F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"shared1", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"threads", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, -0.04F, -0.06F, 0.00F, 0.05F, 0.06F}},
    {"work", {-0.01F, 0.26F, 0.40F, 0.19F, -0.06F, -0.36F, -0.63F, -0.98F, 1.19F, 0.00F, 0.00F}},
};
static const struct curve LESSON_4[] = {
    {"block0", {0.32F, 0.01F, -0.06F, -0.09F, -0.07F, 0.03F, -0.06F, -0.09F, -0.05F, -0.06F, 0.12F}},
    {"block1", {0.22F, 0.07F, -0.03F, -0.08F, -0.09F, -0.10F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"tile0", {0.17F, 0.12F, 0.02F, -0.12F, -0.19F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"tile1", {0.22F, 0.07F, -0.03F, -0.08F, -0.17F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"=temporal_tiling_factor", {-1.99F, -1.00F, -0.01F, 1.04F, 1.95F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"unroll0", {0.00F, 0.00F, -0.02F, -0.01F, 0.02F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"shared0", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"resident0", {0.02F, 0.02F, -0.04F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"threads", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.32F, 0.21F, 0.07F, -0.08F, -0.23F, -0.29F}},
    {"work", {0.27F, 0.16F, 0.05F, -0.05F, -0.14F, -0.22F, -0.17F, 0.09F, 0.00F, 0.00F, 0.00F}},
};
static const struct curve LESSON_5[] = {
    {"=between_method", {-0.42F, 0.86F, -0.22F, -0.21F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"block0", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, -0.02F, -0.08F, -0.07F, -0.07F, -0.04F, 0.28F}},
    {"tile0", {0.43F, 0.43F, -0.01F, -0.33F, -0.35F, -0.18F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"=use_method", {-0.11F, 0.19F, -0.08F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
    {"threads", {0.00F, 0.00F, 0.00F, 0.00F, 0.00F, -0.02F, -0.08F, -0.07F, -0.07F, -0.04F, 0.28F}},
    {"work", {0.43F, 0.43F, -0.01F, -0.33F, -0.35F, -0.18F, 0.00F, 0.00F, 0.00F, 0.00F, 0.00F}},
};

const struct lesson LESSONS_SHIPPED[] = {
    {"convolution", LESSON_0, sizeof LESSON_0 / sizeof *LESSON_0},
    {"convolution_milo", LESSON_1, sizeof LESSON_1 / sizeof *LESSON_1},
    {"dedispersion_milo", LESSON_2, sizeof LESSON_2 / sizeof *LESSON_2},
    {"gemm", LESSON_3, sizeof LESSON_3 / sizeof *LESSON_3},
    {"hotspot_milo", LESSON_4, sizeof LESSON_4 / sizeof *LESSON_4},
    {"pnpoly", LESSON_5, sizeof LESSON_5 / sizeof *LESSON_5},
};
/* clang-format on */
const size_t LESSONS_SHIPPED_N = sizeof LESSONS_SHIPPED / sizeof *LESSONS_SHIPPED;
