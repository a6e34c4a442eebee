struct Solver {
    static void run(const float *x, float *y, int n);
};
#pragma ksearch in(x[n]) out(y[n]) workload(n = 64)
void Solver::run(const float *x, float *y, int n)
{
}
