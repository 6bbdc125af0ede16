-- Count a person's rating of a message once; another verdict later replaces the first, on the first one's day.
-- KEYS  the mark of this person and message, the day's ratings
-- ARGV  helpful or unhelpful, workspace, life of the mark in s, life of the ratings in s
-- Gives nothing
local before = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1]) -- a first write that needs no memory, see lease.lua
local day = KEYS[2]
if before then
  local verdict
  verdict, day = string.match(before, '(%a+) (.+)')
  redis.call('HINCRBY', day, verdict .. ' ' .. ARGV[2], -1)
end
redis.call('HINCRBY', day, ARGV[1] .. ' ' .. ARGV[2], 1)
redis.call('EXPIRE', day, ARGV[4])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. day, 'EX', ARGV[3])
