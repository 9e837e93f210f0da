#include "host.h"
#include "instance.h"
#include <stdio.h>
#include <string.h>

static int channels_of(const char *components) {
    if (!strcmp(components, "OfxImageComponentRGBA")) return 4;
    if (!strcmp(components, "OfxImageComponentRGB")) return 3;
    return !strcmp(components, "OfxImageComponentAlpha");
}

int image_fetch(Handle clip, double time, Image *image) {
    memset(image, 0, sizeof *image);
    if (!clip || effect_suite->image(clip, time, NULL, &image->handle) != STATUS_OK || !image->handle) {
        image->handle = NULL;
        return 0;
    }
    Handle set = image->handle; /* an image is its own property set */
    image->data = get_pointer(set, "OfxImagePropData");
    image->row_bytes = get_int(set, "OfxImagePropRowBytes", 0, 0);
    image->channels = channels_of(get_string(set, "OfxImageEffectPropComponents"));
    for (int i = 0; i < 4; i++) image->bounds[i] = get_int(set, "OfxImagePropBounds", i, 0);
    const int *b = image->bounds;
    const char *depth = get_string(set, "OfxImageEffectPropPixelDepth"), *id = get_string(set, "OfxImagePropUniqueIdentifier");
    long long row = ((long long)b[2] - b[0]) * image->channels * (long long)sizeof(float);
    long long step = image->row_bytes < 0 ? -(long long)image->row_bytes : image->row_bytes;
    if (!image->data || !image->channels || strcmp(depth, "OfxBitDepthFloat") || b[2] <= b[0] || b[3] <= b[1] || step < row) {
        image_release(image);
        return 0;
    }
    /* hosts give one id to a picture whatever part of it they hand out */
    if (*id && snprintf(image->id, sizeof image->id, "%s %d,%d,%d,%d,%d", id, b[0], b[1], b[2], b[3], image->channels) >= (int)sizeof image->id)
        image->id[0] = 0;
    return 1;
}

void image_release(Image *image) {
    if (image->handle) effect_suite->release_image(image->handle);
    image->handle = NULL;
}

static float *pixel(const Image *image, int x, int y) {
    char *row = image->data + (ptrdiff_t)(y - image->bounds[1]) * image->row_bytes;
    return (float *)(void *)row + (ptrdiff_t)(x - image->bounds[0]) * image->channels;
}

void image_pack(const Image *image, float *to, int only_alpha) {
    const int *b = image->bounds;
    size_t width = (size_t)(b[2] - b[0]), last = (size_t)image->channels - 1;
    for (int y = b[3] - 1; y >= b[1]; y--) {
        const float *row = pixel(image, b[0], y);
        if (only_alpha) {
            for (size_t x = 0; x < width; x++) to[x] = row[x * (last + 1) + last];
            to += width;
        } else {
            memcpy(to, row, width * (last + 1) * sizeof(float));
            to += width * (last + 1);
        }
    }
}

/* Pixels of one row with other channels: an alpha that is missing is 1. */
static void convert(float *to, int to_channels, const float *from, int from_channels, size_t count) {
    if (to_channels == from_channels) {
        memcpy(to, from, count * (size_t)to_channels * sizeof(float));
        return;
    }
    for (size_t i = 0; i < count; i++, to += to_channels, from += from_channels)
        for (int c = 0; c < to_channels; c++) to[c] = c < from_channels ? from[c] : c == 3 ? 1 : from[from_channels - 1];
}

/* The columns of a window that lie within others, as a first one and how many. */
static int shared_columns(const int *window, const int *bounds, int *first) {
    *first = window[0] > bounds[0] ? window[0] : bounds[0];
    int end = window[2] < bounds[2] ? window[2] : bounds[2];
    return end > *first ? end - *first : 0;
}

void image_unpack(const Image *image, const int *window, const float *from, const int *bounds, int channels) {
    int first, count = shared_columns(window, bounds, &first);
    size_t stride = (size_t)(bounds[2] - bounds[0]) * (size_t)channels, width = (size_t)(window[2] - window[0]);
    for (int y = window[1]; y < window[3]; y++) {
        int inside = count && y >= bounds[1] && y < bounds[3];
        if (!inside || count < (int)width) memset(pixel(image, window[0], y), 0, width * (size_t)image->channels * sizeof(float));
        if (!inside) continue;
        const float *row = from + (size_t)(bounds[3] - 1 - y) * stride + (size_t)(first - bounds[0]) * (size_t)channels;
        convert(pixel(image, first, y), image->channels, row, channels, (size_t)count);
    }
}

void image_copy(const Image *to, const int *window, const Image *from) {
    int first, count = shared_columns(window, from->bounds, &first);
    size_t width = (size_t)(window[2] - window[0]);
    for (int y = window[1]; y < window[3]; y++) {
        int inside = count && y >= from->bounds[1] && y < from->bounds[3];
        if (!inside || count < (int)width) memset(pixel(to, window[0], y), 0, width * (size_t)to->channels * sizeof(float));
        if (inside) convert(pixel(to, first, y), to->channels, pixel(from, first, y), from->channels, (size_t)count);
    }
}
