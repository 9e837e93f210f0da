#include "host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

OfxHost *host;
const PropertySuite *property_suite;
const EffectSuite *effect_suite;
const ParameterSuite *parameter_suite;
const ProgressSuite *progress_suite;
static const MessageSuite *messages, *persistent;

int host_load(void) {
    if (!host || !host->fetch_suite) return STATUS_MISSING_FEATURE;
    const PropertySuite *p = property_suite = host->fetch_suite(host->properties, "OfxPropertySuite", 1);
    const EffectSuite *e = effect_suite = host->fetch_suite(host->properties, "OfxImageEffectSuite", 1);
    const ParameterSuite *a = parameter_suite = host->fetch_suite(host->properties, "OfxParameterSuite", 1);
    messages = host->fetch_suite(host->properties, "OfxMessageSuite", 1);
    persistent = host->fetch_suite(host->properties, "OfxMessageSuite", 2);
    progress_suite = host->fetch_suite(host->properties, "OfxProgressSuite", 1);
    /* hosts have handed out suites with holes in them */
    if (!p || !p->set_pointer || !p->set_string || !p->set_double || !p->set_int || !p->get_pointer || !p->get_string ||
        !p->get_double || !p->get_int || !p->dimension)
        return STATUS_MISSING_FEATURE;
    if (!e || !e->property_set || !e->parameter_set || !e->define_clip || !e->clip || !e->image || !e->release_image ||
        !e->clip_region || !e->abort)
        return STATUS_MISSING_FEATURE;
    if (!a || !a->define || !a->handle || !a->value_at || !a->set_value) return STATUS_MISSING_FEATURE;
    if (messages && !messages->message) messages = NULL;
    if (strstr(get_string(host->properties, "OfxPropName"), "esolve")) persistent = NULL; /* 14 says it has it, and crashes */
    if (persistent && (!persistent->set_persistent || !persistent->clear_persistent)) persistent = NULL;
    if (progress_suite && (!progress_suite->start || !progress_suite->update || !progress_suite->end)) progress_suite = NULL;
    return STATUS_OK;
}

void host_name(char *text, size_t room) {
    const char *version = get_string(host->properties, "OfxPropVersionLabel");
    snprintf(text, room, "ofx %s %s", get_string(host->properties, "OfxPropName"), version);
}

int host_int(const char *name, int otherwise) { return get_int(host->properties, name, 0, otherwise); }

int get_int(Handle set, const char *name, int index, int otherwise) {
    int value = otherwise;
    return set && property_suite->get_int(set, name, index, &value) == STATUS_OK ? value : otherwise;
}

double get_double(Handle set, const char *name, int index, double otherwise) {
    double value = otherwise;
    return set && property_suite->get_double(set, name, index, &value) == STATUS_OK ? value : otherwise;
}

const char *get_string(Handle set, const char *name) {
    char *value = NULL;
    return set && property_suite->get_string(set, name, 0, &value) == STATUS_OK && value ? value : "";
}

void *get_pointer(Handle set, const char *name) {
    void *value = NULL;
    return set && property_suite->get_pointer(set, name, 0, &value) == STATUS_OK ? value : NULL;
}

const char *kept(const char *text) {
    static struct Kept {
        struct Kept *next;
        char text[];
    } *first;
    for (struct Kept *one = first; one; one = one->next)
        if (!strcmp(one->text, text)) return one->text;
    size_t length = strlen(text) + 1;
    struct Kept *made = malloc(sizeof *made + length);
    if (!made) return "";
    memcpy(made->text, text, length);
    made->next = first;
    first = made;
    return made->text;
}

/* A host that does not know a property says so in the status; the plug-in then does without it. */
void put_int(Handle set, const char *name, int index, int value) {
    if (set) property_suite->set_int(set, name, index, value);
}

void put_double(Handle set, const char *name, int index, double value) {
    if (set) property_suite->set_double(set, name, index, value);
}

void put_string(Handle set, const char *name, int index, const char *value) {
    if (set) property_suite->set_string(set, name, index, value);
}

Handle effect_properties(Handle effect) {
    Handle set = NULL;
    return effect_suite->property_set(effect, &set) == STATUS_OK ? set : NULL;
}

Handle clip_properties(Handle effect, const char *name, Handle *clip) {
    Handle set = NULL;
    *clip = NULL;
    return effect_suite->clip(effect, name, clip, &set) == STATUS_OK ? set : NULL;
}

int aborted(Handle effect) { return effect_suite->abort(effect) == 1; }

void say(Handle effect, int is_error, const char *words) {
    const char *type = is_error ? "OfxMessageError" : "OfxMessageMessage";
    if (is_error && persistent) persistent->set_persistent(effect, type, "vfxai", "%s", words);
    else if (messages) messages->message(effect, type, "vfxai", "%s", words);
}

void say_nothing(Handle effect) {
    if (persistent) persistent->clear_persistent(effect);
}
