/* driver/keep.h - the folder for the intermediate files of one compile. */
#ifndef KS_KEEP_H
#define KS_KEEP_H

struct error;

/* Makes it, beside the output that it is for, OUTPUT.ks: the names of intermediate files are in
 * objects, and two builds of the same have the same. Where that is not possible (a folder that
 * cannot be written, an output that is a device or a pipe, something of the user's that has the
 * name) it is a folder of this process under TMPDIR. Removing it is fs_remove's part. Returns its
 * path, free() it; NULL with *err */
char *keep_open(const char *output, struct error *err);

#endif
