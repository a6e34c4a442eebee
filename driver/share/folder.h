/* driver/share/folder.h - a remote that is a folder: a mount, most likely.
 *
 * A file system whose server is gone keeps whoever touches it waiting, so each call is made in a
 * child, which is killed at the deadline. */
#ifndef KS_SHARE_FOLDER_H
#define KS_SHARE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include "driver/share/remote.h"

/* is there such a folder, and may we write it where that is wanted? ANSWER_YES or not */
enum answer folder_look(const char *root, bool writing, double seconds, struct error *why);
/* the bytes of the file NAME in it */
enum answer folder_get(const char *root, const char *name, double seconds, struct buf *bytes,
                       struct error *why);
/* writes it by rename; the folder itself must be there, those in it are made */
enum answer folder_put(const char *root, const char *name, const void *bytes, size_t n,
                       double seconds, struct error *why);

#endif
