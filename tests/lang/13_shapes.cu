// Declarations of many shapes around an entry.
extern "C" {
struct __align__(16) Pair { float a, b; };
enum class Mode : unsigned char { A, B };
}
typedef struct { int x; } Point, *PointRef;
using idx = std::int64_t;
template <typename T, int N> struct Array { T v[N]; void f(); };
template <typename T> constexpr T zero = T(0);
static_assert(sizeof(int) == 4, "(");
template struct Array<float, 3>;
__constant__ float table[4] = {1, 2, 3, 4}, other = 3;
dim3 block(16, 16);
auto lambda = [](int x) { return x; };
void (*handler)(int) = nullptr;
Pair operator+(Pair a, Pair b) { return a; }
namespace a::inline v1::b {
namespace {
constexpr int TILE{16};
constexpr unsigned long long BIG = 0x1'0000ULL << 2, SMALL = min(3, 7);

template <typename T, typename U = Array<T, 3>, int VEC = 4>
#pragma ksearch name(shapes) instance(T = float) instance(T = Pair, U = Array<Pair, 2>)
#pragma ksearch in(x[n][TILE], id[n] = permutation(2 * n)) out(y[SMALL * n]) temp(w[n])
#pragma ksearch let(half = n / 2, quarter = half / 2) tune(VEC = 1, 2, 4) tune(TILE = pow2(4, 64))
#pragma ksearch workload(n = 64) workload(n = 64, half = 3) test(n = BIG, id = iota, x = file("a \"b\".npy"))
#pragma ksearch launch(grid = n, block = 32 * VEC) assume(n % 2 == 0 || n < gpu.sms)
[[nodiscard]] static __global__ __launch_bounds__(128, 2) void
shapes(const T *__restrict__ x, const idx *const id, T *y, Pair *w, const __grid_constant__ int n, T scale = T(1))
{
    constexpr int VEC = 3;
}
} // namespace
} // namespace a::inline v1::b
auto after(int x) -> decltype(x) { return x; }
