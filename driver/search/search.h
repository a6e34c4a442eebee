/* driver/search/search.h - the inside of one search, shared by the files that make it up:
 *
 *   loop.c     sets up, runs the cycles until something ends the search, and has it judged
 *   cycle.c    one idea: from its proposals to structures that are tuned, and what became of it
 *   propose.c  what is asked of a model, and what its replies mean
 *   pace.c     how fast it was, and what it waited for
 *   recall.c   what earlier searches of the entry tried, for the tuners
 *   teach.c    what searches of other entries say, for the tuners
 *   forms.c    ways of writing the entry, each with a space that is tuned on a budget of its own
 *   lab.c      the only way to the world outside: compilers, the GPU, models; through the journal
 *   contest.c  race and confirmation over some workloads
 *   verdict.c  one winner, or one for each regime
 *   outcome.c  the record and what a person reads
 *
 * Callers of a search want loop.h. */
#ifndef KS_SEARCH_H
#define KS_SEARCH_H

#include "driver/lang/structure.h"
#include "driver/search/judge.h"
#include "driver/search/lab.h"
#include "driver/search/loop.h"
#include "driver/search/pace.h"
#include "driver/search/trials.h"
#include "driver/search/tune.h"
#include "driver/search/world.h"

#define FORM_AHEAD 8 /* points that are queued at once */

enum form_state {
    FORM_NEW,    /* its default point is on its way */
    FORM_TUNING, /* some of its space is being tried */
    FORM_DONE,
};

/* one way of writing the entry: its own text, with knobs or without, or a structure */
struct form {
    const struct spec *spec;
    const char *name; /* "" the text itself; else what people and records call it */
    const char *hash; /* names it in the journal */
    const char *text; /* of a structure that a model wrote */
    bool has_knobs;   /* name is "", and it is not the text as it stands */
    size_t idea;      /* of the world */
    enum form_state state;
    struct space *space;
    struct tuner *tuner;
    struct units *units;
    const struct form *from;  /* see form_inherit; or NULL */
    size_t ahead[FORM_AHEAD]; /* points that were suggested and are not queued yet */
    size_t nahead;
    size_t replayed;           /* steps of the recording that were looked through for its points */
    size_t quota, asked, back; /* points that may be tried, were queued, came back */
    size_t improved;           /* back then: when the best was last found, or bettered clearly */
    bool thorough;             /* tried to the end while it keeps up: the user asked for it */
    size_t first;              /* trial of the default point */
    size_t best;               /* trial + 1 with the least score; 0: none is good */
    size_t *module_of_unit;    /* [unit]: bench module + 1; 0: not told yet */
    size_t nmodules;
};

struct cycles; /* cycle.c */
struct knob;   /* driver/build/knob.h */

struct search {
    struct arena *arena; /* lives as long as the search */
    const struct search_job *job;
    struct diag *diag; /* of the annotation */
    const struct spec *spec;
    struct bench *bench; /* NULL: everything comes from a recording */
    struct lab lab;
    const json_t *earlier; /* what earlier searches tried: see recall.h */
    bool is_recalled;      /* that was looked for */
    struct lesson *
        *lessons; /* see teach.h; NULL: not looked for yet. The first nlearned are ours */
    size_t nlessons, nlearned;
    struct form **forms; /* [0]: the entry's own text, where it has tunables */
    size_t nforms;
    struct units_alike alike;
    struct knob *knobs; /* of the entry's own text; none where they are not to be tried */
    size_t nknobs;
    struct trials trials;
    size_t *timed, *tests; /* point numbers */
    size_t ntimed, ntests;
    double *weight, *original_us, *floor_us; /* one a timed point; floor 0: not known */
    double *best_us;     /* one a timed point: the best of any trial, the original's at first */
    double *arithmetic;  /* one a timed point: how busy arithmetic was in the best, in percent; not
                            positive: not known */
    bool computes;       /* the original is limited by it: then it is looked at */
    bool is_limit_known; /* what the original is limited by: see search_limit */
    double counted;      /* score of the best when it was */
    double noise;        /* original against itself, see judge_margin */
    int others;          /* processes beside ours that had the GPU open while pairs were measured */
    char name[256];
    struct { /* what a run began with; it goes on with the same */
        double seconds;
        int64_t evals;
        int jobs;      /* compilers at once */
        bool asks;     /* models */
        bool knobs;    /* tries the built-in ones */
        bool all;      /* every point of what is declared, whatever it brings */
        bool specific; /* structures may use instructions of the target with an `a` */
        enum tuner_kind tuner;
        uint64_t seed;
        const char *started; /* UTC, "2026-11-22T12:00:00Z" */
    } run;
    double deadline;              /* of exploring, on the lab's clock */
    size_t tried;                 /* trials that came back */
    const char *ended;            /* why exploring ended */
    bool waits;                   /* for replies, which somebody has to write */
    bool chore;                   /* forms_think is to be called while the GPU measures, */
    bool is_timing;               /* as it does now */
    size_t measured;              /* variants that this run measured, and did not know */
    struct {                      /* what facts say of how long things take, seconds */
        double compiles, screens; /* a unit; checking and timing a variant */
        size_t ncompiles, nscreens;
    } took;
    struct pace_start began, judged; /* .now 0: not yet */
    double harness_wait;             /* seconds */
    int compilers;                   /* that run now, of all forms */
    struct world *world;
    struct cycles *cycles;
    bool lost; /* the bench is, or we are being stopped */
};

