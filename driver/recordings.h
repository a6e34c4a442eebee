/* driver/recordings.h - searches that were recorded, to be searched again without GPU and model.
 *
 * KSEARCH_MODEL=replay:PATH names a file that `ksnvcc report RUN --export FILE` wrote, or a folder
 * of such files, NAME.ksearch; which of them is meant, the key in it says. */
#ifndef KS_RECORDINGS_H
#define KS_RECORDINGS_H

#include "cache/journal.h"
#include "cache/key.h"
#include "driver/lang/gpu.h"

/* PATH, where KSEARCH_MODEL (or what a command was given in its place) is replay:PATH; else NULL */
const char *recordings_path(const char *model);
/* the recording of the search of that key; NULL with *err when there is none. It is read once, and
 * stays with us */
struct journal *recordings_find(const char *path, const struct key *key, struct error *err);
/* the card of the first recording: the one that is taken to be in this machine. -1 with *err */
int recordings_gpu(const char *path, struct gpu *gpu, struct error *err);

#endif
