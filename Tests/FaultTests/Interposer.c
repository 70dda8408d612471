// Stands between a program and the system's calls that write one file, named by HASHDB_FAULT_FILE, its directory, and the files in which
// copies of it are written until they get their place (FILE.hashdb-part, FILE-backup.hashdb-part).
//
//   HASHDB_FAULT_KILL=N          the program dies right before its Nth such call
//   HASHDB_FAULT_FAIL=N:COUNT:E  COUNT calls from the Nth on fail with errno E; a write of several bytes writes half of
//                                them first where E is ENOSPC
//   HASHDB_FAULT_SYNC=N:COUNT:E  the same among the calls that wait for the device alone
//   HASHDB_FAULT_COPY=N:COUNT:E  the same among the calls for unfinished copies alone, of which only the first writes a half
//   HASHDB_FAULT_STATFS=KIND     statfs says that every file lies on a file system of this kind, a number
//   HASHDB_FAULT_RECORD=LOG      every call that succeeds is written down, and so is what goes to standard output
//
// A record: u8 kind, u8 whether the call waited for the device, u64 offset, u64 length, the bytes. Kinds: 'w' write, 's' sync,
// 't' truncate to the offset, 'o' standard output, 'd' sync of the directory; of the copy that takes the file's place, or is to be the file,
// 'W' and 'S', and 'R' when it takes it. Compiled by the tests; see WriterProcess.swift.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum target { OTHER, FILE_ITSELF, DIRECTORY, REPLACEMENT, BACKUP };

static const char *file, *directory;
static char replacement[PATH_MAX], backup[PATH_MAX];
static long kill_at, fail_from, fail_count, fail_with, sync_from, sync_count, sync_with, copy_from, copy_count, copy_with;
static long calls, syncs, copy_calls;
static int log_descriptor = -1;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    static char parent[PATH_MAX];
    const char *text;
    file = getenv("HASHDB_FAULT_FILE");
    if (file && strlen(file) < sizeof parent) {
        strcpy(parent, file);
        char *slash = strrchr(parent, '/');
        if (slash) *slash = 0;
        directory = parent;
        snprintf(replacement, sizeof replacement, "%s.hashdb-part", file);
        snprintf(backup, sizeof backup, "%s-backup.hashdb-part", file);
    }
    if ((text = getenv("HASHDB_FAULT_KILL"))) kill_at = atol(text);
    if ((text = getenv("HASHDB_FAULT_FAIL"))) sscanf(text, "%ld:%ld:%ld", &fail_from, &fail_count, &fail_with);
    if ((text = getenv("HASHDB_FAULT_SYNC"))) sscanf(text, "%ld:%ld:%ld", &sync_from, &sync_count, &sync_with);
    if ((text = getenv("HASHDB_FAULT_COPY"))) sscanf(text, "%ld:%ld:%ld", &copy_from, &copy_count, &copy_with);
    if ((text = getenv("HASHDB_FAULT_RECORD")))
        log_descriptor = open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_at(int descriptor, const char *path) {
    struct stat one, other;
    return path && fstat(descriptor, &one) == 0 && stat(path, &other) == 0 && one.st_dev == other.st_dev
        && one.st_ino == other.st_ino;
}

static enum target target(int descriptor) {
    if (!file) return OTHER;
    if (is_at(descriptor, file)) return FILE_ITSELF;
    if (is_at(descriptor, replacement)) return REPLACEMENT;
    if (is_at(descriptor, backup)) return BACKUP;
    return is_at(descriptor, directory) ? DIRECTORY : OTHER;
}

int statfs(const char *path, struct statfs *status) {
    const int result = REAL(statfs)(path, status);
    const char *kind = getenv("HASHDB_FAULT_STATFS");
    if (result == 0 && kind) status->f_type = strtol(kind, NULL, 0);
    return result;
}

static enum target target_of_path(const char *path) {
    if (!file) return OTHER;
    return strcmp(path, replacement) == 0 ? REPLACEMENT : strcmp(path, backup) == 0 ? BACKUP : OTHER;
}

static void record(char kind, int waited, uint64_t offset, const void *bytes, uint64_t length) {
    if (log_descriptor < 0) return;
    char head[18] = {kind, (char)waited};
    memcpy(head + 2, &offset, 8);
    memcpy(head + 10, &length, 8);
    struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, bytes ? length : 0}};
    syscall(SYS_writev, log_descriptor, parts, 2);
}

static int waits(int descriptor) { return (fcntl(descriptor, F_GETFL) & (O_DSYNC | O_SYNC)) != 0; }

// Counts a call; whether it is to fail, and then errno says why.
static int fails(int is_sync, enum target what) {
    int is_copy = what == REPLACEMENT || what == BACKUP;
    calls++;
    if (is_copy) copy_calls++;
    if (is_sync) syncs++;
    if (kill_at && calls == kill_at) kill(getpid(), SIGKILL);
    if (fail_from && calls >= fail_from && calls < fail_from + fail_count) return errno = (int)fail_with, 1;
    if (is_sync && sync_from && syncs >= sync_from && syncs < sync_from + sync_count) return errno = (int)sync_with, 1;
    if (is_copy && copy_from && copy_calls >= copy_from && copy_calls < copy_from + copy_count)
        return errno = (int)copy_with, 1;
    return 0;
}

