#pragma once
#warning "said by the host compiler"
#if __CUDA_ARCH__ == 900
#define FACTOR 2.0f
#else
#define FACTOR 3.0f
#endif
