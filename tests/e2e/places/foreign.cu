// What other files define: functions, data, thread-local data, classes with virtual functions.
#include <cstdio>
#include <string>
constexpr int B = 32;
extern int outside(int);
extern float level;
extern thread_local int slot;
struct Base { virtual ~Base(); virtual int f(); }; /* its table is elsewhere */
struct Mine : Base { int f() override; int g() { return outside(3); } };
int Mine::f() { return slot; }
struct Other { Other(int); ~Other(); int v; static int count; };
static std::string name = "x";
extern const char *const names[];
static const char *const *first = names;
static __global__ void add(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] += 1;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)
void run(float *x, int n) { add<<<(n + B - 1) / B, B>>>(x, n); }
int use(Base *b) { Mine m; return m.f() + m.g() + (int)level + (dynamic_cast<Mine *>(b) != nullptr) + Other::count + (int)name.size() + (int)(first[0] != nullptr); }
#ifdef FAULT
static int begun = outside(3);
#endif