static void record_write(int descriptor, enum target what, off_t offset, const void *bytes, ssize_t done) {
    if (done <= 0 || what == BACKUP) return;
    record(what == FILE_ITSELF ? 'w' : 'W', waits(descriptor), (uint64_t)offset, bytes, (uint64_t)done);
}

static ssize_t write_parts(int descriptor, enum target what, const struct iovec *parts, int count, off_t offset, int is_placed) {
    pthread_mutex_lock(&mutex);
    size_t length = 0;
    for (int i = 0; i < count; i++) length += parts[i].iov_len;
    char *bytes = malloc(length ? length : 1);
    if (!bytes) abort();
    size_t at = 0;
    for (int i = 0; i < count; i++) memcpy(bytes + at, parts[i].iov_base, parts[i].iov_len), at += parts[i].iov_len;
    if (!is_placed) offset = lseek(descriptor, 0, SEEK_CUR);
    ssize_t done;
    if (fails(0, what)) {
        int why = errno;
        done = -1;
        int is_behind = copy_from && copy_calls > copy_from && what != FILE_ITSELF;
        if (why == ENOSPC && length > 1 && !is_behind) {
            ssize_t half = syscall(SYS_pwrite64, descriptor, bytes, length / 2, offset);
            record_write(descriptor, what, offset, bytes, half);
            done = half;
        }
        errno = why;
    } else {
        done = syscall(SYS_pwrite64, descriptor, bytes, length, offset);
        record_write(descriptor, what, offset, bytes, done);
    }
    int saved = errno;
    if (!is_placed && done > 0) lseek(descriptor, offset + done, SEEK_SET);
    free(bytes);
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return done;
}

static int is_file(enum target what) { return what != OTHER && what != DIRECTORY; }

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
    enum target what = target(descriptor);
    if (!is_file(what)) return syscall(SYS_pwrite64, descriptor, bytes, length, offset);
    struct iovec part = {(void *)bytes, length};
    return write_parts(descriptor, what, &part, 1, offset, 1);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
    return pwrite(descriptor, bytes, length, offset);
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
    enum target what = target(descriptor);
    if (!is_file(what)) return REAL(pwritev)(descriptor, parts, count, offset);
    return write_parts(descriptor, what, parts, count, offset, 1);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    enum target what = target(descriptor);
    if (!is_file(what)) return syscall(SYS_writev, descriptor, parts, count);
    return write_parts(descriptor, what, parts, count, 0, 0);
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
    enum target what = target(descriptor);
    if (is_file(what)) {
        struct iovec part = {(void *)bytes, length};
        return write_parts(descriptor, what, &part, 1, 0, 0);
    }
    ssize_t done = syscall(SYS_write, descriptor, bytes, length);
    if (descriptor == 1 && done > 0) {
        pthread_mutex_lock(&mutex);
        record('o', 0, 0, bytes, (uint64_t)done);
        pthread_mutex_unlock(&mutex);
    }
    return done;
}

static int synchronise(int descriptor, long number) {
    enum target what = target(descriptor);
    if (what == OTHER) return (int)syscall(number, descriptor);
    pthread_mutex_lock(&mutex);
    int code = fails(1, what) ? -1 : (int)syscall(number, descriptor);
    if (code == 0 && what != BACKUP) record(" sdS"[what], 1, 0, NULL, 0);
    int saved = errno;
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return code;
}

int fsync(int descriptor) { return synchronise(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return synchronise(descriptor, SYS_fdatasync); }

static int shorten(int descriptor, off_t length) {
    pthread_mutex_lock(&mutex);
    int code = fails(0, FILE_ITSELF) ? -1 : (int)syscall(SYS_ftruncate, descriptor, length);
    if (code == 0) record('t', 0, (uint64_t)length, NULL, 0);
    int saved = errno;
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return code;
}

int ftruncate(int descriptor, off_t length) {
    return is_at(descriptor, file) ? shorten(descriptor, length) : (int)syscall(SYS_ftruncate, descriptor, length);
}

int truncate(const char *path, off_t length) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    int code = ftruncate(descriptor, length);
    int saved = errno;
    close(descriptor);
    errno = saved;
    return code;
}

int rename(const char *from, const char *to) {
    enum target what = target_of_path(from);
    if (what == OTHER) return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    pthread_mutex_lock(&mutex);
    int code = fails(0, what) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (code == 0 && what == REPLACEMENT) record('R', 0, 0, NULL, 0);
    int saved = errno;
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return code;
}

int link(const char *from, const char *to) {
    enum target what = target_of_path(from);
    if (what == OTHER) return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
    pthread_mutex_lock(&mutex);
    int code = fails(0, what) ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (code == 0 && what == REPLACEMENT) record('R', 0, 0, NULL, 0);
    int saved = errno;
    pthread_mutex_unlock(&mutex);
    errno = saved;
    return code;
}

int unlink(const char *path) {
    enum target what = target_of_path(path);
    if (what != OTHER && fails(0, what)) return -1;
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
