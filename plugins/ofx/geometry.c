/* What a host asks about frames and sizes before it renders. */
#include "host.h"
#include "instance.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_range(Handle out, const char *clip, double from, double to) {
    char name[128];
    snprintf(name, sizeof name, "OfxImageClipPropFrameRange_%s", clip);
    put_double(out, name, 0, from);
    put_double(out, name, 1, to);
}

int frames_needed(Instance *instance, Handle in, Handle out) {
    int before, after, first, last;
    double time = get_double(in, "OfxPropTime", 0, 0);
    shot_range(instance, time, &first, &last);
    window_at(instance, time, &before, &after);
    put_range(out, "Source", fmax(time - before, first), fmin(time + after, last));
    for (int i = 0; i < instance->node->mask_count; i++) put_range(out, instance->node->masks[i].clip, time, time);
    return STATUS_OK;
}

int wanted_size(const Instance *instance, int *size) {
    const char *text = *instance->node->size ? string_of(instance, instance->node->size) : "";
    char *end = NULL;
    long wide = strtol(text, &end, 10), high = end != text && *end == 'x' ? strtol(end + 1, &end, 10) : 0;
    size[0] = (int)wide, size[1] = (int)high;
    return wide > 0 && high > 0 && wide < 100000 && high < 100000 && !*end;
}

static double factor(const Instance *instance, double time) {
    return *instance->node->scale ? number_at(instance, instance->node->scale, time, 1) : 1;
}

int changes_size(const Instance *instance, double time) {
    int size[2];
    return wanted_size(instance, size) || factor(instance, time) != 1;
}

int region_of_definition(Instance *instance, Handle in, Handle out) {
    double time = get_double(in, "OfxPropTime", 0, 0), bounds[4];
    int size[2];
    Handle clip;
    if (!changes_size(instance, time)) return STATUS_DEFAULT;
    clip_properties(instance->effect, "Source", &clip);
    if (!clip || effect_suite->clip_region(clip, time, bounds) != STATUS_OK) return STATUS_FAILED;
    if (wanted_size(instance, size)) bounds[0] = bounds[1] = 0, bounds[2] = size[0], bounds[3] = size[1];
    else
        for (int i = 0; i < 4; i++) bounds[i] *= factor(instance, time);
    for (int i = 0; i < 4; i++) put_double(out, "OfxImageEffectPropRegionOfDefinition", i, bounds[i]);
    return STATUS_OK;
}

static void put_region(Instance *instance, const char *clip_name, double time, Handle out) {
    char name[128];
    double bounds[4];
    Handle clip, set = clip_properties(instance->effect, clip_name, &clip);
    if (!get_int(set, "OfxImageClipPropConnected", 0, 0) || effect_suite->clip_region(clip, time, bounds) != STATUS_OK) return;
    snprintf(name, sizeof name, "OfxImageClipPropRoI_%s", clip_name);
    for (int i = 0; i < 4; i++) put_double(out, name, i, bounds[i]);
}

/* Whole frames: a network sees around what it renders, and an analysis is of all. */
int regions_of_interest(Instance *instance, Handle in, Handle out) {
    double time = get_double(in, "OfxPropTime", 0, 0);
    put_region(instance, "Source", time, out);
    for (int i = 0; i < instance->node->mask_count; i++) put_region(instance, instance->node->masks[i].clip, time, out);
    return STATUS_OK;
}

/* A format that is named has square pixels. */
int clip_preferences(Instance *instance, Handle out) {
    int size[2];
    if (!wanted_size(instance, size) || !host_int("OfxImageEffectPropSupportsMultipleClipPARs", 0)) return STATUS_DEFAULT;
    put_double(out, "OfxImageClipPropPAR_Output", 0, 1);
    return STATUS_OK;
}

int identity(Instance *instance, Handle in, Handle out) {
    double time = get_double(in, "OfxPropTime", 0, 0);
    if (!is_identity(instance, time)) return STATUS_DEFAULT;
    put_string(out, "OfxPropName", 0, "Source");
    put_double(out, "OfxPropTime", 0, time);
    return STATUS_OK;
}
