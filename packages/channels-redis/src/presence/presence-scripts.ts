/**
 * The scripts of presence. KEYS: the beginning of all keys. They name their keys by it, so they run on single servers and
 * not on a cluster. Time is the server's, so that no two machines disagree about graces and leases.
 *
 * connections:GROUP  connection -> lease and member          members:GROUP  member -> connections, 0 during the grace
 * since:GROUP        member -> when its stay began            grace          group and member, by the end of the grace
 * leases             lease, by its end                        lease:LEASE    its groups and connections
 *
 * Group and lease have no space in them, so the first space ends them. Each script first does what is due, within bounds,
 * and last tells how many milliseconds there are until something is (-1: nothing).
 */
const shared = `
local p = KEYS[1]
local time = redis.call('TIME')
local at = time[1] * 1000 + math.floor(time[2] / 1000)
local function split(text)
  local space = string.find(text, ' ', 1, true)
  return string.sub(text, 1, space - 1), string.sub(text, space + 1)
end
local function tell(group, member, present)
  local members = redis.call('HLEN', p .. 'members:' .. group)
  redis.call('PUBLISH', p .. 'changes:' .. group, present .. ' ' .. members .. ' ' .. member)
end
local function gone(group, member)
  redis.call('HDEL', p .. 'members:' .. group, member)
  redis.call('HDEL', p .. 'since:' .. group, member)
  tell(group, member, 0)
end
local function part(group, connection, grace, lease)
  local held = redis.call('HGET', p .. 'connections:' .. group, connection)
  if not held then return end
  local owner, member = split(held)
  if lease and owner ~= lease then return end
  redis.call('HDEL', p .. 'connections:' .. group, connection)
  redis.call('SREM', p .. 'lease:' .. owner, group .. ' ' .. connection)
  if redis.call('HINCRBY', p .. 'members:' .. group, member, -1) > 0 then return end
  if grace > 0 then redis.call('ZADD', p .. 'grace', at + grace, group .. ' ' .. member)
  else gone(group, member) end
end
local function dropSome(lease, grace, most)
  local held = redis.call('SPOP', p .. 'lease:' .. lease, most)
  for _, entry in ipairs(held) do
    local group, connection = split(entry)
    part(group, connection, grace, lease)
  end
  if #held < most then redis.call('ZREM', p .. 'leases', lease) end
  return #held
end
for _, entry in ipairs(redis.call('ZRANGEBYSCORE', p .. 'grace', '-inf', at, 'LIMIT', 0, 500)) do
  redis.call('ZREM', p .. 'grace', entry)
  gone(split(entry))
end
local budget = 500
for _, lease in ipairs(redis.call('ZRANGEBYSCORE', p .. 'leases', '-inf', at, 'LIMIT', 0, 20)) do
  if budget > 0 then budget = budget - dropSome(lease, 0, budget) end
end
local function due()
  local wait = -1
  for _, key in ipairs({p .. 'grace', p .. 'leases'}) do
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if first[2] then
      local ms = math.max(0, first[2] - at)
      if wait < 0 or ms < wait then wait = ms end
    end
  end
  return wait
end
`;

/** ARGV: lease, its length (ms). */
export const openScript = `${shared}
redis.call('ZADD', p .. 'leases', at + ARGV[2], ARGV[1])
return {1, due()}
`;

/** ARGV: lease, its length (ms). Returns 0 when it had ended: then all that stood under it is gone. */
export const renewScript = `${shared}
local ends = redis.call('ZSCORE', p .. 'leases', ARGV[1])
if not ends or tonumber(ends) <= at then return {0, due()} end
redis.call('ZADD', p .. 'leases', at + ARGV[2], ARGV[1])
return {1, due()}
`;

/** ARGV: lease, grace (ms). Ends some hundred of the lease's connections, and it with the last. Returns how many. */
export const dropScript = `${shared}
return {dropSome(ARGV[1], tonumber(ARGV[2]), 500), due()}
`;

/** ARGV: lease, its length (ms), group, member, connection. A sign of life as well. Returns 0 when the lease has ended. */
export const joinScript = `${shared}
local lease, group, member, connection = ARGV[1], ARGV[3], ARGV[4], ARGV[5]
local ends = redis.call('ZSCORE', p .. 'leases', lease)
if not ends or tonumber(ends) <= at then return {0, due()} end
redis.call('ZADD', p .. 'leases', at + ARGV[2], lease)
local held = redis.call('HGET', p .. 'connections:' .. group, connection)
if held then
  local owner, former = split(held)
  if former == member then
    if owner ~= lease then
      redis.call('SREM', p .. 'lease:' .. owner, group .. ' ' .. connection)
      redis.call('SADD', p .. 'lease:' .. lease, group .. ' ' .. connection)
      redis.call('HSET', p .. 'connections:' .. group, connection, lease .. ' ' .. member)
    end
    return {1, due()}
  end
  part(group, connection, 0)
end
redis.call('HSET', p .. 'connections:' .. group, connection, lease .. ' ' .. member)
redis.call('SADD', p .. 'lease:' .. lease, group .. ' ' .. connection)
if redis.call('HINCRBY', p .. 'members:' .. group, member, 1) == 1 then
  if redis.call('ZREM', p .. 'grace', group .. ' ' .. member) == 0 then
    redis.call('HSET', p .. 'since:' .. group, member, at)
    tell(group, member, 1)
  end
end
return {1, due()}
`;

/** ARGV: connection, grace (ms), the groups that it leaves. */
export const leaveScript = `${shared}
for i = 3, #ARGV do part(ARGV[i], ARGV[1], tonumber(ARGV[2])) end
return {1, due()}
`;

/** ARGV: group. Returns members and connections. */
export const countsScript = `${shared}
return {redis.call('HLEN', p .. 'members:' .. ARGV[1]), redis.call('HLEN', p .. 'connections:' .. ARGV[1])}
`;

/** ARGV: group. Returns members with their connections, and members with the beginning of their stay. */
export const rosterScript = `${shared}
return {redis.call('HGETALL', p .. 'members:' .. ARGV[1]), redis.call('HGETALL', p .. 'since:' .. ARGV[1])}
`;

/** ARGV: group, member. */
export const hasScript = `${shared}
return {redis.call('HEXISTS', p .. 'members:' .. ARGV[1], ARGV[2]), due()}
`;

/** Does what is due. */
export const sweepScript = `${shared}
return {1, due()}
`;
