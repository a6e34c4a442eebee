/* tests/store_fill.c - puts the records of a lockfile into the cache that the environment names.
 *
 *     store_fill LOCKFILE */
#include <stdio.h>
#include <stdlib.h>
#include "cache/lock.h"
#include "cache/store.h"

int main(int argc, char **argv)
{
    struct error err = {0};
    struct lockfile *lock = argc == 2 ? lock_read(argv[1], &err) : NULL;
    char *dir = store_default_dir();
    struct store *s = lock && dir ? store_open(dir, false, &err) : NULL;
    int rc = s ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < lock->n; i++)
        rc = store_put(s, lock->records[i], &err);
    if (rc < 0)
        fprintf(stderr, "store_fill: %s\n", err.text);
    store_close(s);
    lock_free(lock);
    free(dir);
    return rc < 0;
}
