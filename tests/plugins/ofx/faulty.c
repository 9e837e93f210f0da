/* A small effect that breaks one rule at a time, chosen by number: what the strict host must find. It copies Source to Output. */
#include "../../../plugins/ofx/ofx.h"
#include <stdio.h>
#include <string.h>

static OfxHost *host;
static const PropertySuite *p;
static const EffectSuite *e;
static const ParameterSuite *a;
static const MessageSuite *m;
static const ProgressSuite *g;
static int chosen;

#define RENDER "OfxImageEffectActionRender"
#define IN_CONTEXT "OfxImageEffectActionDescribeInContext"
#define DESCRIBE "OfxActionDescribe"
#define FRAMES "OfxImageEffectActionGetFramesNeeded"
#define CREATE "OfxActionCreateInstance"

typedef struct {
    Handle effect, set, in, out, parameters, source, target, image, made;
    double time;
} Call;

static Handle defined(Call *c, const char *type, const char *name) {
    Handle set = NULL;
    a->define(c->parameters, type, name, &set);
    if (set) p->set_string(set, "OfxPropLabel", 0, "Label");
    return set;
}

static void limits(Handle set, double min, double low, double high, double max, double standard) {
    p->set_double(set, "OfxParamPropMin", 0, min);
    p->set_double(set, "OfxParamPropDisplayMin", 0, low);
    p->set_double(set, "OfxParamPropDisplayMax", 0, high);
    p->set_double(set, "OfxParamPropMax", 0, max);
    p->set_double(set, "OfxParamPropDefault", 0, standard);
}

static void typo(Call *c) { p->set_int(c->set, "OfxImageEffectPropSuportsTiles", 0, 0); }
static void string_for_int(Call *c) { p->set_string(c->set, "OfxImageEffectPropSupportsTiles", 0, "0"); }
static void int_for_string(Call *c) { p->set_int(c->set, "OfxPropPluginDescription", 0, 1); }
static void double_for_int(Call *c) { p->set_double(c->set, "OfxImageEffectPropSupportsTiles", 0, 0); }
static void read_only(Call *c) { p->set_string(c->set, "OfxPropType", 0, "mine"); }
static void high_index(Call *c) { p->set_int(c->set, "OfxImageEffectPropSupportsTiles", 1, 0); }
static void negative_index(Call *c) { p->set_int(c->set, "OfxImageEffectPropSupportsTiles", -1, 0); }
static void gap_in_values(Call *c) { p->set_string(c->set, "OfxImageEffectPropSupportedPixelDepths", 3, "OfxBitDepthFloat"); }
static void no_handle(Call *c) { (void)c, p->set_int(NULL, "OfxImageEffectPropSupportsTiles", 0, 0); }
static void wrong_handle(Call *c) { p->set_int(c->effect, "OfxImageEffectPropSupportsTiles", 0, 0); }
static void closed_set(Call *c) { p->set_string(c->set, "OfxImageEffectPluginRenderThreadSafety", 0, "InstanceSafe"); }
static void null_string(Call *c) { p->set_string(c->set, "OfxPropPluginDescription", 0, NULL); }
static void no_utf8(Call *c) { p->set_string(c->set, "OfxPropPluginDescription", 0, "caf\xe9"); }
static char passing[16] = "Label";
static void string_taken_away(Call *c) { p->set_string(c->set, "OfxPropPluginDescription", 0, passing), strcpy(passing, "gone"); }
static void clip_too_early(Call *c) { e->define_clip(c->effect, "Early", &c->image); }
static void parameter_too_early(Call *c) { a->define(c->parameters, "OfxParamTypeDouble", "early", NULL); }
static void wrong_read(Call *c) {
    double value;
    p->get_double(c->set, "OfxPropLabel", 0, &value);
}
static void parameter_twice(Call *c) { defined(c, "OfxParamTypeString", "twice"), defined(c, "OfxParamTypeString", "twice"); }
static void clip_twice(Call *c) { e->define_clip(c->effect, "Source", &c->image); }
static void unknown_type(Call *c) { defined(c, "OfxParamTypeText", "text"); }
static void two_integers(Call *c) { defined(c, "OfxParamTypeInteger2D", "pair"); }
static void no_limits(Call *c) { p->set_double(defined(c, "OfxParamTypeDouble", "free"), "OfxParamPropDefault", 0, 5); }
static void default_outside(Call *c) { limits(defined(c, "OfxParamTypeDouble", "out"), 0, 0, 1, 1, 2); }
static void limits_crossed(Call *c) { limits(defined(c, "OfxParamTypeDouble", "crossed"), 0, -1, 1, 1, 0); }
static void choice_outside(Call *c) { p->set_int(defined(c, "OfxParamTypeChoice", "choice"), "OfxParamPropDefault", 0, 1); }
static void no_parent(Call *c) { defined(c, "OfxParamTypeString", "one"), p->set_string(defined(c, "OfxParamTypeString", "two"), "OfxParamPropParent", 0, "one"); }
static void no_label(Call *c) { a->define(c->parameters, "OfxParamTypeString", "silent", NULL); }
static void foreign_property(Call *c) { p->set_double(defined(c, "OfxParamTypeString", "text"), "OfxParamPropMin", 0, 0); }
static void no_components(Call *c) { e->define_clip(c->effect, "Bare", &c->image), p->set_int(c->image, "OfxImageClipPropOptional", 0, 1); }
static void needed_clip(Call *c) { e->define_clip(c->effect, "Needed", &c->image), p->set_string(c->image, "OfxImageEffectPropSupportedComponents", 0, "OfxImageComponentRGBA"); }
static void unknown_clip(Call *c) { e->clip(c->effect, "Sauce", &c->image, NULL); }
static void unknown_parameter(Call *c) { a->handle(c->parameters, "gone", &c->image, NULL); }
static void image_too_early(Call *c) { e->image(c->source, 1, NULL, &c->image); }
static void wrong_clip_range(Call *c) { p->set_double(c->out, "OfxImageClipPropFrameRang_Source", 0, 1); }
static void argument_written(Call *c) { p->set_double(c->in, "OfxPropTime", 0, 2); }
static void odd_range(Call *c) { p->set_double(c->out, "OfxImageClipPropFrameRange_Source", 0, 1); }
static void leak(Call *c) { e->image(c->source, c->time, NULL, &c->image); }
static void released_twice(Call *c) { leak(c), e->release_image(c->image), e->release_image(c->image); }
static void not_announced(Call *c) { e->image(c->source, c->time + 1, NULL, &c->image), e->release_image(c->image); }
static void write_source(Call *c) {
    void *data;
    leak(c), p->get_pointer(c->image, "OfxImagePropData", 0, &data), *(float *)data += 1, e->release_image(c->image);
}
static float *target(Call *c) {
    void *data;
    p->get_pointer(c->made, "OfxImagePropData", 0, &data);
    return data;
}
static void write_before(Call *c) { target(c)[-1] = 1; }
static void write_outside(Call *c) { target(c)[0] = 1; }
static void set_in_render(Call *c) { a->handle(c->parameters, "note", &c->image, NULL), a->set_value(c->image, "x"); }
static void question(Call *c) { m->message(c->effect, "OfxMessageQuestion", "id", "%s", "really?"); }
static void format(Call *c) { m->message(c->effect, "OfxMessageError", "id", "100 % wrong", 0); }
static void message_type(Call *c) { m->message(c->effect, "OfxMessageAlarm", "id", "%s", "x"); }
static void progress_in_render(Call *c) { g->start(c->effect, "x"), g->end(c->effect); }
static void value_of_group(Call *c) {
    int value;
    a->handle(c->parameters, "group", &c->image, NULL), a->value_at(c->image, 0.0, &value);
}
static void parameter_of_image(Call *c) {
    int value;
    a->value_at(c->made, 0.0, &value);
}

