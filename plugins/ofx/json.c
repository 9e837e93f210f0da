#include "json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEPEST 64 /* levels of nesting; the worker's answers have five */

void text_clear(Text *text) {
    text->length = 0;
    text->failed = 0;
    if (text->data) text->data[0] = 0;
}

void text_free(Text *text) {
    free(text->data);
    memset(text, 0, sizeof *text);
}

void text_add_bytes(Text *text, const char *bytes, size_t length) {
    if (text->failed) return;
    if (text->length + length + 1 > text->room) {
        size_t room = (text->length + length + 1) * 2;
        char *data = realloc(text->data, room);
        if (!data) {
            text->failed = 1;
            return;
        }
        text->data = data;
        text->room = room;
    }
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = 0;
}

void text_add(Text *text, const char *piece) { text_add_bytes(text, piece, strlen(piece)); }

void text_string(Text *text, const char *value) {
    text_add(text, "\"");
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        char escaped[8];
        if (*c < 0x20 || *c == '"' || *c == '\\') {
            snprintf(escaped, sizeof escaped, "\\u%04x", *c);
            text_add(text, escaped);
        } else {
            text_add_bytes(text, (const char *)c, 1);
        }
    }
    text_add(text, "\"");
}

void text_number(Text *text, double value) {
    char digits[40];
    if (!isfinite(value)) value = 0; /* JSON has none */
    snprintf(digits, sizeof digits, "%.17g", value);
    for (char *c = digits; *c; c++)
        if (!strchr("0123456789+-eE", *c)) *c = '.'; /* a host may have set a locale with a decimal comma */
    text_add(text, digits);
}

void text_integer(Text *text, long long value) {
    char digits[32];
    snprintf(digits, sizeof digits, "%lld", value);
    text_add(text, digits);
}

static const char *digits_of(const char *at, double *value, int *count) {
    for (; *at >= '0' && *at <= '9'; at++, (*count)++) *value = *value * 10 + (*at - '0');
    return at;
}

double parse_number(const char *text, const char **end) {
    const char *at = text;
    double value = 0, exponent = 0;
    int sign = 1, whole = 0, fraction = 0, tens = 0;
    if (*at == '-' || *at == '+') sign = *at++ == '-' ? -1 : 1;
    at = digits_of(at, &value, &whole);
    if (*at == '.') at = digits_of(at + 1, &value, &fraction);
    if (!whole && !fraction) {
        *end = text;
        return 0;
    }
    if (*at == 'e' || *at == 'E') {
        const char *from = at + 1;
        int down = *from == '-';
        if (*from == '-' || *from == '+') from++;
        const char *after = digits_of(from, &exponent, &tens);
        if (tens) {
            at = after;
            if (down) exponent = -exponent;
        }
    }
    *end = at;
    exponent -= fraction;
    if (exponent > 400) exponent = 400;
    if (exponent < -400) exponent = -400;
    return sign * (exponent < 0 ? value / pow(10, -exponent) : value * pow(10, exponent)); /* one rounding for up to 15 digits */
}

static const char *skip_space(const char *at) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
    return at;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Behind a text, or NULL. */
static const char *skip_text(const char *at) {
    for (at++; *at != '"'; at++) {
        if ((unsigned char)*at < 0x20) return NULL; /* NUL too */
        if (*at != '\\') continue;
        at++;
        if (*at == 'u') {
            for (int i = 0; i < 4; i++)
                if (hex_digit(*++at) < 0) return NULL;
        } else if (!*at || !strchr("\"\\/bfnrt", *at)) {
            return NULL;
        }
    }
    return at + 1;
}

/* Behind a value, or NULL where it is no JSON. */
static const char *skip_value(const char *at, int depth) {
    at = skip_space(at);
    if (*at == '"') return skip_text(at);
    if (*at == '{' || *at == '[') {
        char close = *at == '{' ? '}' : ']';
        if (depth >= DEEPEST) return NULL;
        at = skip_space(at + 1);
        if (*at == close) return at + 1;
        for (;; at = skip_space(at + 1)) {
            if (close == '}') {
                if (*at != '"' || !(at = skip_text(at))) return NULL;
                at = skip_space(at);
                if (*at++ != ':') return NULL;
            }
            if (!(at = skip_value(at, depth + 1))) return NULL;
            at = skip_space(at);
            if (*at == close) return at + 1;
            if (*at != ',') return NULL;
        }
    }
    static const char *const words[] = {"true", "false", "null"};
    for (int i = 0; i < 3; i++)
        if (!strncmp(at, words[i], strlen(words[i]))) return at + strlen(words[i]);
    if (*at != '-' && (*at < '0' || *at > '9')) return NULL;
    const char *end;
    parse_number(at, &end);
    return end == at ? NULL : end;
}

