#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // syscall
#endif

#include "CFileSystem.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static int look_and_rename(const char *from, const char *to) {
    struct stat status;
    if (lstat(to, &status) == 0) return EEXIST;
    if (errno != ENOENT) return errno;
    return rename(from, to) == 0 ? 0 : errno;
}

#if defined(__linux__)

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int cfilesystem_has_lasting_numbers(const char *path) {
    struct statfs system;
    if (statfs(path, &system) != 0) return 0;
    // The magic numbers of statfs(2).
    switch ((unsigned long)system.f_type & 0xFFFFFFFFul) {
    case 0x4d44ul:      // FAT
    case 0x2011bab0ul:  // exFAT
    case 0x65735546ul:  // FUSE
        return 0;
    default:
        return 1;
    }
}

int cfilesystem_rename_to_free(const char *from, const char *to) {
    const unsigned no_replace = 1;  // RENAME_NOREPLACE, which not every C library has
    if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, no_replace) == 0) return 0;
    return errno == EINVAL || errno == ENOSYS ? look_and_rename(from, to) : errno;
}

#elif defined(__APPLE__)

#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>

int cfilesystem_has_lasting_numbers(const char *path) {
    struct statfs system;
    if (statfs(path, &system) != 0) return 0;
    return strcmp(system.f_fstypename, "msdos") != 0 && strcmp(system.f_fstypename, "exfat") != 0;
}

int cfilesystem_rename_to_free(const char *from, const char *to) {
    if (renamex_np(from, to, RENAME_EXCL) == 0) return 0;
    return errno == ENOTSUP || errno == EINVAL ? look_and_rename(from, to) : errno;
}

#else

int cfilesystem_has_lasting_numbers(const char *path) {
    (void)path;
    return 0;
}

int cfilesystem_rename_to_free(const char *from, const char *to) { return look_and_rename(from, to); }

#endif
