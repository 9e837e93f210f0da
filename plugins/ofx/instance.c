#include "host.h"
#include "instance.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_SHOT 100000 /* frames; a longer range is a host's way to say that it has none */
#define BLOCK 1000          /* frames of the shot that is assumed then */

Instance *instance_of(Handle effect) { return get_pointer(effect_properties(effect), "OfxPropInstanceData"); }

int instance_create(const Node *node, Handle effect) {
    Instance *instance = calloc(1, sizeof *instance);
    if (!instance) return STATUS_FAILED;
    instance->effect = effect;
    instance->node = node;
    instance->worker.socket = -1;
    if (effect_suite->parameter_set(effect, &instance->parameters) != STATUS_OK) {
        free(instance);
        return STATUS_FATAL;
    }
    property_suite->set_pointer(effect_properties(effect), "OfxPropInstanceData", 0, instance);
    return STATUS_OK;
}

int instance_destroy(Handle effect) {
    Instance *instance = instance_of(effect);
    if (!instance) return STATUS_OK;
    property_suite->set_pointer(effect_properties(effect), "OfxPropInstanceData", 0, NULL);
    worker_close(&instance->worker); /* the worker ends its side with the connection */
    text_free(&instance->opened);
    text_free(&instance->values);
    text_free(&instance->analysis);
    text_free(&instance->still);
    free(instance->learnt);
    free(instance);
    return STATUS_OK;
}

void shot_range(const Instance *instance, double time, int *first, int *last) {
    Handle clip, set = clip_properties(instance->effect, "Source", &clip);
    double from = get_double(set, "OfxImageEffectPropFrameRange", 0, 1), to = get_double(set, "OfxImageEffectPropFrameRange", 1, 0);
    if (from <= time && time <= to && to - from < LONGEST_SHOT) {
        *first = (int)ceil(from - 1e-6);
        *last = (int)floor(to + 1e-6);
    } else { /* a still, a generator, or no range: blocks around the frame, so that it does not change with every one */
        *first = ((int)floor(time / BLOCK) - 1) * BLOCK;
        *last = *first + 3 * BLOCK - 1;
    }
}

/* Name of the plate's colour space, and the config that has it. */
static void add_color(const Instance *instance, Handle source, Text *line) {
    const char *named = string_of(instance, "colorspace_name"), *said = get_string(source, "OfxImageClipPropColourspace");
    const char *config = get_string(effect_properties(instance->effect), "OfxImageEffectPropOCIOConfig");
    int choice = integer_at(instance, "colorspace", 0, 0);
    const char *space = "scene_linear";
    if (*named) space = named;
    else if (choice > 0 && choice <= table()->space_count) space = table()->spaces[choice - 1];
    else if (*said) space = said;
    field_text(line, "colorspace", space);
    if (!*config) config = getenv("OCIO") ? getenv("OCIO") : "";
    field_text(line, "ocio", config);
}

static void add_inputs(const Instance *instance, Text *line) {
    int count = 0;
    text_add(line, ",\"inputs\":[");
    for (int i = 0; i < instance->node->mask_count; i++) {
        char name[96];
        Handle clip, set = clip_properties(instance->effect, instance->node->masks[i].clip, &clip);
        snprintf(name, sizeof name, "use_%s", instance->node->masks[i].name);
        if (!integer_at(instance, name, 0, 0) || !get_int(set, "OfxImageClipPropConnected", 0, 0)) continue;
        if (count++) text_add(line, ",");
        text_string(line, instance->node->masks[i].name);
    }
    text_add(line, "]");
}

/* What the worker's instance is opened with, but for its values. */
static void add_plate(const Instance *instance, const Place *place, const Image *plate, Text *line) {
    Handle clip, source = clip_properties(instance->effect, "Source", &clip);
    int first, last;
    const char *alpha = get_string(source, "OfxImageEffectPropPreMultiplication");
    shot_range(instance, place->time, &first, &last);
    field_text(line, "node", instance->node->id);
    field_integer(line, "width", instance->format[0]);
    field_integer(line, "height", instance->format[1]);
    field_integer(line, "first", first);
    field_integer(line, "last", last);
    add_color(instance, source, line);
    field_integer(line, "channels", plate->channels);
    field_json(line, "premultiplied", strcmp(alpha, "OfxImageAlphaUnPremultiplied") ? "true" : "false");
    field_number(line, "pixel_aspect", place->aspect);
    field_number(line, "rate", get_double(source, "OfxImageEffectPropFrameRate", 0, 24));
    add_inputs(instance, line);
    field_text(line, "learn", "window");
}

const char *kept_analysis(const Instance *instance) {
    const char *text = instance->node->analysis == ANALYSIS_NONE ? "" : string_of(instance, "analysis");
    const char *after = strchr(text, ':');
    return after ? after + 1 : text;
}

