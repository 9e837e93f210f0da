/* An effect that writes what the host offers into the file named by $VFXAI_OFX_REPORT: for hosts that nobody of us has. */
#include "host.h"
#include "instance.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char type; /* i d s p */
    const char *name;
} Property;

static const Property on_host[] = {
    {'s', "OfxPropName"}, {'s', "OfxPropLabel"}, {'i', "OfxPropVersion"}, {'s', "OfxPropVersionLabel"}, {'i', "OfxPropAPIVersion"},
    {'i', "OfxImageEffectHostPropIsBackground"}, {'i', "OfxImageEffectPropSupportsOverlays"}, {'i', "OfxImageEffectPropSupportsMultiResolution"},
    {'i', "OfxImageEffectPropSupportsTiles"}, {'i', "OfxImageEffectPropTemporalClipAccess"}, {'s', "OfxImageEffectPropSupportedComponents"},
    {'s', "OfxImageEffectPropSupportedContexts"}, {'s', "OfxImageEffectPropSupportedPixelDepths"}, {'i', "OfxImageEffectPropMultipleClipDepths"},
    {'i', "OfxImageEffectPropSupportsMultipleClipPARs"}, {'i', "OfxImageEffectPropSetableFrameRate"}, {'i', "OfxImageEffectPropSetableFielding"},
    {'i', "OfxParamHostPropSupportsStringAnimation"}, {'i', "OfxParamHostPropSupportsChoiceAnimation"}, {'i', "OfxParamHostPropSupportsBooleanAnimation"},
    {'i', "OfxParamHostPropMaxParameters"}, {'i', "OfxParamHostPropMaxPages"}, {'i', "OfxImageEffectInstancePropSequentialRender"},
    {'s', "OfxImageEffectHostPropNativeOrigin"}, {'s', "OfxImageEffectPropColourManagementStyle"}, {'s', "OfxImageEffectPropColourManagementAvailableConfigs"}};
static const Property on_effect[] = {
    {'s', "OfxImageEffectPropContext"}, {'d', "OfxImageEffectPropProjectSize"}, {'d', "OfxImageEffectPropProjectOffset"}, {'d', "OfxImageEffectPropProjectExtent"},
    {'d', "OfxImageEffectPropPixelAspectRatio"}, {'d', "OfxImageEffectInstancePropEffectDuration"}, {'d', "OfxImageEffectPropFrameRate"}, {'i', "OfxPropIsInteractive"},
    {'s', "OfxPluginPropFilePath"}, {'s', "OfxImageEffectPropOCIOConfig"}, {'s', "OfxImageEffectPropColourManagementConfig"}, {'s', "OfxImageEffectPropColourManagementStyle"}};
static const Property on_clip[] = {
    {'s', "OfxPropName"}, {'i', "OfxImageClipPropConnected"}, {'s', "OfxImageEffectPropPixelDepth"}, {'s', "OfxImageEffectPropComponents"},
    {'s', "OfxImageClipPropUnmappedPixelDepth"}, {'s', "OfxImageClipPropUnmappedComponents"}, {'s', "OfxImageEffectPropPreMultiplication"},
    {'d', "OfxImagePropPixelAspectRatio"}, {'d', "OfxImageEffectPropFrameRate"}, {'d', "OfxImageEffectPropFrameRange"}, {'d', "OfxImageEffectPropUnmappedFrameRange"},
    {'s', "OfxImageClipPropFieldOrder"}, {'i', "OfxImageClipPropContinuousSamples"}, {'s', "OfxImageClipPropColourspace"}};
static const Property on_image[] = {
    {'s', "OfxImageEffectPropPixelDepth"}, {'s', "OfxImageEffectPropComponents"}, {'s', "OfxImageEffectPropPreMultiplication"}, {'d', "OfxImageEffectPropRenderScale"},
    {'d', "OfxImagePropPixelAspectRatio"}, {'p', "OfxImagePropData"}, {'i', "OfxImagePropBounds"}, {'i', "OfxImagePropRegionOfDefinition"}, {'i', "OfxImagePropRowBytes"},
    {'s', "OfxImagePropField"}, {'s', "OfxImagePropUniqueIdentifier"}};
