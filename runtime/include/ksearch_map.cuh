// ksearch_map.cuh - tensor maps of a plan: descriptors of tiles for the bulk copy engine. It stands
// behind ksearch_plan.cuh where a plan has one. C++14.
#include <cuda.h>

struct __half;
struct __nv_bfloat16;

namespace ksearch_rt {
inline namespace v1 {

template <typename T> struct map_type {
    static_assert(sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8,
                  "a tensor map is of plain numbers");
    static constexpr CUtensorMapDataType value =
        sizeof(T) == 1   ? CU_TENSOR_MAP_DATA_TYPE_UINT8
        : sizeof(T) == 2 ? CU_TENSOR_MAP_DATA_TYPE_UINT16
        : sizeof(T) == 4 ? CU_TENSOR_MAP_DATA_TYPE_UINT32
                         : CU_TENSOR_MAP_DATA_TYPE_UINT64;
};
template <> struct map_type<float> {
    static constexpr CUtensorMapDataType value = CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
};
template <> struct map_type<double> {
    static constexpr CUtensorMapDataType value = CU_TENSOR_MAP_DATA_TYPE_FLOAT64;
};
template <> struct map_type<int> {
    static constexpr CUtensorMapDataType value = CU_TENSOR_MAP_DATA_TYPE_INT32;
};
template <> struct map_type<__half> {
    static constexpr CUtensorMapDataType value = CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
};
template <> struct map_type<__nv_bfloat16> {
    static constexpr CUtensorMapDataType value = CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
};
template <typename T> struct map_type<const T> : map_type<T> {
};

// Describes a dense array of `rank` dimensions, outermost first, in boxes of box[]; swizzle in
// bytes. false: the driver does not know such maps, or refuses this one
inline bool encode(CUtensorMap *map, CUtensorMapDataType type, size_t size, const void *base,
                   int rank, const long long *dims, const long long *box, int swizzle)
{
    typedef CUresult (*encoder)(CUtensorMap *, CUtensorMapDataType, cuuint32_t, void *,
                                const cuuint64_t *, const cuuint64_t *, const cuuint32_t *,
                                const cuuint32_t *, CUtensorMapInterleave, CUtensorMapSwizzle,
                                CUtensorMapL2promotion, CUtensorMapFloatOOBfill);
    static void *found;
    void *f = __atomic_load_n(&found, __ATOMIC_ACQUIRE);
    cuuint64_t extent[5], stride[5];
    cuuint32_t tile[5], step[5];
    cuuint64_t bytes = size;
    if (!f) {
        cudaDriverEntryPointQueryResult status;
        if (cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &f, 12000,
                                             cudaEnableDefault, &status) != cudaSuccess ||
            status != cudaDriverEntryPointSuccess || !f) {
            (void)cudaGetLastError();
            return false;
        }
        __atomic_store_n(&found, f, __ATOMIC_RELEASE);
    }
    for (int i = 0; i < rank; i++) {
        const long long d = dims[rank - 1 - i], b = box[rank - 1 - i];
        if (d <= 0 || b <= 0 || b > 256)
            return false;
        extent[i] = (cuuint64_t)d;
        tile[i] = (cuuint32_t)b;
        step[i] = 1;
        bytes *= (cuuint64_t)d;
        stride[i] = bytes; // of dimension i + 1
    }
    return ((encoder)f)(map, type, (cuuint32_t)rank, (void *)base, extent, stride, tile, step,
                        CU_TENSOR_MAP_INTERLEAVE_NONE,
                        swizzle == 128  ? CU_TENSOR_MAP_SWIZZLE_128B
                        : swizzle == 64 ? CU_TENSOR_MAP_SWIZZLE_64B
                        : swizzle == 32 ? CU_TENSOR_MAP_SWIZZLE_32B
                                        : CU_TENSOR_MAP_SWIZZLE_NONE,
                        CU_TENSOR_MAP_L2_PROMOTION_L2_128B,
                        CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) == CUDA_SUCCESS;
}

} // namespace v1
} // namespace ksearch_rt
