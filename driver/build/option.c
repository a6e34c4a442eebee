/* driver/build/option.c
 *
 * From `nvcc --help` of 13.0, with the undocumented options that builds are known to use. nvcc
 * takes a long name only behind "--" and a short one only behind "-", and no abbreviations. An
 * exact name wins over one with a joined value: -lineinfo is not the library "ineinfo". */
#include "driver/build/option.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { NONE, WORD, JOIN };

#define O(name, brief, value, class, id)                                  \
    {                                                                     \
        name, brief, (value) != NONE, (value) == JOIN, OPTION_##class, id \
    }

static const struct option options[] = {
    /* phases; those that make nothing that can hold a winner are queries to us */
    O("compile", "c", NONE, PHASE, OPT_COMPILE),
    O("device-c", "dc", NONE, PHASE, OPT_DC),
    O("device-w", "dw", NONE, PHASE, OPT_DW),
    O("ptx", "ptx", NONE, PHASE, OPT_PTX),
    O("cubin", "cubin", NONE, PHASE, OPT_CUBIN),
    O("fatbin", "fatbin", NONE, PHASE, OPT_FATBIN),
    O("link", "link", NONE, PHASE, OPT_LINK),
    O("lib", "lib", NONE, PHASE, OPT_LIB),
    O("cuda", "cuda", NONE, QUERY, OPT_ANY),
    O("optix-ir", "optix-ir", NONE, QUERY, OPT_ANY),
    O("ltoir", "ltoir", NONE, QUERY, OPT_ANY),
    O("preprocess", "E", NONE, QUERY, OPT_ANY),
    O("generate-dependencies", "M", NONE, QUERY, OPT_ANY),
    O("generate-nonsystem-dependencies", "MM", NONE, QUERY, OPT_ANY),
    O("device-link", "dlink", NONE, QUERY, OPT_ANY),
    O("run", "run", NONE, QUERY, OPT_ANY),
    O("clean-targets", "clean", NONE, QUERY, OPT_ANY),
    O("dryrun", "dryrun", NONE, QUERY, OPT_ANY),
    O("fdevice-syntax-only", "fdevice-syntax-only", NONE, QUERY, OPT_ANY),
    O("help", "h", NONE, QUERY, OPT_ANY),
    O("version", "V", NONE, QUERY, OPT_ANY),
    O("list-gpu-code", "code-ls", NONE, QUERY, OPT_ANY),
    O("list-gpu-arch", "arch-ls", NONE, QUERY, OPT_ANY),
    /* input and output */
    O("x", "x", WORD, INPUT, OPT_X),
    O("output-file", "o", WORD, OUTPUT, OPT_OUTPUT),
    O("output-directory", "odir", WORD, OUTPUT, OPT_ODIR),
    O("generate-dependencies-with-compile", "MD", NONE, DEPEND, OPT_MD),
    O("generate-nonsystem-dependencies-with-compile", "MMD", NONE, DEPEND, OPT_MMD),
    O("dependency-output", "MF", WORD, DEPEND, OPT_MF),
    O("dependency-target-name", "MT", WORD, DEPEND, OPT_MT),
    O("generate-dependency-targets", "MP", NONE, DEPEND, OPT_MP),
    /* architectures */
    O("gpu-architecture", "arch", WORD, ARCH, OPT_ARCH),
    O("gpu-code", "code", WORD, ARCH, OPT_CODE),
    O("generate-code", "gencode", WORD, ARCH, OPT_GENCODE),
    /* device code */
    O("relocatable-device-code", "rdc", WORD, DEVICE, OPT_RDC),
    O("extensible-whole-program", "ewp", NONE, DEVICE, OPT_EWP),
    O("dlink-time-opt", "dlto", NONE, DEVICE, OPT_LTO),
    O("lto", "lto", NONE, DEVICE, OPT_LTO),
    O("gen-opt-lto", "gen-opt-lto", NONE, DEVICE, OPT_ANY),
    O("ptxas-options", "Xptxas", WORD, DEVICE, OPT_ANY),
    O("nvlink-options", "Xnvlink", WORD, DEVICE, OPT_ANY),
    O("cicc-options", "Xcicc", WORD, DEVICE, OPT_ANY),
    O("fatbin-options", "Xfatbin", WORD, DEVICE, OPT_ANY),
    O("device-debug", "G", NONE, DEVICE, OPT_ANY),
    O("generate-line-info", "lineinfo", NONE, DEVICE, OPT_ANY),
    O("source-in-ptx", "src-in-ptx", NONE, DEVICE, OPT_ANY),
    O("dopt", "dopt", WORD, DEVICE, OPT_ANY),
    O("Ofast-compile", "Ofc", WORD, DEVICE, OPT_ANY),
    O("maxrregcount", "maxrregcount", WORD, DEVICE, OPT_ANY),
    O("use_fast_math", "use_fast_math", NONE, DEVICE, OPT_ANY),
    O("ftz", "ftz", WORD, DEVICE, OPT_ANY),
    O("prec-div", "prec-div", WORD, DEVICE, OPT_ANY),
    O("prec-sqrt", "prec-sqrt", WORD, DEVICE, OPT_ANY),
    O("fmad", "fmad", WORD, DEVICE, OPT_ANY),
    O("extra-device-vectorization", "extra-device-vectorization", NONE, DEVICE, OPT_ANY),
    O("restrict", "restrict", NONE, DEVICE, OPT_ANY),
    O("keep-device-functions", "keep-device-functions", NONE, DEVICE, OPT_ANY),
    O("compile-as-tools-patch", "astoolspatch", NONE, DEVICE, OPT_ANY),
    O("jump-table-density", "jtd", WORD, DEVICE, OPT_ANY),
    O("device-stack-protector", "device-stack-protector", WORD, DEVICE, OPT_ANY),
    O("sanitize", "sanitize", WORD, DEVICE, OPT_ANY),
    O("split-compile", "split-compile", WORD, DEVICE, OPT_ANY),
    O("split-compile-extended", "split-compile-extended", WORD, DEVICE, OPT_ANY),
    O("no-device-inline", "nodinline", NONE, DEVICE, OPT_ANY),
    O("libdevice-directory", "ldir", WORD, DEVICE, OPT_ANY),
    /* both sides */
    O("define-macro", "D", JOIN, BOTH, OPT_ANY),
    O("undefine-macro", "U", JOIN, BOTH, OPT_ANY),
    O("include-path", "I", JOIN, BOTH, OPT_ANY),
    O("system-include", "isystem", WORD, BOTH, OPT_ANY),
    O("pre-include", "include", WORD, BOTH, OPT_ANY),
    O("std", "std", WORD, BOTH, OPT_ANY),
    O("machine", "m", WORD, BOTH, OPT_ANY),
    O("m64", "m64", NONE, BOTH, OPT_ANY),
    O("cudafe-options", "Xcudafe", WORD, BOTH, OPT_ANY),
    O("expt-relaxed-constexpr", "expt-relaxed-constexpr", NONE, BOTH, OPT_ANY),
    O("extended-lambda", "extended-lambda", NONE, BOTH, OPT_ANY),
    O("expt-extended-lambda", "expt-extended-lambda", NONE, BOTH, OPT_ANY),
    O("no-host-device-initializer-list", "nohdinitlist", NONE, BOTH, OPT_ANY),
    O("no-host-device-move-forward", "nohdmoveforward", NONE, BOTH, OPT_ANY),
    O("default-stream", "default-stream", WORD, BOTH, OPT_ANY),
    O("ftemplate-depth", "ftemplate-depth", WORD, BOTH, OPT_ANY),
    O("ftemplate-backtrace-limit", "ftemplate-backtrace-limit", WORD, BOTH, OPT_ANY),
    O("static-global-template-stub", "static-global-template-stub", WORD, BOTH, OPT_ANY),
    O("device-entity-has-hidden-visibility", "device-entity-has-hidden-visibility", WORD, BOTH,
      OPT_ANY),
    O("frandom-seed", "frandom-seed", WORD, BOTH, OPT_ANY),
    /* the host's side */
    O("compiler-options", "Xcompiler", WORD, HOST, OPT_ANY),
    O("optimize", "O", JOIN, HOST, OPT_ANY),
    O("debug", "g", NONE, HOST, OPT_ANY),
    O("profile", "pg", NONE, HOST, OPT_ANY),
    O("no-exceptions", "noeh", NONE, HOST, OPT_ANY),
    O("no-align-double", "-no-align-double", NONE, HOST, OPT_ANY),
    O("qpp-config", "qpp-config", WORD, HOST, OPT_ANY),
    /* diagnostics */
    O("disable-warnings", "w", NONE, CHECK, OPT_ANY),
    O("Werror", "Werror", WORD, CHECK, OPT_ANY),
    O("Wreorder", "Wreorder", NONE, CHECK, OPT_ANY),
    O("Wdefault-stream-launch", "Wdefault-stream-launch", NONE, CHECK, OPT_ANY),
    O("Wmissing-launch-bounds", "Wmissing-launch-bounds", NONE, CHECK, OPT_ANY),
    O("Wext-lambda-captures-this", "Wext-lambda-captures-this", NONE, CHECK, OPT_ANY),
    O("Wno-deprecated-declarations", "Wno-deprecated-declarations", NONE, CHECK, OPT_ANY),
    O("Wno-deprecated-gpu-targets", "Wno-deprecated-gpu-targets", NONE, CHECK, OPT_ANY),
    O("display-error-number", "err-no", NONE, CHECK, OPT_ANY),
    O("no-display-error-number", "no-err-no", NONE, CHECK, OPT_ANY),
    O("diag-error", "diag-error", WORD, CHECK, OPT_ANY),
    O("diag-suppress", "diag-suppress", WORD, CHECK, OPT_ANY),
    O("diag-warn", "diag-warn", WORD, CHECK, OPT_ANY),
    O("brief-diagnostics", "brief-diag", WORD, CHECK, OPT_ANY),
    /* beside the output; entries names kernels, which variants do not have */
    O("keep", "keep", NONE, SIDE, OPT_KEEP),
    O("save-temps", "save-temps", NONE, SIDE, OPT_KEEP),
    O("keep-dir", "keep-dir", WORD, SIDE, OPT_KEEP_DIR),
    O("time", "time", WORD, SIDE, OPT_TIME),
    O("fdevice-time-trace", "fdevice-time-trace", WORD, SIDE, OPT_TIME),
    O("objdir-as-tempdir", "objtemp", NONE, SIDE, OPT_ANY),
    O("threads", "t", JOIN, SIDE, OPT_THREADS),
    O("jobserver", "jobserver", NONE, SIDE, OPT_THREADS),
    O("verbose", "v", NONE, SIDE, OPT_VERBOSE),
    O("resource-usage", "res-usage", NONE, SIDE, OPT_ANY),
    O("optimization-info", "opt-info", WORD, SIDE, OPT_ANY),
    O("entries", "e", WORD, SIDE, OPT_ANY),
    O("no-compress", "no-compress", NONE, SIDE, OPT_ANY),
    O("compress-mode", "compress-mode", WORD, SIDE, OPT_ANY),
    O("relocatable-ptx", "reloc-ptx", NONE, SIDE, OPT_ANY),
    O("run-args", "run-args", WORD, SIDE, OPT_ANY),
    /* linking */
    O("library", "l", JOIN, LINK, OPT_ANY),
    O("library-path", "L", JOIN, LINK, OPT_ANY),
    O("linker-options", "Xlinker", WORD, LINK, OPT_ANY),
    O("archive-options", "Xarchive", WORD, SIDE, OPT_ANY),
    O("archiver-binary", "arbin", WORD, SIDE, OPT_ANY),
    O("cudart", "cudart", WORD, SIDE, OPT_ANY),
    O("cudadevrt", "cudadevrt", WORD, LINK, OPT_ANY),
    O("shared", "shared", NONE, SIDE, OPT_ANY),
    O("relocatable-link", "r", NONE, QUERY, OPT_ANY),
    O("no-device-link", "nodlink", NONE, SIDE, OPT_ANY),
    O("host-linker-script", "hls", WORD, SIDE, OPT_ANY),
    O("augment-host-linker-script", "aug-hls", NONE, SIDE, OPT_ANY),
    /* the driver itself */
    O("options-file", "optf", WORD, DRIVER, OPT_FILE),
    O("forward-unknown-to-host-compiler", "forward-unknown-to-host-compiler", NONE, DRIVER,
      OPT_FORWARD),
    O("forward-unknown-opts", "forward-unknown-opts", NONE, DRIVER, OPT_FORWARD),
    O("forward-unknown-to-host-linker", "forward-unknown-to-host-linker", NONE, DRIVER,
      OPT_FORWARD),
    O("compiler-bindir", "ccbin", WORD, DRIVER, OPT_ANY),
    O("allow-unsupported-compiler", "allow-unsupported-compiler", NONE, DRIVER, OPT_ANY),
    O("target-directory", "target-dir", WORD, DRIVER, OPT_ANY),
    O("dont-use-profile", "noprof", NONE, DRIVER, OPT_ANY),
    O("use-local-env", "use-local-env", NONE, DRIVER, OPT_ANY),
    O("force-cl-env-setup", "force-cl-env-setup", NONE, DRIVER, OPT_ANY),
    O("input-drive-prefix", "idp", WORD, DRIVER, OPT_ANY),
    O("dependency-drive-prefix", "ddp", WORD, DRIVER, OPT_ANY),
    O("drive-prefix", "dp", WORD, DRIVER, OPT_ANY),
};

