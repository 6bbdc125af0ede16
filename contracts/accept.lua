-- Take a batch of arrivals into their conversations' inboxes, each at most once.
-- KEYS  due
-- ARGV  inbox cap, claim's life in s, milliseconds until the sweep may wake the conversation,
--       then five for each arrival: conversation, "inbox" or "control", event, overflow event or "",
--       delivery keys joined by newlines
-- Gives one number for each arrival: 0 duplicate, 1 accepted and idle, 2 accepted and queued,
--       3 dropped with an overflow event written, 4 dropped, 5 nothing done: the overflow event is needed
local due = KEYS[1]
local cap, claim_s, wake_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function claim(keys)
  local names = {}
  for key in string.gmatch(keys, '[^\n]+') do
    names[#names + 1] = 'seen:' .. key
  end
  for _, name in ipairs(names) do
    if redis.call('EXISTS', name) == 1 then
      -- the other names of a known delivery are known from now on
      for _, other in ipairs(names) do redis.call('SET', other, '', 'NX', 'EX', claim_s) end
      return false
    end
  end
  for _, name in ipairs(names) do redis.call('SET', name, '', 'EX', claim_s) end
  return true
end

local function append(conversation, list, length, event, overflow)
  if length > cap or (length == cap and list == 'control') then return 4 end
  redis.call('RPUSH', list .. ':' .. conversation, length < cap and event or overflow)
  local idle = redis.call('ZADD', due, 'NX', now + wake_ms, conversation)
  if length == cap then return 3 end
  return idle == 1 and 1 or 2
end

local function accept(conversation, list, event, overflow, claims)
  local length = redis.call('LLEN', list .. ':' .. conversation)
  if length == cap and list == 'inbox' and overflow == '' then return 5 end
  if not claim(claims) then return 0 end
  return append(conversation, list, length, event, overflow)
end

local answers = {}
for i = 4, #ARGV, 5 do
  answers[#answers + 1] = accept(unpack(ARGV, i, i + 4))
end
return answers
