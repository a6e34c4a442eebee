constexpr int ROWS = 4;
#pragma ksearch in(x[rows][ctx]) out(y[rows], z[ctx]) arg(scale = 2)
#pragma ksearch workload(rows = 4, ctx = 8) scratch(1M)
#pragma ksearch structure("s/names.cuh") structure("s/arguments.cuh") structure("s/grammar.cuh")
#pragma ksearch structure("s/groups.cuh") structure("s/nothing_to_run.cuh") structure("s/zero.cuh") structure("s/spaces.cuh")
#pragma ksearch structure("nothing.cuh") structure("s/groups.cuh")
void f(float *y, float *z, const float *x, float scale, int rows, cudaStream_t stream)
{
}