static const struct {
    const char *name;
    int version;
} suites[] = {{"OfxPropertySuite", 1}, {"OfxImageEffectSuite", 1}, {"OfxParameterSuite", 1}, {"OfxMemorySuite", 1}, {"OfxMultiThreadSuite", 1}, {"OfxMessageSuite", 1},
              {"OfxMessageSuite", 2}, {"OfxProgressSuite", 1}, {"OfxProgressSuite", 2}, {"OfxTimeLineSuite", 1}, {"OfxInteractSuite", 1}, {"OfxDrawSuite", 1},
              {"OfxParametricParameterSuite", 1}, {"OfxImageEffectOpenGLRenderSuite", 1}, {"uk.co.thefoundry.FnOfxImageEffectPlaneSuite", 1},
              {"uk.co.thefoundry.FnOfxImageEffectPlaneSuite", 2}};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void write_properties(FILE *file, const char *title, Handle set, const Property *known, size_t count) {
    fprintf(file, "[%s]\n", title);
    for (size_t i = 0; i < count && set; i++) {
        int dimension = 0, number;
        double real;
        char *text;
        void *pointer;
        fprintf(file, "%s =", known[i].name);
        if (property_suite->dimension(set, known[i].name, &dimension) != STATUS_OK) fprintf(file, " (missing)");
        for (int d = 0; d < dimension; d++) {
            if (known[i].type == 'i' && !property_suite->get_int(set, known[i].name, d, &number)) fprintf(file, " %d", number);
            else if (known[i].type == 'd' && !property_suite->get_double(set, known[i].name, d, &real)) fprintf(file, " %.9g", real);
            else if (known[i].type == 's' && !property_suite->get_string(set, known[i].name, d, &text)) fprintf(file, " \"%s\"", text ? text : "(null)");
            else if (known[i].type == 'p' && !property_suite->get_pointer(set, known[i].name, d, &pointer)) fprintf(file, " %s", pointer ? "pointer" : "null");
            else fprintf(file, " (fails)");
        }
        fprintf(file, "\n");
    }
    fprintf(file, "\n");
}

static FILE *open_report(const char *mode) {
    const char *path = getenv("VFXAI_OFX_REPORT");
    return path && *path ? fopen(path, mode) : NULL;
}

static void write_host(void) {
    FILE *file = open_report("w");
    if (!file) return;
    fprintf(file, "vfxai %s asks what this OFX host has. It holds no names of files but that of an OCIO config.\n\n[suites]\n", table()->version);
    for (size_t i = 0; i < COUNT(suites); i++)
        fprintf(file, "%s %d = %s\n", suites[i].name, suites[i].version, host->fetch_suite(host->properties, suites[i].name, suites[i].version) ? "yes" : "no");
    fprintf(file, "\n");
    write_properties(file, "host", host->properties, on_host, COUNT(on_host));
    fclose(file);
}

/* Passes the picture on and says what came, for every frame that is rendered. */
static int report_render(Handle effect, Handle in) {
    Handle source, target, set = clip_properties(effect, "Source", &source), made = clip_properties(effect, "Output", &target);
    Image plate = {0}, output = {0};
    int window[4], status = STATUS_FAILED;
    double time = get_double(in, "OfxPropTime", 0, 0);
    FILE *file = open_report("a");
    for (int i = 0; i < 4; i++) window[i] = get_int(in, "OfxImageEffectPropRenderWindow", i, 0);
    int has_output = image_fetch(target, time, &output), has_plate = image_fetch(source, time, &plate);
    if (file) {
        fprintf(file, "render at %.9g, scale %.9g\n", time, get_double(in, "OfxImageEffectPropRenderScale", 0, 1));
        write_properties(file, "effect", effect_properties(effect), on_effect, COUNT(on_effect));
        write_properties(file, "clip Source", set, on_clip, COUNT(on_clip));
        write_properties(file, "clip Output", made, on_clip, COUNT(on_clip));
        write_properties(file, "image of Source", plate.handle, on_image, COUNT(on_image));
        write_properties(file, "image of Output", output.handle, on_image, COUNT(on_image));
        fclose(file);
    }
    if (has_output && has_plate) image_copy(&output, window, &plate), status = STATUS_OK;
    image_release(&plate);
    image_release(&output);
    return status;
}

static const Node report_node = {.id = "report", .title = "Report", .doc = "Writes what this host offers to plug-ins into a file.", .radius = "", .scale = "", .size = ""};

int report_action(const char *action, Handle effect, Handle in, Handle out) {
    (void)out;
    if (!strcmp(action, "OfxActionDescribe")) {
        write_host();
        return describe(&report_node, effect);
    }
    if (!strcmp(action, "OfxImageEffectActionDescribeInContext")) return describe_in_context(&report_node, effect);
    if (!strcmp(action, "OfxImageEffectActionRender")) return report_render(effect, in);
    return STATUS_DEFAULT;
}
