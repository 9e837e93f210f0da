#define _GNU_SOURCE /* dladdr */
#include "link.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS says it by SO_NOSIGPIPE */
#endif

int resource_path(const char *name, char *path, size_t room) {
    Dl_info about;
    if (!dladdr((const void *)(size_t)&resource_path, &about) || !about.dli_fname) return 0;
    const char *file = strrchr(about.dli_fname, '/');
    int folder = file ? (int)(file - about.dli_fname) : 1;
    int length = snprintf(path, room, "%.*s/../Resources/%s", folder, file ? about.dli_fname : ".", name);
    return length > 0 && (size_t)length < room;
}

int setting_path(const char *name, char *path, size_t room) {
    const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");
    int own = config && *config;
    int length = snprintf(path, room, "%s%s/vfxai/%s", own ? config : home ? home : "", own ? "" : "/.config", name);
    return (own || home) && (size_t)length < room;
}

/* The worker's socket: $VFXAI_WORKER_DIR, else $XDG_RUNTIME_DIR/vfxai, else vfxai-UID in the folder for temporary files. */
static int socket_path(char *path, size_t room) {
    const char *own = getenv("VFXAI_WORKER_DIR"), *run = getenv("XDG_RUNTIME_DIR"), *tmp = getenv("TMPDIR");
    struct stat about;
    int length;
    if (own && *own) length = snprintf(path, room, "%s/worker.sock", own);
    else if (run && *run && !stat(run, &about) && S_ISDIR(about.st_mode)) length = snprintf(path, room, "%s/vfxai/worker.sock", run);
    else length = snprintf(path, room, "%s/vfxai-%u/worker.sock", tmp && *tmp ? tmp : "/tmp", (unsigned)getuid());
    return length > 0 && (size_t)length < room;
}

Socket socket_open(char *token, size_t room) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat about;
    if (room) *token = 0; /* the folder's rights are enough */
    if (!socket_path(address.sun_path, sizeof address.sun_path)) return -1;
    if (stat(address.sun_path, &about) || about.st_uid != getuid()) return -1; /* someone else's worker would be sent the pictures */
    int at = socket(AF_UNIX, SOCK_STREAM, 0);
    if (at < 0) return -1;
    fcntl(at, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
    setsockopt(at, SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
    if (connect(at, (struct sockaddr *)&address, sizeof address)) {
        close(at);
        return -1;
    }
    fcntl(at, F_SETFL, fcntl(at, F_GETFL) | O_NONBLOCK);
    return at;
}

int socket_send(Socket at, const char *bytes, size_t length) {
    ssize_t sent = send((int)at, bytes, length, MSG_NOSIGNAL);
    if (sent >= 0) return (int)sent;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
}

int socket_read(Socket at, char *bytes, size_t room, int milliseconds) {
    struct pollfd waiting = {.fd = (int)at, .events = POLLIN};
    if (poll(&waiting, 1, milliseconds) <= 0) return 0;
    ssize_t came = recv((int)at, bytes, room, 0);
    if (came > 0) return (int)came;
    return came < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? 0 : -1;
}

void socket_close(Socket at) {
    if (at >= 0) close((int)at);
}

void *map_open(const char *path, size_t bytes) {
    struct stat about;
    void *map = MAP_FAILED;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return NULL;
    if (!fstat(file, &about) && (size_t)about.st_size >= bytes) map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return map == MAP_FAILED ? NULL : map;
}

void map_close(void *map, size_t bytes) {
    if (map) munmap(map, bytes);
}

/* What of the host's environment a worker may see: where its user's things are, and vfxai's own settings. */
static int is_passed(const char *entry) {
    static const char *const names[] = {"HOME=", "USER=", "LOGNAME=", "PATH=", "LANG=", "LANGUAGE=", "TZ=", "TMPDIR=", "TEMP=", "TMP=",
                                        "OMP_NUM_THREADS=", "HOSTNAME=", "LC_", "XDG_", "CUDA_", "NVIDIA_", "VFXAI_"};
    if (!strncmp(entry, "VFXAI_LICENSE=", 14) || !strncmp(entry, "VFXAI_WORKER=", 13)) return 0; /* one program's wishes */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strncmp(entry, names[i], strlen(names[i]))) return 1;
    return 0;
}

static pid_t left[8]; /* started and not waited for; asked about later, so that none stays as a zombie */

static void reap(void) {
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (left[i] && waitpid(left[i], NULL, WNOHANG)) left[i] = 0;
}

Process process_start(const char *program) {
    extern char **environ;
    const char *base = strrchr(program, '/');
    int is_python = !strncmp(base ? base + 1 : program, "python", 6), count = 0;
    char *environment[128], *command[] = {(char *)(size_t)program, "-m", "vfxai", "worker", "start", NULL};
    if (!is_python) command[1] = "worker", command[2] = "start", command[3] = NULL;
    reap();
    for (char **entry = environ; *entry && count < 127; entry++)
        if (is_passed(*entry)) environment[count++] = *entry;
    environment[count] = NULL;
    posix_spawn_file_actions_t files;
    pid_t child = 0;
    if (posix_spawn_file_actions_init(&files)) return 0;
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&files, 0, 1);
    posix_spawn_file_actions_adddup2(&files, 0, 2);
    int problem = posix_spawnp(&child, program, &files, NULL, command, environment);
    posix_spawn_file_actions_destroy(&files);
    return problem ? 0 : child;
}

int process_ended(Process *process, int *status) {
    int state = 0;
    pid_t ended = waitpid((pid_t)*process, &state, WNOHANG);
    if (!ended) return 0;
    /* a host that ignores SIGCHLD leaves no status: then whether it listens is what counts */
    *status = ended < 0 ? 0 : WIFEXITED(state) ? WEXITSTATUS(state) : 128;
    *process = 0;
    return 1;
}

void process_leave(Process *process) {
    for (size_t i = 0; *process && i < sizeof left / sizeof *left; i++)
        if (!left[i]) left[i] = (pid_t)*process, *process = 0;
    *process = 0;
    reap();
}

int lock_try(volatile int *lock) { return !__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE); }

void lock_free(volatile int *lock) { __atomic_store_n(lock, 0, __ATOMIC_RELEASE); }

void nap(int milliseconds) { poll(NULL, 0, milliseconds); }

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
