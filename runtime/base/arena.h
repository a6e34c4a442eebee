/* runtime/base/arena.h - memory with one lifetime: a compilation, a search.
 *
 * Everything taken is zeroed, aligned for any type, and freed together. Running out of memory
 * ends the program. */
#ifndef KS_ARENA_H
#define KS_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine */
void *arena_alloc(struct arena *a, size_t bytes);
char *arena_copy(struct arena *a, const char *bytes, size_t n); /* NUL-terminated */
char *arena_dup(struct arena *a, const char *s);                /* NULL gives NULL */
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

/* grows an array of *n elements by one and returns the new, zeroed element. Capacities are the
 * powers of two, so n alone says when to grow: never change n by hand. */
void *arena_push_(struct arena *a, void **array, size_t *n, size_t element);
#define arena_push(a, array, n) \
    ((__typeof__(array))arena_push_((a), (void **)&(array), &(n), sizeof *(array)))

#endif
