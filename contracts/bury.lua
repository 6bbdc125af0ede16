-- Move the oldest Event to the dead letters, with the error that killed it. Its record tells the letter's id.
-- Another try at an Event whose letter is there leaves none of its own.
-- KEYS  lease, due, inbox, control, turn, dead, where the turn's place was noted (`running:`), then keys to
--       delete with it (an uploaded photo)
-- ARGV  conversation, token, event id, error, life of the record in s
-- Gives the number of Events left, or -1 when the lease is lost or the oldest Event is another
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return -1 end
local event = redis.call('LINDEX', KEYS[3], 0)
if not event or cjson.decode(event).event_id ~= ARGV[3] then return -1 end
redis.call('LPOP', KEYS[3])
redis.call('ZREM', KEYS[7], ARGV[1])
for i = 8, #KEYS do redis.call('DEL', KEYS[i]) end
redis.call('HDEL', KEYS[5], 'partial')
redis.call('HSET', KEYS[5], 'v', 1, 'state', 'dead', 'error', ARGV[4])
local fact = cjson.decode(event)
local of = fact.kind == 'regeneration_requested' and redis.call('HGET', 'turn:' .. fact.target, 'letter')
local letter, is_there = of and redis.call('XRANGE', KEYS[6], of, of)[1], false
for i = 1, letter and #letter[2] or 0, 2 do
  -- what is asked for again is in the hands of who asks, and may be another conversation's
  is_there = is_there or letter[2][i] == 'event' and cjson.decode(letter[2][i + 1]).conversation_id == ARGV[1]
end
if not is_there then
  redis.call('HSET', KEYS[5], 'letter', redis.call('XADD', KEYS[6], '*', 'event', event, 'error', ARGV[4]))
end
redis.call('EXPIRE', KEYS[5], ARGV[5])
local left = redis.call('LLEN', KEYS[3])
if left == 0 and redis.call('EXISTS', KEYS[4]) == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end
return left
