/* Smaller pictures of 8-bit samples, as libvips 8.14 makes them unless told otherwise: the mean of whole pixels as far as two of these
 * are left for each result, and Lanczos' filter over the means; first down the columns, then along the rows. The numbers are its own, but
 * made in one go: libvips makes a chain of objects for each picture and asks it for one line at a time, which takes several times as
 * long. And no later libvips changes them.
 *
 * Its filter lies at one of 64 places between two pixels. Where a result would be in the middle between two of them, errors of rounding
 * decide, which add up along rows and columns; here too, but libvips begins anew where it happens to be asked for a part. So one picture
 * in a hundred has samples that differ by 1 or 2. */
#include "CVipsInternal.h"

#include <math.h>
#include <string.h>

/* Products are rounded before they are added, on every processor. */
#pragma STDC FP_CONTRACT OFF

enum {
    lobes = 3,        /* of Lanczos' filter, to either side */
    places = 64,      /* between two pixels where it may lie */
    one = 1 << 12,    /* what its weights add up to */
    most_whole = 4000 /* means of more are left to libvips */
};

/* How one axis gets from `count` to `wanted` vectors: rows, or the pixels of a row. */
typedef struct axis {
    int count, wanted;
    int whole;    /* vectors whose mean is taken first */
    int means;
    int taps;     /* means that the filter weighs; 0 where there is nothing left for it to do */
    int *starts;  /* for each result the first of these, which may lie before the first mean */
    int *weights; /* for each result `taps` of them */
} axis;

static double lanczos(double x) {
    if (x == 0) return 1;
    if (x < -lobes || x > lobes) return 0;
    return lobes * sin(G_PI * x) * sin(G_PI * x / lobes) / (G_PI * G_PI * x * x);
}

/* The weights of the means around `at`, and which is the first. */
static int weigh(int taps, double step, double at, double *exact, int *weights) {
    int place = (((int)(at * places * 2) & (places * 2 - 1)) + 1) >> 1;
    double middle = (double)place / places + taps / 2.0 - 1, sum = 0;
    for (int i = 0; i < taps; i++) {
        double x = (i - middle) / step;
        exact[i] = lanczos(x);
        sum += exact[i];
    }
    for (int i = 0; i < taps; i++) weights[i] = (int)(exact[i] / sum * one);
    return (int)at - (taps - 1) / 2;
}

/* False where the picture does not get smaller, or not by these rules. */
static bool plan(int count, int wanted, axis *a) {
    double factor = 1 / (1 / (count / (double)wanted));
    *a = (axis){.count = count, .wanted = wanted, .whole = MAX(1, (int)((double)count / wanted / 2))};
    if (factor < 1 || (int)(count / factor + 0.5) != wanted || a->whole > most_whole) return false;
    a->means = (count + a->whole - 1) / a->whole;
    double step = factor / a->whole;
    if (step == 1) return true;
    a->taps = 2 * (int)rint(lobes * step) + 1;
    a->starts = g_try_malloc_n((size_t)wanted, sizeof(int));
    a->weights = g_try_malloc_n((size_t)wanted * (size_t)a->taps, sizeof(int));
    double *exact = g_try_malloc_n((size_t)a->taps, sizeof(double));
    bool done = a->starts && a->weights && exact;
    /* What the results span beyond the picture is shared by both ends. */
    double beyond = (wanted * factor - count) / a->whole, at = 0.5 * step - 0.5 - ((1 + beyond) / 2 - 1);
    for (int i = 0; done && i < wanted; i++, at += step) {
        a->starts[i] = weigh(a->taps, step, at, exact, a->weights + (size_t)i * (size_t)a->taps);
    }
    g_free(exact);
    return done;
}

static void forget(axis *a) {
    g_free(a->starts);
    g_free(a->weights);
}

/* The means of `whole` vectors of `size` samples each, of which the last is repeated where they end. */
static void average(const axis *a, const uint8_t *in, size_t size, uint32_t *sums, uint8_t *out) {
    uint32_t whole = (uint32_t)a->whole;
    uint64_t reciprocal = ((uint64_t)1 << 32) / whole + 1; /* exact: 255 * whole * whole < 2^32 */
    for (int i = 0; i < a->means; i++, out += size) {
        for (size_t k = 0; k < size; k++) sums[k] = whole / 2;
        for (int j = 0; j < a->whole; j++) {
            const uint8_t *vector = in + size * (size_t)MIN(i * a->whole + j, a->count - 1);
            for (size_t k = 0; k < size; k++) sums[k] += vector[k];
        }
        for (size_t k = 0; k < size; k++) out[k] = (uint8_t)(sums[k] * reciprocal >> 32);
    }
}

/* The weighed sums of means. */
static void filter(const axis *a, const uint8_t *means, size_t size, int32_t *sums, uint8_t *out) {
    const int *weights = a->weights;
    for (int i = 0; i < a->wanted; i++, weights += a->taps, out += size) {
        for (size_t k = 0; k < size; k++) sums[k] = one / 2;
        for (int j = 0; j < a->taps; j++) {
            const uint8_t *vector = means + size * (size_t)CLAMP(a->starts[i] + j, 0, a->means - 1);
            for (size_t k = 0; k < size; k++) sums[k] += weights[j] * vector[k];
        }
        for (size_t k = 0; k < size; k++) out[k] = (uint8_t)CLAMP(sums[k] >> 12, 0, 255);
    }
}

/* Vectors along one axis made fewer. `means` has room for those, `sums` for the samples of one vector. */
static void reduce(const axis *a, const uint8_t *in, size_t size, uint8_t *means, void *sums, uint8_t *out) {
    /* Means are of few enough vectors to leave two for each result, so that the filter follows. */
    if (!a->taps) {
        memcpy(out, in, size * (size_t)a->wanted);
        return;
    }
    if (a->whole > 1) {
        average(a, in, size, sums, means);
        in = means;
    }
    filter(a, in, size, sums, out);
}

bool cvips_shrink(const uint8_t *pixels, int width, int height, int bands, int to_width, int to_height, uint8_t *out) {
    axis columns = {0}, rows = {0};
    size_t pixel = (size_t)bands, row = pixel * (size_t)width;
    bool done = plan(width, to_width, &columns) && plan(height, to_height, &rows);
    /* One row's means are pixels, fewer than the row's own. */
    uint8_t *means = done ? g_try_malloc_n(row, rows.whole > 1 ? (size_t)rows.means : 1) : NULL;
    uint8_t *low = done ? g_try_malloc_n(row, (size_t)to_height) : NULL;
    uint32_t *sums = done ? g_try_malloc_n(row, sizeof(uint32_t)) : NULL;
    done = done && means && low && sums;
    if (done) {
        reduce(&rows, pixels, row, means, sums, low);
        for (int y = 0; y < to_height; y++) {
            reduce(&columns, low + row * (size_t)y, pixel, means, sums, out + pixel * (size_t)to_width * (size_t)y);
        }
    }
    g_free(means);
    g_free(low);
    g_free(sums);
    forget(&columns);
    forget(&rows);
    return done;
}
