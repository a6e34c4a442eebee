/* driver/build/sass.c
 *
 * Both tools write a line for each instruction: its address in a C comment, perhaps a predicate,
 * the opcode with its modifiers, operands, a semicolon; cuobjdump adds the encoding in comments.
 *
 *       [01a0]              @P1 LDG.E.128 R4, [R2.64] ;          (brackets for the comment)
 *
 * cuobjdump says `Function : NAME` before a kernel; nvdisasm begins its section,
 * `.section .text.NAME,`, and has labels. Behind a kernel's last instruction stand a branch to
 * itself and NOPs, which are not counted. The opcodes are those that ptxas 13.0 writes for sm_75 to
 * sm_121, by the list in NVIDIA's "CUDA Binary Utilities"; what one is, the part before its first
 * dot says. */
#include "driver/build/sass.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/command.h"
#include "driver/build/cubin.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

enum { SYMBOL_MOST = 4096, TIMEOUT_MS = 20000 };

/* SASS_KINDS: it is none of those; loads and stores of global memory are told apart by width */
static const struct {
    const char *opcode;
    enum sass_kind kind;
} OPCODES[] = {
    {"UTCHMMA", SASS_UTCMMA},  {"UTCQMMA", SASS_UTCMMA},  {"UTCIMMA", SASS_UTCMMA},
    {"UTCOMMA", SASS_UTCMMA},  {"HGMMA", SASS_HGMMA},     {"QGMMA", SASS_HGMMA},
    {"IGMMA", SASS_HGMMA},     {"BGMMA", SASS_HGMMA},     {"HMMA", SASS_HMMA},
    {"QMMA", SASS_HMMA},       {"OMMA", SASS_HMMA},       {"DMMA", SASS_HMMA},
    {"IMMA", SASS_IMMA},       {"BMMA", SASS_IMMA},       {"UTMALDG", SASS_UTMALDG},
    {"UBLKCP", SASS_UTMALDG},  {"UTMASTG", SASS_UTMASTG}, {"UTMAREDG", SASS_UTMASTG},
    {"UBLKRED", SASS_UTMASTG}, {"LDGSTS", SASS_LDGSTS},   {"LDG", SASS_LDG_32},
    {"STG", SASS_STG_32},      {"LDS", SASS_LDS},         {"LDSM", SASS_LDSM},
    {"STS", SASS_STS},         {"STSM", SASS_STS},        {"LDL", SASS_LDL},
    {"STL", SASS_STL},         {"BAR", SASS_BAR},         {"SYNCS", SASS_SYNCS},
    {"SHFL", SASS_SHFL},       {"FFMA", SASS_FFMA},       {"FFMA2", SASS_FFMA},
    {"FADD", SASS_FFMA},       {"FADD2", SASS_FFMA},      {"FMUL", SASS_FFMA},
    {"FMUL2", SASS_FFMA},      {"FFMA32I", SASS_FFMA},    {"FADD32I", SASS_FFMA},
    {"FMUL32I", SASS_FFMA},    {"HFMA2", SASS_HFMA2},     {"HADD2", SASS_HFMA2},
    {"HMUL2", SASS_HFMA2},     {"DFMA", SASS_DFMA},       {"DADD", SASS_DFMA},
    {"DMUL", SASS_DFMA},       {"MUFU", SASS_MUFU},       {"ATOM", SASS_ATOM},
    {"ATOMG", SASS_ATOM},      {"ATOMS", SASS_ATOM},      {"RED", SASS_ATOM},
    {"REDG", SASS_ATOM},       {"REDS", SASS_ATOM},       {"BRA", SASS_BRANCH},
    {"BRX", SASS_BRANCH},      {"JMP", SASS_BRANCH},      {"JMX", SASS_BRANCH},
    {"CALL", SASS_BRANCH},
};

static const char *const NAMES[SASS_KINDS] = {
    [SASS_UTCMMA] = "UTCMMA (tcgen05)",
    [SASS_HGMMA] = "HGMMA (wgmma)",
    [SASS_HMMA] = "HMMA (mma)",
    [SASS_IMMA] = "IMMA (mma)",
    [SASS_UTMALDG] = "UTMALDG (TMA)",
    [SASS_UTMASTG] = "UTMASTG (TMA)",
    [SASS_LDGSTS] = "LDGSTS (cp.async)",
    [SASS_LDG_16] = "LDG 8/16-bit",
    [SASS_LDG_32] = "LDG 32-bit",
    [SASS_LDG_64] = "LDG 64-bit",
    [SASS_LDG_128] = "LDG 128-bit",
    [SASS_STG_16] = "STG 8/16-bit",
    [SASS_STG_32] = "STG 32-bit",
    [SASS_STG_64] = "STG 64-bit",
    [SASS_STG_128] = "STG 128-bit",
    [SASS_LDS] = "LDS",
    [SASS_LDSM] = "LDSM (ldmatrix)",
    [SASS_STS] = "STS",
    [SASS_LDL] = "LDL (local memory)",
    [SASS_STL] = "STL (local memory)",
    [SASS_BAR] = "BAR",
    [SASS_SYNCS] = "SYNCS (mbarrier)",
    [SASS_SHFL] = "SHFL",
    [SASS_FFMA] = "FFMA/FADD/FMUL",
    [SASS_HFMA2] = "HFMA2/HADD2/HMUL2",
    [SASS_DFMA] = "DFMA/DADD/DMUL",
    [SASS_MUFU] = "MUFU",
    [SASS_ATOM] = "ATOM/RED",
    [SASS_BRANCH] = "branches",
};

