// The load of a fan-out benchmark: opens the members of a room, sends messages at a steady rate, and counts and times what
// arrives. It knows no server: the configuration on its standard input (see config.h) says what to send and what to expect.
// It prints "ready" when every member is in its room, "begin" and "end" around the measured time, and then its result as JSON.
#include "load-client.h"

static struct histogram latencies;
static struct counters counters;
static struct config config;
static struct member *members;
static int poll_fd;
static int timer_fd;
static int ready_count;
static bool is_measuring;
static uint64_t started_ns;
static uint64_t sent_count;

uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  exit(1);
}

static void watch(struct member *member, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.ptr = member};
  if (epoll_ctl(poll_fd, operation, member->fd, &event) < 0) fail("Expected epoll to watch a socket: %s", strerror(errno));
}

static void close_member(struct member *member) {
  if (member->phase == CLOSED) return;
  if (member->phase != READY) fail("Expected member %d to join its room, but the server closed its connection.", member->index);
  member->phase = CLOSED;
  counters.closed += 1;
  close(member->fd);
}

/** Writes what the socket takes and keeps the rest, up to a limit. Returns false where the rest is more than that. */
static bool write_bytes(struct member *member, const void *bytes, size_t size) {
  size_t written = 0;
  if (member->unsent.size == 0) {
    ssize_t result = send(member->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (result < 0 && errno != EAGAIN) return true; // The next read finds the connection closed.
    written = result < 0 ? 0 : (size_t)result;
    if (written == size) return true;
  } else if (member->unsent.size > MAX_UNSENT_BYTES) {
    return false;
  }
  append(&member->unsent, (const uint8_t *)bytes + written, size - written);
  watch(member, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  return true;
}

static void write_unsent(struct member *member) {
  ssize_t result = send(member->fd, member->unsent.bytes, member->unsent.size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (result <= 0) return;
  drop_front(&member->unsent, (size_t)result);
  if (member->unsent.size == 0) watch(member, EPOLLIN, EPOLL_CTL_MOD);
}

/** Sends a frame. The mask is all zeros, which leaves the payload unchanged. */
static bool send_frame(struct member *member, uint8_t opcode, const char *payload, size_t size) {
  uint8_t frame[MAX_TEXT + 8] = {(uint8_t)(0x80 | opcode)};
  size_t header = size < 126 ? 6 : 8;
  if (size < 126) {
    frame[1] = (uint8_t)(0x80 | size);
  } else {
    frame[1] = 0xfe;
    frame[2] = (uint8_t)(size >> 8);
    frame[3] = (uint8_t)size;
  }
  memcpy(frame + header, payload, size);
  return write_bytes(member, frame, header + size);
}

/** Says what the configuration says next, until there is something to wait for. */
static void take_steps(struct member *member) {
  while (member->step < config.step_count && config.steps[member->step].is_say) {
    char text[MAX_TEXT];
    size_t size = expand(text, config.steps[member->step].text, member, &config, 0, 0);
    send_frame(member, OPCODE_TEXT, text, size);
    member->step += 1;
  }
  if (member->step < config.step_count) return;
  member->phase = READY;
  ready_count += 1;
}

static void handle_message(struct member *member, const char *text, size_t size, uint64_t read_ns) {
  if (size >= config.delivery.size && memcmp(text, config.delivery.text, config.delivery.size) == 0) {
    counters.deliveries += 1;
    if (!is_measuring || member->index % config.sample_every != 0) return;
    const char *marker = memmem(text, size, config.marker.text, config.marker.size);
    if (marker == NULL || (size_t)(marker - text) + config.marker.size + TIME_DIGITS > size) return;
    uint64_t due_ns = 0;
    const char *digits = marker + config.marker.size;
    for (int at = 0; at < TIME_DIGITS; at += 1) due_ns = due_ns * 10 + (uint64_t)(digits[at] - '0');
    record(&latencies, read_ns > due_ns ? (read_ns - due_ns) / 1000 : 0);
    return;
  }
  if (config.ping.size > 0 && size == config.ping.size && memcmp(text, config.ping.text, size) == 0) {
    send_frame(member, OPCODE_TEXT, config.pong.text, config.pong.size);
    return;
  }
  if (member->phase == JOINING) {
    const struct step *step = &config.steps[member->step];
    if (size < step->size || memcmp(text, step->text, step->size) != 0) return;
    member->step += 1;
    take_steps(member);
    return;
  }
  if (config.refusal.size > 0 && memmem(text, size, config.refusal.text, config.refusal.size) != NULL) {
    if (counters.refused == 0) fprintf(stderr, "The server refused a message: %.*s\n", (int)(size > 300 ? 300 : size), text);
    counters.refused += 1;
  }
}

static void handle_frame(struct member *member, uint8_t opcode, const char *payload, size_t size, uint64_t read_ns) {
  counters.frames += 1;
  if (opcode == OPCODE_PING) {
    send_frame(member, OPCODE_PONG, payload, size);
  } else if (opcode == OPCODE_CLOSE) {
    if (counters.close_code == 0 && size >= 2) counters.close_code = (uint8_t)payload[0] << 8 | (uint8_t)payload[1];
  } else if (!config.has_lines) {
    handle_message(member, payload, size, read_ns);
  } else {
    for (size_t at = 0; at < size;) {
      const char *end = memchr(payload + at, '\n', size - at);
      size_t length = end == NULL ? size - at : (size_t)(end - payload) - at;
      handle_message(member, payload + at, length, read_ns);
      at += length + 1;
    }
  }
}

/** Handles the complete frames; returns how many bytes they are. */
static size_t handle_frames(struct member *member, const uint8_t *bytes, size_t size, uint64_t read_ns) {
  size_t at = 0;
  while (size - at >= 2) {
    uint64_t length = bytes[at + 1] & 0x7f;
    size_t header = length < 126 ? 2 : length == 126 ? 4 : 10;
    if (size - at < header) break;
    if (header > 2) {
      length = 0;
      for (size_t digit = 2; digit < header; digit += 1) length = length << 8 | bytes[at + digit];
    }
    if (size - at < header + length) break;
    handle_frame(member, bytes[at] & 0x0f, (const char *)bytes + at + header, length, read_ns);
    at += header + length;
  }
  return at;
}

static size_t handle_handshake(struct member *member, const uint8_t *bytes, size_t size) {
  const uint8_t *end = memmem(bytes, size, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  if (size < 12 || memcmp(bytes + 9, "101", 3) != 0)
    fail("Expected a WebSocket, got %.*s", (int)(size > 300 ? 300 : size), (const char *)bytes);
  member->phase = JOINING;
  take_steps(member);
  return (size_t)(end - bytes) + 4;
}

static void read_member(struct member *member) {
  static uint8_t buffer[READ_BYTES];
  // What has arrived of a frame comes first.
  size_t kept = member->partial.size;
  if (kept == READ_BYTES) fail("Expected frames of less than %d bytes.", READ_BYTES);
  memcpy(buffer, member->partial.bytes, kept);
  ssize_t result = recv(member->fd, buffer + kept, READ_BYTES - kept, MSG_DONTWAIT);
  if (result < 0 && errno == EAGAIN) return;
  if (result <= 0) {
    close_member(member);
    return;
  }
  counters.reads += 1;
  counters.bytes += (uint64_t)result;
  uint64_t read_ns = now_ns();
  size_t size = kept + (size_t)result;
  size_t at = member->phase == HANDSHAKE ? handle_handshake(member, buffer, size) : 0;
  if (member->phase != HANDSHAKE) at += handle_frames(member, buffer + at, size - at, read_ns);
  member->partial.size = 0;
  append(&member->partial, buffer + at, size - at);
}

static void open_member(struct member *member, int index) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)config.port)};
  // Other addresses of the loopback, as one has too few ports for tens of thousands of connections.
  struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)index / 20000)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int on = 1;
  member->index = index;
  member->phase = HANDSHAKE;
  member->fd = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(member->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(member->fd, (struct sockaddr *)&source, sizeof source) < 0 ||
      connect(member->fd, (struct sockaddr *)&address, sizeof address) < 0)
    fail("Expected a server on port %d: %s", config.port, strerror(errno));
  watch(member, EPOLLIN, EPOLL_CTL_ADD);
  char text[MAX_TEXT];
  char request[MAX_TEXT * 2];
  text[expand(text, config.header.text, member, &config, 0, 0)] = '\0';
  int size = snprintf(request, sizeof request,
                      "GET %s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
                      "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s%s\r\n",
                      config.path.text, config.port, text, text[0] == '\0' ? "" : "\r\n");
  write_bytes(member, request, (size_t)size);
}

