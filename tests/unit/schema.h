/* tests/unit/schema.h - a folder of LMDB that says it is of another version. */
#ifndef KS_TEST_SCHEMA_H
#define KS_TEST_SCHEMA_H

#include <lmdb.h>
#include "tests/unit/check.h"

static void set_schema(const char *folder, const char *text)
{
    MDB_val key = {6, (void *)(uintptr_t) "schema"},
            value = {strlen(text), (void *)(uintptr_t)text};
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi meta;

    assert_int_equal(mdb_env_create(&env), 0);
    mdb_env_set_maxdbs(env, 3);
    assert_int_equal(mdb_env_open(env, folder, 0, 0666), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "meta", MDB_CREATE, &meta), 0);
    assert_int_equal(mdb_put(txn, meta, &key, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

#endif
