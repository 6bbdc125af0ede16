-- Those lists that have more entries than is known of them.
-- KEYS  lists
-- ARGV  how many entries are known, for each list
-- Gives a list for each that is longer: its place among KEYS, from 1, then all of its entries
local found = {}
for place, key in ipairs(KEYS) do
  if redis.call('LLEN', key) > tonumber(ARGV[place]) then
    local entries = redis.call('LRANGE', key, 0, -1)
    table.insert(entries, 1, place)
    table.insert(found, entries)
  end
end
return found