/* a piece of the text, not terminated */
struct piece {
    const char *at;
    size_t len;
};

static bool piece_is(struct piece p, const char *word)
{
    return strlen(word) == p.len && memcmp(word, p.at, p.len) == 0;
}

static bool piece_holds(struct piece p, const char *word)
{
    return memmem(p.at, p.len, word, strlen(word)) != NULL;
}

static struct piece piece_from(struct piece line, const char *at)
{
    return (struct piece){at, (size_t)(line.at + line.len - at)};
}

static struct piece skip_spaces(struct piece p)
{
    while (p.len && (*p.at == ' ' || *p.at == '\t'))
        p = (struct piece){p.at + 1, p.len - 1};
    return p;
}

/* the bytes up to the first that is one of `stop` */
static struct piece until(struct piece p, const char *stop)
{
    size_t n = 0;

    while (n < p.len && p.at[n] && !strchr(stop, p.at[n]))
        n++;
    return (struct piece){p.at, n};
}

/* --- one instruction --- */

struct instruction {
    struct piece address; /* "01a0" */
    struct piece opcode;  /* "LDG.E.128" */
    struct piece operands;
};

static bool read_instruction(struct piece line, struct instruction *in)
{
    struct piece p = skip_spaces(line);

    if (p.len < 4 || p.at[0] != '/' || p.at[1] != '*' || !isxdigit((unsigned char)p.at[2]))
        return false;
    in->address = until(piece_from(line, p.at + 2), "*");
    p = piece_from(line, in->address.at + in->address.len);
    if (p.len < 2 || p.at[1] != '/')
        return false;
    p = skip_spaces(piece_from(line, p.at + 2));
    if (p.len && *p.at == '@')
        p = skip_spaces(piece_from(line, p.at + until(p, " \t").len));
    in->opcode = until(p, " \t;,");
    in->operands = piece_from(line, p.at + in->opcode.len);
    return in->opcode.len && isupper((unsigned char)*in->opcode.at);
}

static enum sass_kind by_width(enum sass_kind narrow, struct piece opcode)
{
    if (piece_holds(opcode, ".128") || piece_holds(opcode, ".256"))
        return narrow + 3;
    if (piece_holds(opcode, ".64"))
        return narrow + 2;
    return piece_holds(opcode, ".U8") || piece_holds(opcode, ".S8") ||
                   piece_holds(opcode, ".U16") || piece_holds(opcode, ".S16")
               ? narrow
               : narrow + 1;
}

static enum sass_kind kind_of(const struct instruction *in)
{
    struct piece base = until(in->opcode, ".");
    enum sass_kind kind = SASS_KINDS;

    for (size_t i = 0; i < sizeof OPCODES / sizeof *OPCODES; i++)
        if (piece_is(base, OPCODES[i].opcode))
            kind = OPCODES[i].kind;
    if (kind == SASS_LDG_32)
        return by_width(SASS_LDG_16, in->opcode);
    if (kind == SASS_STG_32)
        return by_width(SASS_STG_16, in->opcode);
    /* the compiler's way of loading a constant into a register */
    if (kind == SASS_HFMA2 && piece_holds(in->operands, "-RZ, RZ,"))
        return SASS_KINDS;
    return kind;
}

/* --- the text --- */

struct reader {
    struct arena *a;
    struct sass *out;
    struct sass_kernel *kernel; /* NULL: what is read belongs to none */
    struct piece label;         /* the last one, ".L_x_5" */
};

static void begin_kernel(struct reader *r, struct piece name)
{
    if (name.len == 0 || name.len >= SYMBOL_MOST || memchr(name.at, 0, name.len))
        return;
    r->kernel = arena_push(r->a, r->out->kernels, r->out->n);
    r->kernel->symbol = arena_copy(r->a, name.at, name.len);
}

