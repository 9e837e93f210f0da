#include "table.h"
#include "json.h"
#include "link.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FIELDS 16

static Table found;
static int is_read;

/* One more item at the end of a growing array, zeroed; NULL where memory is short. */
static void *grown(void **items, int *count, size_t size) {
    char *more = realloc(*items, (size_t)(*count + 1) * size);
    if (!more) return NULL;
    *items = more;
    return memset(more + (size_t)(*count)++ * size, 0, size);
}
#define GROWN(items, count) grown((void **)&(items), &(count), sizeof *(items))

static char *whole_file(const char *path) {
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long length;
    if (!file) return NULL;
    if (!fseek(file, 0, SEEK_END) && (length = ftell(file)) >= 0 && !fseek(file, 0, SEEK_SET) && (text = malloc((size_t)length + 1)))
        text[fread(text, 1, (size_t)length, file)] = 0;
    fclose(file);
    return text;
}

/* A field's \n and \\ become what they stand for. */
static void unescape(char *field) {
    char *to = field;
    for (; *field; field++) {
        if (*field == '\\' && field[1]) field++, *to++ = *field == 'n' ? '\n' : *field;
        else *to++ = *field;
    }
    *to = 0;
}

/* Fields between tabs; missing ones are empty. */
static void split(char *line, const char **fields) {
    for (int i = 0; i < MOST_FIELDS; i++) {
        char *end = line ? strchr(line, '\t') : NULL;
        fields[i] = line ? line : "";
        if (end) *end = 0;
        if (line) unescape(line);
        line = end ? end + 1 : NULL;
    }
}

static double number(const char *text) { return parse_number(text, &text); }

static void add_parameter(Node *node, const char **f) {
    Parameter *p = GROWN(node->parameters, node->parameter_count);
    if (!p) return;
    p->kind = f[1], p->name = f[2], p->label = f[3], p->group = f[4], p->doc = f[5], p->standard = f[6];
    p->min = number(f[7]), p->max = number(f[8]), p->low = number(f[9]), p->high = number(f[10]);
    p->animated = *f[11] == '1';
}

static void add_line(const char **f) {
    Node *node = found.node_count ? &found.nodes[found.node_count - 1] : NULL;
    Parameter *last = node && node->parameter_count ? &node->parameters[node->parameter_count - 1] : NULL;
    if (!strcmp(f[0], "bundle")) {
        found.version = f[1], found.minor = (int)number(f[2]);
    } else if (!strcmp(f[0], "space")) {
        const char **space = GROWN(found.spaces, found.space_count);
        if (space) *space = f[1];
    } else if (!strcmp(f[0], "node")) {
        if (!(node = GROWN(found.nodes, found.node_count))) return;
        node->id = f[1], node->title = f[2], node->doc = f[3];
        node->before = (int)number(f[4]), node->after = (int)number(f[5]), node->radius = f[6];
        node->scale = f[7], node->size = f[8];
        node->analysis = !strcmp(f[9], "shot") ? ANALYSIS_SHOT : !strcmp(f[9], "window") ? ANALYSIS_WINDOW : ANALYSIS_NONE;
    } else if (node && !strcmp(f[0], "parameter")) {
        add_parameter(node, f);
    } else if (last && !strcmp(f[0], "option")) {
        const char **option = GROWN(last->options, last->option_count);
        if (option) *option = f[1];
    } else if (node && !strcmp(f[0], "mask")) {
        Mask *mask = GROWN(node->masks, node->mask_count);
        if (mask) mask->name = f[1], mask->clip = f[2], mask->doc = f[3];
    } else if (node && !strcmp(f[0], "identity")) {
        Pair *pair = GROWN(node->identity, node->identity_count);
        if (pair) pair->group = (int)number(f[1]), pair->name = f[2], pair->value = f[3];
    } else if (node && !strcmp(f[0], "fixed")) {
        Pair *pair = GROWN(node->fixed, node->fixed_count);
        if (pair) pair->name = f[1], pair->value = f[2];
    }
}

const Table *table(void) {
    char path[4096];
    if (is_read) return &found;
    is_read = 1;
    found.version = "";
    char *line = resource_path("nodes.tsv", path, sizeof path) ? whole_file(path) : NULL; /* never freed: fields point into it */
    while (line && *line) {
        const char *fields[MOST_FIELDS];
        char *end = line + strcspn(line, "\r\n"), *next = end + strspn(end, "\r\n");
        *end = 0;
        split(line, fields);
        add_line(fields);
        line = next;
    }
    return &found;
}

const Parameter *find_parameter(const Node *node, const char *name) {
    for (int i = 0; i < node->parameter_count; i++)
        if (!strcmp(node->parameters[i].name, name)) return &node->parameters[i];
    return NULL;
}
