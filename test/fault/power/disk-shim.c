/*
 * Stands between a process and the files below SOTTO_DISK_PREFIX: writes down what is done to them, and fails what it is
 * told to fail. Loaded with LD_PRELOAD; the process speaks to it by trying to open paths that do not exist:
 *
 *   /sotto-disk/fail/KIND/N   the Nth call of KIND from now on fails: write, short, sync (EIO) or full (ENOSPC, from then on)
 *   /sotto-disk/heal          nothing fails any more
 *   /sotto-disk/struck        EEXIST when something failed since, else ENOENT
 *   /sotto-disk/mark/TEXT     TEXT goes into the log
 *
 * Log record: kind (1 byte), offset (8), length of path (4), length of data (4), path, data; numbers little-endian.
 *   o created or opened for writing, w write, t truncate, s sync of a file, d sync of a folder, u unlink, r rename (data: new path), m mark
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096
#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static char *path_of[FDS];
static char is_folder[FDS];
static int log_fd = -2;

enum { NOTHING, WRITE, SHORT, SYNC, FULL };
static int failing = NOTHING;
static long left = 0;
static int is_full = 0;
/* After a short write the rest does not fit either. */
static int rest_fails = 0;
static long struck = 0;

static const char *prefix(void) {
  const char *value = getenv("SOTTO_DISK_PREFIX");
  return value && *value ? value : NULL;
}

static int is_ours(const char *path) {
  const char *start = prefix();
  return path && start && strncmp(path, start, strlen(start)) == 0;
}

static const char *fd_path(int fd) { return fd >= 0 && fd < FDS ? path_of[fd] : NULL; }

static ssize_t raw_write(int fd, const void *data, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  return real(fd, data, size);
}

static void note(char kind, const char *path, int64_t offset, const void *data, uint32_t size) {
  if (log_fd == -2) {
    const char *file = getenv("SOTTO_DISK_LOG");
    REAL(int, "open64", const char *, int, ...);
    log_fd = file && *file ? real(file, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
  }
  if (log_fd < 0) return;
  uint32_t path_size = (uint32_t)strlen(path);
  char head[17];
  head[0] = kind;
  memcpy(head + 1, &offset, 8);
  memcpy(head + 9, &path_size, 4);
  memcpy(head + 13, &size, 4);
  raw_write(log_fd, head, sizeof head);
  raw_write(log_fd, path, path_size);
  if (size) raw_write(log_fd, data, size);
}

static void command(const char *text) {
  if (strncmp(text, "fail/", 5) == 0) {
    const char *kind = text + 5;
    failing = strncmp(kind, "write", 5) == 0 ? WRITE : strncmp(kind, "short", 5) == 0 ? SHORT : strncmp(kind, "sync", 4) == 0 ? SYNC : FULL;
    const char *number = strchr(kind, '/');
    left = number ? atol(number + 1) : 1;
    is_full = rest_fails = 0;
    struck = 0;
  } else if (strcmp(text, "heal") == 0) {
    failing = NOTHING;
    is_full = rest_fails = 0;
  } else if (strncmp(text, "mark/", 5) == 0) {
    note('m', text + 5, 0, NULL, 0);
  }
}

/* How many bytes may be written; -1 with errno set: none. */
static ssize_t allow(size_t size) {
  if (is_full || rest_fails) {
    rest_fails = 0;
    errno = ENOSPC;
    return -1;
  }
  if (failing != WRITE && failing != SHORT && failing != FULL) return (ssize_t)size;
  if (--left != 0) return (ssize_t)size;
  struck++;
  if (failing == SHORT && size > 1) {
    failing = NOTHING;
    rest_fails = 1;
    return (ssize_t)(size / 2);
  }
  if (failing == FULL) {
    is_full = 1;
    errno = ENOSPC;
  } else {
    failing = NOTHING;
    errno = EIO;
  }
  return -1;
}

static int opened(int fd, const char *path, int flags) {
  if (fd < 0 || fd >= FDS) return fd;
  free(path_of[fd]);
  path_of[fd] = is_ours(path) ? strdup(path) : NULL;
  if (!path_of[fd]) return fd;
  struct stat found;
  is_folder[fd] = fstat(fd, &found) == 0 && S_ISDIR(found.st_mode);
  if (!is_folder[fd] && (flags & (O_WRONLY | O_RDWR))) {
    note('o', path, 0, NULL, 0);
    if (flags & O_TRUNC) note('t', path, 0, NULL, 0);
  }
  return fd;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, #name, const char *, int, ...); \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
      va_list more; \
      va_start(more, flags); \
      mode = va_arg(more, mode_t); \
      va_end(more); \
    } \
    if (strncmp(path, "/sotto-disk/", 12) == 0) { \
      command(path + 12); \
      errno = strcmp(path + 12, "struck") == 0 && struck > 0 ? EEXIST : ENOENT; \
      return -1; \
    } \
    return opened(real(path, flags, mode), path, flags); \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  REAL(int, "close", int);
  if (fd >= 0 && fd < FDS && path_of[fd]) {
    free(path_of[fd]);
    path_of[fd] = NULL;
  }
  return real(fd);
}

