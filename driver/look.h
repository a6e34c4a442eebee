/* driver/look.h - may a command line have an annotated input?
 *
 * A look, not a parse: it errs towards yes, as the engine looks properly and hands a file without
 * annotations over to nvcc as well. */
#ifndef KS_LOOK_H
#define KS_LOOK_H

#include <stdbool.h>

/* Does one of the inputs named by args (nvcc's arguments, NULL-terminated), by the option files
 * that they name, or by NVCC_PREPEND_FLAGS and NVCC_APPEND_FLAGS hold the word "ksearch" or
 * "KSEARCH"? Inputs are the words that end in ".cu"; with `-x cu`, all words that are no option.
 * What cannot be read is no annotated input: complaining about it is nvcc's part. With
 * KSEARCH_HEADERS=1 the headers that they include by quotes count as well. */
bool look_for_annotations(char *const *args);

#endif
