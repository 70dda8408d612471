#include <lmdb.h>
#if defined(__linux__)
// The kind of file system that a file lies on, which Swift's modules leave out.
#include <sys/vfs.h>
// Room on the device for a file, whose length need not change: left out, too.
#include <sys/types.h>
extern int fallocate(int descriptor, int mode, off_t offset, off_t length);
#endif
