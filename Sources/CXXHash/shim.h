// What Swift needs of libxxhash. No logic lives here.

// First of all: see CLibevent's shim.
#include <features.h>

// The library's code comes with its header: a program that is built with it needs no library at its start.
#define XXH_INLINE_ALL
#include <xxhash.h>

// Swift cannot import the name, which is a macro's.
static inline XXH128_hash_t kvs_xxh3_128(const void *bytes, size_t count) {
    return XXH3_128bits(bytes, count);
}
