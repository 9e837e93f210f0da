#include "worker.h"
#include "host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL 1
#define LONGEST_LINE (1u << 20)  /* bytes, as the protocol says */
#define LOOK_MS 20               /* between two looks at whether the host wants to stop: leaves well within 0.1 s */
#define START_SECONDS 60.0       /* a cold disk takes half of that to load the worker's libraries */
#define HELLO_TRIES 3            /* a worker that is ending takes a connection or two before its socket is gone */
#define HELLO_SECONDS 10.0       /* for the first answer, which needs no work */
#define SEND_SECONDS 30.0        /* until a line has gone out: the other side reads whatever it does */
#define SILENT_SECONDS 15.0      /* after which a working worker is asked whether it lives */
#define DEAD_SECONDS 60.0        /* of silence after which it is given up */
#define NO_WORKER "no vfxai worker runs and none could be started (%s). Start one with `vfxai worker start`, or name the program: " \
                  "VFXAI_EXECUTABLE=/path/to/vfxai in the host's environment, or its path as the text of ~/.config/vfxai/executable"

static Asked failed(Worker *worker, const char *words) {
    if (words != worker->words) snprintf(worker->words, sizeof worker->words, "%s", words);
    return ASKED_FAILED;
}

static int gives_up(const Caller *caller) { return caller->abort && caller->abort(caller->context); }

void worker_close(Worker *worker) {
    socket_close(worker->socket);
    map_close(worker->map, worker->map_bytes);
    free(worker->lines);
    worker->socket = -1;
    worker->id = worker->beat = worker->given_up = worker->instance = 0;
    worker->map = worker->lines = NULL;
    worker->map_bytes = worker->length = worker->room = worker->used = 0;
}

/* lines */

void worker_begin(Worker *worker, Text *line, const char *verb) {
    text_clear(line);
    text_add(line, "{\"do\":\"");
    text_add(line, verb);
    text_add(line, "\",\"id\":");
    text_integer(line, ++worker->id);
}

static void begin_field(Text *line, const char *name) {
    text_add(line, ",\"");
    text_add(line, name);
    text_add(line, "\":");
}

void field_text(Text *line, const char *name, const char *value) {
    begin_field(line, name);
    text_string(line, value);
}

void field_number(Text *line, const char *name, double value) {
    begin_field(line, name);
    text_number(line, value);
}

void field_integer(Text *line, const char *name, long long value) {
    begin_field(line, name);
    text_integer(line, value);
}

void field_true(Text *line, const char *name) { field_json(line, name, "true"); }

void field_json(Text *line, const char *name, const char *json) {
    begin_field(line, name);
    text_add(line, json);
}

int worker_send(Worker *worker, Text *line) {
    size_t sent = 0;
    double until = seconds() + SEND_SECONDS;
    text_add(line, "}\n");
    if (line->failed || line->length > LONGEST_LINE) return 0;
    while (sent < line->length) {
        int some = socket_send(worker->socket, line->data + sent, line->length - sent);
        if (some < 0 || seconds() > until) return 0;
        if (!some) nap(1);
        sent += (size_t)some;
    }
    return 1;
}

/* The next line, without its end. NULL where none came within LOOK_MS (gone 0) or none will come (gone 1). */
static const char *next_line(Worker *worker, int *gone) {
    *gone = 0;
    if (worker->used) {
        memmove(worker->lines, worker->lines + worker->used, worker->length -= worker->used);
        worker->used = 0;
    }
    for (;;) {
        char *end = worker->length ? memchr(worker->lines, '\n', worker->length) : NULL;
        if (end) {
            *end = 0;
            worker->used = (size_t)(end - worker->lines) + 1;
            return worker->lines;
        }
        if (worker->room - worker->length < 4096) {
            size_t room = worker->room ? worker->room * 2 : 1u << 16;
            char *more = worker->length > LONGEST_LINE ? NULL : realloc(worker->lines, room);
            if (!more) break;
            worker->lines = more;
            worker->room = room;
        }
        int came = socket_read(worker->socket, worker->lines + worker->length, worker->room - worker->length, LOOK_MS);
        if (!came) return NULL;
        if (came < 0) break;
        worker->length += (size_t)came;
    }
    *gone = 1;
    return NULL;
}

static void keep_words(Worker *worker, const char *answer) {
    char *message = json_text(json_member(answer, "message")), *remedy = json_text(json_member(answer, "remedy"));
    const char *between = remedy && *remedy ? "; " : "";
    snprintf(worker->words, sizeof worker->words, "%s%s%s", message ? message : "the worker refused and did not say why", between, remedy ? remedy : "");
    free(message);
    free(remedy);
}

