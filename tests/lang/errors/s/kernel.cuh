__global__ void one(float *y, const float *x)
{
}
