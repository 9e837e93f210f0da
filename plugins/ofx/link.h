/* What differs between systems: link_posix.c and link_windows.c. Nothing here waits longer than it is told. */
#ifndef VFXAI_LINK_H
#define VFXAI_LINK_H
#include <stddef.h>

typedef long long Socket; /* negative: none */
typedef long long Process; /* 0: none */

int resource_path(const char *name, char *path, size_t room); /* of a file in the bundle's Resources; 0 where it does not fit */
int setting_path(const char *name, char *path, size_t room);  /* of a file in the user's vfxai settings */

Socket socket_open(char *token, size_t room); /* to the worker; `token` is what hello needs, "" where nothing */
int socket_send(Socket at, const char *bytes, size_t length); /* bytes sent, 0 where none fit yet, -1 where the other side is gone */
int socket_read(Socket at, char *bytes, size_t room, int milliseconds); /* bytes read, 0 where none came in time, -1 where it is gone */
void socket_close(Socket at);

void *map_open(const char *path, size_t bytes); /* NULL where it cannot be mapped whole */
void map_close(void *map, size_t bytes);

Process process_start(const char *program); /* `program worker start` with a clean environment; 0 where that cannot be */
int process_ended(Process *process, int *status); /* 1 and the exit status as soon as it has ended; the process is then forgotten */
void process_leave(Process *process);             /* no longer waited for */

int lock_try(volatile int *lock); /* 1 where it was taken */
void lock_free(volatile int *lock);
void nap(int milliseconds);
double seconds(void); /* rises evenly */
#endif
