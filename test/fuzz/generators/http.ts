import type { Random } from '../lib/random.ts'

const METHODS = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'PATCH',
  'get',
  '',
] as const
const PATHS = [
  '/',
  '/live/witness.flv',
  '/live/fuzz.flv',
  '/live/fuzz.m3u8',
  '/live/fuzz-1.ts',
  '/live/fuzz.m3u8?hls_ctx=x',
  '/api/v1/versions',
  '/api/v1/streams/',
  '/api/v1/streams?start=-1&count=x',
  '/api/v1/clients/',
  '/api/v1/events',
  '/api/v1/summaries',
  '/crossdomain.xml',
  '/live/%00.flv',
  '/%',
  '//',
  '/..%2f..%2fetc/passwd',
  '/live/../live/fuzz.flv',
  '*',
  'http://host/live/fuzz.flv',
  '/live/fuzz.flv?a=%ff&a=1',
] as const
const HEADERS = [
  'Host: host',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Version: 99',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Key: x',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999',
  'Transfer-Encoding: chunked',
  'Expect: 100-continue',
  'Origin: null',
  'Range: bytes=0-',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
  'X: \u0000',
  'Accept: text/event-stream',
  ': no name',
  'Host: ',
] as const
const BODIES = [
  '',
  '',
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  'ffffffff\r\n',
  '{"a":',
  '\u0000\u0001',
] as const

/** HTTP requests, one or several in one go. */
export function httpRequests(random: Random): Uint8Array {
  return Buffer.concat(random.list(1 + random.small(3), () => httpRequest(random)))
}

function httpRequest(random: Random): Uint8Array {
  const version = random.oneIn(10) ? random.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', '']) : 'HTTP/1.1'
  const headers = ['Host: host', ...random.list(random.small(6), () => random.pick(HEADERS))]
  const long = random.oneIn(40) ? [`X: ${'x'.repeat(20_000)}`] : []
  const head = [`${random.pick(METHODS)} ${random.pick(PATHS)} ${version}`, ...headers, ...long]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${random.pick(BODIES)}`, 'latin1')
}

const UPGRADE = [
  'GET /live/witness.flv HTTP/1.1',
  'Host: host',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n')

/** An upgrade and WebSocket frames behind it (RFC 6455, 5.2). */
export function webSocketFrames(random: Random): Uint8Array {
  return Buffer.concat([Buffer.from(UPGRADE), ...random.list(random.small(8), () => webSocketFrame(random))])
}

function webSocketFrame(random: Random): Uint8Array {
  const payload = random.bytes(random.oneIn(30) ? 17_000 : random.small(200))
  const opcode = random.oneIn(6) ? random.below(16) : random.pick([0, 1, 2, 8, 9, 10])
  const finalAndReserved = random.oneIn(8) ? random.below(16) << 4 : random.pick([0x80, 0x80, 0])
  const mask = random.oneIn(8) ? 0 : 0x80
  const length = random.oneIn(15) ? random.interesting(0xffffffff) : payload.length
  const lengthBytes =
    length < 126
      ? Uint8Array.of(mask + length)
      : length < 0x10000
        ? Uint8Array.of(mask + 126, length >> 8, length)
        : Uint8Array.of(mask + 127, 0, 0, 0, 0, length >>> 24, length >> 16, length >> 8, length)
  const key = mask === 0 ? new Uint8Array(0) : new Uint8Array(4)
  return Buffer.concat([Uint8Array.of(finalAndReserved + opcode), lengthBytes, key, payload])
}
