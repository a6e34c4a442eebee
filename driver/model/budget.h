/* driver/model/budget.h - what may be spent, in tokens and in money.
 *
 * The limits are hard: what a call may cost at most is held before it starts and settled when it
 * ended, so that calls side by side cannot pass a limit together. */
#ifndef KS_MODEL_BUDGET_H
#define KS_MODEL_BUDGET_H

#include <stdint.h>

struct cost {
    int64_t tokens;
    double money;
};

struct budget {
    struct cost limit; /* 0: none */
    struct cost spent, held;
};

enum budget_answer {
    BUDGET_YES,
    BUDGET_LATER, /* when calls that run turn out to cost less than was held for them */
    BUDGET_NO,
};

enum budget_answer budget_ask(const struct budget *b, struct cost most);
void budget_hold(struct budget *b, struct cost most);
/* gives back what was held and takes what was spent */
void budget_settle(struct budget *b, struct cost held, struct cost spent);

#endif
