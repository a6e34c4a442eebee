/* driver/build/symbol.h - a kernel's symbol as its author called the kernel. */
#ifndef KS_SYMBOL_H
#define KS_SYMBOL_H

struct arena;

/* "parts::sum<256>" of "_ZN5parts3sumILi256EEEvPf", and of the copies of it in variants, whose
 * names have a suffix or stand in a namespace of ours. Without a demangler the symbol itself */
const char *symbol_text(struct arena *a, const char *symbol);

#endif
