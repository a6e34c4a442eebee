/* driver/seen.h - what was seen of files is remembered, so that those that stay are not read again.
 *
 * For looks that every compile of a build takes. An answer is kept in the cache folder with all
 * files that it depends on; as long as each is the file that was looked at, it is the answer. What
 * cannot be remembered, or is damaged, or was remembered of another question, is looked at again;
 * nothing here fails loudly. */
#ifndef KS_SEEN_H
#define KS_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>
#include "runtime/base/buf.h"

struct seen {   /* one look */
    char *memo; /* file of the answer; NULL: there is no folder for it */
    uint64_t question;
    time_t began;
    struct buf files; /* what was looked at so far */
    bool doubtful;    /* not to be remembered */
};

/* Begins a look. question: what is asked, in a word, then the paths that it is asked of; NULL ends.
 * Returns the answer, 1 or 0, when it is remembered; -1 when one has to look */
int seen_begin(struct seen *s, const char *const *question);
/* The answer depends on this file. fd: what was read, still open; before: fstat's word of it from
 * before it was read */
void seen_file(struct seen *s, const char *path, int fd, const struct stat *before);
/* and on there being no file of that name */
void seen_nothing(struct seen *s, const char *path);
/* a file could not be read, say: this look is not to be remembered */
void seen_doubt(struct seen *s);
/* ends it. answer: 1 or 0; -1: there is none */
void seen_end(struct seen *s, int answer);

/* the answer that the text of a memo gives to the question of that hash, or -1; the text, of n
 * bytes and a NUL, is cut up */
int seen_recall(uint64_t question, char *text, size_t n);
/* that text, into a buffer: an answer and the lines of the files that it depends on */
void seen_text(struct buf *b, uint64_t question, bool answer, const char *lines, size_t n);

#endif
