/* The host's suites, and its properties read and written without a fault where one is missing. */
#ifndef VFXAI_HOST_H
#define VFXAI_HOST_H
#include "ofx.h"

extern OfxHost *host;
extern const PropertySuite *property_suite;
extern const EffectSuite *effect_suite;
extern const ParameterSuite *parameter_suite;
extern const ProgressSuite *progress_suite; /* NULL where the host has none */

int host_load(void); /* STATUS_MISSING_FEATURE where the host lacks what nothing works without */
void host_name(char *text, size_t room); /* name and version, such as "uk.co.thefoundry.nuke 15.1" */
int host_int(const char *name, int otherwise);

int get_int(Handle set, const char *name, int index, int otherwise);
double get_double(Handle set, const char *name, int index, double otherwise);
const char *get_string(Handle set, const char *name); /* "" where there is none */
void *get_pointer(Handle set, const char *name);
void put_int(Handle set, const char *name, int index, int value);
void put_double(Handle set, const char *name, int index, double value);
void put_string(Handle set, const char *name, int index, const char *value);

const char *kept(const char *text); /* a copy that lives on: some hosts keep what they are handed, not what it says */

Handle effect_properties(Handle effect);
Handle clip_properties(Handle effect, const char *name, Handle *clip); /* NULL where the clip does not exist */
int aborted(Handle effect);
void say(Handle effect, int is_error, const char *words); /* on the node where the host can, else once in a window */
void say_nothing(Handle effect);                          /* takes the words back from the node */
#endif
