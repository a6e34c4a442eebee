/* driver/model/budget.c */
#include "driver/model/budget.h"

static enum budget_answer ask(double limit, double spent, double held, double most)
{
    if (limit <= 0)
        return BUDGET_YES;
    if (spent + most > limit)
        return BUDGET_NO;
    return spent + held + most > limit ? BUDGET_LATER : BUDGET_YES;
}

enum budget_answer budget_ask(const struct budget *b, struct cost most)
{
    enum budget_answer tokens = ask((double)b->limit.tokens, (double)b->spent.tokens,
                                    (double)b->held.tokens, (double)most.tokens);
    enum budget_answer money = ask(b->limit.money, b->spent.money, b->held.money, most.money);

    return tokens > money ? tokens : money;
}

void budget_hold(struct budget *b, struct cost most)
{
    b->held.tokens += most.tokens;
    b->held.money += most.money;
}

void budget_settle(struct budget *b, struct cost held, struct cost spent)
{
    b->held.tokens -= held.tokens;
    b->held.money -= held.money;
    if (b->held.tokens <= 0) /* sums of fractions leave dust */
        b->held.money = 0;
    b->spent.tokens += spent.tokens;
    b->spent.money += spent.money;
}
