-- Write a tracker and the replies of the Event that changed it, once, as the holder of the lease.
-- KEYS  lease, tracker
-- ARGV  lease token ("" for a caller without a lease), version that was read (0 for none),
--       life of the tracker in s, tracker, event id, replies, how many Events' replies to keep
-- Gives 1; 0 when the lease is lost; -1 when another has written since
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local version = tonumber(redis.call('HGET', KEYS[2], 'version') or 0)
if version ~= tonumber(ARGV[2]) then return -1 end
local order = cjson.decode(redis.call('HGET', KEYS[2], 'events') or '[]')
order[#order + 1] = ARGV[5]
redis.call('HDEL', KEYS[2], '') -- a first write that needs no memory, see lease.lua
while #order > tonumber(ARGV[7]) do
  redis.call('HDEL', KEYS[2], 'replies:' .. table.remove(order, 1))
end
redis.call('HSET', KEYS[2], 'v', 1, 'version', version + 1, 'tracker', ARGV[4], 'events', cjson.encode(order),
  'replies:' .. ARGV[5], ARGV[6])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
