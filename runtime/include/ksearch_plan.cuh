// ksearch_plan.cuh - what the launches of a plan need at run time. It stands behind ksearch_rt.cuh,
// before the user's text. C++14.
//
// A plan's function computes everything first, then launches. What cannot be computed (an overflow,
// a division by zero), is out of the device's range or over the limit of its workspace is found
// before anything was launched, and the caller runs the original.

namespace ksearch_rt {
inline namespace v1 {

// 64-bit integers, exact; what has no value clears `ok` and is 0
struct math {
    bool ok;
    math() : ok(true) {}

    long long bad()
    {
        ok = false;
        return 0;
    }
    long long add(long long a, long long b)
    {
        long long r;
        return __builtin_add_overflow(a, b, &r) ? bad() : r;
    }
    long long sub(long long a, long long b)
    {
        long long r;
        return __builtin_sub_overflow(a, b, &r) ? bad() : r;
    }
    long long mul(long long a, long long b)
    {
        long long r;
        return __builtin_mul_overflow(a, b, &r) ? bad() : r;
    }
    long long div(long long a, long long b)
    {
        return b == 0 || (b == -1 && a < -__LONG_LONG_MAX__) ? bad() : a / b;
    }
    long long mod(long long a, long long b)
    {
        return b == 0 || (b == -1 && a < -__LONG_LONG_MAX__) ? bad() : a % b;
    }
    long long cdiv(long long a, long long b)
    {
        return div(sub(add(a, b), 1), b);
    }
    long long shl(long long a, long long b)
    {
        if (b < 0 || b > 63)
            return bad();
        const long long r = (long long)((unsigned long long)a << b);
        return r >> b == a ? r : bad();
    }
    long long shr(long long a, long long b)
    {
        return b < 0 || b > 63 ? bad() : a >> b;
    }
    // a dimension of a launch
    unsigned dim(long long a, long long most)
    {
        return a < 0 || a > most ? (unsigned)bad() : (unsigned)a;
    }
};

// Memory for one call, in the order of its stream: taken from a pool that keeps what it has, given
// back behind the call's last launch. While a stream is captured both become nodes of the graph.
class workspace {
    char *base_;
    cudaStream_t stream_;
    size_t bytes_;

    static cudaMemPool_t pool(int device)
    {
        static cudaMemPool_t pools[64];
        cudaMemPool_t p = __atomic_load_n(&pools[device], __ATOMIC_ACQUIRE), none = nullptr;
        if (p)
            return p;
        cudaMemPoolProps props = {};
        unsigned long long keep = ~0ull;
        props.allocType = cudaMemAllocationTypePinned;
        props.location.type = cudaMemLocationTypeDevice;
        props.location.id = device;
        if (cudaMemPoolCreate(&p, &props) != cudaSuccess)
            return nullptr;
        cudaMemPoolSetAttribute(p, cudaMemPoolAttrReleaseThreshold, &keep);
        if (!__atomic_compare_exchange_n(&pools[device], &none, p, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
            cudaMemPoolDestroy(p);
            p = none;
        }
        return p;
    }

    workspace(const workspace &);
    workspace &operator=(const workspace &);

public:
    explicit workspace(cudaStream_t stream) : base_(nullptr), stream_(stream), bytes_(0) {}
    ~workspace()
    {
        if (base_)
            cudaFreeAsync(base_, stream_);
    }
    // room for so many bytes more; where they begin
    size_t room(math &m, long long bytes)
    {
        const size_t at = bytes_;
        if (bytes < 0 || bytes > __LONG_LONG_MAX__ / 4 || bytes_ > (size_t)__LONG_LONG_MAX__ / 4)
            return (size_t)m.bad();
        bytes_ += ((size_t)bytes + 255) / 256 * 256;
        return at;
    }
    // false: more than the limit, or there is none
    bool take(size_t limit)
    {
        if (bytes_ == 0)
            return true;
        const int device = bytes_ > limit ? -1 : current();
        if (device < 0 || device >= 64)
            return false;
        cudaMemPool_t p = pool(device);
        if (p && cudaMallocFromPoolAsync((void **)&base_, bytes_, p, stream_) == cudaSuccess)
            return true;
        (void)cudaGetLastError();
        base_ = nullptr;
        return false;
    }
    void *at(size_t offset) const
    {
        return base_ + offset;
    }
};

// one launch of a plan
class step {
    dim3 grid_, block_, cluster_;
    size_t smem_;
    bool clustered_;

public:
    step(dim3 grid, dim3 block, size_t smem)
        : grid_(grid), block_(block), cluster_(0, 0, 0), smem_(smem), clustered_(false)
    {
    }
    step(dim3 grid, dim3 block, size_t smem, dim3 cluster)
        : grid_(grid), block_(block), cluster_(cluster), smem_(smem), clustered_(true)
    {
    }
    bool is_empty() const
    {
        return grid_.x == 0 || grid_.y == 0 || grid_.z == 0;
    }
    // may it be launched? `granted` holds what the kernel was allowed so far, one a device
    bool ready(const void *kernel, int *granted) const
    {
        if (is_empty())
            return true;
        if (block_.x * block_.y * block_.z == 0 ||
            (unsigned long long)block_.x * block_.y * block_.z > 1024)
            return false;
        if (clustered_ && (cluster_.x * cluster_.y * cluster_.z == 0 || grid_.x % cluster_.x ||
                           grid_.y % cluster_.y || grid_.z % cluster_.z))
            return false;
        if (clustered_ && cluster_.x * cluster_.y * cluster_.z > 8 &&
            cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1) !=
                cudaSuccess) {
            (void)cudaGetLastError();
            return false;
        }
        return allow_shared(kernel, (int)smem_, granted);
    }
    template <typename... P, typename... A>
    bool launch(void (*kernel)(P...), cudaStream_t stream, const A &...args) const
    {
        static_assert(sizeof...(P) == sizeof...(A), "a plan gives every parameter an argument");
        return is_empty() || launch_exact<P...>((const void *)kernel, stream, (P)args...);
    }

private:
    template <typename... P>
    bool launch_exact(const void *kernel, cudaStream_t stream, P... args) const
    {
        void *values[] = {(void *)&args..., nullptr};
        if (!clustered_)
            return cudaLaunchKernel(kernel, grid_, block_, values, smem_, stream) == cudaSuccess;
        cudaLaunchAttribute cluster;
        cluster.id = cudaLaunchAttributeClusterDimension;
        cluster.val.clusterDim.x = cluster_.x;
        cluster.val.clusterDim.y = cluster_.y;
        cluster.val.clusterDim.z = cluster_.z;
        cudaLaunchConfig_t config = {};
        config.gridDim = grid_;
        config.blockDim = block_;
        config.dynamicSmemBytes = smem_;
        config.stream = stream;
        config.attrs = &cluster;
        config.numAttrs = 1;
        return cudaLaunchKernelExC(&config, kernel, values) == cudaSuccess;
    }
};

} // namespace v1
} // namespace ksearch_rt
