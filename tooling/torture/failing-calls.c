// Loaded before the C library (LD_PRELOAD): one chosen call that changes a folder fails, writes less than it was asked
// to, or is the last thing its process does. The calls are counted over all threads.
//
//   NLM_FAIL_UNDER  the folder; calls elsewhere are left alone
//   NLM_FAIL_AT     the number of the call, from 1; 0 for none
//   NLM_FAIL_HOW    ENOSPC (from this call on, after half a write), EIO, EINVAL, short, kill (after half a write)
//   NLM_FAIL_LOG    a file with one line a call
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum outcome { PASS, FAIL, HALF };

static atomic_int calls;

static int is_under(const char *path) {
  const char *folder = getenv("NLM_FAIL_UNDER");
  size_t length = folder ? strlen(folder) : 0;
  return length > 0 && path && strncmp(path, folder, length) == 0;
}

static const char *path_of(int file, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return path;
}

static void note(const char *call, const char *path) {
  char line[PATH_MAX + 32];
  const char *log = getenv("NLM_FAIL_LOG");
  if (!log) return;
  int length = snprintf(line, sizeof line, "%s %s\n", call, path);
  int file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  syscall(SYS_write, file, line, (size_t)length);
  syscall(SYS_close, file);
}

// What becomes of a call; `halves` says that it can be done by half.
static enum outcome decide(const char *call, const char *path, int halves) {
  if (!is_under(path)) return PASS;
  int number = atomic_fetch_add(&calls, 1) + 1;
  int at = atoi(getenv("NLM_FAIL_AT") ? getenv("NLM_FAIL_AT") : "0");
  const char *how = getenv("NLM_FAIL_HOW") ? getenv("NLM_FAIL_HOW") : "";
  note(call, path);
  if (at == 0 || number < at) return PASS;
  if (strcmp(how, "ENOSPC") == 0) {
    // A full disk still lets files be removed and folders be flushed.
    if (strcmp(call, "unlink") == 0 || strcmp(call, "rmdir") == 0) return PASS;
    errno = ENOSPC;
    return number == at && halves ? HALF : FAIL;
  }
  if (number > at) return PASS;
  if (strcmp(how, "short") == 0) return halves ? HALF : PASS;
  if (strcmp(how, "kill") == 0) {
    if (halves) return HALF;
    raise(SIGKILL);
  }
  errno = strcmp(how, "EIO") == 0 ? EIO : EINVAL;
  return FAIL;
}

static void end_if_killed(void) {
  const char *how = getenv("NLM_FAIL_HOW");
  if (how && strcmp(how, "kill") == 0) raise(SIGKILL);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opens_for_writing(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0; }

#define OPEN(name)                                                                                 \
  int name(const char *path, int flags, ...) {                                                     \
    va_list rest;                                                                                  \
    va_start(rest, flags);                                                                         \
    mode_t mode = va_arg(rest, mode_t);                                                            \
    va_end(rest);                                                                                  \
    if (opens_for_writing(flags) && decide("open", path, 0) != PASS) return -1;                    \
    return NEXT(name)(path, flags, mode);                                                          \
  }
OPEN(open)
OPEN(open64)

#define WRITE(name, parameters, arguments, half)                                                   \
  ssize_t name parameters {                                                                        \
    char path[PATH_MAX];                                                                           \
    int kept = errno;                                                                              \
    enum outcome outcome = decide("write", path_of(file, path), 1);                                \
    if (outcome == FAIL) return -1;                                                                \
    if (outcome == HALF) {                                                                         \
      half;                                                                                        \
      ssize_t written = NEXT(name) arguments;                                                      \
      end_if_killed();                                                                             \
      return written;                                                                              \
    }                                                                                              \
    errno = kept;                                                                                  \
    return NEXT(name) arguments;                                                                   \
  }
WRITE(write, (int file, const void *bytes, size_t length), (file, bytes, length), length = (length + 1) / 2)
WRITE(pwrite, (int file, const void *bytes, size_t length, off_t at), (file, bytes, length, at), length = (length + 1) / 2)
WRITE(pwrite64, (int file, const void *bytes, size_t length, off64_t at), (file, bytes, length, at), length = (length + 1) / 2)
WRITE(writev, (int file, const struct iovec *parts, int count), (file, parts, count), count = (count + 1) / 2)

#define SYNC(name)                                                                                 \
  int name(int file) {                                                                             \
    char path[PATH_MAX];                                                                           \
    if (decide("fsync", path_of(file, path), 0) != PASS) return -1;                                \
    return NEXT(name)(file);                                                                       \
  }
SYNC(fsync)
SYNC(fdatasync)

#define ON_PATH(name, parameters, arguments)                                                       \
  int name parameters {                                                                            \
    if (decide(#name, path, 0) != PASS) return -1;                                                 \
    return NEXT(name) arguments;                                                                   \
  }
ON_PATH(rename, (const char *path, const char *to), (path, to))
ON_PATH(link, (const char *path, const char *to), (path, to))
ON_PATH(mkdir, (const char *path, mode_t mode), (path, mode))
ON_PATH(unlink, (const char *path), (path))
ON_PATH(rmdir, (const char *path), (path))