static const struct {
    const char *name, *action;
    void (*fault)(Call *);
} faults[] = {
    {"none", "", NULL}, {"status", RENDER, NULL},
#define AT(action, name) {#name, action, name}
    AT(DESCRIBE, typo), AT(DESCRIBE, string_for_int), AT(DESCRIBE, int_for_string), AT(DESCRIBE, double_for_int), AT(DESCRIBE, read_only),
    AT(DESCRIBE, high_index), AT(DESCRIBE, negative_index), AT(DESCRIBE, gap_in_values), AT(DESCRIBE, no_handle), AT(DESCRIBE, wrong_handle),
    AT(DESCRIBE, closed_set), AT(DESCRIBE, null_string), AT(DESCRIBE, no_utf8), AT(DESCRIBE, string_taken_away), AT(DESCRIBE, clip_too_early),
    AT(DESCRIBE, parameter_too_early), AT(DESCRIBE, wrong_read), AT(IN_CONTEXT, parameter_twice), AT(IN_CONTEXT, clip_twice),
    AT(IN_CONTEXT, unknown_type), AT(IN_CONTEXT, two_integers), AT(IN_CONTEXT, no_limits), AT(IN_CONTEXT, default_outside),
    AT(IN_CONTEXT, limits_crossed), AT(IN_CONTEXT, choice_outside), AT(IN_CONTEXT, no_parent), AT(IN_CONTEXT, no_label),
    AT(IN_CONTEXT, foreign_property), AT(IN_CONTEXT, no_components), AT(IN_CONTEXT, needed_clip), AT(CREATE, unknown_clip),
    AT(CREATE, unknown_parameter), AT(FRAMES, image_too_early), AT(FRAMES, wrong_clip_range), AT(FRAMES, argument_written), AT(FRAMES, odd_range),
    AT(RENDER, leak), AT(RENDER, released_twice), AT(RENDER, not_announced), AT(RENDER, write_source), AT(RENDER, write_before),
    AT(RENDER, write_outside), AT(RENDER, set_in_render), AT(RENDER, question), AT(RENDER, format), AT(RENDER, message_type),
    AT(RENDER, progress_in_render), AT(RENDER, value_of_group), AT(RENDER, parameter_of_image)};
