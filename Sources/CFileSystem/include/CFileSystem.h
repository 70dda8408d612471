// What Swift cannot ask the system by itself.
#ifndef CFILESYSTEM_H
#define CFILESYSTEM_H

// Whether a file of the file system that `path` lies on keeps its inode number as long as it is there: 1 or 0; 0 if that cannot be told.
//
// FAT has no such numbers, so that the system makes them up whenever it meets a file; what programs in user space serve (FUSE) may be
// like that.
int cfilesystem_has_lasting_numbers(const char *path);

// Renames a file to a name that nothing has: 0, or the system's error, EEXIST where the name is taken. Where the file system cannot do that
// in one step, the name is looked at first.
int cfilesystem_rename_to_free(const char *from, const char *to);

#endif
