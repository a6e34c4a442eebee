#pragma once
constexpr int HB = 32;
#pragma ksearch inout(x[n]) workload(n = 64) tune(HB = 32, 64)
inline int hrun(float *x, int n) { return n / HB + (x != nullptr); }
