-- Remove the oldest Event: its turn is over. What remains of its record is a stub. The dead letter that the turn
-- was another try at is removed with it; an Event that was dead once notes when it was answered, and another try
-- keeps whose answer it gave (`asked`). The lease ends with the work.
-- KEYS  lease, due, inbox, control, turn, dead, where the turn's place was noted (`running:`), then keys to
--       delete with it (an uploaded photo)
-- ARGV  conversation, token, event id, outcome, life of the stub in s, the turn's times (JSON) or nothing
-- Gives 1 when work is left, 0 when none is (the lease is given back), or -1 when the lease is lost or the
--       oldest Event is another
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return -1 end
local event = redis.call('LINDEX', KEYS[3], 0)
if not event or cjson.decode(event).event_id ~= ARGV[3] then return -1 end
redis.call('LPOP', KEYS[3])
redis.call('ZREM', KEYS[7], ARGV[1])
for i = 8, #KEYS do redis.call('DEL', KEYS[i]) end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local fact = cjson.decode(event)
if fact.kind == 'regeneration_requested' then
  local target = 'turn:' .. fact.target
  local id = redis.call('HGET', target, 'letter')
  local letter = id and redis.call('XRANGE', KEYS[6], id, id)[1]
  for i = 1, letter and #letter[2] or 0, 2 do
    if letter[2][i] == 'event' and cjson.decode(letter[2][i + 1]).conversation_id == ARGV[1] then
      redis.call('XDEL', KEYS[6], id)
      redis.call('HDEL', target, 'letter')
      redis.call('HSET', target, 'answered', now)
    end
  end
end
local turn = redis.call('HMGET', KEYS[5], 'v', 'attempts', 'first_at', 'revived', 'asked')
redis.call('DEL', KEYS[5])
redis.call('HSET', KEYS[5], 'v', turn[1] or 1, 'attempts', turn[2] or 1, 'first_at', turn[3] or 0, 'state', ARGV[4])
if turn[4] then redis.call('HSET', KEYS[5], 'answered', now) end
if turn[5] then redis.call('HSET', KEYS[5], 'asked', turn[5]) end
if ARGV[6] then redis.call('HSET', KEYS[5], 'times', ARGV[6]) end
redis.call('EXPIRE', KEYS[5], ARGV[5])
if redis.call('EXISTS', KEYS[3], KEYS[4]) > 0 then return 1 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[1])
return 0