static uint64_t hexadecimal(struct piece p)
{
    uint64_t value = 0;

    for (size_t i = 0; i < p.len && isxdigit((unsigned char)p.at[i]); i++) {
        int c = tolower((unsigned char)p.at[i]);
        value = value * 16 + (uint64_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
}

/* the trap behind the end: a branch to its own address or to the label before it */
static bool is_trap(const struct reader *r, const struct instruction *in)
{
    struct piece to = skip_spaces(in->operands);

    if (!piece_is(until(in->opcode, "."), "BRA"))
        return false;
    if (to.len > 2 && to.at[0] == '`' && to.at[1] == '(')
        return r->label.len && to.len > r->label.len + 2 && to.at[2 + r->label.len] == ')' &&
               memcmp(to.at + 2, r->label.at, r->label.len) == 0;
    if (to.len < 3 || to.at[0] != '0' || to.at[1] != 'x')
        return false;
    return hexadecimal(piece_from(to, to.at + 2)) == hexadecimal(in->address);
}

static void count(struct reader *r, const struct instruction *in)
{
    enum sass_kind kind = kind_of(in);
    bool padding = piece_is(in->opcode, "NOP") || is_trap(r, in);

    r->label.len = 0; /* only what directly follows a label can be its trap */
    if (!r->kernel || padding)
        return;
    r->kernel->total++;
    if (kind < SASS_KINDS)
        r->kernel->count[kind]++;
}

static void read_line(struct reader *r, struct piece line)
{
    static const char function[] = "Function : ", section[] = ".section", code[] = ".text.";
    struct piece p = skip_spaces(line);
    struct instruction in;

    if (read_instruction(line, &in)) {
        count(r, &in);
    } else if (p.len > sizeof function - 1 && memcmp(p.at, function, sizeof function - 1) == 0) {
        begin_kernel(r, until(piece_from(line, p.at + sizeof function - 1), " \t\r"));
    } else if (p.len > sizeof section && memcmp(p.at, section, sizeof section - 1) == 0 &&
               isspace((unsigned char)p.at[sizeof section - 1])) { /* .sectioninfo is none */
        r->kernel = NULL;
        p = skip_spaces(piece_from(line, p.at + sizeof section - 1));
        if (p.len > sizeof code && memcmp(p.at, code, sizeof code - 1) == 0)
            begin_kernel(r, until(piece_from(line, p.at + sizeof code - 1), ", \t\r"));
    } else if (p.len > 1 && *p.at == '.' && until(p, ":").len < p.len) {
        r->label = until(p, ":");
    }
}

void sass_parse(struct arena *a, const char *text, size_t len, struct sass *out)
{
    struct reader r = {.a = a, .out = out};

    *out = (struct sass){NULL, 0};
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end ? (size_t)(end - text) - at : len - at;
        read_line(&r, (struct piece){text + at, n});
        at += n + 1;
    }
}

/* --- the tools --- */

const char **sass_argv(struct arena *a, const char *nvcc, const char *cubin, struct error *err)
{
    static const char *const tools[][2] = {{"nvdisasm", "-c"}, {"cuobjdump", "-sass"}};

    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        const char *path = toolkit_program(a, nvcc, tools[i][0]), **argv;
        if (!path)
            continue;
        argv = arena_array(a, const char *, 4);
        argv[0] = path;
        argv[1] = tools[i][1];
        argv[2] = cubin;
        return argv;
    }
    error_set(err, "there is neither nvdisasm nor cuobjdump beside %s or in PATH", nvcc);
    return NULL;
}

int sass_read(struct arena *a, const char *nvcc, const char *cubin, struct sass *out,
              struct error *err)
{
    const char **argv = sass_argv(a, nvcc, cubin, err);
    struct proc_spec spec = {.argv = argv, .timeout_ms = TIMEOUT_MS};
    struct proc_result result;
    char why[80];
    int rc = 0;

    *out = (struct sass){NULL, 0};
    if (!argv || proc_run(&spec, &result, err) < 0)
        return -1;
    if (proc_ok(&result))
        sass_parse(a, buf_text(&result.out), result.out.len, out);
    else
        rc = error_set(err, "%s %s", fs_base(argv[0]), proc_describe(&result, why));
    proc_result_release(&result);
    return rc;
}

int sass_of_image(struct arena *a, const char *nvcc, const char *path, const struct buf *image,
                  struct sass *out, struct error *err)
{
    *out = (struct sass){NULL, 0};
    if (!sass_argv(a, nvcc, path, err) || fs_write(path, image->data, image->len, err))
        return -1;
    return sass_read(a, nvcc, path, out, err);
}

/* --- what was read --- */

const struct sass_kernel *sass_find(const struct sass *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->kernels[i].symbol, name) == 0 || cubin_holds(s->kernels[i].symbol, name))
            return &s->kernels[i];
    return NULL;
}

const char *sass_kind_name(enum sass_kind kind)
{
    return NAMES[kind];
}

void sass_text(const struct sass_kernel *k, struct buf *out)
{
    const char *between = "";

    for (size_t i = 0; i < SASS_KINDS; i++) {
        if (k->count[i] == 0)
            continue;
        buf_addf(out, "%s%s %u", between, NAMES[i], k->count[i]);
        between = ", ";
    }
    buf_addf(out, "%s%u in all", *between ? "; " : "", k->total);
}
