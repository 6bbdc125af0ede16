-- Put a dead letter back at the end of its conversation's inbox, for a fresh start.
-- KEYS  dead, due
-- ARGV  the dead letter's id, milliseconds until the sweep may wake the conversation
-- Gives the conversation, false when there is no such letter, or "" when another try at it waits or runs
local letter = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not letter then return false end
local event
for i = 1, #letter[2], 2 do
  if letter[2][i] == 'event' then event = letter[2][i + 1] end
end
local fact = cjson.decode(event)
local inbox, turn = 'inbox:' .. fact.conversation_id, 'turn:' .. fact.event_id
for _, waiting in ipairs(redis.call('LRANGE', inbox, 0, -1)) do
  local other = cjson.decode(waiting)
  if other.kind == 'regeneration_requested' and other.target == fact.event_id then return '' end
end
local life = redis.call('TTL', turn)
redis.call('DEL', turn)
redis.call('HSET', turn, 'revived', 1)
redis.call('EXPIRE', turn, math.max(life, 86400))
redis.call('RPUSH', inbox, event)
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZADD', KEYS[2], 'NX', now + ARGV[2], fact.conversation_id)
redis.call('XDEL', KEYS[1], ARGV[1])
return fact.conversation_id
