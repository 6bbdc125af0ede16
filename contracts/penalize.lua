-- Move a limit's clock after a 429: nobody acts under this key before the time is over.
-- KEYS  the limit
-- ARGV  retry-after in ms, ms between places, burst
-- Gives nothing
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local arrival = now + ARGV[1] + (ARGV[3] - 1) * ARGV[2]
if arrival > tonumber(redis.call('GET', KEYS[1]) or 0) then
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[1], arrival, 'PX', math.ceil(arrival - now) + 1000)
end
