// A library for LD_PRELOAD that records what a program does to the files below one folder: every write, truncation, change of
// a name and sync, with its data, in the one order in which they took effect, across threads and processes. What a power cut
// could have left at any moment can be computed from the record (bench/src/crash-test/power-cut).
//
// The environment says where: STORAGE_FOLDER, an absolute path without symbolic links; STORAGE_LOG, the file to append to;
// STORAGE_CONTROL, a file of 4096 zero bytes that the processes share; STORAGE_SYNC_MICROSECONDS, the most that a sync is
// prolonged by, so that much is in flight. Without STORAGE_FOLDER it does nothing.
//
// An operation and its record are made under one lock. What could change a file behind the record (a shared mapping, copies
// inside the kernel) is recorded as unsupported, which fails the run; so does a record whose replay differs from the folder.
// Files that end in -shm are left out: SQLite maps that index into memory and builds it again when it opens a database.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#if !defined(__linux__) || !defined(__LP64__)
#error "Expected Linux with 64 bits."
#endif

enum kind {
  KIND_START = 1,   // a process; file: the folder itself
  KIND_CREATE,      // file, path; flag 1: a folder
  KIND_REMOVE,      // path
  KIND_RENAME,      // path, then another one
  KIND_LINK,        // file, path: a further name
  KIND_WRITE,       // file, offset, data
  KIND_TRUNCATE,    // file; offset: the new size
  KIND_ALLOCATE,    // file; offset: the least size
  KIND_SYNC_BEGIN,  // file or folder; number: of this sync
  KIND_SYNC_END,    // the same
  KIND_UNSUPPORTED, // a text
};

struct header {
  uint32_t length; // of the whole record
  uint16_t kind;
  uint16_t flags;
  uint64_t file; // the inode
  uint64_t offset;
  uint64_t number;
};

struct control {
  atomic_uint ready;
  atomic_uint frozen; // set by the parent: no operation begins any more
  atomic_uint busy;   // an operation is under way
  uint32_t reserved;
  uint64_t syncs;
  pthread_mutex_t mutex;
};

#define MAX_DESCRIPTORS 1048576
#define CONTROL_BYTES 4096

static long (*real_syscall)(long, ...);
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char folder[PATH_MAX];
static size_t folder_length; // 0: nothing is recorded
static int log_descriptor = -1;
static long max_sync_microseconds;
static struct control *control;
static _Atomic uint64_t *files; // by descriptor: the inode of a file or folder below the folder; 0: another one

static void fail(const char *what) {
  dprintf(2, "storage recorder: %s: %s\n", what, strerror(errno));
  abort();
}

static void lock(void) {
  if (pthread_mutex_lock(&control->mutex) == EOWNERDEAD) pthread_mutex_consistent(&control->mutex);
}

/** Waits for its turn. Once the parent has frozen the storage it does not return: the process is about to be killed. */
static void begin_operation(void) {
  for (;;) {
    lock();
    atomic_store(&control->busy, 1);
    if (!atomic_load(&control->frozen)) return;
    atomic_store(&control->busy, 0);
    pthread_mutex_unlock(&control->mutex);
    struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
  }
}

static void end_operation(void) {
  atomic_store(&control->busy, 0);
  pthread_mutex_unlock(&control->mutex);
}

/** Appends a record with up to `size` bytes of the parts. Called during an operation; keeps errno. */
static void append(struct header header, const struct iovec *parts, int count, size_t size) {
  int saved = errno;
  struct iovec all[64];
  if (count > 63) fail("too many parts");
  header.length = (uint32_t)(sizeof header + size);
  all[0] = (struct iovec){&header, sizeof header};
  size_t left = size;
  for (int index = 0; index < count; index += 1) {
    size_t length = parts[index].iov_len < left ? parts[index].iov_len : left;
    all[index + 1] = (struct iovec){parts[index].iov_base, length};
    left -= length;
  }
  if (real_syscall(SYS_writev, log_descriptor, all, (long)count + 1) != (long)header.length) fail("cannot write the record");
  errno = saved;
}

static void append_text(struct header header, const char *text, const char *other) {
  struct iovec parts[] = {{(void *)text, strlen(text) + 1}, {(void *)other, other == NULL ? 0 : strlen(other) + 1}};
  append(header, parts, 2, parts[0].iov_len + parts[1].iov_len);
}

