-- Append one entry to a web conversation's stream, at most once for each name.
-- KEYS  lease, turn, stream
-- ARGV  token, name in the turn's record ("" for entries that may repeat), life of the record in s,
--       life of the stream in s, longest stream, field, entry, then ids of entries that it replaces
-- Gives the entry's id, or false when the lease is lost
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local name = ARGV[2]
local known = name ~= '' and redis.call('HGET', KEYS[2], name)
if known then return known end
-- first writes that need no memory, see lease.lua; what passes is gone before anything that lasts
for i = 8, #ARGV do redis.call('XDEL', KEYS[3], ARGV[i]) end
redis.call('XTRIM', KEYS[3], 'MAXLEN', ARGV[5])
local id = redis.call('XADD', KEYS[3], '*', ARGV[6], ARGV[7])
redis.call('EXPIRE', KEYS[3], ARGV[4])
if name ~= '' then
  redis.call('HSET', KEYS[2], name, id)
  redis.call('EXPIRE', KEYS[2], ARGV[3])
end
return id
