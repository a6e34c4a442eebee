#pragma ksearch in(x[n]) out(y[n])
#pragma ksearch workload(n = 1024)
float operator+(const float *x, float *y) { return 0; }
