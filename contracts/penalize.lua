-- Move a limit's clock after a 429: nobody acts under this key before the time is over.
-- KEYS  the limit, the penalty
-- ARGV  retry-after in ms, ms between places, burst, a name for this penalty
-- Gives nothing
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
-- who sleeps until his place comes looks whether there is a penalty that he has not seen
local shut_ms = math.max(redis.call('PTTL', KEYS[2]), tonumber(ARGV[1]))
redis.call('DEL', KEYS[2]) -- a first write that needs no memory, see lease.lua
redis.call('SET', KEYS[2], ARGV[4], 'PX', shut_ms)
local arrival = now + ARGV[1] + (ARGV[3] - 1) * ARGV[2]
local known, written = string.match(redis.call('GET', KEYS[1]) or '0', '^(%d+%.?%d?%d?%d?)(%d*)')
if arrival > tonumber(known) - math.max((tonumber(written) or now) - now, 0) then -- see pace.lua
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[1], string.format('%.3f%.0f', arrival, now), 'PX', math.ceil(arrival - now) + 1000)
end