#define COUNT ((int)(sizeof faults / sizeof *faults))

const char *fault_name(int index) { return index < COUNT ? faults[index].name : NULL; }
void choose_fault(int index) { chosen = index, strcpy(passing, "Label"); }

static int load(void) {
    p = host->fetch_suite(host->properties, "OfxPropertySuite", 1);
    e = host->fetch_suite(host->properties, "OfxImageEffectSuite", 1);
    a = host->fetch_suite(host->properties, "OfxParameterSuite", 1);
    m = host->fetch_suite(host->properties, "OfxMessageSuite", 1);
    g = host->fetch_suite(host->properties, "OfxProgressSuite", 1);
    return p && e && a && m && g ? 0 : 4;
}

static void describe(Call *c) {
    p->set_string(c->set, "OfxPropLabel", 0, "Faulty");
    p->set_string(c->set, "OfxImageEffectPropSupportedContexts", 0, "OfxImageEffectContextFilter");
    p->set_string(c->set, "OfxImageEffectPropSupportedPixelDepths", 0, "OfxBitDepthFloat");
}

static void describe_in_context(Call *c) {
    static const char *const clips[] = {"Source", "Output"};
    for (int i = 0; i < 2; i++) {
        e->define_clip(c->effect, clips[i], &c->image);
        p->set_string(c->image, "OfxImageEffectPropSupportedComponents", 0, "OfxImageComponentRGBA");
    }
    defined(c, "OfxParamTypeGroup", "group");
    defined(c, "OfxParamTypeString", "note");
}

static void render(Call *c) {
    void *from, *to;
    int bounds[4], window[4], steps[2];
    for (int i = 0; i < 4; i++) p->get_int(c->in, "OfxImageEffectPropRenderWindow", i, &window[i]);
    e->image(c->source, c->time, NULL, &c->image);
    p->get_pointer(c->image, "OfxImagePropData", 0, &from);
    p->get_pointer(c->made, "OfxImagePropData", 0, &to);
    p->get_int(c->image, "OfxImagePropRowBytes", 0, &steps[0]);
    p->get_int(c->made, "OfxImagePropRowBytes", 0, &steps[1]);
    for (int i = 0; i < 4; i++) p->get_int(c->made, "OfxImagePropBounds", i, &bounds[i]);
    for (int y = window[1]; y < window[3]; y++) {
        size_t offset = (size_t)(window[0] - bounds[0]) * 16, length = (size_t)(window[2] - window[0]) * 16;
        memcpy((char *)to + (y - bounds[1]) * steps[1] + offset, (char *)from + (y - bounds[1]) * steps[0] + offset, length);
    }
    e->release_image(c->image);
}

static int entry(const char *action, const void *handle, Handle in, Handle out) {
    Call call = {.effect = (Handle)(size_t)handle, .in = in, .out = out}, *c = &call;
    if (!strcmp(action, "OfxActionLoad")) return load();
    if (!handle) return 14;
    e->property_set(c->effect, &c->set);
    e->parameter_set(c->effect, &c->parameters);
    int rendering = !strcmp(action, RENDER);
    if (!strcmp(action, DESCRIBE)) describe(c);
    if (!strcmp(action, IN_CONTEXT)) describe_in_context(c);
    if (rendering || !strcmp(action, FRAMES)) e->clip(c->effect, "Source", &c->source, NULL);
    if (rendering) {
        p->get_double(in, "OfxPropTime", 0, &c->time);
        e->clip(c->effect, "Output", &c->target, NULL);
        e->image(c->target, c->time, NULL, &c->made);
        render(c);
    }
    int due = !strcmp(action, faults[chosen].action);
    if (due && faults[chosen].fault) faults[chosen].fault(c);
    if (rendering) e->release_image(c->made);
    return due && !strcmp(faults[chosen].name, "status") ? 77 : rendering || !strcmp(action, CREATE) ? 0 : 14;
}

static void set_host(OfxHost *given) { host = given; }

int OfxGetNumberOfPlugins(void) { return 1; }
OfxPlugin *OfxGetPlugin(int index) {
    static OfxPlugin plugin = {"OfxImageEffectPluginAPI", 1, "org.vfxai.tests.faulty", 1, 0, set_host, entry};
    return index ? NULL : &plugin;
}