static uint64_t inode_of(int descriptor) {
  struct stat found;
  if (real_syscall(SYS_newfstatat, descriptor, "", &found, AT_EMPTY_PATH) != 0) fail("fstat");
  return found.st_ino;
}

static void record_unsupported(const char *what) {
  begin_operation();
  append_text((struct header){.kind = KIND_UNSUPPORTED}, what, NULL);
  end_operation();
}

static void initialize(void) {
  real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  const char *wanted = getenv("STORAGE_FOLDER");
  if (wanted == NULL || *wanted == 0) return;
  const char *log = getenv("STORAGE_LOG"), *shared = getenv("STORAGE_CONTROL"), *sync = getenv("STORAGE_SYNC_MICROSECONDS");
  if (log == NULL || shared == NULL) fail("expected STORAGE_LOG and STORAGE_CONTROL");
  if (strlen(wanted) >= sizeof folder) fail("the path of the folder is too long");
  strcpy(folder, wanted);
  max_sync_microseconds = sync == NULL ? 0 : atol(sync);
  log_descriptor = (int)real_syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
  if (log_descriptor < 0) fail("cannot open the log");
  int descriptor = (int)real_syscall(SYS_openat, AT_FDCWD, shared, O_RDWR | O_CLOEXEC, 0);
  if (descriptor < 0) fail("cannot open the control file");
  control = mmap(NULL, CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  files = mmap(NULL, MAX_DESCRIPTORS * sizeof *files, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (control == MAP_FAILED || files == MAP_FAILED) fail("mmap");
  flock(descriptor, LOCK_EX);
  if (!atomic_load(&control->ready)) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&control->mutex, &attributes);
    atomic_store(&control->ready, 1);
  }
  flock(descriptor, LOCK_UN);
  real_syscall(SYS_close, descriptor);
  struct stat found;
  if (real_syscall(SYS_newfstatat, AT_FDCWD, folder, &found, 0) != 0) fail("cannot read the folder");
  begin_operation();
  append((struct header){.kind = KIND_START, .file = found.st_ino}, NULL, 0, 0);
  end_operation();
  folder_length = strlen(folder);
}

__attribute__((constructor)) static void prepare(void) { pthread_once(&once, initialize); }

/** Returns the inode of a file or folder below the folder; 0 for others. */
static uint64_t file_of(int descriptor) {
  prepare();
  if (files == NULL || descriptor < 0 || descriptor >= MAX_DESCRIPTORS) return 0;
  uint64_t file = atomic_load(&files[descriptor]);
  if (file == 0) return 0;
  // The C library closes some by itself (closedir), and the number may be that of a socket by now.
  struct stat found;
  int saved = errno;
  int is_same = real_syscall(SYS_newfstatat, descriptor, "", &found, AT_EMPTY_PATH) == 0 && found.st_ino == file;
  errno = saved;
  return is_same ? file : 0;
}

static void set_file(int descriptor, uint64_t file) {
  if (files == NULL || descriptor < 0) return;
  if (descriptor < MAX_DESCRIPTORS) atomic_store(&files[descriptor], file);
  else if (file != 0) fail("the descriptor is too high");
}

