/** The scripts of the histories of groups: each runs atomically, so that no other event gets a number halfway. */

/**
 * Returns the epoch of a group's numbering. Begins another one where the server has lost the present one, or is not the one
 * that began it: after a restart or a failover a part of the history may be missing, and which part is unknown.
 */
export const openNumbering = `
local function openNumbering(meta, stream, epoch, runId)
  local found = redis.call('HMGET', meta, 'epoch', 'run')
  if found[1] and found[2] == runId then return found[1] end
  redis.call('DEL', meta, stream)
  redis.call('HSET', meta, 'epoch', epoch, 'run', runId, 'offset', 0)
  return epoch
end
`;

/**
 * Numbers an event and keeps it. Needs \`openNumbering\`.
 * KEYS: the numbering, the history. ARGV: the epoch of a new numbering, the run ID of the server, the event, the events to
 * keep, for how long (ms), how long the numbering lasts (ms).
 */
export const appendEvent = `
local epoch = openNumbering(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
local offset = redis.call('HINCRBY', KEYS[1], 'offset', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[4], '*', 'offset', offset, 'event', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
`;

/**
 * Numbers, keeps and publishes an event. Its position is published first, with the checksum of the event, to a topic that only
 * this library subscribes to: what is published to the group is the same as without a history.
 * KEYS and ARGV: as for \`appendEvent\`; then PUBLISH or SPUBLISH, the topic of positions, the checksum, the group's topic.
 * Returns the epoch and the offset.
 */
export const publishScript = `
${openNumbering}
${appendEvent}
redis.call(ARGV[7], ARGV[8], epoch .. ':' .. offset .. ':' .. ARGV[9])
redis.call(ARGV[7], ARGV[10], ARGV[3])
return {epoch, offset}
`;

/**
 * Numbers and keeps events, and adds each to many queues; full queues are skipped. Does nothing where the members of the
 * group are others than those for whom the queues were chosen: a channel that joined meanwhile would neither get the events nor,
 * if it has read the history already, find them there (L17). The score is above that of the group's
 * last event, whatever the clocks of the senders say, so that a queue has the events in the order of their offsets. The 12 bytes
 * that precede a queued message are the position: the offset in six bytes, and the epoch.
 * KEYS: the numbering; the history; the group; the queues. ARGV: the epoch of a new numbering, the run ID of the server, the events
 * to keep, for how long (ms), how long the numbering lasts (ms); the score below which memberships have expired (s); the digest
 * of the members, or an empty string for any; for each queue: the score below which messages have expired, expiry (s), capacity, the
 * topic that announces new work or an empty string; then for each event: the event, its score, and for each queue the message, or an
 * empty string for none.
 * Returns the epoch, the offset before the first event, and for each message that found its queue full the indexes (from 1) of event
 * and queue; or 0 and the present members.
 */
export const queueGroupSendScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[6])
if ARGV[7] ~= '' then
  local members = redis.call('ZRANGE', KEYS[3], 0, -1)
  if redis.sha1hex(table.concat(members, ' ')) ~= ARGV[7] then return {0, members} end
end
${openNumbering}
local epoch = openNumbering(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
local epochBytes = string.gsub(epoch, '%x%x', function(digits) return string.char(tonumber(digits, 16)) end)
local queues = #KEYS - 3
local held, added, full = {}, {}, {}
for queue = 1, queues do
  redis.call('ZREMRANGEBYSCORE', KEYS[queue + 3], '-inf', ARGV[4 * queue + 4])
  held[queue] = redis.call('ZCARD', KEYS[queue + 3])
end
local found = redis.call('HMGET', KEYS[1], 'offset', 'score')
local before = tonumber(found[1])
local offset, score = before, found[2] or '0'
local at = 8 + 4 * queues
while ARGV[at] do
  offset = offset + 1
  redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[3], '*', 'offset', offset, 'event', ARGV[at])
  score = string.format('%.6f', math.max(tonumber(ARGV[at + 1]), tonumber(score) + 0.000002))
  local prefix = struct.pack('>I6', offset) .. epochBytes
  for queue = 1, queues do
    local message = ARGV[at + 1 + queue]
    if message ~= '' then
      if held[queue] >= tonumber(ARGV[4 * queue + 6]) then
        full[#full + 1] = offset - before
        full[#full + 1] = queue
      else
        held[queue] = held[queue] + redis.call('ZADD', KEYS[queue + 3], score, prefix .. message)
        added[queue] = true
      end
    end
  end
  at = at + 2 + queues
end
redis.call('HSET', KEYS[1], 'offset', offset, 'score', score)
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
for queue in pairs(added) do
  redis.call('EXPIRE', KEYS[queue + 3], ARGV[4 * queue + 5])
  if ARGV[4 * queue + 7] ~= '' then redis.call('PUBLISH', ARGV[4 * queue + 7], '') end
end
return {epoch, before, full}
`;

/**
 * Reads a history.
 * KEYS: the numbering, the history. ARGV: the epoch of a new numbering, the run ID of the server, the events that are kept, for
 * how long (ms), how long the numbering lasts (ms), the limit, and the epoch and the offset of the last known event, or an empty
 * epoch.
 * Returns the reason why the events cannot be returned, or an empty string; the epoch; the last offset; the entries, newest first.
 */
export const readScript = `
${openNumbering}
local epoch = openNumbering(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
local last = tonumber(redis.call('HGET', KEYS[1], 'offset'))
local count = math.min(tonumber(ARGV[3]), tonumber(ARGV[6]))
local since = nil
if ARGV[7] ~= '' then
  since = tonumber(ARGV[8])
  if ARGV[7] ~= epoch or since > last then return {'epoch', epoch, last, {}} end
  if last - since > tonumber(ARGV[3]) then return {'expired', epoch, last, {}} end
  if last - since > tonumber(ARGV[6]) then return {'limit', epoch, last, {}} end
  count = last - since
end
if count == 0 then return {'', epoch, last, {}} end
local time = redis.call('TIME')
local oldest = math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[4]) + 1)
local entries = redis.call('XREVRANGE', KEYS[2], '+', string.format('%.0f', oldest), 'COUNT', count)
if since and (#entries < count or tonumber(entries[count][2][2]) ~= since + 1) then
  return {'expired', epoch, last, {}}
end
return {'', epoch, last, entries}
`;
