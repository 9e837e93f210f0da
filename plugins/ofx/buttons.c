/* What the buttons of an effect do: learn from the shot, forget, tell about the worker. All on the host's main thread. */
#include "host.h"
#include "instance.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Looked at while the worker is silent too, so that Cancel is heard. */
static int analysis_abort(void *context) {
    Talk *talk = context;
    return progress_suite && progress_suite->update(talk->instance->effect, talk->share) == STATUS_NO;
}

static Asked learn(Instance *instance, double time, const char **text) {
    Talk talk = {.instance = instance};
    Caller caller = {&talk, analysis_abort, answer_event};
    Place place = {.time = time, .scale = {1, 1}};
    Worker *worker = &instance->worker;
    Handle clip, source = clip_properties(instance->effect, "Source", &clip);
    Image plate;
    Text line = {0};
    shot_range(instance, time, &talk.first, &talk.last);
    place.aspect = get_double(source, "OfxImagePropPixelAspectRatio", 0, 1);
    if (!image_fetch(clip, time, &plate)) {
        snprintf(worker->words, sizeof worker->words, "this host gives no frame of Source to a button. Show a frame instead: the node then learns from those around it");
        return ASKED_FAILED;
    }
    size_t room = (size_t)plate.channels * sizeof(float) * (size_t)(plate.bounds[2] - plate.bounds[0]) * (size_t)(plate.bounds[3] - plate.bounds[1]);
    keep_analysis(instance, "", "", "nothing yet"); /* what is learnt does not start from what was */
    text_clear(&instance->opened);
    Asked asked = instance_open(instance, &place, &plate, &caller);
    image_release(&plate);
    talk.room = room;
    for (int tries = 0; tries < 4 && asked == ASKED_DONE; tries++) {
        asked = worker_map(worker, talk.room, &caller);
        if (asked != ASKED_DONE) break;
        worker_begin(worker, &line, "analyze");
        field_integer(&line, "instance", worker->instance);
        asked = worker_ask(worker, &line, &caller, text);
        if (asked != ASKED_FAILED || !talk.wanted) break;
        talk.room = talk.wanted; /* a frame with a larger data window than the one before */
        talk.wanted = 0;
        asked = ASKED_DONE;
    }
    text_free(&line);
    return asked;
}

static int analyze(Instance *instance, double time) {
    const char *answer = NULL;
    char *text = NULL, *hash = NULL, state[160] = "nothing is to be learnt with these values";
    if (progress_suite) progress_suite->start(instance->effect, "vfxai: analysing the shot");
    Asked asked = learn(instance, time, &answer);
    if (asked == ASKED_DONE && (text = json_text(json_member(answer, "analysis")))) {
        hash = json_text(json_member(answer, "hash"));
        instance->is_learnt = !*text && hash && *hash;
        if (*text || instance->is_learnt)
            snprintf(state, sizeof state, "the shot, frames %d to %d%s, %.12s", json_int(json_member(answer, "first"), 0),
                     json_int(json_member(answer, "last"), 0), *text ? "" : " (too much to keep with the script)", hash ? hash : "");
    }
    if (progress_suite) progress_suite->end(instance->effect);
    if (text) {
        keep_analysis(instance, BY_SHOT, text, state);
        say_nothing(instance->effect);
    } else if (asked == ASKED_FAILED) {
        say(instance->effect, 1, instance->worker.words);
    }
    free(text);
    free(hash);
    return STATUS_OK;
}

static void forget(Instance *instance) {
    text_clear(&instance->opened); /* the worker learns again too */
    keep_analysis(instance, "", "", "nothing yet");
}

static int no_abort(void *context) { return !context; }

static void tell_status(Instance *instance) {
    Worker *worker = &instance->worker;
    Caller caller = {instance, no_abort, NULL};
    Text line = {0};
    char words[512];
    const char *answer;
    Asked asked = worker_connect(worker, &caller);
    if (asked == ASKED_DONE) {
        worker_begin(worker, &line, "status");
        asked = worker_ask(worker, &line, &caller, &answer);
    }
    text_free(&line);
    if (asked != ASKED_DONE) {
        say(instance->effect, 1, worker->words);
        return;
    }
    char *version = json_text(json_member(answer, "version")), *device = json_text(json_member(answer, "device")), *log = json_text(json_member(answer, "log"));
    snprintf(words, sizeof words, "vfxai bundle %s. The worker runs: version %.64s, device %.64s, log %.200s", table()->version,
             version ? version : "?", device ? device : "?", log ? log : "?");
    free(version);
    free(device);
    free(log);
    say(instance->effect, 0, words);
}

/* Whether an analysis may depend on a parameter: on none that may change over the shot. */
static int is_still(const Node *node, const char *name) {
    const Parameter *p = node->analysis == ANALYSIS_NONE ? NULL : find_parameter(node, name);
    return p && !p->animated;
}

int instance_changed(Instance *instance, Handle in) {
    const char *name = get_string(in, "OfxPropName");
    if (strcmp(get_string(in, "OfxPropType"), "OfxTypeParameter") || !strcmp(get_string(in, "OfxPropChangeReason"), "OfxChangePluginEdited"))
        return STATUS_DEFAULT;
    if (is_still(instance->node, name) && !strncmp(string_of(instance, "analysis"), BY_WINDOW, strlen(BY_WINDOW))) {
        forget(instance); /* what was learnt by itself is learnt again by itself */
        return STATUS_OK;
    }
    if (strcmp(name, "analyze") && strcmp(name, "forget") && strcmp(name, "status")) return STATUS_DEFAULT;
    if (!lock_try(&instance->lock)) {
        say(instance->effect, 0, "a frame of this node is being rendered; press the button again when it is done");
        return STATUS_OK;
    }
    int status = STATUS_OK;
    if (*name == 'a') status = analyze(instance, floor(get_double(in, "OfxPropTime", 0, 0) + 0.5));
    else if (*name == 'f') forget(instance);
    else tell_status(instance);
    lock_free(&instance->lock);
    return status;
}
