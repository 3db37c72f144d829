import type { ClientProtocol, StreamRequest } from '../client.ts'
import type { Source } from '../ports.ts'
import type { EndReason } from '../sink.ts'
import { parseStreamName } from '../stream-name.ts'

/** What client `id` asks. */
export function streamRequest(
  id: string,
  path: string = 'live/demo',
  protocol: ClientProtocol = 'rtmp',
): StreamRequest {
  return {
    name: parseStreamName(path),
    client: { id, protocol, address: '192.0.2.1' },
    vhost: 'localhost',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl: 'rtmp://localhost/live',
    pageUrl: '',
  }
}

/** A publisher that writes down why it was revoked. */
export class RecordingSource implements Source {
  readonly revoked: EndReason[] = []

  onRevoked(reason: EndReason): void {
    this.revoked.push(reason)
  }
}
