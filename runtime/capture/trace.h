/* runtime/capture/trace.h - what the capture library writes and the engine reads.
 *
 * The library runs inside of the user's program and knows no types; so it writes what it sees, and
 * the engine makes of it the arrays, blocks and index that a user gets. One trace a process, in the
 * folder that TRACE_DIR_VARIABLE names:
 *
 *   .trace.PID             lines of words, below; appended to, a line or more at a time
 *   .counts.PID            struct trace_count, one for each class, in the order of their numbers;
 *                          mapped, so that it is right even when the process is killed
 *   .raw.PID.L.A.npy       contents of array A of launch L before it, as a .npy of bytes
 *   .raw.PID.L.A.after.npy the same after it, where anything changed
 *
 * The lines. Numbers are decimal, a NAME or TEXT goes to the end of its line.
 *
 *   ksearch-capture 1
 *   kernel K NAME                             the name as the driver has it: mangled
 *   class C K GX GY GZ BX BY BZ SMEM CX CY CZ COOPERATIVE
 *                                             launches of one geometry; C* is 0 without clusters
 *   launch L C N                              the N-th launch (from 1) of the kernel is captured
 *   param L P OFFSET SIZE HEX                 its parameter P; HEX are its bytes
 *   array L A P WORD AT ALLOCATED BYTES KEPT SHARED KIND POISON
 *                                             parameter P holds at byte WORD an address, AT bytes
 *                                             into an allocation of ALLOCATED; BYTES are its own,
 *                                             of which KEPT were written (0: none, see the notes);
 *                                             SHARED: another argument's range follows in the same
 *                                             allocation; KIND is device, managed or host; POISON:
 *                                             nothing had ever been written into it
 *   before L                                  the launch is next; all above of L is written
 *   after L A CHANGED                         so many bytes changed; not there: not known
 *   done L RESULT                             what the launch returned, or what went wrong in it
 *   note TEXT                                 what could not be done, for the user to see
 */
#ifndef KS_CAPTURE_TRACE_H
#define KS_CAPTURE_TRACE_H

#include <stdint.h>

#define TRACE_MAGIC "ksearch-capture 1"

/* how the engine tells the library what to do */
#define TRACE_DIR_VARIABLE "KSEARCH_CAPTURE_DIR"       /* the folder, absolute */
#define TRACE_CUPTI_VARIABLE "KSEARCH_CAPTURE_CUPTI"   /* libcupti's path */
#define TRACE_KERNEL_VARIABLE "KSEARCH_CAPTURE_KERNEL" /* only kernels that match; unset: all */
#define TRACE_LAUNCH_VARIABLE "KSEARCH_CAPTURE_LAUNCH" /* only this launch of each kernel */
#define TRACE_MOST_VARIABLE "KSEARCH_CAPTURE_MOST"     /* bytes of an array to keep */
#define TRACE_LIST_VARIABLE "KSEARCH_CAPTURE_LIST"     /* "1": count only */
#define TRACE_POISON_VARIABLE "KSEARCH_CAPTURE_POISON" /* "1": fill new allocations */

enum {
    TRACE_NPY_HEADER = 128, /* bytes of the header of every file, so that it can be rewritten */
    TRACE_GEOMETRIES = 8,   /* most captured launches of a kernel */
    TRACE_CLASSES = 4096,   /* most that are told apart in a process */
};

/* a NaN as float and double, and hardly anything that a program would write */
#define TRACE_POISON_WORD 0x7ff5c0deu

struct trace_count {
    uint64_t launches;
    uint64_t nanoseconds; /* on the GPU, with TRACE_LIST_VARIABLE; else 0 */
};

#endif
