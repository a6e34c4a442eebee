// ksh.cuh - support of the generated harness: element types and the helpers of expressions.
//
// This text is pasted behind the user's file. It includes nothing, so it neither changes what that
// file sees nor pays for headers the file does not use. The user's macros are still defined here;
// that is why no name is short, and why functions that a macro might be called like stand in
// parentheses. C++14.
//
// CUDA's vectors need no header: nvcc puts vector_types.h before every file. What an older one lacks
// is declared here; what a newer one calls deprecated is so for who uses it, not for who asks.

struct __half;
struct __half2;
struct __nv_bfloat16;
struct __nv_bfloat162;
struct __nv_fp8_e4m3;
struct __nv_fp8x2_e4m3;
struct __nv_fp8x4_e4m3;
struct __nv_fp8_e5m2;
struct __nv_fp8x2_e5m2;
struct __nv_fp8x4_e5m2;
struct long4_16a;
struct long4_32a;
struct ulong4_16a;
struct ulong4_32a;
struct longlong4_16a;
struct longlong4_32a;
struct ulonglong4_16a;
struct ulonglong4_32a;
struct double4_16a;
struct double4_32a;

// members that type_of looks for
#pragma push_macro("real")
#pragma push_macro("imag")
#pragma push_macro("value_type")
#undef real
#undef imag
#undef value_type

