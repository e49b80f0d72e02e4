// The least that a fan-out over WebSockets can cost: one thread, epoll, no accounts, no rooms, no storage. Every text frame
// that a member sends goes to all members. Frames are appended to one log that all members share, and each member is a position
// in it; what has arrived in one turn of the loop leaves in one write per member. Prints its port.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  MAX_POLLED = 256,
  READ_BYTES = 1 << 16,
  LOG_BYTES = 1 << 28,
  /** A member that is further behind is disconnected. */
  MAX_BEHIND_BYTES = 1 << 27,
  MAX_FRAME_BYTES = 1 << 15,
};

struct member {
  int fd;
  bool is_open, is_blocked;
  size_t log_at;
  uint8_t partial[MAX_FRAME_BYTES];
  size_t partial_size;
  struct member *next;
};

static uint8_t *log_bytes;
static size_t log_size;
static struct member *members;
static int poll_fd;

/** The answer to the key of RFC 6455's example, which the load sends. */
static const char ACCEPTED[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static void watch(struct member *member, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.ptr = member};
  epoll_ctl(poll_fd, operation, member->fd, &event);
}

static void remove_member(struct member *member) {
  struct member **link = &members;
  while (*link != NULL && *link != member) link = &(*link)->next;
  if (*link == member) *link = member->next;
  close(member->fd);
  free(member);
}

static void accept_member(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (fd < 0) return;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct member *member = calloc(1, sizeof *member);
  member->fd = fd;
  watch(member, EPOLLIN, EPOLL_CTL_ADD);
}

static void open_member(struct member *member) {
  if (send(member->fd, ACCEPTED, sizeof ACCEPTED - 1, MSG_NOSIGNAL) < 0) return;
  member->is_open = true;
  member->log_at = log_size;
  member->next = members;
  members = member;
}

static void append_frame(const uint8_t *payload, size_t size, const uint8_t mask[4]) {
  uint8_t *to = log_bytes + log_size;
  size_t header = size < 126 ? 2 : 4;
  to[0] = 0x81;
  if (size < 126) {
    to[1] = (uint8_t)size;
  } else {
    to[1] = 126;
    to[2] = (uint8_t)(size >> 8);
    to[3] = (uint8_t)size;
  }
  for (size_t at = 0; at < size; at += 1) to[header + at] = payload[at] ^ mask[at & 3];
  log_size += header + size;
}

/** Appends the complete frames to the log; returns how many bytes they are. */
static size_t take_frames(const uint8_t *bytes, size_t size) {
  size_t at = 0;
  while (size - at >= 6) {
    size_t length = bytes[at + 1] & 0x7f;
    size_t header = length == 126 ? 8 : 6;
    if (size - at < header) break;
    if (length == 126) length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
    if (size - at < header + length) break;
    if ((bytes[at] & 0x0f) == 1) append_frame(bytes + at + header, length, bytes + at + header - 4);
    at += header + length;
  }
  return at;
}

static void read_member(struct member *member) {
  static uint8_t buffer[MAX_FRAME_BYTES + READ_BYTES];
  memcpy(buffer, member->partial, member->partial_size);
  ssize_t result = recv(member->fd, buffer + member->partial_size, READ_BYTES, MSG_DONTWAIT);
  if (result < 0 && errno == EAGAIN) return;
  if (result <= 0) {
    remove_member(member);
    return;
  }
  size_t size = member->partial_size + (size_t)result;
  size_t at = 0;
  if (!member->is_open) {
    const uint8_t *end = memmem(buffer, size, "\r\n\r\n", 4);
    if (end != NULL) {
      at = (size_t)(end - buffer) + 4;
      open_member(member);
    }
  }
  if (member->is_open) at += take_frames(buffer + at, size - at);
  if (size - at > MAX_FRAME_BYTES) {
    remove_member(member);
    return;
  }
  member->partial_size = size - at;
  memmove(member->partial, buffer + at, size - at);
}

/** Returns false where the member has to be removed. */
static bool write_member(struct member *member) {
  ssize_t result = send(member->fd, log_bytes + member->log_at, log_size - member->log_at, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (result < 0 && errno != EAGAIN) return false;
  if (result > 0) member->log_at += (size_t)result;
  bool is_blocked = member->log_at < log_size;
  if (is_blocked != member->is_blocked) {
    member->is_blocked = is_blocked;
    watch(member, is_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
  }
  return log_size - member->log_at <= MAX_BEHIND_BYTES;
}

static void write_members(void) {
  for (struct member *member = members, *next; member != NULL; member = next) {
    next = member->next;
    if (!member->is_blocked && member->log_at < log_size && !write_member(member)) remove_member(member);
  }
}

/** Frees what every member has received. */
static void trim_log(void) {
  size_t oldest = log_size;
  for (struct member *member = members; member != NULL; member = member->next)
    if (member->log_at < oldest) oldest = member->log_at;
  if (oldest < log_size && log_size < LOG_BYTES / 2) return;
  memmove(log_bytes, log_bytes + oldest, log_size - oldest);
  for (struct member *member = members; member != NULL; member = member->next) member->log_at -= oldest;
  log_size -= oldest;
}

int main(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t address_size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0) return 1;
  getsockname(listener, (struct sockaddr *)&address, &address_size);
  log_bytes = malloc(LOG_BYTES + (READ_BYTES + MAX_FRAME_BYTES) * MAX_POLLED);
  poll_fd = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct epoll_event events[MAX_POLLED];
    int count = epoll_wait(poll_fd, events, MAX_POLLED, -1);
    for (int at = 0; at < count; at += 1) {
      struct member *member = events[at].data.ptr;
      if (member == NULL) accept_member(listener);
      else if (events[at].events & EPOLLOUT && !write_member(member)) remove_member(member);
      else if (events[at].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_member(member);
    }
    write_members();
    trim_log();
  }
}
