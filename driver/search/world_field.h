/* driver/search/world_field.h - the members of one edit, read and checked; for world_edit.c. */
#ifndef KS_WORLD_FIELD_H
#define KS_WORLD_FIELD_H

#include "driver/search/world_impl.h"

enum edit_op { EDIT_INSERT, EDIT_REVISE, EDIT_PRUNE };

/* the members that an edit has */
enum field {
    FIELD_OP = 1,
    FIELD_ID = 2,
    FIELD_PARENT = 4,
    FIELD_TITLE = 8,
    FIELD_RATIONALE = 16,
    FIELD_REGIME = 32,
    FIELD_GAIN = 64,
    FIELD_DIFFICULTY = 128,
    FIELD_BOTTLENECK = 256,
    FIELD_WHY = 512,
};

struct edit {
    enum edit_op op;
    unsigned has;       /* enum field; only what was read without an error */
    size_t target;      /* of revise and prune */
    const char *name;   /* of an insert, within the script; NULL: none. The strings are the */
    const char *parent; /* script's. NULL: parent_id it is */
    size_t parent_id;
    const char *title, *rationale, *regime, *bottleneck, *why;
    double gain[3];
    int difficulty;
};

struct edit_errors {
    struct buf *out;
    size_t n;
};

/* one line: "edits[INDEX].WHERE: ..."; an empty WHERE is the edit itself */
void edit_error(struct edit_errors *e, size_t index, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* text of a script for an error: printable, cut; valid until the next but one call */
const char *edit_quote(const char *s);
/* reads one edit */
void edit_read(const struct world *w, const json_t *from, size_t index, struct edit *edit,
               struct edit_errors *e);

#endif
