#include <lmdb.h>
#if defined(__linux__)
// The kind of file system that a file lies on, which Swift's modules leave out.
#include <sys/vfs.h>
#endif
