#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
  OPCODE_TEXT = 1,
  OPCODE_CLOSE = 8,
  OPCODE_PING = 9,
  OPCODE_PONG = 10,
  /** The digits of a message's time, in nanoseconds. */
  TIME_DIGITS = 16,
  MAX_TEXT = 4096,
  MAX_STEPS = 8,
  MAX_POLLED = 64,
  MAX_HANDSHAKES = 64,
  MAX_UNSENT_BYTES = 1 << 20,
  READ_BYTES = 1 << 21,
  HISTOGRAM_SLOTS = 64 * 64,
};

#define JOIN_TIMEOUT_NS 60000000000u

struct text {
  char text[MAX_TEXT];
  size_t size;
};

/** What a member says, or the beginning of what it waits for, before it is in its room. */
struct step {
  bool is_say;
  char text[MAX_TEXT];
  size_t size;
};

struct config {
  int port, members, senders, rooms, sample_every;
  long warm_up_ms, measure_ms;
  /** Messages a second, of all members. */
  double rate;
  /** Whether a frame holds several messages, one a line. */
  bool has_lines;
  struct text path, header, message, delivery, marker, refusal, ping, pong;
  struct step steps[MAX_STEPS];
  int step_count;
  char **tokens;
  int token_count;
};

struct buffer {
  uint8_t *bytes;
  size_t size, capacity;
};

enum phase { HANDSHAKE, JOINING, READY, CLOSED };

struct member {
  int fd, index, step;
  enum phase phase;
  struct buffer unsent, partial;
};

struct counters {
  uint64_t deliveries, sent, unsent, refused, closed, frames, reads, bytes;
  int close_code;
};

/** Counts microseconds, to about one percent. */
struct histogram {
  uint64_t slots[HISTOGRAM_SLOTS];
  uint64_t count, max;
};

uint64_t now_ns(void);
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/** Reads lines of a key and a value, until "run". Exits with what was expected. */
void read_config(struct config *config, FILE *file);
/** Writes a text with its placeholders replaced, without a zero at its end; returns its size. */
size_t expand(char *to, const char *from, const struct member *member, const struct config *config, uint64_t number, uint64_t due_ns);

void append(struct buffer *buffer, const uint8_t *bytes, size_t size);
void drop_front(struct buffer *buffer, size_t size);

void record(struct histogram *histogram, uint64_t micros);
double quantile_ms(const struct histogram *histogram, double share);
