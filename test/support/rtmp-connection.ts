import type { RtmpConnection } from '../../src/rtmp/index.ts'

/** A connection that nothing comes from and nothing goes to. */
export function idleConnection(own: Partial<RtmpConnection> = {}): RtmpConnection {
  return {
    bytesReceived: 0,
    bytesSent: 0,
    sendStatus() {},
    close() {},
    disconnect() {},
    readNow() {},
    onClose() {},
    ...own,
  }
}
