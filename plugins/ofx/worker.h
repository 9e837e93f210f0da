/* One connection to the worker, which belongs to one instance of an effect, and what is asked of it. */
#ifndef VFXAI_WORKER_H
#define VFXAI_WORKER_H
#include "json.h"
#include "link.h"

typedef struct Worker Worker;

typedef enum { ASKED_DONE, ASKED_FAILED, ASKED_ABORTED } Asked;

/* What is asked while a request is under way. `abort` says 1 to give up; `event` gets every line about the request that is no answer, and
   says ASKED_DONE to go on. It leaves its words in the worker where it failed. */
typedef struct {
    void *context;
    int (*abort)(void *context);
    Asked (*event)(void *context, Worker *worker, const char *event);
} Caller;

#define WORDS_ROOM 2048

struct Worker {
    Socket socket;
    int id;          /* of the last request */
    int beat;        /* id of the last question whether it lives */
    int given_up;    /* requests whose answer is still to come; the places in the map that they were given are not free */
    int instance;    /* of the node in the worker; 0 where none is open */
    char *map;       /* shared with the worker */
    size_t map_bytes;
    char *lines;     /* what came and is not a whole line yet */
    size_t length, room, used;
    char words[WORDS_ROOM]; /* what went wrong, with the remedy */
};

void worker_close(Worker *worker);                            /* may be used again after it */
Asked worker_connect(Worker *worker, const Caller *caller);   /* starts a worker where none listens */
void worker_begin(Worker *worker, Text *line, const char *verb); /* a line with the next id, to which fields are added */
Asked worker_ask(Worker *worker, Text *line, const Caller *caller, const char **answer); /* the answer is valid until the next request */
int worker_send(Worker *worker, Text *line);                  /* a line that has no answer; 0 where the worker is gone */
void field_text(Text *line, const char *name, const char *value);
void field_number(Text *line, const char *name, double value);
void field_integer(Text *line, const char *name, long long value);
void field_true(Text *line, const char *name);
void field_json(Text *line, const char *name, const char *json);
Asked worker_map(Worker *worker, size_t bytes, const Caller *caller); /* room for `bytes`; keeps a map that is large enough */
#endif