static void poll_members(int timeout_ms) {
  struct epoll_event events[MAX_POLLED];
  int count = epoll_wait(poll_fd, events, MAX_POLLED, timeout_ms);
  for (int at = 0; at < count; at += 1) {
    struct member *member = events[at].data.ptr;
    // The timer: it ends the wait when a message is due, and goes on only after it was read.
    if (member == NULL) {
      uint64_t expirations;
      if (read(timer_fd, &expirations, sizeof expirations) < 0 && errno != EAGAIN) fail("Expected a timer: %s", strerror(errno));
      continue;
    }
    if (events[at].events & EPOLLOUT && member->phase != CLOSED) write_unsent(member);
    if (events[at].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && member->phase != CLOSED) read_member(member);
  }
}

/** A few handshakes at a time: a server's backlog is limited. */
static void join_members(void) {
  uint64_t deadline = now_ns() + JOIN_TIMEOUT_NS;
  for (int opened = 0; ready_count < config.members;) {
    while (opened < config.members && opened - ready_count < MAX_HANDSHAKES) {
      open_member(&members[opened], opened);
      opened += 1;
    }
    poll_members(100);
    if (now_ns() > deadline) fail("Expected %d members to join within a minute, got %d.", config.members, ready_count);
  }
}

/** Sends the messages that are due. Each carries the time at which it was due, also where it is sent later. */
static void send_due(uint64_t now) {
  while (config.rate > 0) {
    uint64_t due_ns = started_ns + (uint64_t)((double)sent_count * 1e9 / config.rate);
    if (due_ns > now) return;
    int sender = (int)(sent_count % (uint64_t)config.senders) * (config.members / config.senders);
    struct member *member = &members[sender];
    char text[MAX_TEXT];
    size_t size = expand(text, config.message.text, member, &config, sent_count, due_ns);
    sent_count += 1;
    if (member->phase == CLOSED || !send_frame(member, OPCODE_TEXT, text, size)) counters.unsent += 1;
    else counters.sent += 1;
  }
}