/* the values of a trial's tunables, and "gqa_split.cu with WAVES=2" */
const int64_t *trial_values(const struct search *s, const struct trial *x);
const char *trial_text(const struct search *s, const struct trial *x, char *text, size_t cap);
/* its median for each workload, 0 where it was not timed; lives as long as the search */
const double *trial_us(struct search *s, const struct trial *x);
/* the trial of the values in the code; NULL before it was queued */
struct trial *search_default(struct search *s);
/* finds out what the original is limited by, and tells the world, unless that was done */
void search_limit(struct search *s);

/* ---- forms.c ---- */

/* A new form; NULL when its constraints leave nothing (said to d). text: of a structure that a
 * model wrote, else NULL. quota: points to try at first */
struct form *form_add(struct search *s, const struct spec *spec, const char *name, const char *hash,
                      const char *text, size_t idea, size_t quota, struct diag *d);
/* queues its default point */
void form_begin(struct search *s, struct form *f);
/* takes note of a trial that came back, and gives it more to try while it keeps up */
void form_report(struct search *s, struct form *f, size_t trial);
/* The tuner of f, whose spec is that of `from` with more knobs, learns what came and comes of the
 * points of `from`: with those knobs off they are its own */
void form_inherit(struct search *s, struct form *f, const struct form *from);
/* queues points of all forms that may try some, as many as compilers can use */
void forms_fill(struct search *s);
/* queues points of the first form before its idea is chosen: they compile meanwhile */
void forms_early(struct search *s);
/* asks each tuner for a point that forms_fill will need, and which of those on their way to measure
 * first: for when there is time */
void forms_think(struct search *s);
/* could more variants be on their way? */
bool forms_are_few(const struct search *s);
/* valid points of all forms */
double forms_size(const struct search *s);
bool form_is_open(const struct form *f);
/* all of its points are on their way, or came back */
bool form_is_spent(const struct form *f);
void forms_release(struct search *s);

/* ---- cycle.c ---- */

void cycles_start(struct search *s);
/* begins what can be begun */
void cycles_fill(struct search *s);
/* a trial came back; a model replied */
void cycles_trial(struct search *s, size_t trial);
void cycles_reply(struct search *s, size_t call, const json_t *fact);
/* anything open? */
bool cycles_busy(const struct search *s);

/* ---- contest.c ---- */

struct confirmation { /* interleaved pairs of the original and a variant; entries one a timed point
                       */
    struct samples *original, *variant;
    struct interval *interval; /* ratio 0: not confirmed on that workload */
};
void confirmation_init(struct search *s, struct confirmation *c);
void confirmation_release(struct confirmation *c, size_t workloads);

struct field {              /* workloads that a contest is about */
    const size_t *workload; /* indices into search.timed */
    size_t n;
    bool weighted; /* one may pay for another, as judge.h says; else none may get slower */
};

/* the indices of all workloads */
const size_t *field_all(const struct search *s);
/* Races the good trials over the field and confirms the best until one is a proven win there: that
 * one, with its pairs in *c for the field's workloads; NULL when none is. `prefer` (may be NULL) is
 * taken for the best when it is nearly so. */
struct trial *contest_run(struct search *s, const struct field *field, struct trial *prefer,
                          struct confirmation *c);
/* measures s->noise: the original against its own values compiled as a variant. -1 when that does
 * not work like the original, with what is wrong in *err */
int contest_noise(struct search *s, struct error *err);

/* ---- verdict.c ---- */

struct part { /* a winner and the regime in which it is one */
    struct trial *trial;
    int64_t low, high; /* of the verdict's parameter */
};

struct verdict {
    const char *param; /* NULL: one winner everywhere */
    struct part *part;
    size_t nparts;         /* 0: no proven gain */
    struct confirmation c; /* of each workload's winner */
    struct interval mean;  /* over all workloads */
};

/* how much of so many seconds may pass before it is to be reached: it takes a part of them, and a
 * contest for each regime takes time of its own, which matters where there are few */
double verdict_begins(struct search *s, double seconds);
/* decides; release with verdict_release */
void verdict_reach(struct search *s, struct verdict *v);
void verdict_release(struct search *s, struct verdict *v);

/* ---- outcome.c ---- */

/* the record of what was found; `done`: the space was exhausted, not the budget. NULL with *err
 * when a winner's machine code cannot be had */
struct record *outcome_record(struct search *s, const struct verdict *v, bool done,
                              struct error *err);
/* a line for each kind of failure, with the first of it */
void outcome_say_failures(const struct search *s);
/* each workload's times, and where the search's time went */
void outcome_say(const struct search *s, const struct record *r);

#endif
