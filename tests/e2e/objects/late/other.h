#define LATE 1
