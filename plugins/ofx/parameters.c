#include "host.h"
#include "instance.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAR 1e6 /* pixels; a rectangle's corner may lie anywhere */

static Handle define(Handle set, const char *type, const char *name, const char *label, const char *hint, const char *group) {
    Handle properties = NULL;
    if (parameter_suite->define(set, type, kept(name), &properties) != STATUS_OK) return NULL;
    put_string(properties, "OfxPropLabel", 0, kept(label));
    put_string(properties, "OfxParamPropHint", 0, kept(hint));
    put_string(properties, "OfxParamPropScriptName", 0, kept(name));
    if (*group) put_string(properties, "OfxParamPropParent", 0, kept(group));
    return properties;
}

static Handle define_group(Handle set, const char *name, const char *label, int open) {
    Handle properties = define(set, "OfxParamTypeGroup", name, label, label, "");
    put_int(properties, "OfxParamPropGroupOpen", 0, open);
    return properties;
}

static Handle define_string(Handle set, const char *name, const char *label, const char *hint, const char *group, const char *mode, const char *standard) {
    Handle properties = define(set, "OfxParamTypeString", name, label, hint, group);
    put_string(properties, "OfxParamPropStringMode", 0, mode);
    put_string(properties, "OfxParamPropDefault", 0, standard);
    put_int(properties, "OfxParamPropAnimates", 0, 0);
    return properties;
}

static Handle define_choice(Handle set, const char *name, const char *label, const char *hint, const char *group, const char **options, int count, int standard) {
    Handle properties = define(set, "OfxParamTypeChoice", name, label, hint, group);
    for (int i = 0; i < count; i++) put_string(properties, "OfxParamPropChoiceOption", i, options[i]);
    put_int(properties, "OfxParamPropDefault", 0, standard);
    put_int(properties, "OfxParamPropAnimates", 0, 0);
    return properties;
}

/* Every one of the four limits, for each dimension: Resolve takes those that are missing as -1 to 1. */
static void put_limits(Handle properties, int dimensions, double min, double max, double low, double high) {
    static const char *const names[] = {"OfxParamPropMin", "OfxParamPropMax", "OfxParamPropDisplayMin", "OfxParamPropDisplayMax"};
    double limits[] = {min, max, low, high};
    for (int i = 0; i < 4; i++)
        for (int d = 0; d < dimensions; d++) put_double(properties, names[i], d, limits[i]);
}

static void define_rectangle(Handle set, const Parameter *p, const char *group) {
    static const char *const parts[] = {"corner", "size"};
    for (int i = 0; i < 2; i++) {
        char name[96], label[160], hint[1024];
        snprintf(name, sizeof name, "%s_%s", p->name, parts[i]);
        snprintf(label, sizeof label, "%s %s", p->label, parts[i]);
        snprintf(hint, sizeof hint, "%s %s", p->doc, i ? "Width and height; 0 is no rectangle." : "Lower left corner.");
        Handle properties = define(set, "OfxParamTypeDouble2D", name, label, hint, group);
        put_string(properties, "OfxParamPropDoubleType", 0, i ? "OfxParamDoubleTypeXY" : "OfxParamDoubleTypeXYAbsolute");
        put_limits(properties, 2, i ? 0 : -FAR, FAR, 0, 4096);
        for (int d = 0; d < 2; d++) put_double(properties, "OfxParamPropDefault", d, 0);
        put_int(properties, "OfxParamPropAnimates", 0, 0);
    }
}

static void define_one(Handle set, const Parameter *p, const char *group) {
    const char *end;
    if (!strcmp(p->kind, "choice")) {
        Handle properties = define_choice(set, p->name, p->label, p->doc, group, p->options, p->option_count, atoi(p->standard));
        put_int(properties, "OfxParamPropAnimates", 0, p->animated);
    } else if (!strcmp(p->kind, "region")) {
        define_rectangle(set, p, group);
    } else if (!strcmp(p->kind, "float")) {
        Handle properties = define(set, "OfxParamTypeDouble", p->name, p->label, p->doc, group);
        put_double(properties, "OfxParamPropDefault", 0, parse_number(p->standard, &end));
        put_limits(properties, 1, p->min, p->max, p->low, p->high);
        put_double(properties, "OfxParamPropIncrement", 0, 0.01);
        put_int(properties, "OfxParamPropAnimates", 0, p->animated);
    } else if (!strcmp(p->kind, "int")) {
        Handle properties = define(set, "OfxParamTypeInteger", p->name, p->label, p->doc, group);
        put_int(properties, "OfxParamPropDefault", 0, atoi(p->standard));
        put_int(properties, "OfxParamPropMin", 0, (int)p->min);
        put_int(properties, "OfxParamPropMax", 0, (int)p->max);
        put_int(properties, "OfxParamPropDisplayMin", 0, (int)p->low);
        put_int(properties, "OfxParamPropDisplayMax", 0, (int)p->high);
        put_int(properties, "OfxParamPropAnimates", 0, p->animated);
    } else if (!strcmp(p->kind, "bool")) {
        Handle properties = define(set, "OfxParamTypeBoolean", p->name, p->label, p->doc, group);
        put_int(properties, "OfxParamPropDefault", 0, atoi(p->standard));
        put_int(properties, "OfxParamPropAnimates", 0, p->animated);
    } else if (!strcmp(p->kind, "file")) {
        Handle properties = define_string(set, p->name, p->label, p->doc, group, "OfxParamStringIsFilePath", p->standard);
        put_int(properties, "OfxParamPropStringFilePathExists", 0, 1);
    } else {
        int many = !strcmp(p->kind, "files");
        define_string(set, p->name, p->label, p->doc, group, many ? "OfxParamStringIsMultiLine" : "OfxParamStringIsSingleLine", p->standard);
    }
}

