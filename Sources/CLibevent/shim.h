// What Swift needs of libevent 2.1.12 and cannot get from the Glibc module. No logic lives here.

// First of all: event2/event-config.h defines _GNU_SOURCE, and a header of glibc that is read before
// the feature macros are settled gives fd_set another layout than the Glibc module has.
#include <features.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/util.h>

// The fields of a request (version, header lists) have no accessor functions, nor has a bufferevent's
// event for reading. And with their structs `evhttp_request *` and `bufferevent *` are types of their own
// in Swift instead of two more OpaquePointers.
#include <event2/bufferevent_struct.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

// Not part of Swift's Glibc module.
#include <sys/eventfd.h>

// Swift has no variables of a thread's own. One for each source file that calls it.
static inline void **kvs_thread_slot(void) {
    static _Thread_local void *slot;
    return &slot;
}
