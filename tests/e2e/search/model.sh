#!/bin/bash
# A language model for tests: the prompt on standard input, the reply on standard output. What it
# writes follows from the prompt; each call leaves a line in $MODEL_LOG.
#   planner, first: three ideas. planner, later: one more, with a mistake at first.
#   coder: idea 'Parts' a structure that is right; 'Broken' one that does not compile, repaired when
#   it is told so; 'Wrong' one that never is right (the fake worker says so).
prompt=$(cat)
has() { grep -qF -- "$1" <<<"$prompt"; }
say() { echo "$1" >>"${MODEL_LOG:-/dev/null}"; }

structure() { # NAME, what differs
    cat <<C_
It is cut into parts.

\`\`\`cuda
// $1
constexpr int THREADS = 256;
#pragma ksearch tune(THREADS = 128, 256, 512)
#pragma ksearch let(parts = max(1, min(cdiv(cols, THREADS), cdiv(gpu.sms * 2, rows))))
#pragma ksearch scratch(part[rows][parts] as float)
#pragma ksearch run(squares<<<(parts, rows), THREADS>>>(part, x, cols))
#pragma ksearch run(finish<<<rows, 1>>>(y, part, parts))

static __global__ void squares(float *part, const float *x, int cols)
{
    __shared__ float sums[THREADS];
    float sum = 0;
    for (int i = blockIdx.x * THREADS + threadIdx.x; i < cols; i += gridDim.x * THREADS)
        sum += x[(size_t)blockIdx.y * cols + i] * x[(size_t)blockIdx.y * cols + i]$2;
    sums[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (int i = 1; i < THREADS; i++)
            sum += sums[i];
        part[(size_t)blockIdx.y * gridDim.x + blockIdx.x] = sum;
    }
}

static __global__ void finish(float *y, const float *part, int parts)
{
    float sum = 0;
    for (int i = 0; i < parts; i++)
        sum += part[(size_t)blockIdx.x * parts + i];
    y[blockIdx.x] = sqrtf(sum);
}
\`\`\`
C_
}

if has 'You plan the search' && has 'The tree holds only the root'; then
    say ideas
    cat <<'J_'
{"edits": [
 {"op": "insert", "id": "a", "parent": 0, "title": "Parts", "rationale": "few rows leave the card idle",
  "regime": "", "gain": [1.5, 3, 8], "difficulty": 2, "bottleneck": "memory"},
 {"op": "insert", "id": "b", "parent": 0, "title": "Broken", "rationale": "it does not compile at first",
  "regime": "", "gain": [1.2, 2, 4], "difficulty": 3, "bottleneck": "memory"},
 {"op": "insert", "id": "c", "parent": 0, "title": "Wrong", "rationale": "it is not right",
  "regime": "", "gain": [1.2, 2, 4], "difficulty": 3, "bottleneck": "memory"}]}
J_
elif has 'You plan the search' && has 'Your last script was refused'; then
    say evolve-again
    echo '{"edits": []}'
elif has 'You plan the search'; then
    say evolve
    echo '{"edits": [{"op": "insert", "parent": 99, "title": "Nowhere", "state": "closed"}]}'
elif has 'The structure that failed'; then
    say repair
    if has 'undeclared_name'; then
        structure "broken, repaired" ' * 1.0f'
    else
        structure 'wrong again' " + $(grep -o 'Round [0-9]' <<<"$prompt" | tr -dc 0-9)7 * 0.0f"
    fi
else
    k=$(grep -o 'proposal [0-9]* of' <<<"$prompt" | head -1 | tr -dc 0-9)
    idea=$(sed -n '/^# The idea to realise/{n;n;p;}' <<<"$prompt")
    say "propose $idea ${k:-1}"
    if [ "$idea" = Broken ]; then
        structure "broken ${k:-1}" " + undeclared_name${k:-1}"
    elif [ "$idea" = Wrong ]; then
        structure "wrong ${k:-1}" " + ${k:-1} * 0.0f"
    else
        structure "parts ${k:-1}" ", sum *= ${k:-1}.0f"
    fi
fi