static int ends_with(const char *text, const char *end) {
  size_t length = strlen(text), end_length = strlen(end);
  return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/** Removes `//`, `/./` and `/../`, as names are compared. */
static void normalize(char *path) {
  char *to = path;
  for (char *from = path; *from != 0;) {
    while (from[0] == '/' && from[1] == '/') from += 1;
    if (strncmp(from, "/./", 3) == 0) from += 2;
    else if (strcmp(from, "/.") == 0) from += 2;
    else if (strncmp(from, "/../", 4) == 0 || strcmp(from, "/..") == 0) {
      from += 3;
      while (to > path && *--to != '/') {}
    } else {
      do *to++ = *from++;
      while (*from != 0 && *from != '/');
    }
  }
  if (to > path + 1 && to[-1] == '/') to -= 1;
  *to = 0;
}

/** Writes the path relative to the folder, "" for itself. @returns 0 for what is elsewhere or left out */
static int is_recorded(int at, const char *path, char relative[PATH_MAX]) {
  prepare();
  if (folder_length == 0 || path == NULL) return 0;
  char absolute[2 * PATH_MAX];
  if (path[0] == '/') snprintf(absolute, sizeof absolute, "%s", path);
  else {
    char base[PATH_MAX], link[64];
    if (at == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    long length = real_syscall(SYS_readlinkat, AT_FDCWD, link, base, sizeof base - 1);
    if (length < 0) return 0;
    base[length] = 0;
    snprintf(absolute, sizeof absolute, "%s/%s", base, path);
  }
  normalize(absolute);
  if (strncmp(absolute, folder, folder_length) != 0) return 0;
  if (absolute[folder_length] != '/' && absolute[folder_length] != 0) return 0;
  if (ends_with(absolute, "-shm")) return 0;
  const char *rest = absolute + folder_length;
  snprintf(relative, PATH_MAX, "%s", *rest == '/' ? rest + 1 : rest);
  return 1;
}

// Opening and closing

static int open_file(int at, const char *path, int flags, mode_t mode) {
  char relative[PATH_MAX];
  if (!is_recorded(at, path, relative)) {
    int descriptor = (int)real_syscall(SYS_openat, at, path, flags, mode);
    if (descriptor >= 0) set_file(descriptor, 0);
    return descriptor;
  }
  if ((flags & O_TMPFILE) == O_TMPFILE) record_unsupported("a file without a name");
  begin_operation();
  struct stat before;
  int saved = errno;
  int existed = real_syscall(SYS_newfstatat, at, path, &before, 0) == 0;
  errno = saved;
  int descriptor = (int)real_syscall(SYS_openat, at, path, flags, mode);
  if (descriptor >= 0) {
    uint64_t file = inode_of(descriptor);
    set_file(descriptor, file);
    if (!existed) append_text((struct header){.kind = KIND_CREATE, .file = file}, relative, NULL);
    else if ((flags & O_TRUNC) && S_ISREG(before.st_mode)) append((struct header){.kind = KIND_TRUNCATE, .file = file}, NULL, 0, 0);
  }
  end_operation();
  return descriptor;
}

#define OPEN_MODE(last)                                                                                                      \
  mode_t mode = 0;                                                                                                           \
  if (flags & (O_CREAT | O_TMPFILE)) {                                                                                       \
    va_list arguments;                                                                                                       \
    va_start(arguments, last);                                                                                               \
    mode = va_arg(arguments, mode_t);                                                                                        \
    va_end(arguments);                                                                                                       \
  }

int open(const char *path, int flags, ...) {
  OPEN_MODE(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  OPEN_MODE(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}
int openat(int at, const char *path, int flags, ...) {
  OPEN_MODE(flags)
  return open_file(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
  OPEN_MODE(flags)
  return open_file(at, path, flags, mode);
}
int __open_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return open_file(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return open_file(at, path, flags, 0); }
int creat(const char *path, mode_t mode) { return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int descriptor) {
  prepare();
  // Before: as soon as it is closed, another thread may get the same number.
  set_file(descriptor, 0);
  return (int)real_syscall(SYS_close, descriptor);
}

int dup(int descriptor) {
  uint64_t file = file_of(descriptor);
  int copy = (int)real_syscall(SYS_dup, descriptor);
  if (copy >= 0) set_file(copy, file);
  return copy;
}
int dup3(int descriptor, int to, int flags) {
  uint64_t file = file_of(descriptor);
  int copy = (int)real_syscall(SYS_dup3, descriptor, to, flags);
  if (copy >= 0) set_file(copy, file);
  return copy;
}
int dup2(int descriptor, int to) {
  if (descriptor == to) return fcntl(descriptor, F_GETFD) < 0 ? -1 : to;
  return dup3(descriptor, to, 0);
}

// Writing

static ssize_t write_parts(int descriptor, uint64_t file, const struct iovec *parts, int count, off_t offset, int at_offset) {
  begin_operation();
  // One process alone writes to such a file at its position, and the position is read in the same turn.
  long written = at_offset ? real_syscall(SYS_pwritev, descriptor, parts, (long)count, (long)offset, 0L)
                           : real_syscall(SYS_writev, descriptor, parts, (long)count);
  if (written > 0) {
    off_t from = at_offset ? offset : (off_t)real_syscall(SYS_lseek, descriptor, 0L, SEEK_CUR) - written;
    append((struct header){.kind = KIND_WRITE, .file = file, .offset = (uint64_t)from}, parts, count, (size_t)written);
  }
  end_operation();
  return written;
}

ssize_t write(int descriptor, const void *data, size_t size) {
  uint64_t file = file_of(descriptor);
  if (file == 0) return real_syscall(SYS_write, descriptor, data, size);
  struct iovec part = {(void *)data, size};
  return write_parts(descriptor, file, &part, 1, 0, 0);
}
ssize_t pwrite(int descriptor, const void *data, size_t size, off_t offset) {
  uint64_t file = file_of(descriptor);
  if (file == 0) return real_syscall(SYS_pwrite64, descriptor, data, size, offset);
  struct iovec part = {(void *)data, size};
  return write_parts(descriptor, file, &part, 1, offset, 1);
}
ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t offset) { return pwrite(descriptor, data, size, offset); }
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  uint64_t file = file_of(descriptor);
  if (file == 0) return real_syscall(SYS_writev, descriptor, parts, (long)count);
  return write_parts(descriptor, file, parts, count, 0, 0);
}
ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
  uint64_t file = file_of(descriptor);
  if (file == 0) return real_syscall(SYS_pwritev, descriptor, parts, (long)count, (long)offset, 0L);
  return write_parts(descriptor, file, parts, count, offset, 1);
}
ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off64_t offset) {
  return pwritev(descriptor, parts, count, offset);
}
ssize_t pwritev2(int descriptor, const struct iovec *parts, int count, off_t offset, int flags) {
  uint64_t file = file_of(descriptor);
  if (file == 0) return real_syscall(SYS_pwritev2, descriptor, parts, (long)count, (long)offset, 0L, (long)flags);
  return write_parts(descriptor, file, parts, count, offset, offset != -1);
}
ssize_t pwritev64v2(int descriptor, const struct iovec *parts, int count, off64_t offset, int flags) {
  return pwritev2(descriptor, parts, count, offset, flags);
}

int ftruncate(int descriptor, off_t size) {
  uint64_t file = file_of(descriptor);
  if (file == 0) return (int)real_syscall(SYS_ftruncate, descriptor, size);
  begin_operation();
  int result = (int)real_syscall(SYS_ftruncate, descriptor, size);
  if (result == 0) append((struct header){.kind = KIND_TRUNCATE, .file = file, .offset = (uint64_t)size}, NULL, 0, 0);
  end_operation();
  return result;
}
int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }
int truncate(const char *path, off_t size) {
  int descriptor = open(path, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  int result = ftruncate(descriptor, size), saved = errno;
  close(descriptor);
  errno = saved;
  return result;
}
int truncate64(const char *path, off64_t size) { return truncate(path, size); }

int fallocate(int descriptor, int mode, off_t offset, off_t length) {
  uint64_t file = file_of(descriptor);
  if (file == 0) return (int)real_syscall(SYS_fallocate, descriptor, (long)mode, offset, length);
  if (mode != 0) record_unsupported("fallocate with a mode");
  begin_operation();
  int result = (int)real_syscall(SYS_fallocate, descriptor, (long)mode, offset, length);
  if (result == 0) append((struct header){.kind = KIND_ALLOCATE, .file = file, .offset = (uint64_t)(offset + length)}, NULL, 0, 0);
  end_operation();
  return result;
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) { return fallocate(descriptor, mode, offset, length); }
int posix_fallocate(int descriptor, off_t offset, off_t length) {
  int saved = errno, result = fallocate(descriptor, 0, offset, length) == 0 ? 0 : errno;
  errno = saved;
  return result;
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t length) { return posix_fallocate(descriptor, offset, length); }

// Names

static int remove_name(int at, const char *path, int flags) {
  char relative[PATH_MAX];
  if (!is_recorded(at, path, relative)) return (int)real_syscall(SYS_unlinkat, at, path, flags);
  begin_operation();
  int result = (int)real_syscall(SYS_unlinkat, at, path, flags);
  if (result == 0) append_text((struct header){.kind = KIND_REMOVE}, relative, NULL);
  end_operation();
  return result;
}
int unlink(const char *path) { return remove_name(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return remove_name(at, path, flags); }
int rmdir(const char *path) { return remove_name(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int result = unlink(path);
  return result != 0 && errno == EISDIR ? rmdir(path) : result;
}

static int rename_file(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
  char relative_from[PATH_MAX], relative_to[PATH_MAX];
  int is_from = is_recorded(from_at, from, relative_from), is_to = is_recorded(to_at, to, relative_to);
  if (!is_from && !is_to) return (int)real_syscall(SYS_renameat2, from_at, from, to_at, to, flags);
  if (is_from != is_to) record_unsupported("a file moved into the folder or out of it");
  if (flags & ~(unsigned)RENAME_NOREPLACE) record_unsupported("renameat2 with flags");
  begin_operation();
  int result = (int)real_syscall(SYS_renameat2, from_at, from, to_at, to, flags);
  if (result == 0) append_text((struct header){.kind = KIND_RENAME}, relative_from, relative_to);
  end_operation();
  return result;
}
int rename(const char *from, const char *to) { return rename_file(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_at, const char *from, int to_at, const char *to) { return rename_file(from_at, from, to_at, to, 0); }
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
  return rename_file(from_at, from, to_at, to, flags);
}

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
  char relative[PATH_MAX];
  if (!is_recorded(to_at, to, relative)) return (int)real_syscall(SYS_linkat, from_at, from, to_at, to, flags);
  begin_operation();
  int result = (int)real_syscall(SYS_linkat, from_at, from, to_at, to, flags);
  struct stat found;
  if (result == 0 && real_syscall(SYS_newfstatat, to_at, to, &found, AT_SYMLINK_NOFOLLOW) == 0)
    append_text((struct header){.kind = KIND_LINK, .file = found.st_ino}, relative, NULL);
  end_operation();
  return result;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int symlinkat(const char *from, int at, const char *to) {
  char relative[PATH_MAX];
  if (is_recorded(at, to, relative)) record_unsupported("a symbolic link");
  return (int)real_syscall(SYS_symlinkat, from, at, to);
}
int symlink(const char *from, const char *to) { return symlinkat(from, AT_FDCWD, to); }

static void record_folder(int at, const char *path, const char *relative) {
  struct stat found;
  if (real_syscall(SYS_newfstatat, at, path, &found, 0) != 0) fail("cannot read a new folder");
  append_text((struct header){.kind = KIND_CREATE, .flags = 1, .file = found.st_ino}, relative, NULL);
}
int mkdirat(int at, const char *path, mode_t mode) {
  char relative[PATH_MAX];
  if (!is_recorded(at, path, relative)) return (int)real_syscall(SYS_mkdirat, at, path, mode);
  begin_operation();
  int result = (int)real_syscall(SYS_mkdirat, at, path, mode);
  if (result == 0) record_folder(at, path, relative);
  end_operation();
  return result;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
char *mkdtemp(char *template) {
  prepare();
  char *(*real)(char *) = (char *(*)(char *))dlsym(RTLD_NEXT, "mkdtemp");
  char relative[PATH_MAX];
  if (!is_recorded(AT_FDCWD, template, relative)) return real(template);
  begin_operation();
  char *result = real(template);
  if (result != NULL && is_recorded(AT_FDCWD, template, relative)) record_folder(AT_FDCWD, template, relative);
  end_operation();
  return result;
}

// Syncs

static int sync_file(int descriptor, uint64_t file, long call) {
  begin_operation();
  uint64_t number = control->syncs += 1;
  append((struct header){.kind = KIND_SYNC_BEGIN, .file = file, .number = number}, NULL, 0, 0);
  end_operation();
  int result = (int)real_syscall(call, descriptor);
  int saved = errno;
  if (max_sync_microseconds > 0) {
    // A different time for each, and the same ones in each run.
    uint64_t mixed = number * 0x9e3779b97f4a7c15u;
    long nanoseconds = (long)(mixed >> 33) % (max_sync_microseconds * 1000);
    struct timespec pause = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    nanosleep(&pause, NULL);
  }
  if (result == 0) {
    begin_operation();
    append((struct header){.kind = KIND_SYNC_END, .file = file, .number = number}, NULL, 0, 0);
    end_operation();
  }
  errno = saved;
  return result;
}
int fsync(int descriptor) {
  uint64_t file = file_of(descriptor);
  return file == 0 ? (int)real_syscall(SYS_fsync, descriptor) : sync_file(descriptor, file, SYS_fsync);
}
int fdatasync(int descriptor) {
  uint64_t file = file_of(descriptor);
  return file == 0 ? (int)real_syscall(SYS_fdatasync, descriptor) : sync_file(descriptor, file, SYS_fdatasync);
}
// `sync_file_range`, `sync` and `syncfs` promise less than `fsync`, or nothing: they count as nothing.

// What changes a file past the record

static void refuse(int descriptor, const char *what) {
  if (file_of(descriptor) != 0) record_unsupported(what);
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  // Called by the loader before the library is ready.
  if (real_syscall == NULL) real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  int is_shared = (flags & MAP_TYPE) == MAP_SHARED || (flags & MAP_TYPE) == MAP_SHARED_VALIDATE;
  if (files != NULL && descriptor >= 0 && is_shared && (protection & PROT_WRITE)) refuse(descriptor, "a shared mapping");
  return (void *)real_syscall(SYS_mmap, address, length, (long)protection, (long)flags, (long)descriptor, offset);
}
void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off64_t offset) {
  return mmap(address, length, protection, flags, descriptor, offset);
}
ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length, unsigned flags) {
  refuse(to, "copy_file_range");
  return real_syscall(SYS_copy_file_range, (long)from, from_offset, (long)to, to_offset, length, (long)flags);
}
ssize_t sendfile(int to, int from, off_t *offset, size_t count) {
  refuse(to, "sendfile");
  return real_syscall(SYS_sendfile, (long)to, (long)from, offset, count);
}
ssize_t sendfile64(int to, int from, off64_t *offset, size_t count) { return sendfile(to, from, offset, count); }
ssize_t splice(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length, unsigned flags) {
  refuse(to, "splice");
  return real_syscall(SYS_splice, (long)from, from_offset, (long)to, to_offset, length, (long)flags);
}

static FILE *open_stream(const char *name, const char *path, const char *mode) {
  char relative[PATH_MAX];
  if (is_recorded(AT_FDCWD, path, relative) && strpbrk(mode, "wa+") != NULL) record_unsupported("a stream of stdio");
  FILE *(*real)(const char *, const char *) = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, name);
  return real(path, mode);
}
FILE *fopen(const char *path, const char *mode) { return open_stream("fopen", path, mode); }
FILE *fopen64(const char *path, const char *mode) { return open_stream("fopen64", path, mode); }

static int open_temporary(const char *name, char *template) {
  char relative[PATH_MAX];
  if (is_recorded(AT_FDCWD, template, relative)) record_unsupported("mkstemp");
  return ((int (*)(char *))dlsym(RTLD_NEXT, name))(template);
}
int mkstemp(char *template) { return open_temporary("mkstemp", template); }
int mkstemp64(char *template) { return open_temporary("mkstemp64", template); }

/** Programs call the kernel directly for what is newer than their C library. */
long syscall(long number, ...) {
  prepare();
  va_list arguments;
  va_start(arguments, number);
  long a = va_arg(arguments, long), b = va_arg(arguments, long), c = va_arg(arguments, long);
  long d = va_arg(arguments, long), e = va_arg(arguments, long), f = va_arg(arguments, long);
  va_end(arguments);
  switch (number) {
    case SYS_io_uring_setup:
      // Everybody can do without, and its writes would go past this library.
      if (folder_length == 0) break;
      errno = ENOSYS;
      return -1;
    case SYS_copy_file_range:
      return copy_file_range((int)a, (off64_t *)b, (int)c, (off64_t *)d, (size_t)e, (unsigned)f);
    case SYS_openat:
      return open_file((int)a, (const char *)b, (int)c, (mode_t)d);
    case SYS_close:
      return close((int)a);
    case SYS_renameat2:
      return rename_file((int)a, (const char *)b, (int)c, (const char *)d, (unsigned)e);
    case SYS_unlinkat:
      return remove_name((int)a, (const char *)b, (int)c);
    case SYS_ftruncate:
      return ftruncate((int)a, b);
    case SYS_fsync:
      return fsync((int)a);
    case SYS_fdatasync:
      return fdatasync((int)a);
    case SYS_write:
      return write((int)a, (const void *)b, (size_t)c);
    case SYS_pwrite64:
      return pwrite((int)a, (const void *)b, (size_t)c, d);
    default:
      break;
  }
  return real_syscall(number, a, b, c, d, e, f);
}