void keep_analysis(Instance *instance, const char *by, const char *text, const char *state) {
    Text whole = {0};
    if (*text) text_add(&whole, by);
    text_add(&whole, text);
    free(instance->learnt);
    instance->learnt = NULL;
    text_clear(&instance->analysis);
    text_add(&instance->analysis, text); /* so the worker need not be told */
    set_string(instance, "analysis", whole.data && !whole.failed ? whole.data : "");
    set_string(instance, "analysis_state", state);
    text_free(&whole);
}

static void take_opened(Instance *instance, const char *answer) {
    static const char *const names[] = {"width", "height"};
    for (int i = 0; i < 2; i++) {
        int side = json_int(json_member(answer, names[i]), 0);
        instance->result_format[i] = side > 0 && side < 1000000 ? side : instance->format[i];
    }
}

static Asked open_again(Instance *instance, const Text *facts, const Text *values, const char *analysis, const Caller *caller) {
    Worker *worker = &instance->worker;
    Text line = {0};
    const char *answer;
    Asked asked = ASKED_DONE;
    if (worker->instance) {
        worker_begin(worker, &line, "close");
        field_integer(&line, "instance", worker->instance);
        asked = worker_ask(worker, &line, caller, NULL);
        map_close(worker->map, worker->map_bytes);
        worker->map = NULL;
        worker->instance = 0;
    }
    text_clear(&instance->opened);
    instance->is_learnt = 0;
    if (asked == ASKED_DONE) {
        worker_begin(worker, &line, "open");
        text_add(&line, facts->data);
        field_json(&line, "values", values->data);
        if (*analysis) field_text(&line, "analysis", analysis);
        asked = worker_ask(worker, &line, caller, &answer);
    }
    if (asked == ASKED_DONE) {
        worker->instance = json_int(json_member(answer, "instance"), 0);
        take_opened(instance, answer);
        text_add(&instance->opened, facts->data);
        text_clear(&instance->values);
        text_add(&instance->values, values->data);
        text_clear(&instance->analysis);
        text_add(&instance->analysis, analysis);
    }
    text_free(&line);
    return asked;
}

static Asked set_values(Instance *instance, const Text *values, const Caller *caller) {
    Text line = {0};
    const char *answer;
    worker_begin(&instance->worker, &line, "set");
    field_integer(&line, "instance", instance->worker.instance);
    field_json(&line, "values", values->data);
    text_clear(&instance->values); /* where it fails it is unknown what the worker has */
    Asked asked = worker_ask(&instance->worker, &line, caller, &answer);
    if (asked == ASKED_DONE) {
        take_opened(instance, answer);
        text_add(&instance->values, values->data);
    }
    text_free(&line);
    return asked;
}

Asked instance_open(Instance *instance, const Place *place, const Image *plate, const Caller *caller) {
    Worker *worker = &instance->worker;
    Caller quiet = {caller->context, caller->abort, NULL};
    Text facts = {0}, values = {0}, still = {0};
    const char *analysis, *now = instance->analysis.data ? instance->analysis.data : "";
    Asked asked = worker_connect(worker, &quiet);
    if (asked != ASKED_DONE) return asked;
    /* the format begins at the origin, about which hosts scale, and reaches as far as the picture */
    for (int i = 0; i < 2; i++) instance->format[i] = plate->bounds[2 + i] > 0 ? plate->bounds[2 + i] : 1;
    add_plate(instance, place, plate, &facts);
    values_json(instance, place, instance->format[1], 0, &values);
    values_json(instance, place, instance->format[1], 1, &still);
    analysis = kept_analysis(instance);
    /* other values that an analysis may depend on make the worker learn anew, unless the user had it learn and opens with that */
    int learns_anew = *analysis && instance->still.data && strcmp(instance->still.data, still.data ? still.data : "");
    if (facts.failed || values.failed || still.failed) {
        snprintf(worker->words, sizeof worker->words, "memory is short");
        asked = ASKED_FAILED;
    } else if (!worker->instance || !instance->opened.data || strcmp(instance->opened.data, facts.data) || strcmp(now, analysis) || learns_anew) {
        asked = open_again(instance, &facts, &values, analysis, &quiet);
    } else if (!instance->values.data || strcmp(instance->values.data, values.data)) {
        asked = set_values(instance, &values, &quiet);
    }
    text_clear(&instance->still);
    text_add(&instance->still, still.data ? still.data : "");
    text_free(&facts);
    text_free(&values);
    text_free(&still);
    return asked;
}

int instance_sync(Instance *instance) {
    while (!lock_try(&instance->lock)) nap(1);
    char *learnt = instance->learnt;
    int is_new = learnt != NULL;
    instance->learnt = NULL;
    if (learnt) keep_analysis(instance, BY_WINDOW, learnt, "the frames around the first one that was shown");
    lock_free(&instance->lock);
    free(learnt);
    return is_new ? STATUS_OK : STATUS_DEFAULT;
}
