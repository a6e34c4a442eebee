/* prompt_names.c - the templates, and what each may say.
 *
 * This is the contract between the templates and the search, which gives the values. A name is
 * written {{name}} in driver/model/prompts/TEMPLATE.md; those with a language are fenced. */
#include "driver/model/prompt.h"

#include <string.h>
#include "driver/model/prompt_text.h"
#include "runtime/base/embed.h"

EMBED_DECLARE(coder_md);
EMBED_DECLARE(propose_md);
EMBED_DECLARE(repair_md);
EMBED_DECLARE(planner_md);
EMBED_DECLARE(ideas_md);
EMBED_DECLARE(evolve_md);

/* the code and what it is measured with: in every text about an entry */
#define ENTRY_NAMES                                                                                \
    {"entry", NULL, "what it is: 'gqa_decode, a host function of attn.cu'"},                       \
        {"host", NULL, "not empty: the entry is a host function, structures have a plan"},         \
        {"kernel", NULL, "not empty: the entry is a kernel, structures have none"},                \
        {"context", "cuda", "the file up to the entry, which a structure sees; empty: nothing"},   \
        {"code", "cuda", "the entry as it stands in the file, with its annotation"},               \
        {"workloads", NULL, "evidence_workloads(): what is timed, with times, floors and shares"}, \
        {"limits", NULL, "what the annotation demands, a line each: scratch, require, assume"},    \
        {"gpu", NULL, "the card in figures: name, capability, multiprocessors, shared memory"},    \
    {                                                                                              \
        "hints", NULL, "the user's hints, a line each"                                             \
    }

#define CARD                          \
    {                                 \
        "card", NULL, "prompt_card()" \
    }
#define END              \
    {                    \
        NULL, NULL, NULL \
    }

/* an idea of the world model */
#define IDEA_NAMES                                                               \
    {"idea", NULL, "its title"}, {"rationale", NULL, "why it should be faster"}, \
    {                                                                            \
        "regime", NULL, "label of the workload it is for; empty: all"            \
    }

/* what is said again when a reply was refused */
#define AGAIN_NAMES                                                                       \
    {"script", "json", "the edit script that was refused; empty: this is the first try"}, \
    {                                                                                     \
        "errors", NULL, "what world_edit said of it, a line each"                         \
    }

static const struct prompt_name coder[] = {
    {"host", NULL, "not empty: the entry is a host function, structures have a plan"},
    {"kernel", NULL, "not empty: the entry is a kernel, structures have none"},
    {"target", NULL, "what structures are compiled for: 'sm_90a'"},
    END,
};

static const struct prompt_name propose[] = {
    ENTRY_NAMES,
    CARD,
    IDEA_NAMES,
    {"target", NULL, "what structures are compiled for: 'sm_90a'"},
    {"parent", "cuda", "the structure to start from; empty: the entry itself"},
    {"evidence", NULL, "evidence_text() of the parent, or of the entry"},
    {"failures", NULL, "what was tried for this idea and why it failed, evidence_failure()"},
    {"k", NULL, "number of this proposal"},
    {"n", NULL, "how many are asked for; empty or 1: only this one"},
    {"others", NULL, "what the other proposals do, a line each"},
    END,
};

static const struct prompt_name repair[] = {
    ENTRY_NAMES,
    IDEA_NAMES,
    {"target", NULL, "what structures are compiled for: 'sm_90a'"},
    {"structure", "cuda", "the structure that failed"},
    {"build", NULL, "not empty: it was refused before it ran (screen, plan, compiler)"},
    {"check", NULL, "not empty: it ran and its results are wrong"},
    {"errors", "text", "evidence_failure(): located errors, or the first wrong elements"},
    {"k", NULL, "number of this round"},
    {"n", NULL, "rounds at most"},
    END,
};

static const struct prompt_name planner[] = {
    {"most", NULL, "ideas that one script may insert"},
    END,
};

static const struct prompt_name ideas[] = {
    ENTRY_NAMES,
    CARD,
    {"evidence", NULL, "evidence_text() of the original"},
    {"bottleneck", NULL, "evidence_bottleneck() of the original"},
    AGAIN_NAMES,
    END,
};

static const struct prompt_name evolve[] = {
    ENTRY_NAMES,
    CARD,
    {"tree", NULL, "world_project()"},
    {"active", NULL, "number and title of the idea whose cycle ended"},
    {"evidence", NULL, "evidence_text() of every structure of the cycle"},
    {"failures", NULL, "what failed in it, evidence_failure() each"},
    {"incumbent", NULL, "the best so far: which idea, times beside the original's"},
    {"left", NULL, "what is left of the budgets: '42 min, 180 trials, 1.2 M tokens'"},
    AGAIN_NAMES,
    END,
};

static const struct {
    const char *name;
    const char *text;
    const struct prompt_name *names;
} TEMPLATES[] = {
    {"coder", embed_coder_md, coder},    {"propose", embed_propose_md, propose},
    {"repair", embed_repair_md, repair}, {"planner", embed_planner_md, planner},
    {"ideas", embed_ideas_md, ideas},    {"evolve", embed_evolve_md, evolve},
};

enum { NTEMPLATES = sizeof TEMPLATES / sizeof *TEMPLATES };

const char *const prompt_templates[] = {"coder", "propose", "repair", "planner",
                                        "ideas", "evolve",  NULL};

const struct prompt_name *prompt_names(const char *template_name)
{
    for (size_t i = 0; i < NTEMPLATES; i++)
        if (strcmp(TEMPLATES[i].name, template_name) == 0)
            return TEMPLATES[i].names;
    return NULL;
}

const char *prompt_text_carried(const char *template_name)
{
    for (size_t i = 0; i < NTEMPLATES; i++)
        if (strcmp(TEMPLATES[i].name, template_name) == 0)
            return TEMPLATES[i].text;
    return NULL;
}
