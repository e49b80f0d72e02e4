#include "load-client.h"

void append(struct buffer *buffer, const uint8_t *bytes, size_t size) {
  if (size == 0) return;
  if (buffer->size + size > buffer->capacity) {
    buffer->capacity = (buffer->size + size) * 2;
    buffer->bytes = realloc(buffer->bytes, buffer->capacity);
    if (buffer->bytes == NULL) fail("Expected %zu bytes of memory.", buffer->capacity);
  }
  memcpy(buffer->bytes + buffer->size, bytes, size);
  buffer->size += size;
}

void drop_front(struct buffer *buffer, size_t size) {
  buffer->size -= size;
  memmove(buffer->bytes, buffer->bytes + size, buffer->size);
}

/** The first 64 values have a slot each; above, every doubling has 64. */
static unsigned slot_of(uint64_t micros) {
  if (micros < 64) return (unsigned)micros;
  unsigned log = 63 - (unsigned)__builtin_clzll(micros);
  return (log - 5) * 64 + (unsigned)(micros >> (log - 6)) - 64;
}

static double micros_of(unsigned slot) {
  if (slot < 64) return slot;
  unsigned log = slot / 64 + 5;
  return ((double)(slot % 64) + 64.5) * (double)(1ull << (log - 6));
}

void record(struct histogram *histogram, uint64_t micros) {
  unsigned slot = slot_of(micros);
  if (slot >= HISTOGRAM_SLOTS) slot = HISTOGRAM_SLOTS - 1;
  histogram->slots[slot] += 1;
  histogram->count += 1;
  if (micros > histogram->max) histogram->max = micros;
}

double quantile_ms(const struct histogram *histogram, double share) {
  uint64_t rank = (uint64_t)((double)histogram->count * share);
  uint64_t seen = 0;
  for (unsigned slot = 0; slot < HISTOGRAM_SLOTS; slot += 1) {
    seen += histogram->slots[slot];
    if (seen > rank) return micros_of(slot) / 1000;
  }
  return (double)histogram->max / 1000;
}
