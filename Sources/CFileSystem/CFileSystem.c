#include "CFileSystem.h"

#if defined(__linux__)

#include <sys/vfs.h>

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

#elif defined(__APPLE__)

#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>

int cfilesystem_has_lasting_numbers(const char *path) {
    struct statfs system;
    if (statfs(path, &system) != 0) return 0;
    return strcmp(system.f_fstypename, "msdos") != 0 && strcmp(system.f_fstypename, "exfat") != 0;
}

#else

int cfilesystem_has_lasting_numbers(const char *path) {
    (void)path;
    return 0;
}

#endif
