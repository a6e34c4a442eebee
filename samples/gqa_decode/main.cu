#include "../sample.cuh"
#include "gqa_decode.cuh"

enum { HQ = 32, HK = 4, D = 128 };
static const float SCALE = 0.08838834764f;

struct inputs {
    std::vector<__nv_bfloat16> q, k, v;
    std::vector<int> indptr, indices;
};

// ragged: lengths from half to three halves of ctx, tokens in random order
static inputs make(int batch, int ctx)
{
    random_source random;
    inputs in;
    in.indptr.push_back(0);
    for (int b = 0; b < batch; b++)
        in.indptr.push_back(in.indptr.back() + 1 + (int)(ctx * random.uniform(0.5f, 1.5f)));
    size_t pages = in.indptr.back();
    for (size_t i = 0; i < pages; i++)
        in.indices.push_back((int)i);
    for (size_t i = pages; i > 1; i--)
        std::swap(in.indices[i - 1], in.indices[random.below(i)]);
    in.q = random_vector<__nv_bfloat16>((size_t)batch * HQ * D, -2, 2);
    in.k = random_vector<__nv_bfloat16>(pages * HK * D, -2, 2);
    in.v = random_vector<__nv_bfloat16>(pages * HK * D, -2, 2);
    return in;
}

static void check(verdict &result, const std::vector<__nv_bfloat16> &out, const std::vector<float> &lse,
                  const inputs &in, int b, int h)
{
    const int hk = h / (HQ / HK), from = in.indptr[b], to = in.indptr[b + 1];
    std::vector<double> score(to - from), o(D, 0.0);
    double most = -INFINITY, sum = 0;
    for (int p = from; p < to; p++) {
        double s = 0;
        for (int d = 0; d < D; d++)
            s += (double)__bfloat162float(in.q[((size_t)b * HQ + h) * D + d]) *
                 __bfloat162float(in.k[((size_t)in.indices[p] * HK + hk) * D + d]);
        score[p - from] = s * SCALE;
        most = std::fmax(most, s * SCALE);
    }
    for (int p = from; p < to; p++) {
        double e = std::exp(score[p - from] - most);
        sum += e;
        for (int d = 0; d < D; d++)
            o[d] += e * __bfloat162float(in.v[((size_t)in.indices[p] * HK + hk) * D + d]);
    }
    for (int d = 0; d < D; d++)
        result.near(((size_t)b * HQ + h) * D + d,
                    __bfloat162float(out[((size_t)b * HQ + h) * D + d]), o[d] / sum, 2e-2, 5e-3);
    result.near((size_t)b * HQ + h, lse[b * HQ + h], most + std::log(sum), 1e-3, 1e-3);
}

int main()
{
    need_gpu();
    verdict result{"gqa_decode"};
    const struct {
        int batch, ctx;
    } sizes[] = {{1, 1024}, {16, 8192}, {64, 8192}};
    for (auto size : sizes) {
        inputs in = make(size.batch, size.ctx);
        device<__nv_bfloat16> q(in.q), k(in.k), v(in.v), out(in.q.size());
        device<float> lse((size_t)size.batch * HQ);
        device<int> indptr(in.indptr), indices(in.indices);
        auto call = [&] {
            gqa_decode(out.at, lse.at, q.at, k.at, v.at, indptr.at, indices.at, size.batch, SCALE, 0);
        };
        call();
        auto got = out.host();
        auto got_lse = lse.host();
        for (int h = 0; h < HQ; h++)
            check(result, got, got_lse, in, h % size.batch, h);
        double us = median_us(call);
        std::printf("gqa_decode batch=%d, ctx=%d: %.2f us, %.0f GB/s\n", size.batch, size.ctx, us,
                    4e-3 * in.k.size() / us);
    }
    return result.end();
}
