/* driver/search/files.h - the arrays that generators read from files: file("cap/x.npy").
 *
 * A relative name is relative to the folder of the annotated source. What a file holds is measured
 * with but not compiled, and no part of a key: a lockfile must serve machines that do not have the
 * files, captures of many gigabytes often. A winner that other contents would not have made is
 * still right (that is proven on test points and, at run time, by what it assumes), at worst no
 * longer the fastest; KSEARCH_AGAIN=1 searches anew. The name is part of the key, as all of a
 * clause is. */
#ifndef KS_FILES_H
#define KS_FILES_H

#include "driver/lang/spec.h"

/* where the file is; free() it */
char *files_path(const struct spec *spec, const char *name);
/* the files of all of the entry's arrays, NULL at the end */
const char *const *files_list(struct arena *a, const struct spec *spec);
/* -1 when one of the entry's files is not there or is no array; said to d at the generator's place
 */
int files_check(const struct spec *spec, struct diag *d);

#endif
