/* The nodes as `vfxai plugins ofx` wrote them into Resources/nodes.tsv. Every text lives until the bundle is unloaded. */
#ifndef VFXAI_TABLE_H
#define VFXAI_TABLE_H

typedef struct {
    const char *kind; /* float int bool choice text file files region */
    const char *name, *label, *group, *doc, *standard;
    double min, max, low, high; /* limits, and the ends of the slider */
    int animated;
    const char **options;
    int option_count;
} Parameter;

typedef struct {
    const char *name, *clip, *doc;
} Mask;

typedef struct {
    const char *name, *value; /* as JSON */
    int group;
} Pair;

typedef enum { ANALYSIS_NONE, ANALYSIS_WINDOW, ANALYSIS_SHOT } Analysis;

typedef struct {
    const char *id, *title, *doc;
    int before, after;
    const char *radius;       /* parameter that says before and after, or "" */
    const char *scale, *size; /* parameters that change the size, or "" */
    Analysis analysis;        /* whether the frames around one are enough to learn from */
    Parameter *parameters;
    int parameter_count;
    Mask *masks;
    int mask_count;
    Pair *identity; /* values that leave the plate as it is, each group of them together */
    int identity_count;
    Pair *fixed; /* values that the node has in a host */
    int fixed_count;
} Node;

typedef struct {
    const char *version;
    int minor;
    Node *nodes;
    int node_count;
    const char **spaces;
    int space_count;
} Table;

const Table *table(void); /* read once; without nodes where there is no table */
const Parameter *find_parameter(const Node *node, const char *name);
#endif