#define COUNT (sizeof options / sizeof *options)

static const struct option *find_name(const char *name, size_t n, bool is_long)
{
    for (size_t i = 0; i < COUNT; i++) {
        const char *have = is_long ? options[i].name : options[i].brief;
        if (strlen(have) == n && memcmp(have, name, n) == 0)
            return &options[i];
    }
    return NULL;
}

/* -Idir, -O3, -t4; the numbers must be numbers: -time and -Ofast are other options */
static const struct option *find_joined(const char *name)
{
    const struct option *o = find_name(name, 1, false);
    bool number = o && strchr("Ot", name[0]);

    if (!o || !o->joined || (number && !isdigit((unsigned char)name[1])))
        return NULL;
    return o;
}

const struct option *option_find(const char *word, const char **value)
{
    bool is_long = word[0] == '-' && word[1] == '-';
    const char *name = word + (is_long ? 2 : 1);
    const char *equals = strchr(name, '=');
    const struct option *o = find_name(name, strlen(name), is_long);

    *value = NULL;
    if (o || !*name)
        return o;
    if (equals) {
        o = find_name(name, (size_t)(equals - name), is_long);
        if (o && o->value) {
            *value = equals + 1;
            return o;
        }
        o = NULL; /* a flag takes no value; -DX=1 is looked for below */
    }
    if (!is_long && (o = find_joined(name)))
        *value = name + 1;
    return o;
}