static void run_for(uint64_t duration_ns) {
  uint64_t end = now_ns() + duration_ns;
  for (uint64_t now = now_ns(); now < end; now = now_ns()) {
    send_due(now);
    poll_members(100);
  }
}

static void start_timer(void) {
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  long interval_ns = config.rate > 2000 ? 500000 : config.rate > 1 ? (long)(1e9 / config.rate) : 999999999;
  struct itimerspec every = {{0, interval_ns}, {0, interval_ns}};
  timerfd_settime(timer_fd, 0, &every, NULL);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, timer_fd, &event);
}

static uint64_t cpu_micros(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
         (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int main(void) {
  read_config(&config, stdin);
  poll_fd = epoll_create1(0);
  members = calloc((size_t)config.members, sizeof *members);
  join_members();
  puts("ready");
  fflush(stdout);
  started_ns = now_ns();
  start_timer();
  run_for((uint64_t)config.warm_up_ms * 1000000u);
  puts("begin");
  fflush(stdout);
  struct counters before = counters;
  uint64_t cpu_before = cpu_micros();
  uint64_t begin_ns = now_ns();
  is_measuring = true;
  run_for((uint64_t)config.measure_ms * 1000000u);
  uint64_t elapsed_ns = now_ns() - begin_ns;
  uint64_t cpu = cpu_micros() - cpu_before;
  printf("end {\"elapsedMs\":%.3f,\"deliveries\":%lu,\"sent\":%lu,\"unsent\":%lu,\"refused\":%lu,\"closed\":%lu,\"closeCode\":%d,"
         "\"frames\":%lu,\"reads\":%lu,\"bytes\":%lu,\"cpuMicros\":%lu,\"samples\":%lu,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"maxMs\":%.3f}\n",
         (double)elapsed_ns / 1e6, counters.deliveries - before.deliveries, counters.sent - before.sent,
         counters.unsent - before.unsent, counters.refused, counters.closed, counters.close_code,
         counters.frames - before.frames, counters.reads - before.reads, counters.bytes - before.bytes, cpu, latencies.count,
         quantile_ms(&latencies, 0.5), quantile_ms(&latencies, 0.99), (double)latencies.max / 1000);
  fflush(stdout);
  // The connections stay open until the server has been measured.
  run_for(200000000u);
  return 0;
}
