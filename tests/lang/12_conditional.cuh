// An include guard is no condition; #if inside of it is.
#ifndef CONDITIONAL_CUH
#define CONDITIONAL_CUH

#ifdef FAST
#pragma ksearch in(x[n]) out(y[n]) workload(n = 1024)
#else
#pragma ksearch in(x[n]) out(y[n]) \
    workload(n = 16)
#endif
void f(const float *x, float *y, int n)
{
}

#if 0
KSEARCH(in(x[n]) out(y[n])
        workload(n = 3)) void g(const float *x, float *y, int n)
{
}
#endif

/* #pragma ksearch nonsense */
static const char *const text = "#pragma ksearch nonsense"
    R"(
#pragma ksearch nonsense
)";
#endif
