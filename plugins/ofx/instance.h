/* One effect in a host's node graph. */
#ifndef VFXAI_INSTANCE_H
#define VFXAI_INSTANCE_H
#include "ofx.h"
#include "table.h"
#include "worker.h"

typedef struct {
    Handle handle; /* NULL: no picture */
    char *data;    /* the bottom left pixel */
    int bounds[4]; /* x1 y1 x2 y2 in pixels, y up */
    int row_bytes; /* negative where rows lie from the top down */
    int channels;
    char id[512]; /* the same text: the same picture; "" where the host does not say */
} Image;

typedef struct {
    Handle effect, parameters;
    const Node *node;
    volatile int lock; /* one render at a time, also in hosts that do not keep to it */
    Worker worker;
    Text opened, values; /* what the worker's instance was opened and set with */
    Text still;          /* those of its values that never change over a shot */
    Text analysis;       /* text of the parameter that it works with */
    int is_learnt;       /* whether the worker knows the shot and the text was too long to be kept */
    int format[2], result_format[2]; /* width and height */
    char *learnt;        /* analysis of the first window, until it can be kept in the parameter */
    char said[WORDS_ROOM]; /* what the user was told last */
} Instance;

/* Where a frame is rendered. */
typedef struct {
    double time, scale[2], aspect;
    int window[4];
} Place;

/* image.c */
int image_fetch(Handle clip, double time, Image *image); /* 1 where there is a picture of floats */
void image_release(Image *image);
void image_pack(const Image *image, float *to, int only_alpha); /* rows from the top down, without gaps */
void image_unpack(const Image *image, const int *window, const float *from, const int *bounds, int channels); /* 0 outside of bounds */
void image_copy(const Image *to, const int *window, const Image *from);

/* parameters.c */
void parameters_define(const Node *node, Handle set, int fixed_size);
void values_json(const Instance *instance, const Place *place, int height, int only_still, Text *values); /* still: that never change over a shot */
int is_identity(const Instance *instance, double time);
int window_at(const Instance *instance, double time, int *before, int *after);
double number_at(const Instance *instance, const char *name, double time, double otherwise);
int integer_at(const Instance *instance, const char *name, double time, int otherwise);
const char *string_of(const Instance *instance, const char *name);
void set_string(const Instance *instance, const char *name, const char *value);

/* describe.c */
int describe(const Node *node, Handle effect);
int describe_in_context(const Node *node, Handle effect);

/* instance.c */
int instance_create(const Node *node, Handle effect);
int instance_destroy(Handle effect);
int instance_changed(Instance *instance, Handle in);
int instance_sync(Instance *instance);
Instance *instance_of(Handle effect);
void shot_range(const Instance *instance, double time, int *first, int *last); /* of the source, and a frame of it */
const char *kept_analysis(const Instance *instance); /* "" where there is none; before it stands BY_SHOT or BY_WINDOW in the parameter */
#define BY_SHOT "shot:"
#define BY_WINDOW "window:"
void keep_analysis(Instance *instance, const char *by, const char *text, const char *state);
Asked instance_open(Instance *instance, const Place *place, const Image *plate, const Caller *caller);

/* conversation.c */
typedef struct {
    Instance *instance;
    const Image *held; /* a picture of the plate that is fetched already */
    double held_time;
    int first, last; /* frames that may be fetched */
    double share;    /* done of an analysis */
    size_t room;     /* bytes at the begin of the map for what is sent */
    size_t wanted;   /* bytes that a picture took which had no room; 0: all had */
} Talk;
Asked answer_event(void *talk, Worker *worker, const char *event);

/* geometry.c */
int frames_needed(Instance *instance, Handle in, Handle out);
int region_of_definition(Instance *instance, Handle in, Handle out);
int regions_of_interest(Instance *instance, Handle in, Handle out);
int clip_preferences(Instance *instance, Handle out);
int identity(Instance *instance, Handle in, Handle out);
int changes_size(const Instance *instance, double time);
int wanted_size(const Instance *instance, int *size); /* width and height of the parameter that names a format; 0 where it is empty */

/* render.c */
int render(Instance *instance, Handle in);

/* report.c */
int report_action(const char *action, Handle effect, Handle in, Handle out);
#endif