/* The node's own, each group before its first parameter. */
static void define_own(const Node *node, Handle set) {
    for (int i = 0; i < node->parameter_count; i++) {
        const Parameter *p = &node->parameters[i];
        char group[96] = "";
        if (*p->group) {
            int seen = 0;
            snprintf(group, sizeof group, "group_%s", p->group);
            for (char *c = group; *c; c++) *c = *c == ' ' ? '_' : *c;
            for (int j = 0; j < i; j++) seen |= !strcmp(node->parameters[j].group, p->group);
            if (!seen) define_group(set, group, p->group, 0);
        }
        define_one(set, p, group);
    }
}

static void define_masks(const Node *node, Handle set) {
    for (int i = 0; i < node->mask_count; i++) {
        char name[96], label[128], hint[1024];
        snprintf(name, sizeof name, "use_%s", node->masks[i].name);
        snprintf(label, sizeof label, "Use %s", node->masks[i].name);
        snprintf(hint, sizeof hint, "%s Off by default, because some hosts hand out black where nothing is connected.", node->masks[i].doc);
        Handle properties = define(set, "OfxParamTypeBoolean", name, label, hint, "");
        put_int(properties, "OfxParamPropDefault", 0, 0);
        put_int(properties, "OfxParamPropAnimates", 0, 0);
    }
}

static void define_color(Handle set) {
    const Table *all = table();
    const char **options = calloc((size_t)all->space_count + 1, sizeof *options);
    if (!options) return;
    options[0] = "From the host, else scene_linear";
    for (int i = 0; i < all->space_count; i++) options[i + 1] = all->spaces[i];
    define_group(set, "color", "Colour", 0);
    define_choice(set, "colorspace", "Input colour space", "Colour space of the plate. Where the host does not say it, the first entry takes the config's scene_linear role.",
                  "color", options, all->space_count + 1, 0);
    define_string(set, "colorspace_name", "Other space", "Name of a space of another OCIO config, taken before the choice above; empty goes by the choice.",
                  "color", "OfxParamStringIsSingleLine", "");
    free(options);
}

static void define_analysis(const Node *node, Handle set) {
    const char *hint = node->analysis == ANALYSIS_SHOT ? "Learns from the whole shot; nothing is rendered before that."
                                                       : "Learns from the whole shot. Without it, the frames around the first one that is shown are taken.";
    define_group(set, "analysis_group", "Analysis", node->analysis == ANALYSIS_SHOT);
    define(set, "OfxParamTypePushButton", "analyze", "Analyse shot", hint, "analysis_group");
    define(set, "OfxParamTypePushButton", "forget", "Forget analysis", "Learns again with the next frame, or by the button above.", "analysis_group");
    define_string(set, "analysis_state", "Learnt", "What the node has learnt from.", "analysis_group", "OfxParamStringIsLabel", "nothing yet");
    Handle kept = define_string(set, "analysis", "Analysis", "What was learnt, kept with the script so that a farm renders the same.", "analysis_group", "OfxParamStringIsSingleLine", "");
    put_int(kept, "OfxParamPropSecret", 0, 1);
}

static void define_worker(const Node *node, Handle set, int fixed_size) {
    static const char *on_failure[] = {"Error", "Pass the input on"};
    define_group(set, "worker_group", "Worker", 0);
    define_choice(set, "on_failure", "On failure", "What a frame is where it cannot be made: an error, or the input with a message.", "worker_group", on_failure, 2, 0);
    define(set, "OfxParamTypePushButton", "status", "Worker status", "Says whether the worker runs, and which version; starts it where it does not.", "worker_group");
    if (*node->scale && fixed_size)
        define_string(set, "size_note", "Note", "Why the size stays.", "", "OfxParamStringIsLabel", "This host has one picture size: set Scale to 1 (Restore works), or use `vfxai upscale`.");
}

void parameters_define(const Node *node, Handle set, int fixed_size) {
    define_own(node, set);
    define_masks(node, set);
    define_color(set);
    if (node->analysis != ANALYSIS_NONE) define_analysis(node, set);
    define_worker(node, set, fixed_size);
}
