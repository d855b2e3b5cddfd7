// What Swift's Glibc module leaves out of glibc's allocator. No logic lives here.

// First of all: a header of glibc that is read before the feature macros are settled gives types another
// layout than the Glibc module has.
#include <features.h>

#include <malloc.h>
