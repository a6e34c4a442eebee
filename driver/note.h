/* driver/note.h - what an object says of the winners in it.
 *
 * A winner leaves a note in the section ".ksearch" of the object: JSON on one line, ended by NUL,
 *
 *     {"entry": "blas::gemm<T=float>", "file": "gemm.cu", "winner": {"BM": 128, ...},
 *      "speedup": 1.42, "low": 1.40, "high": 1.44, "gpu": "NVIDIA H200/9.0/132/143GB",
 *      "toolkit": "13.0.88", "measured": "2026-11-22T12:00:00Z", "key": 64 digits,
 *      "structure": "model:1a2b3c4d", "written_by": "model",
 *      "signed": {"by": "ci", "key": 64 digits}, "when": {"param": "rows", "low": 1, "high": 16}}
 *
 * "structure" is there only where the winner is another way of writing the entry, by the path that
 * the annotation gives; "written_by" where that is no file's but a model's, whose text the record
 * has. "signed" is there where the record came from a remote: whose signature it bore, both ""
 * where it was taken without one. "when" is there only where the winner runs for these values of a
 * parameter and not else; then an entry may have several notes, and the speed-up is that of all its
 * winners together.
 *
 * The linker puts the notes of all objects of a program one behind the other, so they can be read
 * from objects, static libraries, shared objects and executables alike. */
#ifndef KS_NOTE_H
#define KS_NOTE_H

#include <jansson.h>
#include <stdbool.h>
#include "runtime/base/error.h"

/* is this file, by its first bytes, an ELF file or a static library? */
bool note_is_object(const char *path);
/* the notes of such a file as a new array of objects, empty when it has none; what is no note is
 * {"corrupt": reason}. NULL with *err when the file cannot be read or is neither */
json_t *note_read(const char *path, struct error *err);

#endif
