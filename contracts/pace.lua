-- Take one place in every rate limit at once, or in none (GCRA; a key holds its theoretical arrival time).
-- KEYS  one for each limit
-- ARGV  longest wait in ms that the caller accepts, then for each key: ms between places, burst
-- Gives {1, ms to wait before acting}, or {0, ms until it is worth asking again}
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local next_at, wait = {}, 0

-- a key holds its time and, behind the third decimal, when it was written: a clock that has gone back since
-- takes the time along. Workers of before read the whole as the time
local function arrival_of(key)
  local value = redis.call('GET', key)
  if not value then return now end
  local arrival, written = string.match(value, '^(%d+%.?%d?%d?%d?)(%d*)')
  return math.max(tonumber(arrival) - math.max((tonumber(written) or now) - now, 0), now)
end

for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local arrival = arrival_of(key)
  wait = math.max(wait, arrival - (burst - 1) * interval - now)
  next_at[i] = arrival + interval
end
if wait > tonumber(ARGV[1]) then return {0, wait} end
for i, key in ipairs(KEYS) do
  redis.call('DEL', key) -- a first write that needs no memory, see lease.lua
  redis.call('SET', key, string.format('%.3f%.0f', next_at[i], now), 'PX', math.ceil(next_at[i] - now) + 1000)
end
return {1, wait}
