/* runtime/base/embed.S - one file of the sources as bytes in an object; see embed.h.
 * EMBED_NAME and EMBED_FILE come from the command line. */
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define BYTES PASTE(embed_, EMBED_NAME)
#define SIZE PASTE(PASTE(embed_, EMBED_NAME), _size)

    .section .rodata
    .global BYTES
    .global SIZE
    .type BYTES, %object
    .type SIZE, %object
    .balign 16
BYTES:
    .incbin EMBED_FILE
.Lend:
    .byte 0
    .size BYTES, . - BYTES
    .balign 8
SIZE:
    .quad .Lend - BYTES
    .size SIZE, 8

    .section .note.GNU-stack, "", %progbits