int json_valid(const char *text) {
    const char *end = skip_value(text, 0);
    return end && !*skip_space(end);
}

const char *json_end(const char *value) { return skip_value(value, 0); }

const char *json_first(const char *array) {
    if (!array || *(array = skip_space(array)) != '[') return NULL;
    array = skip_space(array + 1);
    return *array == ']' ? NULL : array;
}

const char *json_next(const char *value) {
    const char *at = skip_space(json_end(value));
    return *at == ',' ? skip_space(at + 1) : NULL;
}

const char *json_member(const char *object, const char *key) {
    size_t length = strlen(key);
    if (!object || *(object = skip_space(object)) != '{') return NULL;
    const char *at = skip_space(object + 1);
    while (*at == '"') {
        const char *after = skip_text(at);
        const char *value = skip_space(skip_space(after) + 1);
        if ((size_t)(after - at) == length + 2 && !strncmp(at + 1, key, length)) return value;
        at = skip_space(json_end(value));
        at = *at == ',' ? skip_space(at + 1) : at;
    }
    return NULL;
}

double json_number(const char *value, double otherwise) {
    if (!value || (*value != '-' && (*value < '0' || *value > '9'))) return otherwise;
    return parse_number(value, &value);
}

int json_int(const char *value, int otherwise) {
    double number = json_number(value, otherwise);
    return number > -2e9 && number < 2e9 ? (int)number : otherwise;
}

int json_true(const char *value) { return value && *value == 't'; }

int json_is(const char *value, const char *text) {
    size_t length = strlen(text);
    return value && *value == '"' && !strncmp(value + 1, text, length) && value[length + 1] == '"';
}

/* Four hexadecimal digits, which skip_text() has seen. */
static unsigned int unit_at(const char *at) {
    unsigned int unit = 0;
    for (int i = 0; i < 4; i++) unit = unit * 16 + (unsigned int)hex_digit(at[i]);
    return unit;
}

static char *put_utf8(char *to, unsigned int point) {
    if (point < 0x80) {
        *to++ = (char)point;
    } else if (point < 0x800) {
        *to++ = (char)(0xC0 | point >> 6);
        *to++ = (char)(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        *to++ = (char)(0xE0 | point >> 12);
        *to++ = (char)(0x80 | (point >> 6 & 0x3F));
        *to++ = (char)(0x80 | (point & 0x3F));
    } else {
        *to++ = (char)(0xF0 | point >> 18);
        *to++ = (char)(0x80 | (point >> 12 & 0x3F));
        *to++ = (char)(0x80 | (point >> 6 & 0x3F));
        *to++ = (char)(0x80 | (point & 0x3F));
    }
    return to;
}

char *json_text(const char *value) {
    if (!value || *value != '"') return NULL;
    char *decoded = malloc((size_t)(json_end(value) - value)), *to = decoded; /* no escape is shorter than what it stands for */
    for (const char *at = value + 1; decoded && *at != '"'; at++) {
        if (*at != '\\') {
            *to++ = *at;
            continue;
        }
        at++;
        if (*at != 'u') {
            static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
            const char *known = strchr(from, *at);
            *to++ = known ? into[known - from] : *at;
            continue;
        }
        unsigned int point = unit_at(at + 1);
        at += 4;
        if (point >= 0xD800 && point < 0xDC00 && at[1] == '\\' && at[2] == 'u') { /* a pair of halves is one character */
            unsigned int low = unit_at(at + 3);
            if (low >= 0xDC00 && low < 0xE000) {
                point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
                at += 6;
            }
        }
        to = put_utf8(to, point ? point : '?'); /* a NUL would end the text */
    }
    if (decoded) *to = 0;
    return decoded;
}