/* Ends a request that is under way by the client's wish; nothing waits for it. */
static void give_up(Worker *worker, int id) {
    Text line = {0};
    worker_begin(worker, &line, "cancel");
    field_integer(&line, "job", id);
    worker->given_up += 2; /* the answers to both */
    int sent = worker_send(worker, &line);
    text_free(&line);
    if (!sent) worker_close(worker);
}

static Asked lost(Worker *worker, const char *words) {
    char kept[256];
    snprintf(kept, sizeof kept, "%s", words);
    worker_close(worker);
    return failed(worker, kept);
}

/* Asks whether the worker lives, unless it was asked and has not answered. */
static void send_beat(Worker *worker) {
    Text line = {0};
    worker_begin(worker, &line, "status");
    worker->beat = worker->id;
    worker_send(worker, &line);
    text_free(&line);
}

/* One line. ASKED_DONE and no answer: it was about something else, or nothing to end for. */
static Asked take_line(Worker *worker, int id, const char *line, const Caller *caller, const char **answer) {
    int of = json_int(json_member(line, "id"), -1);
    const char *ok = json_member(line, "ok");
    if (of != id) {
        if (ok && of != worker->beat && worker->given_up) worker->given_up--;
        return ASKED_DONE;
    }
    if (ok) {
        *answer = line;
        if (json_true(ok)) return ASKED_DONE;
        keep_words(worker, line);
        return json_is(json_member(line, "kind"), "CancelledError") ? ASKED_ABORTED : ASKED_FAILED;
    }
    Asked went = caller->event ? caller->event(caller->context, worker, line) : ASKED_DONE;
    if (went != ASKED_DONE && worker->socket >= 0) give_up(worker, id);
    return went;
}

/* Reads lines until the answer to `id`; 0 waits for those to requests that were given up. */
static Asked wait_for(Worker *worker, int id, double limit, const Caller *caller, const char **answer) {
    double began = seconds(), heard = began;
    int asked = 0, gone;
    for (*answer = NULL; id || worker->given_up;) {
        const char *line = next_line(worker, &gone);
        double now = seconds();
        if (gone) return lost(worker, "the vfxai worker ended or broke off; the next frame starts it again. `vfxai worker log` says why");
        if (line) {
            heard = now, asked = 0;
            if (!json_valid(line)) return lost(worker, "the vfxai worker said something that is no answer; is another program on its socket?");
            Asked took = take_line(worker, id, line, caller, answer);
            if (*answer || took != ASKED_DONE) return took;
        }
        if (gives_up(caller)) {
            if (id) give_up(worker, id);
            return ASKED_ABORTED;
        }
        if ((limit > 0 && now - began > limit) || now - heard > DEAD_SECONDS)
            return lost(worker, "the vfxai worker does not answer. Stop it with `vfxai worker stop`; the next frame starts it again");
        if (!asked && now - heard > SILENT_SECONDS) send_beat(worker), asked = 1;
    }
    return ASKED_DONE;
}

/* `limit` is of seconds, 0 for none but DEAD_SECONDS of silence. */
static Asked ask(Worker *worker, Text *line, double limit, const Caller *caller, const char **answer) {
    int id = worker->id;
    const char *unused;
    if (answer) *answer = NULL;
    if (worker->given_up) {
        Asked drained = wait_for(worker, 0, 0, caller, &unused);
        if (drained != ASKED_DONE) return drained;
    }
    if (line->failed) return failed(worker, "memory is short");
    if (line->length + 2 > LONGEST_LINE) return failed(worker, "the values of this node are too long to be sent");
    if (!worker_send(worker, line)) return lost(worker, "the vfxai worker ended; the next frame starts it again");
    return wait_for(worker, id, limit, caller, answer ? answer : &unused);
}

Asked worker_ask(Worker *worker, Text *line, const Caller *caller, const char **answer) { return ask(worker, line, 0, caller, answer); }

/* connection */