ssize_t write(int fd, const void *data, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  const char *path = fd_path(fd);
  if (!path) return real(fd, data, size);
  off_t at = lseek(fd, 0, SEEK_CUR);
  ssize_t allowed = allow(size);
  if (allowed < 0) return -1;
  ssize_t done = real(fd, data, (size_t)allowed);
  if (done > 0) note('w', path, at, data, (uint32_t)done);
  return done;
}

#define PWRITE(name, offset_type) \
  ssize_t name(int fd, const void *data, size_t size, offset_type at) { \
    REAL(ssize_t, #name, int, const void *, size_t, offset_type); \
    const char *path = fd_path(fd); \
    if (!path) return real(fd, data, size, at); \
    ssize_t allowed = allow(size); \
    if (allowed < 0) return -1; \
    ssize_t done = real(fd, data, (size_t)allowed, at); \
    if (done > 0) note('w', path, at, data, (uint32_t)done); \
    return done; \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

/* Nothing here writes from several places at once; whoever begins to must not go by unseen. */
#define NEVER(name, ...) \
  ssize_t name(int fd, const struct iovec *parts, int count, ##__VA_ARGS__)
NEVER(writev) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  if (fd_path(fd)) abort();
  return real(fd, parts, count);
}
NEVER(pwritev, off_t at) {
  REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t);
  if (fd_path(fd)) abort();
  return real(fd, parts, count, at);
}

static int sync_fails(void) {
  if (failing != SYNC || --left != 0) return 0;
  failing = NOTHING;
  struck++;
  errno = EIO;
  return 1;
}

#define SYNC_CALL(name) \
  int name(int fd) { \
    REAL(int, #name, int); \
    const char *path = fd_path(fd); \
    if (!path) return real(fd); \
    if (sync_fails()) { \
      note('f', path, 0, NULL, 0); \
      return -1; \
    } \
    note(is_folder[fd] ? 'd' : 's', path, 0, NULL, 0); \
    return 0; \
  }
SYNC_CALL(fsync)
SYNC_CALL(fdatasync)

#define TRUNCATE(name, offset_type) \
  int name(int fd, offset_type size) { \
    REAL(int, #name, int, offset_type); \
    const char *path = fd_path(fd); \
    if (path) note('t', path, size, NULL, 0); \
    return real(fd, size); \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  int done = real(path);
  if (done == 0 && is_ours(path)) note('u', path, 0, NULL, 0);
  return done;
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  int done = real(from, to);
  if (done == 0 && is_ours(from)) note('r', from, 0, to, (uint32_t)strlen(to));
  return done;
}
