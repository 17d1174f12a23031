/* What a listing asks of the files on a page, and a read of a small one, in one call each: see glance.py, which says the
   same in Python, and again.py.

   Plain C without Python's headers, so that one library serves every version of Python. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* Raised with every change to what the functions take and give: glance.py loads no other version. */
EXPORT const int glance_version = 5;

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

/* Close what keeps removed files from being freed: each may wait for the disk. */
EXPORT void glance_close(const int *files, long count)
{
    for (; count-- > 0; files++)
        close(*files);
}
