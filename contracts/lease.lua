-- Take or keep a conversation's lease, and begin an attempt at its oldest Event.
-- KEYS  lease, due, inbox, control
-- ARGV  conversation, token, lease in ms, life of a turn's record in s, newest Event version known,
--       ms to postpone an Event of a newer version, ms that count at most from one attempt to the next,
--       where a turn's place is noted: `running:` with all but the person in it, life of the note in s
-- Gives {"busy"}, {"idle"}, {"newer"} (postponed, not leased), {"control"} (only control Events wait)
--       or {"event", event, the turn's record: field, value, field, value ...}
local lease, due, inbox, control = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local conversation, token, lease_ms, turn_s = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local holder = redis.call('GET', lease)
if holder and holder ~= token then
  -- a life that is longer than any lease was given by a clock that has gone back since
  if redis.call('PTTL', lease) > 2 * lease_ms then redis.call('PEXPIRE', lease, lease_ms) end
  return {'busy'}
end

-- a first write that needs no memory: from here on Redis lets this script write even when it is full
redis.call('DEL', lease)
local event = redis.call('LINDEX', inbox, 0)
if not event and redis.call('EXISTS', control) == 0 then
  redis.call('ZREM', due, conversation)
  return {'idle'}
end

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local fact = event and cjson.decode(event)
if fact and fact.v > tonumber(ARGV[5]) then
  redis.call('ZADD', due, now + ARGV[6], conversation)
  return {'newer'}
end
redis.call('SET', lease, token, 'PX', lease_ms)
redis.call('ZADD', due, now + lease_ms, conversation)
if not event then return {'control'} end

local turn = 'turn:' .. fact.event_id
redis.call('HINCRBY', turn, 'attempts', 1)
redis.call('HSETNX', turn, 'v', 1)
redis.call('HSETNX', turn, 'first_at', now)
redis.call('EXPIRE', turn, turn_s)
local last_at, age = unpack(redis.call('HMGET', turn, 'last_at', 'age'))
-- summed up attempt by attempt, so that a clock that jumps makes no Event old
local gap = math.min(math.max(now - (last_at or now), 0), tonumber(ARGV[7]))
redis.call('HSET', turn, 'last_at', now, 'age', (tonumber(age) or 0) + gap)
local running = ARGV[8] .. fact.user.id
redis.call('ZADD', running, now, conversation)
redis.call('EXPIRE', running, ARGV[9])
return {'event', event, redis.call('HGETALL', turn)}
