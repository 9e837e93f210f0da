#include "host.h"
#include "instance.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Handle parameter(const Instance *instance, const char *name) {
    Handle found = NULL;
    return parameter_suite->handle(instance->parameters, name, &found, NULL) == STATUS_OK ? found : NULL;
}

double number_at(const Instance *instance, const char *name, double time, double otherwise) {
    double value = otherwise;
    Handle found = parameter(instance, name);
    return found && parameter_suite->value_at(found, time, &value) == STATUS_OK ? value : otherwise;
}

int integer_at(const Instance *instance, const char *name, double time, int otherwise) {
    int value = otherwise;
    Handle found = parameter(instance, name);
    return found && parameter_suite->value_at(found, time, &value) == STATUS_OK ? value : otherwise;
}

const char *string_of(const Instance *instance, const char *name) {
    char *value = NULL;
    Handle found = parameter(instance, name);
    return found && parameter_suite->value_at(found, 0.0, &value) == STATUS_OK && value ? value : "";
}

void set_string(const Instance *instance, const char *name, const char *value) {
    Handle found = parameter(instance, name);
    if (found) parameter_suite->set_value(found, value);
}

/* "x,y,width,height" in pixels of the picture that is sent, y down from the top of the format. */
static void rectangle_json(const Instance *instance, const Parameter *p, const Place *place, int height, Text *values) {
    double edges[2][2] = {{0, 0}, {0, 0}};
    static const char *const parts[] = {"corner", "size"};
    char name[96], text[96] = "";
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s_%s", p->name, parts[i]);
        Handle found = parameter(instance, name);
        if (found) parameter_suite->value_at(found, place->time, &edges[i][0], &edges[i][1]);
        edges[i][0] *= place->scale[0] / place->aspect;
        edges[i][1] *= place->scale[1];
    }
    long left = lround(edges[0][0]), bottom = lround(edges[0][1]), wide = lround(edges[1][0]), high = lround(edges[1][1]);
    if (wide > 0 && high > 0) snprintf(text, sizeof text, "%ld,%ld,%ld,%ld", left, height - bottom - high, wide, high);
    text_string(values, text);
}

static void lines_json(const char *lines, Text *values) {
    int count = 0;
    text_add(values, "[");
    while (*lines) {
        size_t length = strcspn(lines, "\r\n");
        char *line = length ? malloc(length + 1) : NULL;
        if (line) {
            memcpy(line, lines, length);
            line[length] = 0;
            if (count++) text_add(values, ",");
            text_string(values, line);
            free(line);
        }
        lines += length;
        lines += strspn(lines, "\r\n");
    }
    text_add(values, "]");
}

/* The format that a text names, at the scale of the render. */
static void size_json(const Instance *instance, const Place *place, Text *values) {
    int size[2];
    char text[64] = "";
    if (wanted_size(instance, size)) {
        long wide = lround(size[0] * place->scale[0]), high = lround(size[1] * place->scale[1]);
        snprintf(text, sizeof text, "%ldx%ld", wide > 0 ? wide : 1, high > 0 ? high : 1);
    } else {
        snprintf(text, sizeof text, "%s", string_of(instance, instance->node->size)); /* the node says what is wrong with it */
    }
    text_string(values, text);
}

static void value_json(const Instance *instance, const Parameter *p, const Place *place, int height, Text *values) {
    if (!strcmp(p->kind, "float")) text_number(values, number_at(instance, p->name, place->time, 0));
    else if (!strcmp(p->kind, "int")) text_integer(values, integer_at(instance, p->name, place->time, 0));
    else if (!strcmp(p->kind, "bool")) text_add(values, integer_at(instance, p->name, place->time, 0) ? "true" : "false");
    else if (!strcmp(p->kind, "region")) rectangle_json(instance, p, place, height, values);
    else if (!strcmp(p->kind, "files")) lines_json(string_of(instance, p->name), values);
    else if (*instance->node->size && !strcmp(p->name, instance->node->size)) size_json(instance, place, values);
    else if (!strcmp(p->kind, "choice")) {
        int index = integer_at(instance, p->name, place->time, 0);
        text_string(values, index >= 0 && index < p->option_count ? p->options[index] : "");
    } else text_string(values, string_of(instance, p->name));
}

void values_json(const Instance *instance, const Place *place, int height, int only_still, Text *values) {
    const Node *node = instance->node;
    int count = 0;
    text_clear(values);
    text_add(values, "{");
    for (int i = 0; i < node->parameter_count + node->fixed_count; i++) {
        const Pair *fixed = i < node->parameter_count ? NULL : &node->fixed[i - node->parameter_count];
        if (only_still && !fixed && node->parameters[i].animated) continue;
        if (count++) text_add(values, ",");
        text_string(values, fixed ? fixed->name : node->parameters[i].name);
        text_add(values, ":");
        if (fixed) text_add(values, fixed->value);
        else value_json(instance, &node->parameters[i], place, height, values);
    }
    text_add(values, "}");
}

/* Whether a parameter has a value that the table names. */
static int has_value(const Instance *instance, const Pair *pair, const Place *place) {
    const Parameter *p = find_parameter(instance->node, pair->name);
    Text value = {0};
    const char *end;
    double number = parse_number(pair->value, &end);
    int is_number = end != pair->value, same = 0;
    if (p) value_json(instance, p, place, 0, &value);
    if (value.data && !value.failed) same = is_number ? parse_number(value.data, &end) == number : !strcmp(value.data, pair->value);
    text_free(&value);
    return same;
}

int is_identity(const Instance *instance, double time) {
    const Node *node = instance->node;
    Place place = {.time = time, .scale = {1, 1}, .aspect = 1};
    for (int i = 0, next; i < node->identity_count; i = next) {
        int all = 1;
        for (next = i; next < node->identity_count && node->identity[next].group == node->identity[i].group; next++)
            all = all && has_value(instance, &node->identity[next], &place);
        if (all) return 1;
    }
    return 0;
}

int window_at(const Instance *instance, double time, int *before, int *after) {
    const Node *node = instance->node;
    *before = node->before, *after = node->after;
    if (*node->radius) *before = *after = integer_at(instance, node->radius, time, node->before);
    return *before + *after;
}
