/* What a plug-in needs of the OpenFX 1.4 C interface, written from its facts: the order of the functions in a suite is the interface.
   All handles are opaque; names are vfxai's own, the strings and orders are the standard's. */
#ifndef VFXAI_OFX_H
#define VFXAI_OFX_H
#include <stddef.h>

typedef void *Handle;

enum {
    STATUS_OK = 0,
    STATUS_FAILED = 1,
    STATUS_FATAL = 2,
    STATUS_MISSING_FEATURE = 4,
    STATUS_NO = 13,
    STATUS_DEFAULT = 14
};

typedef struct {
    Handle properties;
    const void *(*fetch_suite)(Handle properties, const char *name, int version);
} OfxHost;

typedef struct {
    const char *api;
    int api_version;
    const char *identifier;
    unsigned int major, minor;
    void (*set_host)(OfxHost *host);
    int (*entry)(const char *action, const void *handle, Handle in, Handle out);
} OfxPlugin;

typedef struct {
    int (*set_pointer)(Handle set, const char *name, int index, void *value);
    int (*set_string)(Handle set, const char *name, int index, const char *value);
    int (*set_double)(Handle set, const char *name, int index, double value);
    int (*set_int)(Handle set, const char *name, int index, int value);
    int (*set_pointers)(Handle set, const char *name, int count, void *const *values);
    int (*set_strings)(Handle set, const char *name, int count, const char *const *values);
    int (*set_doubles)(Handle set, const char *name, int count, const double *values);
    int (*set_ints)(Handle set, const char *name, int count, const int *values);
    int (*get_pointer)(Handle set, const char *name, int index, void **value);
    int (*get_string)(Handle set, const char *name, int index, char **value);
    int (*get_double)(Handle set, const char *name, int index, double *value);
    int (*get_int)(Handle set, const char *name, int index, int *value);
    int (*get_pointers)(Handle set, const char *name, int count, void **values);
    int (*get_strings)(Handle set, const char *name, int count, char **values);
    int (*get_doubles)(Handle set, const char *name, int count, double *values);
    int (*get_ints)(Handle set, const char *name, int count, int *values);
    int (*reset)(Handle set, const char *name);
    int (*dimension)(Handle set, const char *name, int *count);
} PropertySuite;

typedef struct {
    int (*property_set)(Handle effect, Handle *set);
    int (*parameter_set)(Handle effect, Handle *set);
    int (*define_clip)(Handle effect, const char *name, Handle *set);
    int (*clip)(Handle effect, const char *name, Handle *clip, Handle *set);
    int (*clip_property_set)(Handle clip, Handle *set);
    int (*image)(Handle clip, double time, const double *region, Handle *image);
    int (*release_image)(Handle image);
    int (*clip_region)(Handle clip, double time, double *bounds);
    int (*abort)(Handle effect);
    int (*memory_alloc)(Handle effect, size_t bytes, Handle *memory);
    int (*memory_free)(Handle memory);
    int (*memory_lock)(Handle memory, void **data);
    int (*memory_unlock)(Handle memory);
} EffectSuite;

typedef struct {
    int (*define)(Handle set, const char *type, const char *name, Handle *properties);
    int (*handle)(Handle set, const char *name, Handle *parameter, Handle *properties);
    int (*set_property_set)(Handle set, Handle *properties);
    int (*property_set)(Handle parameter, Handle *properties);
    int (*value)(Handle parameter, ...);
    int (*value_at)(Handle parameter, double time, ...);
    int (*derivative)(Handle parameter, double time, ...);
    int (*integral)(Handle parameter, double from, double to, ...);
    int (*set_value)(Handle parameter, ...);
    int (*set_value_at)(Handle parameter, double time, ...);
    int (*key_count)(Handle parameter, unsigned int *count);
    int (*key_time)(Handle parameter, unsigned int index, double *time);
    int (*key_index)(Handle parameter, double time, int direction, int *index);
    int (*delete_key)(Handle parameter, double time);
    int (*delete_keys)(Handle parameter);
    int (*copy)(Handle to, Handle from, double offset, const void *range);
    int (*edit_begin)(Handle set, const char *name);
    int (*edit_end)(Handle set);
} ParameterSuite;

typedef struct {
    int (*message)(Handle effect, const char *type, const char *id, const char *format, ...);
    /* version 2 only */
    int (*set_persistent)(Handle effect, const char *type, const char *id, const char *format, ...);
    int (*clear_persistent)(Handle effect);
} MessageSuite;

typedef struct {
    int (*start)(Handle effect, const char *label);
    int (*update)(Handle effect, double share);
    int (*end)(Handle effect);
} ProgressSuite;
#endif
