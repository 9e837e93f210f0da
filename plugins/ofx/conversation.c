/* What the worker asks for while it renders or analyses: frames, one at a time. */
#include "host.h"
#include "instance.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The clip of an input: the plate is Source, a mask the clip of its own. */
static Handle clip_of(const Instance *instance, const char *event, int *is_plate, int *is_mask) {
    Handle clip = NULL;
    const char *input = json_member(event, "input");
    *is_mask = 0;
    *is_plate = json_is(input, "plate");
    if (*is_plate) clip_properties(instance->effect, "Source", &clip);
    for (int i = 0; i < instance->node->mask_count; i++)
        if (json_is(input, instance->node->masks[i].name)) {
            clip_properties(instance->effect, instance->node->masks[i].clip, &clip);
            *is_mask = 1;
        }
    return clip;
}

static int pack(Talk *talk, Worker *worker, const Image *image, int is_mask, Text *line) {
    int width = image->bounds[2] - image->bounds[0], rows = image->bounds[3] - image->bounds[1];
    int channels = is_mask ? 1 : image->channels;
    size_t bytes = (size_t)width * (size_t)rows * (size_t)channels * sizeof(float);
    if (bytes > talk->room) {
        talk->wanted = bytes;
        return 0;
    }
    image_pack(image, (float *)(void *)worker->map, is_mask);
    field_integer(line, "offset", 0);
    field_integer(line, "x", image->bounds[0]);
    field_integer(line, "y", (long long)talk->instance->format[1] - image->bounds[3]);
    field_integer(line, "width", width);
    field_integer(line, "height", rows);
    field_integer(line, "channels", channels);
    return 1;
}

/* Fetches a frame and sends it, or says that the one the worker has is still right, or that there is none. */
static Asked put(Talk *talk, Worker *worker, const char *event) {
    Instance *instance = talk->instance;
    int is_plate, is_mask, number = json_int(json_member(event, "time"), 0);
    Handle clip = clip_of(instance, event, &is_plate, &is_mask);
    char *input = json_text(json_member(event, "input"));
    int is_held = talk->held && is_plate && number == (int)lround(talk->held_time);
    int is_allowed = clip && number >= talk->first && number <= talk->last;
    Image fetched = {0};
    const Image *image = is_held ? talk->held : is_allowed && image_fetch(clip, number, &fetched) ? &fetched : NULL;
    Text line = {0};
    Asked went = ASKED_DONE;
    text_add(&line, "{\"do\":\"put\",\"job\":");
    text_integer(&line, json_int(json_member(event, "id"), 0));
    field_text(&line, "input", input ? input : "");
    field_integer(&line, "time", number);
    if (!image) {
        field_true(&line, "missing");
    } else {
        field_text(&line, "image", image->id);
        if (*image->id && json_is(json_member(event, "have"), image->id)) field_true(&line, "same");
        else if (!pack(talk, worker, image, is_mask, &line)) went = ASKED_FAILED;
    }
    if (went == ASKED_FAILED) {
        snprintf(worker->words, sizeof worker->words, "frame %d is larger than there is room for", number); /* the caller asks again with more */
    } else if (!worker_send(worker, &line)) {
        worker_close(worker);
        snprintf(worker->words, sizeof worker->words, "the vfxai worker ended; the next frame starts it again");
        went = ASKED_FAILED;
    }
    image_release(&fetched);
    text_free(&line);
    free(input);
    return went;
}

Asked answer_event(void *context, Worker *worker, const char *event) {
    Talk *talk = context;
    const char *word = json_member(event, "event");
    if (json_is(word, "want")) return put(talk, worker, event);
    if (json_is(word, "progress")) {
        double total = json_number(json_member(event, "total"), 0);
        double share = total > 0 ? json_number(json_member(event, "done"), 0) / total : 0;
        talk->share = share > 1 ? 1 : share > 0 ? share : 0;
    }
    return ASKED_DONE; /* warnings stand in the worker's log */
}
