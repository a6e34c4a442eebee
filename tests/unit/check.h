/* tests/unit/check.h - what cmocka's header wants before it. */
#ifndef KS_TEST_CHECK_H
#define KS_TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
