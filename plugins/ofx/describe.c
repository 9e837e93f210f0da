#include "host.h"
#include "instance.h"
#include <stdio.h>
#include <string.h>

static void put_label(Handle set, const char *label) { put_string(set, "OfxPropLabel", 0, label); }

int describe(const Node *node, Handle effect) {
    char label[128];
    Handle set = effect_properties(effect);
    if (!set) return STATUS_FATAL;
    snprintf(label, sizeof label, "vfxai %s", node->title);
    put_label(set, kept(label));
    put_string(set, "OfxImageEffectPluginPropGrouping", 0, "vfxai");
    put_string(set, "OfxPropPluginDescription", 0, node->doc);
    put_string(set, "OfxPropVersionLabel", 0, table()->version);
    put_int(set, "OfxPropVersion", 0, 1);
    put_int(set, "OfxPropVersion", 1, table()->minor);
    put_string(set, "OfxImageEffectPropSupportedContexts", 0, "OfxImageEffectContextFilter");
    put_string(set, "OfxImageEffectPropSupportedContexts", 1, "OfxImageEffectContextGeneral");
    put_string(set, "OfxImageEffectPropSupportedPixelDepths", 0, "OfxBitDepthFloat"); /* nothing is clamped to bytes on the way */
    put_string(set, "OfxImageEffectPluginRenderThreadSafety", 0, "OfxImageEffectRenderInstanceSafe");
    put_int(set, "OfxImageEffectPluginPropHostFrameThreading", 0, 0);
    put_int(set, "OfxImageEffectPluginPropSingleInstance", 0, 0);
    put_int(set, "OfxImageEffectPluginPropFieldRenderTwiceAlways", 0, 0);
    put_int(set, "OfxImageEffectPropSupportsMultiResolution", 0, 1);
    put_int(set, "OfxImageEffectPropSupportsTiles", 0, 0); /* the worker cuts tiles itself, with the margins that it knows */
    put_int(set, "OfxImageEffectPropMultipleClipDepths", 0, 0);
    put_int(set, "OfxImageEffectPropSupportsMultipleClipPARs", 0, *node->size != 0);
    put_int(set, "OfxImageEffectPropTemporalClipAccess", 0, 1); /* an analysis looks at the whole shot, if not a frame's window */
    if (*node->size) put_string(set, "OfxImageEffectPropClipPreferencesSlaveParam", 0, node->size);
    put_string(set, "OfxImageEffectPropColourManagementStyle", 0, "OfxImageEffectPropColourManagementOCIO");
    return STATUS_OK;
}

static Handle define_clip(Handle effect, const char *name, const char *label) {
    Handle set = NULL;
    if (effect_suite->define_clip(effect, name, &set) != STATUS_OK) return NULL;
    put_label(set, label);
    put_int(set, "OfxImageEffectPropSupportsTiles", 0, 0);
    return set;
}

int describe_in_context(const Node *node, Handle effect) {
    Handle set = define_clip(effect, "Source", "Source"), parameters = NULL;
    if (!set) return STATUS_FATAL;
    put_string(set, "OfxImageEffectPropSupportedComponents", 0, "OfxImageComponentRGBA");
    put_string(set, "OfxImageEffectPropSupportedComponents", 1, "OfxImageComponentRGB");
    put_int(set, "OfxImageEffectPropTemporalClipAccess", 0, 1);
    put_string(set, "OfxImageClipPropFieldExtraction", 0, "OfxFieldBoth"); /* else a host takes interlaced frames apart */
    for (int i = 0; i < node->mask_count; i++) {
        set = define_clip(effect, node->masks[i].clip, node->masks[i].clip);
        put_string(set, "OfxImageEffectPropSupportedComponents", 0, "OfxImageComponentAlpha");
        put_string(set, "OfxImageEffectPropSupportedComponents", 1, "OfxImageComponentRGBA");
        put_int(set, "OfxImageEffectPropTemporalClipAccess", 0, 1); /* an analysis may look at the mattes of other frames */
        put_int(set, "OfxImageClipPropOptional", 0, 1);
        put_int(set, "OfxImageClipPropIsMask", 0, 1);
    }
    if (!(set = define_clip(effect, "Output", "Output"))) return STATUS_FATAL;
    put_string(set, "OfxImageEffectPropSupportedComponents", 0, "OfxImageComponentRGBA");
    put_string(set, "OfxImageEffectPropSupportedComponents", 1, "OfxImageComponentRGB");
    if (effect_suite->parameter_set(effect, &parameters) != STATUS_OK) return STATUS_FATAL;
    parameters_define(node, parameters, !host_int("OfxImageEffectPropSupportsMultiResolution", 1));
    return STATUS_OK;
}
