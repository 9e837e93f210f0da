/* The exports of the bundle: one OFX plug-in a node. The standard hands an entry point no plug-in, so each has one of its own. */
#include "host.h"
#include "instance.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 32
#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

static int loads; /* actions Load without Unload; a host sends them to each plug-in */

static int load(void) {
    int status = host_load(); /* again for each: a process may hold two hosts, one after the other */
    if (status == STATUS_OK) loads++;
    return status;
}

static int unload(void) {
    if (loads) loads--;
    return STATUS_OK;
}

static int act_on(const char *action, Handle effect, Handle in, Handle out) {
    Instance *instance = instance_of(effect);
    if (!instance) return STATUS_FAILED;
    if (!strcmp(action, "OfxImageEffectActionRender")) return render(instance, in);
    if (!strcmp(action, "OfxImageEffectActionIsIdentity")) return identity(instance, in, out);
    if (!strcmp(action, "OfxImageEffectActionGetFramesNeeded")) return frames_needed(instance, in, out);
    if (!strcmp(action, "OfxImageEffectActionGetRegionOfDefinition")) return region_of_definition(instance, in, out);
    if (!strcmp(action, "OfxImageEffectActionGetRegionsOfInterest")) return regions_of_interest(instance, in, out);
    if (!strcmp(action, "OfxImageEffectActionGetClipPreferences")) return clip_preferences(instance, out);
    if (!strcmp(action, "OfxActionInstanceChanged")) return instance_changed(instance, in);
    if (!strcmp(action, "OfxActionSyncPrivateData")) return instance_sync(instance);
    return STATUS_DEFAULT;
}

static int act(int index, const char *action, const void *handle, Handle in, Handle out) {
    Handle effect = (Handle)(size_t)handle;
    if (!strcmp(action, "OfxActionLoad")) return load();
    if (!strcmp(action, "OfxActionUnload")) return unload();
    if (!loads) return STATUS_FATAL;
    if (index >= table()->node_count) return report_action(action, effect, in, out);
    const Node *node = &table()->nodes[index];
    if (!strcmp(action, "OfxActionDescribe")) return describe(node, effect);
    if (!strcmp(action, "OfxImageEffectActionDescribeInContext")) return describe_in_context(node, effect);
    if (!strcmp(action, "OfxActionCreateInstance")) return instance_create(node, effect);
    if (!strcmp(action, "OfxActionDestroyInstance")) return instance_destroy(effect);
    static const char *const on_instances[] = {
        "OfxImageEffectActionRender", "OfxImageEffectActionIsIdentity", "OfxImageEffectActionGetFramesNeeded",
        "OfxImageEffectActionGetRegionOfDefinition", "OfxImageEffectActionGetRegionsOfInterest",
        "OfxImageEffectActionGetClipPreferences", "OfxActionInstanceChanged", "OfxActionSyncPrivateData"};
    for (size_t i = 0; i < sizeof on_instances / sizeof *on_instances; i++)
        if (!strcmp(action, on_instances[i])) return act_on(action, effect, in, out);
    return STATUS_DEFAULT;
}

#define NUMBERS(X) \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) \
    X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
#define ENTRY(n) \
    static int entry_##n(const char *action, const void *handle, Handle in, Handle out) { return act(n, action, handle, in, out); }
#define NAME(n) entry_##n,
NUMBERS(ENTRY)
static int (*const entries[MOST])(const char *, const void *, Handle, Handle) = {NUMBERS(NAME)};

static OfxPlugin plugins[MOST];
static char identifiers[MOST][64];

static void set_host(OfxHost *given) { host = given; }

/* Called before anything else by hosts of OpenFX 1.5. */
EXPORT int OfxSetHost(const OfxHost *given);
EXPORT int OfxSetHost(const OfxHost *given) {
    host = (OfxHost *)(size_t)given;
    return STATUS_OK;
}

/* The nodes, and the report of what the host has where somebody asks for it. */
EXPORT int OfxGetNumberOfPlugins(void);
EXPORT int OfxGetNumberOfPlugins(void) {
    const char *report = getenv("VFXAI_OFX_REPORT");
    int nodes = table()->node_count < MOST - 1 ? table()->node_count : MOST - 1;
    return nodes + (report && *report);
}

EXPORT OfxPlugin *OfxGetPlugin(int index);
EXPORT OfxPlugin *OfxGetPlugin(int index) {
    if (index < 0 || index >= OfxGetNumberOfPlugins()) return NULL;
    const char *name = index < table()->node_count ? table()->nodes[index].id : "report";
    snprintf(identifiers[index], sizeof identifiers[index], "org.vfxai.%s", name);
    plugins[index] = (OfxPlugin){"OfxImageEffectPluginAPI", 1, identifiers[index], 1, (unsigned)table()->minor, set_host, entries[index]};
    return &plugins[index];
}
