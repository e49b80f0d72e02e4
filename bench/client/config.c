// The configuration of the load: lines of a key and a value, in any order, and then "run".
//
//   port, members, senders, rooms, rate, warm-up-ms, measure-ms, sample-every   numbers
//   path, header           of the handshake
//   say, await             steps of a member before it is in its room: a frame to send, the beginning of one to wait for
//   message                a frame that a sender sends
//   delivery               how a message begins that a member receives
//   marker                 what precedes the digits of its time
//   refusal                what a refused message's answer contains
//   ping, pong             a frame, and the frame that answers it
//   lines                  1: a frame holds several messages, one a line
//   token                  of the next member
//
// Placeholders: %T the time at which the message was due, %N its number, %U a UUID of it, %R the number of the member's room,
// %M the number of the member, %K its token.
#include "load-client.h"

static void set_text(struct text *text, const char *value) {
  text->size = strlen(value);
  if (text->size >= MAX_TEXT) fail("Expected values of less than %d bytes.", MAX_TEXT);
  memcpy(text->text, value, text->size + 1);
}

static void add_step(struct config *config, bool is_say, const char *value) {
  if (config->step_count == MAX_STEPS) fail("Expected at most %d steps.", MAX_STEPS);
  struct step *step = &config->steps[config->step_count];
  config->step_count += 1;
  step->is_say = is_say;
  step->size = strlen(value);
  if (step->size >= MAX_TEXT) fail("Expected values of less than %d bytes.", MAX_TEXT);
  memcpy(step->text, value, step->size + 1);
}

static bool set_number(struct config *config, const char *key, const char *value) {
  int *numbers[] = {&config->port, &config->members, &config->senders, &config->rooms, &config->sample_every};
  const char *names[] = {"port", "members", "senders", "rooms", "sample-every"};
  for (int at = 0; at < 5; at += 1) {
    if (strcmp(key, names[at]) != 0) continue;
    *numbers[at] = atoi(value);
    if (*numbers[at] < 1) fail("Expected %s to be at least 1, got %s.", key, value);
    return true;
  }
  if (strcmp(key, "rate") == 0) config->rate = atof(value);
  else if (strcmp(key, "warm-up-ms") == 0) config->warm_up_ms = atol(value);
  else if (strcmp(key, "measure-ms") == 0) config->measure_ms = atol(value);
  else if (strcmp(key, "lines") == 0) config->has_lines = atoi(value) == 1;
  else return false;
  return true;
}

static bool set_value(struct config *config, const char *key, const char *value) {
  struct text *texts[] = {&config->path,   &config->header,  &config->message, &config->delivery,
                          &config->marker, &config->refusal, &config->ping,    &config->pong};
  const char *names[] = {"path", "header", "message", "delivery", "marker", "refusal", "ping", "pong"};
  for (int at = 0; at < 8; at += 1) {
    if (strcmp(key, names[at]) != 0) continue;
    set_text(texts[at], value);
    return true;
  }
  return false;
}

static void add_token(struct config *config, const char *value) {
  config->tokens = realloc(config->tokens, sizeof(char *) * (size_t)(config->token_count + 1));
  config->tokens[config->token_count] = strdup(value);
  config->token_count += 1;
}

void read_config(struct config *config, FILE *file) {
  config->senders = config->rooms = config->sample_every = 1;
  char *line = NULL;
  size_t capacity = 0;
  ssize_t size;
  while ((size = getline(&line, &capacity, file)) > 0) {
    if (line[size - 1] == '\n') line[size - 1] = '\0';
    if (strcmp(line, "run") == 0) break;
    char *value = strchr(line, ' ');
    if (value == NULL) fail("Expected a key and a value, got \"%s\".", line);
    *value = '\0';
    value += 1;
    if (strcmp(line, "say") == 0 || strcmp(line, "await") == 0) add_step(config, line[0] == 's', value);
    else if (strcmp(line, "token") == 0) add_token(config, value);
    else if (!set_number(config, line, value) && !set_value(config, line, value)) fail("Unknown key \"%s\".", line);
  }
  free(line);
  if (config->port == 0 || config->members == 0 || config->path.size == 0) fail("Expected a port, members and a path.");
  if (config->senders > config->members) config->senders = config->members;
}

size_t expand(char *to, const char *from, const struct member *member, const struct config *config, uint64_t number, uint64_t due_ns) {
  size_t size = 0;
  for (; *from != '\0'; from += 1) {
    size_t left = MAX_TEXT - size;
    if (left < 128) fail("Expected messages of less than %d bytes.", MAX_TEXT - 128);
    char *end = to + size;
    unsigned long n = (unsigned long)number;
    if (*from != '%') {
      *end = *from;
      size += 1;
      continue;
    }
    from += 1;
    switch (*from) {
    case 'T':
      size += (size_t)snprintf(end, left, "%016lu", (unsigned long)due_ns);
      break;
    case 'N':
      size += (size_t)snprintf(end, left, "%lu", n);
      break;
    case 'R':
      size += (size_t)snprintf(end, left, "%d", 1 + member->index % config->rooms);
      break;
    case 'M':
      size += (size_t)snprintf(end, left, "%d", member->index);
      break;
    case 'K':
      if (config->token_count == 0) fail("Expected tokens.");
      size += (size_t)snprintf(end, left, "%s", config->tokens[member->index % config->token_count]);
      break;
    case 'U':
      size += (size_t)snprintf(end, left, "0190%04lx-%04lx-7000-8000-%012lx", n >> 16 & 0xffff, n & 0xffff, n);
      break;
    default:
      fail("Unknown placeholder %%%c.", *from);
    }
  }
  return size;
}
