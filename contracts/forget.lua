-- Note that the answer to an Event was deleted: its words are shown to nobody any more.
-- KEYS  tracker
-- ARGV  event id, how many such notes are kept
-- Gives 1, or 0 where there is no such conversation
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local deleted = cjson.decode(redis.call('HGET', KEYS[1], 'deleted') or '[]')
deleted[#deleted + 1] = ARGV[1]
while #deleted > tonumber(ARGV[2]) do table.remove(deleted, 1) end
redis.call('HSET', KEYS[1], 'deleted', cjson.encode(deleted))
if redis.call('HEXISTS', KEYS[1], 'replies:' .. ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'replies:' .. ARGV[1], '[]')
end
return 1
