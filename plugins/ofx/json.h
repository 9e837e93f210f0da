/* JSON as the worker speaks it: text made piece by piece, and answers read in place. Numbers do not follow the host's locale. */
#ifndef VFXAI_JSON_H
#define VFXAI_JSON_H
#include <stddef.h>

typedef struct {
    char *data; /* ends in NUL once something was added; NULL before */
    size_t length, room;
    int failed; /* memory was short: the text is incomplete */
} Text;

void text_clear(Text *text);
void text_free(Text *text);
void text_add(Text *text, const char *piece);
void text_add_bytes(Text *text, const char *bytes, size_t length);
void text_string(Text *text, const char *value); /* quoted and escaped */
void text_number(Text *text, double value);
void text_integer(Text *text, long long value);

double parse_number(const char *text, const char **end);

/* The readers below take a value of a document that json_valid() found sound, or NULL, and never look beyond it. */
int json_valid(const char *text); /* one whole value and nothing after it */
const char *json_end(const char *value);
const char *json_member(const char *object, const char *key);
const char *json_first(const char *array);
const char *json_next(const char *value); /* in its array */
double json_number(const char *value, double otherwise);
int json_int(const char *value, int otherwise); /* `otherwise` also for what no int holds */
int json_true(const char *value);
int json_is(const char *value, const char *text);
char *json_text(const char *value); /* decoded; NULL where it is no text or memory is short; to be freed */
#endif
