/* driver/search/lab.h - a search's only way to the world outside, and its memory of it.
 *
 * A search decides from what it is told alone: the spec, the budget, the seed, and the answers that
 * it got. So every answer goes through here: it is kept in the journal (cache/journal.h) before the
 * search sees it, and a search that runs again finds it there and takes the same way, without
 * compiling, measuring or paying a second time. The same holds for the clock: it stands still
 * between answers, and each answer moves it to where it was when the answer first came.
 *
 * Answers that a search waits for while it does nothing else (a measurement) are taken at once.
 * Those that come when they come (a compile, a model's reply) are asked for and arrive as events;
 * their order is the journal's.
 *
 * With a recording (replay:FILE) there is nothing outside: what it does not hold has failed. */
#ifndef KS_LAB_H
#define KS_LAB_H

#include <jansson.h>
#include <stdbool.h>
#include "cache/hash.h"
#include "cache/journal.h"
#include "driver/model/model.h"
#include "driver/search/bench.h"

struct form;
struct search;
struct trial;

enum lab_kind {
    LAB_NOTHING,  /* there is nothing to wait for, or the search is being stopped */
    LAB_BUILT,    /* id: a trial. It compiled, or did not: trial.state */
    LAB_REPLY,    /* id: a call */
    LAB_DEADLINE, /* the time asked for has come */
    LAB_FINISH,   /* somebody wants the result now */
    LAB_WAITS,    /* all that is asked for are replies that a person or a program has to write */
};

struct lab_event {
    enum lab_kind kind;
    size_t id;
    const json_t *fact; /* of a reply: see lab_ask */
};

struct lab_pending { /* what was asked for and has not come */
    enum lab_kind kind;
    size_t id;
    const char *fact;   /* its name */
    bool asked;         /* a model was; else it is in the journal, or nobody can be asked */
    size_t call;        /* of models */
    const char *called; /* the prompt's name */
    bool waits;         /* the reply has to be written by somebody */
};

struct lab {
    struct journal *journal;   /* NULL: nothing is kept */
    struct journal *recording; /* NULL: the world is there */
    struct models *models;     /* NULL: no model can be asked */
    json_t *facts;             /* that were taken, and all new ones */
    size_t *measured;          /* [workload]: measurements of the original so far */
    size_t steps;              /* taken so far */
    bool strayed; /* the journal's order is no longer followed: it is of another version */
    double now;   /* the search's clock, seconds */
    double zero;  /* now_seconds() when it was 0, as if it had never stopped */
    bool told;    /* the journal failed, and that was said */
    struct lab_pending *pending;
    size_t npending;
    struct buf plain; /* cubin of the original, for the screen; empty: not made yet, or none */
    const char *plain_said; /* by ptxas, of its kernels */
    bool plain_made;
    size_t calls; /* prompts so far */
    struct {      /* seconds in which the GPU had nothing to do */
        double compilers, models;
    } idle;
    bool limit;          /* a call was not made, or cut off, for want of tokens or money */
    size_t failed_calls; /* in a row */
    int64_t tokens;      /* of all replies, those of earlier runs too */
    double money;
};

/* after the search knows its workloads */
void lab_open(struct search *s);
void lab_close(struct search *s);

/* "3f2a..." names a trial in the journal; "original" for NULL */
const char *lab_id(struct search *s, const struct trial *x);

/* what this run is about and begins with (s->run): the first fact */
int lab_run(struct search *s, struct error *err);
/* what earlier searches learned, as it was when this one began; NULL: nothing */
const json_t *lab_priors(struct search *s);

/* ---- events ---- */

/* asks for the compile of a trial */
void lab_build(struct search *s, size_t trial);
/* Asks a model; returns the call's number. The fact of its reply is {"outcome": "replied",
 * "failed", "limit", "text", "model", "tokens_in", "tokens_out", "money", "seconds", "tries",
 * "why"} */
size_t lab_ask(struct search *s, const struct model_prompt *p);
/* The next point, beside its default one, that the recorded search tried of the form; false: there
 * is none left */
bool lab_recorded(struct search *s, struct form *f, size_t *point);
/* sees to compilers and models, and waits for nothing; arg: the search */
void lab_pump(void *arg);
/* waits for the next event, at most until the clock shows `deadline` */
struct lab_event lab_next(struct search *s, double deadline);

/* ---- measurements; NULL stands for the original ---- */

/* checks the original against itself, times it and asks for the floors */
int lab_baseline(struct search *s, struct error *err);
/* builds, limits, checks and times one trial: fills its state, samples and score */
void lab_screen(struct search *s, struct trial *x);
enum bench_result lab_check(struct search *s, struct trial *x, const size_t *points, size_t npoints,
                            int seeds, struct error *err);
/* what is checked of a variant that is about to win, once (proof.h) */
enum bench_result lab_prove(struct search *s, struct trial *x, struct error *err);
/* Runs the winners under compute-sanitizer (sanitize.h), and notes in each which tools it passed.
 * The one that is refused, with the reason; NULL: none is */
struct trial *lab_sanitize(struct search *s, struct trial **x, size_t n, struct error *why);
/* n samples of workload w, appended to *out */
enum bench_result lab_time(struct search *s, struct trial *x, size_t w, int n, struct samples *out,
                           struct error *err);
/* n pairs of the original (a) and a trial (b) on workload w, appended */
enum bench_result lab_pair(struct search *s, struct trial *x, size_t w, int n, struct samples *a,
                           struct samples *b, struct error *err);
/* What the hardware counted while it ran on workload w, a kernel at a time, as the worker tells it
 * (runtime/worker/PROTOCOL.md, profile); NULL where nothing can be counted. `closely`: where it
 * waits, too */
const json_t *lab_profile(struct search *s, struct trial *x, size_t w, bool closely);
/* How busy the busiest arithmetic pipe was meanwhile, in percent of all that it can do; negative
 * where that is not known. Dear: some ten runs */
double lab_arithmetic(struct search *s, struct trial *x, size_t w);
/* would the GPU have nothing to do meanwhile? Of a search that runs again: was it counted now? */
bool lab_has_time(struct search *s, const struct trial *x, size_t w);
/* The kernels that it is made of, a list of {"symbol", "name", "regs", "smem", "spills", "stack":
 * as in driver/build/usage.h, "instructions": how many, "count": of some kinds, as sass_kind_name
 * calls them}, the latter two where a tool tells them; NULL where it is not known */
const json_t *lab_kernels(struct search *s, struct trial *x);
/* the hash of its machine code, and whether it needs the target with an `a` */
int lab_code(struct search *s, const struct trial *x, struct hash *code, bool *specific,
             struct error *err);
/* begins to find that out, beside what is done until then */
void lab_ask_code(struct search *s, struct trial *x);
/* Where that is another than what was measured, which was compiled without what it does not need of
 * the file (lean.h), it is compiled with all of it from now on: true, and nothing that was found of
 * it before is proven */
bool lab_renew(struct search *s, struct trial *x);
/* keeps something that the search computed, for reports: form/HASH, end */
void lab_note(struct search *s, const char *name, json_t *fact);
/* the same, in the place of what was shown by that name before: world */
void lab_show(struct search *s, const char *name, json_t *fact);

#endif
