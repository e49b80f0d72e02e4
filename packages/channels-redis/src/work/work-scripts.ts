/**
 * The scripts of acknowledged work. The keys of a channel are always these, in this order: the channel itself, its claims
 * (by deadline), what was claimed once and waits for another try (by due time), the tries of each message, the dead
 * letters (by time of death), and why they died. What was claimed once never goes back to the channel, where it could
 * expire. Deadlines are by the server's clock, so that no two machines disagree about them.
 */

/** Of the scripts below. */
const shared = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function die(member, tries, why, most, keep)
  redis.call('HDEL', KEYS[4], member)
  redis.call('ZADD', KEYS[5], now(), member)
  redis.call('HSET', KEYS[6], member, tries .. ' ' .. why)
  local over = redis.call('ZCARD', KEYS[5]) - tonumber(most)
  if over > 0 then
    for _, oldest in ipairs(redis.call('ZRANGE', KEYS[5], 0, over - 1)) do
      redis.call('ZREM', KEYS[5], oldest)
      redis.call('HDEL', KEYS[6], oldest)
    end
  end
  for i = 5, 6 do redis.call('EXPIRE', KEYS[i], keep) end
end
`;

/**
 * Takes the oldest messages of a channel and keeps them, claimed, until each is settled or its time is over. Before that,
 * claims whose time is over wait for another try, or go to the dead letters when they have had their tries.
 * ARGV: how many, visibility (ms), most tries, time to keep (s), what is older has expired (s), dead letters kept.
 * Returns the milliseconds until there is something to do or -1, then of each message itself and its number of tries.
 */
export const claimScript = `${shared}
local at = now()
local most = tonumber(ARGV[1])
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', at, 'LIMIT', 0, 100)) do
  redis.call('ZREM', KEYS[2], member)
  local tries = tonumber(redis.call('HGET', KEYS[4], member) or '0')
  if tries >= tonumber(ARGV[3]) then die(member, tries, 'its worker gave no sign of life', ARGV[6], ARGV[4])
  else redis.call('ZADD', KEYS[3], at, member) end
end
local taken = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', at, 'LIMIT', 0, most)
for _, member in ipairs(taken) do redis.call('ZREM', KEYS[3], member) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[5])
if #taken < most then
  local popped = redis.call('ZPOPMIN', KEYS[1], most - #taken)
  for i = 1, #popped, 2 do taken[#taken + 1] = popped[i] end
end
local reply = {-1}
for _, member in ipairs(taken) do
  redis.call('ZADD', KEYS[2], at + ARGV[2], member)
  reply[#reply + 1] = member
  reply[#reply + 1] = redis.call('HINCRBY', KEYS[4], member, 1)
end
for i = 2, 3 do
  local first = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')
  if first[2] then
    local wait = math.max(0, first[2] - at)
    if reply[1] < 0 or wait < reply[1] then reply[1] = wait end
  end
end
if reply[1] >= 0 then for i = 2, 4 do redis.call('EXPIRE', KEYS[i], ARGV[4]) end end
return reply
`;

/**
 * Ends a claim that is still held: by this very try, as the message may have been handed out again since.
 * ARGV: message, outcome, time to keep (s), delay of the next try (ms) or why it died, dead letters kept, the topic on
 * which workers wait, which try it was.
 * Outcomes: "ack"; "retry", after the delay; "release", at once and not counted as a try; "dead".
 * Returns 1, or 0 when the claim had lapsed: somebody else may be at the message.
 */
export const settleScript = `${shared}
local member = ARGV[1]
if redis.call('HGET', KEYS[4], member) ~= ARGV[7] then return 0 end
if redis.call('ZREM', KEYS[2], member) == 0 then return 0 end
if ARGV[2] == 'ack' then
  redis.call('HDEL', KEYS[4], member)
elseif ARGV[2] == 'dead' then
  die(member, redis.call('HGET', KEYS[4], member) or '0', ARGV[4], ARGV[5], ARGV[3])
else
  local delay = 0
  if ARGV[2] == 'retry' then delay = tonumber(ARGV[4])
  elseif redis.call('HINCRBY', KEYS[4], member, -1) < 1 then redis.call('HDEL', KEYS[4], member) end
  redis.call('ZADD', KEYS[3], now() + delay, member)
  redis.call('EXPIRE', KEYS[3], ARGV[3])
  redis.call('PUBLISH', ARGV[6], '')
end
return 1
`;

/**
 * A sign of life for claims. KEYS: the claims, their tries. ARGV: visibility (ms), time to keep (s), then message and try
 * of each. Claims that lapsed stay so.
 */
export const renewClaimsScript = `${shared}
local deadline = now() + ARGV[1]
for i = 3, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then redis.call('ZADD', KEYS[1], 'XX', deadline, ARGV[i]) end
end
for i = 1, 2 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
return 1
`;

/** The newest dead letters. KEYS: the dead letters, why they died. ARGV: how many. Returns message, time (ms), why; each. */
export const deadLettersScript = `
local reply = {}
local found = redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1] - 1, 'WITHSCORES')
for i = 1, #found, 2 do
  reply[#reply + 1] = found[i]
  reply[#reply + 1] = found[i + 1]
  reply[#reply + 1] = redis.call('HGET', KEYS[2], found[i]) or ''
end
return reply
`;

/**
 * Takes a dead letter away, and hands it out as if it were new if that is asked for.
 * ARGV: message, "back" or "away", time to keep (s), the topic on which workers wait.
 * Returns 1, or 0 when it was not there.
 */
export const removeDeadLetterScript = `${shared}
if redis.call('ZREM', KEYS[5], ARGV[1]) == 0 then return 0 end
redis.call('HDEL', KEYS[6], ARGV[1])
if ARGV[2] == 'back' then
  redis.call('ZADD', KEYS[3], now(), ARGV[1])
  redis.call('EXPIRE', KEYS[3], ARGV[3])
  redis.call('PUBLISH', ARGV[4], '')
end
return 1
`;
