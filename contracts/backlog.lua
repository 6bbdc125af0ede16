-- Look at what waits; changes nothing, and looks at so many conversations at most: those due longest.
-- KEYS  due, dead, the Celery list
-- ARGV  at most so many conversations
-- Gives conversations with work left, Events that wait in those looked at, s since the oldest of these was
--       accepted (0 where none waits), dead letters, wakes in the Celery list
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local waiting, oldest = 0, now
for _, conversation in ipairs(redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1)) do
  local inbox = 'inbox:' .. conversation
  -- the first Event of a leased conversation is being answered
  local first = redis.call('EXISTS', 'lease:' .. conversation)
  local event = redis.call('LINDEX', inbox, first)
  if event then
    waiting = waiting + redis.call('LLEN', inbox) - first
    -- no text can hold this: its quotation marks are escaped
    oldest = math.min(oldest, tonumber(string.match(event, '"at":(%d+)')) or now)
  end
end
return {redis.call('ZCARD', KEYS[1]), waiting, math.ceil((now - oldest) / 1000), redis.call('XLEN', KEYS[2]), redis.call('LLEN', KEYS[3])}
