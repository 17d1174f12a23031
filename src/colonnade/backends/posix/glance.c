/* What a listing asks of the files on a page, a read of a small one, and the beginning of a change, in one call each: see
   glance.py, which says the same in Python, again.py and entering.py.

   Plain C without Python's headers, so that one library serves every version of Python. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* Raised with every change to what the functions take and give: glance.py loads no other version. */
EXPORT const int glance_version = 6;

/* One state of one file. All zero where there is no file. */
struct state {
    uint64_t dev, ino;
    int64_t changed, modified; /* nanoseconds */
    int64_t size;
    uint64_t mode;
};

/* The first bytes of an attribute; ABSENT stands in the place of their number. */
#define ROOM 63
#define ABSENT 255

struct attribute {
    uint8_t length;
    char value[ROOM];
};

static void fill(struct state *state, const struct stat *status)
{
    state->dev = status->st_dev;
    state->ino = status->st_ino;
    state->changed = (int64_t)status->st_ctim.tv_sec * 1000000000 + status->st_ctim.tv_nsec;
    state->modified = (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
    state->size = status->st_size;
    state->mode = status->st_mode;
}

/* The states of `count` files, whose paths beneath the directory stand one after another, each ended by a NUL. */
EXPORT void glance_states(int directory, const char *path, long count, struct state *states)
{
    for (; count-- > 0; states++, path += strlen(path) + 1) {
        struct stat status;
        memset(states, 0, sizeof *states);
        if (fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0)
            fill(states, &status);
    }
}

/* Whether an attribute was looked for: errors are left to who asks for a single file. */
static int read_attribute(int file, const char *name, struct attribute *attribute)
{
    char value[1024];
    ssize_t length = fgetxattr(file, name, value, sizeof value);
    if (length < 0 && errno == ENODATA)
        attribute->length = ABSENT;
    else if (length < 0)
        return 0;
    else {
        attribute->length = (uint8_t)(length < ROOM ? length : ROOM);
        memcpy(attribute->value, value, attribute->length);
    }
    return 1;
}

/* The same, and `wanted` attributes of each regular file or directory, read from the one file that was opened. All zero
   for whatever isn't one, and where anything went wrong. */
EXPORT void glance_attributes(int directory, const char *path, long count, const char *const *names, long wanted,
                              char *out)
{
    size_t size = sizeof(struct state) + (size_t)wanted * sizeof(struct attribute);
    for (; count-- > 0; out += size, path += strlen(path) + 1) {
        struct attribute *attributes = (struct attribute *)(out + sizeof(struct state));
        struct stat status;
        long read = 0;
        memset(out, 0, size);
        int file = openat(directory, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (file < 0)
            continue;
        if (fstat(file, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)))
            while (read < wanted && read_attribute(file, names[read], attributes + read))
                read++;
        if (read == wanted)
            fill((struct state *)out, &status);
        close(file);
    }
}

/* As linux/openat2.h has them, which not every system does. */
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define RESOLVE_BENEATH_NO_SYMLINKS (0x08 | 0x04 | 0x02)

struct how {
    uint64_t flags, mode, resolve;
};

/* A regular file beneath the directory, opened without following any link (out of a bucket, perhaps): its state, and where `data` isn't null its bytes.
   Gives the number of those; where there are more than `room` -2 minus the descriptor, which stays open; -1 for whatever
   can't be had so. */
EXPORT long glance_read(int directory, const char *path, struct state *state, char *data, long room)
{
    struct how how = {O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0, RESOLVE_BENEATH_NO_SYMLINKS};
    struct stat status;
    long length = -1;
    int file = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
    if (file < 0)
        return -1;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
        fill(state, &status);
        if (!data)
            length = 0;
        else if (status.st_size > room)
            return -2 - (long)file;
        else if (pread(file, data, (size_t)status.st_size, 0) == status.st_size)
            length = status.st_size;
    }
    close(file);
    return length;
}

/* The lock in a file, open, if it could be had at once and the file still has a name; else -1. */
static int take_lock(const char *path)
{
    struct stat status;
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (lock < 0)
        return -1;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0 && fstat(lock, &status) == 0 && status.st_nlink)
        return lock;
    close(lock);
    return -1;
}

/* Whether an open file without a name has one now, where nothing had it before. Not in a bucket that knows of versions;
   `bucket` is null where that is the directory. */
static int appeared(int file, const char *bucket, int directory, const char *name)
{
    char proc[32];
    const char *versioning = "user.versioning";
    if ((bucket ? getxattr(bucket, versioning, NULL, 0) : fgetxattr(directory, versioning, NULL, 0)) >= 0
        || errno != ENODATA)
        return 0;
    if (linkat(file, "", directory, name, AT_EMPTY_PATH) == 0)
        return 1;
    if (errno != ENOENT) /* which is also what who may not, or an older kernel, is told */
        return 0;
    snprintf(proc, sizeof proc, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, proc, directory, name, AT_SYMLINK_FOLLOW) == 0;
}

/* The lock of a key and the directory it lies in, beneath the root, without waiting or making any. Where `file` is an
   open one without a name, and the key is new, it gets it; the lock is let go of then. Gives the directory's descriptor,
   in the upper half one more than that of the lock, which is 0 if the file has its name; -1, with nothing done, for
   whatever is out of the ordinary. */
EXPORT int64_t glance_enter(const char *lock, int root, const char *parent, const char *bucket, int file,
                            const char *name)
{
    struct how how = {O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_BENEATH_NO_SYMLINKS};
    int held = take_lock(lock), directory;
    if (held < 0)
        return -1;
    directory = (int)syscall(SYS_openat2, root, parent, &how, sizeof how);
    if (directory < 0) {
        close(held);
        return -1;
    }
    if (file >= 0 && appeared(file, bucket, directory, name)) {
        close(held);
        return directory;
    }
    return (int64_t)(held + 1) << 32 | directory;
}

/* Close what keeps removed files from being freed: each may wait for the disk. */
EXPORT void glance_close(const int *files, long count)
{
    for (; count-- > 0; files++)
        close(*files);
}
