#pragma once
#include <vector>
namespace model {
constexpr int HEADS = 4, HEAD = 32 * HEADS;
enum { KINDS = 7, MORE };
namespace detail {
constexpr int DEEP = HEAD * 2;
}
} // namespace model
#define LIMIT (1 << 14)
#if defined(BIG)
#define ROWS 4096
#else
#define ROWS 1024
#endif