/* The program that is the worker: $VFXAI_EXECUTABLE, what the user's settings or the bundle's Resources name, the one on PATH. */
static void find_program(char *program, size_t room) {
    const char *named = getenv("VFXAI_EXECUTABLE");
    char path[4096];
    for (int i = 0; i < 3; i++) {
        if (!i && (!named || !*named)) continue;
        if (i && !(i == 1 ? setting_path("executable", path, sizeof path) : resource_path("executable", path, sizeof path))) continue;
        *program = 0;
        if (!i) {
            snprintf(program, room, "%s", named);
        } else {
            FILE *file = fopen(path, "rb");
            if (!file) continue;
            program[fread(program, 1, room - 1, file)] = 0;
            fclose(file);
            program[strcspn(program, "\r\n")] = 0;
            FILE *there = *program ? fopen(program, "rb") : NULL; /* a bundle that was copied to another machine names what is not there */
            if (!there) continue;
            fclose(there);
        }
        return;
    }
    snprintf(program, room, "vfxai");
}

static Asked start(Worker *worker, char *token, size_t room, const Caller *caller) {
    char program[4096], why[512] = "it did not come up within a minute";
    double until = seconds() + START_SECONDS;
    int status = 0, ended = 0;
    find_program(program, sizeof program);
    Process process = process_start(program);
    if (!process) snprintf(why, sizeof why, "there is no program %.200s", program);
    for (int is_tried = !process; !is_tried && seconds() < until; nap(LOOK_MS)) {
        if (!ended && process_ended(&process, &status)) ended = 1;
        if ((worker->socket = socket_open(token, room)) >= 0) break;
        if (ended && (is_tried = status != 0)) snprintf(why, sizeof why, "`%.200s worker start` ended with status %d", program, status);
        if (gives_up(caller)) {
            process_leave(&process);
            return ASKED_ABORTED;
        }
    }
    process_leave(&process);
    if (worker->socket >= 0) return ASKED_DONE;
    snprintf(worker->words, sizeof worker->words, NO_WORKER, why);
    return ASKED_FAILED;
}

/* Whether the other side of a connection that was idle is still there; what it said meanwhile is kept. */
static int is_alive(Worker *worker) {
    if (worker->socket < 0 || worker->room - worker->length < 4096) return worker->socket >= 0;
    int came = socket_read(worker->socket, worker->lines + worker->length, worker->room - worker->length, 0);
    if (came > 0) worker->length += (size_t)came;
    return came >= 0;
}

static Asked say_hello(Worker *worker, const char *token, const Caller *caller) {
    char client[256];
    Text line = {0};
    Caller quiet = {caller->context, caller->abort, NULL};
    host_name(client, sizeof client);
    worker_begin(worker, &line, "hello");
    field_integer(&line, "protocol", PROTOCOL);
    field_text(&line, "client", client);
    if (*token) field_text(&line, "token", token);
    Asked said = ask(worker, &line, HELLO_SECONDS, &quiet, NULL);
    text_free(&line);
    return said;
}

Asked worker_connect(Worker *worker, const Caller *caller) {
    char token[256] = "";
    Asked said = ASKED_FAILED;
    if (is_alive(worker)) return ASKED_DONE;
    /* a worker that is just ending still takes connections: then another one is started */
    for (int tries = 0; tries < HELLO_TRIES; tries++) {
        worker_close(worker);
        worker->socket = socket_open(token, sizeof token);
        if (worker->socket < 0) {
            Asked started = start(worker, token, sizeof token, caller);
            if (started != ASKED_DONE) return started;
        }
        said = say_hello(worker, token, caller);
        if (said != ASKED_FAILED || worker->socket >= 0) break; /* a refusal is an answer */
        nap(LOOK_MS * 5);
    }
    if (said != ASKED_DONE) worker_close(worker); /* keeps the words */
    return said;
}

Asked worker_map(Worker *worker, size_t bytes, const Caller *caller) {
    if (worker->map && worker->map_bytes >= bytes) return ASKED_DONE;
    Text line = {0};
    const char *answer;
    Caller quiet = {caller->context, caller->abort, NULL};
    map_close(worker->map, worker->map_bytes);
    worker->map = NULL;
    worker_begin(worker, &line, "map");
    field_integer(&line, "instance", worker->instance);
    field_integer(&line, "bytes", (long long)bytes);
    Asked asked = worker_ask(worker, &line, &quiet, &answer);
    if (asked == ASKED_DONE) {
        char *path = json_text(json_member(answer, "path"));
        worker->map = path ? map_open(path, bytes) : NULL;
        worker->map_bytes = bytes;
        free(path);
        worker_begin(worker, &line, "mapped"); /* also where it failed, so that the worker takes the file away */
        field_integer(&line, "instance", worker->instance);
        asked = worker_ask(worker, &line, &quiet, NULL);
        if (asked == ASKED_DONE && !worker->map) asked = failed(worker, "the memory that is shared with the vfxai worker cannot be mapped; is memory short?");
    }
    text_free(&line);
    return asked;
}
