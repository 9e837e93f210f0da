#include "host.h"
#include "instance.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES 3.4e10 /* of a result; the worker has no larger maps */

static int render_abort(void *context) { return aborted(((Talk *)context)->instance->effect); }

static Asked fail(Instance *instance, const char *words) {
    snprintf(instance->worker.words, sizeof instance->worker.words, "%s", words);
    return ASKED_FAILED;
}

static size_t bytes_of(const int *bounds, int channels) {
    return (size_t)(bounds[2] - bounds[0]) * (size_t)(bounds[3] - bounds[1]) * (size_t)channels * sizeof(float);
}

static size_t whole_pages(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

/* What cannot be rendered, before the worker is asked. */
static Asked check(Instance *instance, const Place *place, const Talk *talk) {
    const Node *node = instance->node;
    int first, last;
    if (node->analysis == ANALYSIS_SHOT) {
        shot_range(instance, place->time, &first, &last);
        if (!*kept_analysis(instance) && !instance->is_learnt && (talk->first > first || talk->last < last))
            return fail(instance, "this node learns from the whole shot: press Analyse shot");
        if (place->scale[0] != 1 || place->scale[1] != 1)
            return fail(instance, "this node works on whole lines and pixels: render at full resolution, without a proxy");
    }
    if (changes_size(instance, place->time) && !host_int("OfxImageEffectPropSupportsMultiResolution", 1))
        return fail(instance, "this host has one picture size. Set Scale to 1 (Restore works), or use `vfxai upscale` on the files");
    return ASKED_DONE;
}

/* Keeps what was learnt from the window, until the host lets parameters be written. */
static void keep_learnt(Instance *instance, const Place *place, const char *answer) {
    char *text = json_text(json_member(answer, "analysis"));
    if (text && *text && place->scale[0] == 1) {
        free(instance->learnt);
        instance->learnt = text;
        text = NULL;
        Handle set = NULL;
        if (parameter_suite->set_property_set && parameter_suite->set_property_set(instance->parameters, &set) == STATUS_OK)
            put_int(set, "OfxPropParamSetNeedsSyncing", 0, 1);
    }
    free(text);
}

/* From the map to the host's picture; the answer says where the result lies. */
static Asked take_result(Instance *instance, const Place *place, const Image *output, size_t offset, size_t room, int channels, const char *answer) {
    double x = json_number(json_member(answer, "x"), 0), y = json_number(json_member(answer, "y"), 0);
    double width = json_number(json_member(answer, "width"), 0), height = json_number(json_member(answer, "height"), 0);
    double format = json_number(json_member(answer, "format_height"), 0), far = 1e6;
    if (!(width >= 1 && height >= 1 && width * height * channels * sizeof(float) <= room && fabs(x) < far && fabs(y) < far && fabs(format) < far))
        return fail(instance, "the vfxai worker gave a picture that does not fit; are the bundle and the worker of one version?");
    int bounds[4] = {(int)x, (int)(format - y - height), (int)(x + width), (int)(format - y)};
    image_unpack(output, place->window, (const float *)(const void *)(instance->worker.map + offset), bounds, channels);
    return ASKED_DONE;
}

/* One try, with room for a result of so many bytes. */
static Asked try_render(Talk *talk, const Place *place, size_t out, const Caller *caller, const char **answer) {
    Worker *worker = &talk->instance->worker;
    Text line = {0};
    Asked asked = worker_map(worker, talk->room + out, caller);
    *answer = NULL;
    if (asked == ASKED_DONE) {
        worker_begin(worker, &line, "render");
        field_integer(&line, "instance", worker->instance);
        field_integer(&line, "time", lround(place->time));
        field_integer(&line, "offset", (long long)talk->room);
        field_integer(&line, "bytes", (long long)(worker->map_bytes - talk->room));
        asked = worker_ask(worker, &line, caller, answer);
    }
    text_free(&line);
    return asked;
}

static Asked ask_worker(Instance *instance, const Place *place, const Image *plate, const Image *output, Talk *talk) {
    Caller caller = {talk, render_abort, answer_event};
    const char *answer = NULL;
    Asked asked = instance_open(instance, place, plate, &caller);
    if (asked != ASKED_DONE) return asked;
    int format[4] = {0, 0, instance->result_format[0], instance->result_format[1]};
    size_t out = bytes_of(format, plate->channels), shown = bytes_of(output->bounds, plate->channels);
    if (out < shown) out = shown;
    talk->room = whole_pages(bytes_of(plate->bounds, plate->channels)); /* the result has a place of its own behind it */
    for (int tries = 0; tries < 4; tries++) {
        asked = try_render(talk, place, out, &caller, &answer);
        double room = json_number(json_member(answer, "room"), 0);
        if (asked != ASKED_FAILED || (!talk->wanted && !(room > 0))) break;
        if (talk->wanted) talk->room = whole_pages(talk->wanted); /* a neighbour with a larger data window */
        else if (room < MOST_BYTES) out = (size_t)room;            /* a result larger than its format */
        talk->wanted = 0;
    }
    if (asked == ASKED_DONE) asked = take_result(instance, place, output, talk->room, instance->worker.map_bytes - talk->room, plate->channels, answer);
    if (asked == ASKED_DONE) keep_learnt(instance, place, answer);
    return asked;
}

static int tell(Instance *instance, const char *words) {
    if (strcmp(instance->said, words)) say(instance->effect, 1, words); /* not for every frame of a render */
    snprintf(instance->said, sizeof instance->said, "%s", words);
    return integer_at(instance, "on_failure", 0, 0);
}

static int render_frame(Instance *instance, const Place *place, const Image *plate, const Image *output) {
    Talk talk = {.instance = instance, .held = plate, .held_time = place->time};
    int before, after, status = STATUS_OK;
    if (is_identity(instance, place->time)) {
        image_copy(output, place->window, plate);
        return status;
    }
    shot_range(instance, place->time, &talk.first, &talk.last);
    window_at(instance, place->time, &before, &after);
    if (place->time - before > talk.first) talk.first = (int)lround(place->time) - before;
    if (place->time + after < talk.last) talk.last = (int)lround(place->time) + after;
    Asked asked = check(instance, place, &talk);
    int is_old = instance->worker.socket >= 0;
    if (asked == ASKED_DONE) asked = ask_worker(instance, place, plate, output, &talk);
    /* a worker that was there for an earlier frame and is no more: nothing of this frame's doing, so it is asked for again */
    if (asked == ASKED_FAILED && is_old && instance->worker.socket < 0) asked = ask_worker(instance, place, plate, output, &talk);
    if (asked == ASKED_ABORTED) return STATUS_OK; /* the host asked for it and drops the frame */
    if (asked == ASKED_DONE) {
        if (*instance->said) say_nothing(instance->effect);
        instance->said[0] = 0;
    } else if (tell(instance, instance->worker.words)) {
        image_copy(output, place->window, plate);
    } else {
        status = STATUS_FAILED;
    }
    return status;
}

static int covers(const Image *image, const int *window) {
    const int *b = image->bounds;
    return window[0] >= b[0] && window[1] >= b[1] && window[2] <= b[2] && window[3] <= b[3] && window[0] < window[2];
}

int render(Instance *instance, Handle in) {
    Handle source, target, set = clip_properties(instance->effect, "Source", &source);
    Place place = {.time = floor(get_double(in, "OfxPropTime", 0, 0) + 0.5), .aspect = get_double(set, "OfxImagePropPixelAspectRatio", 0, 1)};
    Image plate = {0}, output = {0};
    int status = STATUS_FAILED;
    for (int i = 0; i < 4; i++) place.window[i] = get_int(in, "OfxImageEffectPropRenderWindow", i, 0);
    for (int i = 0; i < 2; i++) place.scale[i] = get_double(in, "OfxImageEffectPropRenderScale", i, 1);
    if (!(place.aspect > 0)) place.aspect = 1;
    clip_properties(instance->effect, "Output", &target);
    while (!lock_try(&instance->lock)) {
        if (aborted(instance->effect)) return STATUS_OK;
        nap(5);
    }
    if (image_fetch(target, place.time, &output) && covers(&output, place.window)) {
        if (image_fetch(source, place.time, &plate)) status = render_frame(instance, &place, &plate, &output);
        else if (aborted(instance->effect)) status = STATUS_OK;
        else tell(instance, "there is no picture of 32-bit floats at Source; connect one, or let the host work in float");
    }
    image_release(&plate);
    image_release(&output);
    lock_free(&instance->lock);
    return status;
}
