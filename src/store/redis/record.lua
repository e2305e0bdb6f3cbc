-- What all scripts share: the record under the only key, a hash of
--   s state: 0 in flight or released, 1 completed   o owner, 16 bytes
--   f fence                                         p fingerprint, 32 bytes
--   in flight:  l end of the lease in ms of the epoch, 0 once released   n attempts
--   completed:  c status
-- The server drops it when it expires.
local key = KEYS[1]

-- A whole number that a double holds exactly, or nil.
local function number(text)
  local value = text and string.find(text, '^%d+$') and tonumber(text)
  return value and value <= 9007199254740991 and value or nil
end

-- Lua's own conversion keeps 14 digits.
local function text(value)
  return string.format('%.0f', value)
end

-- nil if there is none, false if it cannot be read.
local function read()
  local h = redis.call('HMGET', key, 's', 'o', 'f', 'p', 'l', 'n', 'c')
  if not h[1] and redis.call('EXISTS', key) == 0 then return nil end
  local record = {
    state = h[1], owner = h[2] or '', fence = number(h[3]), body = h[4] or '',
    lease_until = number(h[5]), attempt = number(h[6]), status = number(h[7]),
  }
  local whole = #record.owner == 16 and #record.body == 32 and record.fence
  local flying = record.state == '0' and record.lease_until and record.attempt
  local completed = record.state == '1' and record.status
  return whole and (flying or completed) and record or false
end

-- A write even where nothing changes: WAIT is documented for what its own connection has written.
-- And where memory has run out, a script may still add once it has deleted.
local function rewrite(field, value)
  redis.call('HDEL', key, field)
  redis.call('HSET', key, field, value)
end

local function clock()
  local time = redis.call('TIME')
  local micros = time[1] * 1000000 + time[2]
  return micros, math.floor(micros / 1000)
end
