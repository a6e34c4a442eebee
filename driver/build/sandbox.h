/* driver/build/sandbox.h - how compilers and workers run on text that a model wrote.
 *
 * bubblewrap (bwrap in PATH) with its own namespaces for users, processes, network and mounts: the
 * system's /usr, /lib*, /etc/ld.so.cache and the toolkit read-only, the named files and folders, an
 * environment of what is listed, no home, no network. Without a bwrap that works such text is
 * not compiled at all, unless KSEARCH_SANDBOX=none says in so many words that it may. */
#ifndef KS_SANDBOX_H
#define KS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include "runtime/base/arena.h"
#include "runtime/base/error.h"

enum sandbox_kind {
    SANDBOX_COMPILE, /* reads the include folders, writes the job's folder; no /proc, no devices */
    SANDBOX_WORKER,  /* sees the GPU, writes nothing but its own /tmp and what `write` names */
};

struct sandbox_job {
    enum sandbox_kind kind;
    const char *const *argv;
    const char *const
        *read;            /* Files and folders to see, NULL at the end; may be NULL. What is not
                             there is left out. Of a folder, what begins with a dot is hidden
                             (.git, .env); of a home folder and the like, only headers are seen */
    const char *write[4]; /* files and folders to write; NULL behind the last */
    const char *dir;      /* the working folder; NULL: /. It is there, but empty unless read */
};

/* which layer holds: "bwrap", "none" (the user's word), or NULL with *err: nothing does. Tried once
 * a process, by running something in it */
const char *sandbox_layer(struct error *err);
/* the command line that runs the job inside (NULL at the end); argv itself where the layer is
 * "none"; NULL with *err where nothing holds */
const char **sandbox_argv(struct arena *a, const struct sandbox_job *job, struct error *err);

/* what a process of this kind may take: for a proc_spec; NULL: no limits (CUDA reserves address
 * space without measure) */
struct proc_limits;
const struct proc_limits *sandbox_limits(enum sandbox_kind kind);
/* the folder of which a program needs the rest: "/opt/gcc" of "/opt/gcc/bin/g++", links followed;
 * NULL when the program is not there, or /usr has it */
const char *sandbox_tree(struct arena *a, const char *program);

/* Reads a structure's text for what no kernel needs: #include of other than the toolkit's and the
 * C++ library's headers, asm outside of functions, #pragma beyond unroll, nv_diag and ksearch,
 * __managed__, attributes constructor and destructor, printf, malloc, .incbin, __has_include,
 * digraphs and trigraphs. 0, or -1 with one line a finding ("12:5: ...") in errors. Not a boundary:
 * that is the sandbox */
struct buf;
int sandbox_screen(const char *text, size_t len, struct buf *errors);

#endif
