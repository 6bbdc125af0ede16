-- Delete one entry of a web conversation's stream, and tell who looks at it that it is gone: once, however many
-- workers are at it.
-- KEYS  stream
-- ARGV  the entry's id, field, the entry that tells of it
-- Gives 1, or 0 when the entry was gone before
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end -- a first write that needs no memory, see lease.lua
redis.call('XADD', KEYS[1], '*', ARGV[2], ARGV[3])
return 1