namespace ksh {

// the worker knows these numbers (runtime/worker/element.h)
enum dtype {
    ksh_long_double = -2,
    ksh_pointer,
    ksh_opaque,
    ksh_f64,
    ksh_f32,
    ksh_f16,
    ksh_bf16,
    ksh_e4m3,
    ksh_e5m2,
    ksh_i64,
    ksh_u64,
    ksh_i32,
    ksh_u32,
    ksh_i16,
    ksh_u16,
    ksh_i8,
    ksh_u8,
    ksh_bool
};

// of a vector or a complex number: the type of its lanes, and the size of the whole
struct elem {
    int type, size;
};

template <typename ksh_T> ksh_T ksh_value();
template <typename> using ksh_void = void;

// Numbers that libraries have as classes of their own, told by name: a declaration here would have to
// be what theirs is.
struct ksh_named_type {
    const char *ksh_name;
    int ksh_type;
};

constexpr bool (ksh_same_name)(const char *ksh_a, const char *ksh_b)
{
    while (*ksh_a && *ksh_a == *ksh_b)
        ksh_a++, ksh_b++;
    return !*ksh_b && *ksh_a == ']';
}

// "... (ksh_named)() [with ksh_T = c10::Half]", with spaces or without
template <typename ksh_T> constexpr int (ksh_named)()
{
    constexpr ksh_named_type ksh_known[] = {{"c10::Half", ksh_f16},
                                        {"c10::BFloat16", ksh_bf16},
                                        {"c10::Float8_e4m3fn", ksh_e4m3},
                                        {"c10::Float8_e5m2", ksh_e5m2},
                                        {"cutlass::half_t", ksh_f16},
                                        {"cutlass::bfloat16_t", ksh_bf16},
                                        {"cutlass::float_e4m3_t", ksh_e4m3},
                                        {"cutlass::float_e5m2_t", ksh_e5m2}};
    const char *ksh_text = __PRETTY_FUNCTION__, *ksh_name = ksh_text;
    for (; *ksh_text; ksh_text++)
        if (*ksh_text == '=')
            ksh_name = ksh_text + 1;
    while (*ksh_name == ' ')
        ksh_name++;
    for (const ksh_named_type &ksh_k : ksh_known)
        if ((ksh_same_name)(ksh_name, ksh_k.ksh_name))
            return ksh_k.ksh_type;
    return ksh_opaque;
}

template <typename ksh_T, typename = void> struct type_of {
    static constexpr int value = (ksh_named<ksh_T>)();
};
// whatever is a pair of numbers with the names of a complex one: std::, cuda::std::, thrust::complex
template <typename ksh_T>
struct type_of<ksh_T,
               ksh_void<decltype((typename ksh_T::value_type)ksh_value<const ksh_T &>().real() +
                                 (typename ksh_T::value_type)ksh_value<const ksh_T &>().imag())>> {
    static constexpr int value = sizeof(ksh_T) == 2 * sizeof(typename ksh_T::value_type)
                                     ? type_of<typename ksh_T::value_type>::value
                                     : (int)ksh_opaque;
};
template <typename ksh_T> struct type_of<ksh_T *> {
    static constexpr int value = ksh_pointer;
};
template <> struct type_of<long double> {
    static constexpr int value = ksh_long_double;
};
template <> struct type_of<double> {
    static constexpr int value = ksh_f64;
};
template <> struct type_of<float> {
    static constexpr int value = ksh_f32;
};
template <> struct type_of<__half> {
    static constexpr int value = ksh_f16;
};
template <> struct type_of<__nv_bfloat16> {
    static constexpr int value = ksh_bf16;
};
template <> struct type_of<__nv_fp8_e4m3> {
    static constexpr int value = ksh_e4m3;
};
template <> struct type_of<__nv_fp8_e5m2> {
    static constexpr int value = ksh_e5m2;
};
template <> struct type_of<long long> {
    static constexpr int value = ksh_i64;
};
template <> struct type_of<long> {
    static constexpr int value = ksh_i64;
};
template <> struct type_of<unsigned long long> {
    static constexpr int value = ksh_u64;
};
template <> struct type_of<unsigned long> {
    static constexpr int value = ksh_u64;
};
template <> struct type_of<int> {
    static constexpr int value = ksh_i32;
};
template <> struct type_of<unsigned> {
    static constexpr int value = ksh_u32;
};
template <> struct type_of<short> {
    static constexpr int value = ksh_i16;
};
template <> struct type_of<unsigned short> {
    static constexpr int value = ksh_u16;
};
template <> struct type_of<signed char> {
    static constexpr int value = ksh_i8;
};
template <> struct type_of<char> {
    static constexpr int value = ksh_i8;
};
template <> struct type_of<unsigned char> {
    static constexpr int value = ksh_u8;
};
template <> struct type_of<bool> {
    static constexpr int value = ksh_bool;
};

// CUDA's vectors
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
template <> struct type_of<struct char1> : type_of<signed char> {};
template <> struct type_of<struct char2> : type_of<signed char> {};
template <> struct type_of<struct char3> : type_of<signed char> {};
template <> struct type_of<struct char4> : type_of<signed char> {};
template <> struct type_of<struct uchar1> : type_of<unsigned char> {};
template <> struct type_of<struct uchar2> : type_of<unsigned char> {};
template <> struct type_of<struct uchar3> : type_of<unsigned char> {};
template <> struct type_of<struct uchar4> : type_of<unsigned char> {};
template <> struct type_of<struct short1> : type_of<short> {};
template <> struct type_of<struct short2> : type_of<short> {};
template <> struct type_of<struct short3> : type_of<short> {};
template <> struct type_of<struct short4> : type_of<short> {};
template <> struct type_of<struct ushort1> : type_of<unsigned short> {};
template <> struct type_of<struct ushort2> : type_of<unsigned short> {};
template <> struct type_of<struct ushort3> : type_of<unsigned short> {};
template <> struct type_of<struct ushort4> : type_of<unsigned short> {};
template <> struct type_of<struct int1> : type_of<int> {};
template <> struct type_of<struct int2> : type_of<int> {};
template <> struct type_of<struct int3> : type_of<int> {};
template <> struct type_of<struct int4> : type_of<int> {};
template <> struct type_of<struct uint1> : type_of<unsigned> {};
template <> struct type_of<struct uint2> : type_of<unsigned> {};
template <> struct type_of<struct uint3> : type_of<unsigned> {};
template <> struct type_of<struct uint4> : type_of<unsigned> {};
template <> struct type_of<struct long1> : type_of<long> {};
template <> struct type_of<struct long2> : type_of<long> {};
template <> struct type_of<struct long3> : type_of<long> {};
template <> struct type_of<struct long4> : type_of<long> {};
template <> struct type_of<struct long4_16a> : type_of<long> {};
template <> struct type_of<struct long4_32a> : type_of<long> {};
template <> struct type_of<struct ulong1> : type_of<unsigned long> {};
template <> struct type_of<struct ulong2> : type_of<unsigned long> {};
template <> struct type_of<struct ulong3> : type_of<unsigned long> {};
template <> struct type_of<struct ulong4> : type_of<unsigned long> {};
template <> struct type_of<struct ulong4_16a> : type_of<unsigned long> {};
template <> struct type_of<struct ulong4_32a> : type_of<unsigned long> {};
template <> struct type_of<struct longlong1> : type_of<long long> {};
template <> struct type_of<struct longlong2> : type_of<long long> {};
template <> struct type_of<struct longlong3> : type_of<long long> {};
template <> struct type_of<struct longlong4> : type_of<long long> {};
template <> struct type_of<struct longlong4_16a> : type_of<long long> {};
template <> struct type_of<struct longlong4_32a> : type_of<long long> {};
template <> struct type_of<struct ulonglong1> : type_of<unsigned long long> {};
template <> struct type_of<struct ulonglong2> : type_of<unsigned long long> {};
template <> struct type_of<struct ulonglong3> : type_of<unsigned long long> {};
template <> struct type_of<struct ulonglong4> : type_of<unsigned long long> {};
template <> struct type_of<struct ulonglong4_16a> : type_of<unsigned long long> {};
template <> struct type_of<struct ulonglong4_32a> : type_of<unsigned long long> {};
template <> struct type_of<struct float1> : type_of<float> {};
template <> struct type_of<struct float2> : type_of<float> {};
template <> struct type_of<struct float3> : type_of<float> {};
template <> struct type_of<struct float4> : type_of<float> {};
template <> struct type_of<struct double1> : type_of<double> {};
template <> struct type_of<struct double2> : type_of<double> {};
template <> struct type_of<struct double3> : type_of<double> {};
template <> struct type_of<struct double4> : type_of<double> {};
template <> struct type_of<struct double4_16a> : type_of<double> {};
template <> struct type_of<struct double4_32a> : type_of<double> {};
template <> struct type_of<struct __half2> : type_of<__half> {};
template <> struct type_of<struct __nv_bfloat162> : type_of<__nv_bfloat16> {};
template <> struct type_of<struct __nv_fp8x2_e4m3> : type_of<__nv_fp8_e4m3> {};
template <> struct type_of<struct __nv_fp8x4_e4m3> : type_of<__nv_fp8_e4m3> {};
template <> struct type_of<struct __nv_fp8x2_e5m2> : type_of<__nv_fp8_e5m2> {};
template <> struct type_of<struct __nv_fp8x4_e5m2> : type_of<__nv_fp8_e5m2> {};
#pragma GCC diagnostic pop

// a parameter's type as a variable can have it: no reference, no const, no __restrict__
template <typename ksh_T> struct plain {
    using type = ksh_T;
};
template <typename ksh_T> struct plain<const ksh_T> : plain<ksh_T> {};
template <typename ksh_T> struct plain<volatile ksh_T> : plain<ksh_T> {};
template <typename ksh_T> struct plain<const volatile ksh_T> : plain<ksh_T> {};
template <typename ksh_T> struct plain<ksh_T &> : plain<ksh_T> {};
template <typename ksh_T> struct plain<ksh_T &&> : plain<ksh_T> {};
template <typename ksh_T> struct plain<ksh_T *__restrict__> {
    using type = ksh_T *;
};
template <typename ksh_T> struct plain<ksh_T *const __restrict__> {
    using type = ksh_T *;
};
template <typename ksh_T> using plain_t = typename plain<ksh_T>::type;

template <typename ksh_T> struct pointee {
    using type = ksh_T;
};
template <typename ksh_T> struct pointee<ksh_T *> {
    using type = plain_t<ksh_T>;
};
// what an array that is passed as ksh_T holds
template <typename ksh_T> using pointee_t = typename pointee<plain_t<ksh_T>>::type;

template <typename ksh_T> constexpr elem elem_of()
{
    return {type_of<plain_t<ksh_T>>::value, (int)sizeof(plain_t<ksh_T>)};
}

// the figures of the GPU that expressions may name as gpu.*; the worker sets them
struct gpu_t {
    long long sms, smem, regs, l2;
};

// what stands in the place of a dimension that a point leaves to its let
constexpr long long unbound = -__LONG_LONG_MAX__ - 1;
// what stands for the extent behind an array's last; any other negative one is a mistake to be told
constexpr long long no_extent = -__LONG_LONG_MAX__ - 1;

constexpr long long(cdiv)(long long ksh_a, long long ksh_b)
{
    return (ksh_a + ksh_b - 1) / ksh_b;
}
template <typename ksh_A, typename ksh_B> constexpr auto(min)(ksh_A ksh_a, ksh_B ksh_b)
{
    using ksh_C = decltype(ksh_a + ksh_b);
    return (ksh_C)ksh_a < (ksh_C)ksh_b ? (ksh_C)ksh_a : (ksh_C)ksh_b;
}
template <typename ksh_A, typename ksh_B> constexpr auto(max)(ksh_A ksh_a, ksh_B ksh_b)
{
    using ksh_C = decltype(ksh_a + ksh_b);
    return (ksh_C)ksh_a < (ksh_C)ksh_b ? (ksh_C)ksh_b : (ksh_C)ksh_a;
}

// the value of an integer parameter; 0 for what is none
inline long long integer_of(bool ksh_value) { return ksh_value; }
inline long long integer_of(char ksh_value) { return ksh_value; }
inline long long integer_of(signed char ksh_value) { return ksh_value; }
inline long long integer_of(unsigned char ksh_value) { return ksh_value; }
inline long long integer_of(short ksh_value) { return ksh_value; }
inline long long integer_of(unsigned short ksh_value) { return ksh_value; }
inline long long integer_of(int ksh_value) { return ksh_value; }
inline long long integer_of(unsigned ksh_value) { return ksh_value; }
inline long long integer_of(long ksh_value) { return ksh_value; }
inline long long integer_of(unsigned long ksh_value) { return (long long)ksh_value; }
inline long long integer_of(long long ksh_value) { return ksh_value; }
inline long long integer_of(unsigned long long ksh_value) { return (long long)ksh_value; }
template <typename ksh_T> inline long long integer_of(const ksh_T &)
{
    return 0;
}

// lays one parameter of a kernel into the buffer of all of them; false when it does not fit
template <typename ksh_T>
inline bool put(void *ksh_to, unsigned ksh_cap, unsigned *ksh_at, unsigned *ksh_offset,
                const ksh_T &ksh_value)
{
    unsigned ksh_align = (unsigned)alignof(ksh_T);
    *ksh_at = (*ksh_at + ksh_align - 1) / ksh_align * ksh_align;
    *ksh_offset = *ksh_at;
    if (*ksh_at + sizeof(ksh_T) > ksh_cap)
        return false;
    __builtin_memcpy((char *)ksh_to + *ksh_at, &ksh_value, sizeof(ksh_T));
    *ksh_at += (unsigned)sizeof(ksh_T);
    return true;
}

} // namespace ksh

#pragma pop_macro("value_type")
#pragma pop_macro("imag")
#pragma pop_macro("real")

extern "C" ksh::gpu_t ksearch_gpu;
