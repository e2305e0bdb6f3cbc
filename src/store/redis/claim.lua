-- token, fingerprint, lease in ms, lifetime in ms
local micros, millis = clock()
local record = read()
if record == false then return {'corrupt'} end
local fence, attempt = micros, 1
if record then
  local same = record.body == ARGV[2] and 1 or 0
  if record.state == '1' then return {'completed', record.status, same} end
  if record.lease_until > millis then
    if record.owner ~= ARGV[1] then return {'in flight', record.lease_until - millis, same} end
    rewrite('s', '0')
    return {'new', text(record.fence), record.attempt}
  end
  fence, attempt = math.max(micros, record.fence + 1), record.attempt + 1
end
redis.call('HSET', key, 's', '0', 'o', ARGV[1], 'f', text(fence), 'p', ARGV[2],
  'l', text(millis + ARGV[3]), 'n', text(attempt))
redis.call('PEXPIRE', key, ARGV[4])
return {'new', text(fence), attempt}
