/* driver/commands.h - what a user may ask of ksnvcc beside compiling. */
#ifndef KS_COMMANDS_H
#define KS_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

/* runs a command (argv[0] is its name) and returns the exit status: 0; 1 when the answer is bad (a
 * check of doctor failed, no such record, a file that cannot be read); EXIT_USAGE with a hint when
 * the call makes no sense */
int command_run(int argc, char **argv);

/* ---- for the commands' own files ---- */

struct command_call { /* a command line, taken apart */
    const char *name;
    bool json, help;
    bool language;         /* explain --language */
    const char *html;      /* report --html */
    const char *recording; /* report --export FILE */
    const char *t4;        /* report --t4 FILE */
    const char *entry;     /* profile, bench: --entry NAME */
    const char *samples;   /* bench --samples N */
    const char *project;   /* cache pull -p compile_commands.json */
    const char **words;    /* what is no option, before `--` */
    size_t n;
    const char *const *rest; /* what stands behind `--`, NULL-terminated */
};

struct json_t;

/* prints the JSON text (and drops the reference); 0, or 1 when it cannot be written */
int command_print_json(struct json_t *value);
/* prints "ksnvcc: error: ..." and returns the status */
int command_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* each runs one command */
int command_cache(const struct command_call *call);
int command_remote(const struct command_call *call); /* cache keygen, keys, push, pull */
int command_lock(const struct command_call *call);
int command_lock_show(const struct command_call *call);
int command_explain(const struct command_call *call);
int command_diff(const struct command_call *call);
int command_doctor(const struct command_call *call);
int command_search(const struct command_call *call);
int command_capture(const struct command_call *call);
int command_report(const struct command_call *call);
int command_profile(const struct command_call *call);
int command_bench(const struct command_call *call);

#endif
