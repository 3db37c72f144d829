/**
 * What Node's `net` takes for the writes of a live stream, for `plain-node.ts`: the same as `floor.c` does. It accepts players of
 * HTTP-FLV and writes the same bytes to each at each interval; there is no publisher, no parsing, no queue, no counting.
 */
import { createServer, type Socket } from 'node:net'
import process from 'node:process'
import { machineNow, STAMP_OFFSET, writeStamp } from '../../src/load/stamp.ts'
import { createVideoFrame } from '../../src/load/synthetic-video.ts'
import { FLV_TAG_HEADER_BYTES, FlvTagType, writeFlvTagHeader } from '../../src/media/flv/tag-header.ts'
import type { PlainNodeSetup } from './plain-node.ts'

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: video/x-flv\r\nconnection: close\r\n\r\nFLV\x01\x01\0\0\0\x09\0\0\0\0'
const PREVIOUS_TAG_SIZE_BYTES = 4
const BACKLOG = 4096

const { bytesPerWrite, intervalMs, writesPerKeyframe } = JSON.parse(process.argv[2] ?? '') as PlainNodeSetup
const bodyBytes = Math.round(bytesPerWrite) - FLV_TAG_HEADER_BYTES - PREVIOUS_TAG_SIZE_BYTES
const players = new Set<Socket>()
const beganAt = machineNow()
let writes = 0

const server = createServer({ noDelay: true }, (socket) => {
  socket.once('data', () => {
    socket.write(HEAD, 'latin1')
    players.add(socket)
  })
  socket.on('error', () => {})
  socket.on('close', () => players.delete(socket))
})
server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : null)
  setTimeout(writeToAll, intervalMs)
})
process.on('disconnect', () => process.exit())
process.on('SIGTERM', () => process.exit())
process.on('message', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.({ usedBytes: heapUsed + external })
})

function writeToAll(): void {
  const now = machineNow()
  const tag = createTag(now)
  for (const player of players) {
    if (!player.writableNeedDrain) {
      player.write(tag)
    }
  }
  // As the floor's timer: what a turn takes does not move the next.
  setTimeout(writeToAll, beganAt + (writes + 1) * intervalMs - machineNow())
}

/** One of its own for each interval: sockets may still hold the one before. */
function createTag(sentMs: number): Uint8Array {
  const body = createVideoFrame(writes % writesPerKeyframe, bodyBytes)
  writeStamp(body, STAMP_OFFSET, { sentMs, frame: writes })
  const tag = Buffer.alloc(FLV_TAG_HEADER_BYTES + bodyBytes + PREVIOUS_TAG_SIZE_BYTES)
  writeFlvTagHeader(tag, 0, FlvTagType.video, bodyBytes, sentMs - beganAt)
  tag.set(body, FLV_TAG_HEADER_BYTES)
  tag.writeUInt32BE(FLV_TAG_HEADER_BYTES + bodyBytes, tag.length - PREVIOUS_TAG_SIZE_BYTES)
  writes++
  return tag
}
