import {
  type Frame,
  FrameQueue,
  type FramesOptions,
  type LiveService,
  type StreamName,
  type StreamRequest,
  VirtualConnection,
} from '../live/index.ts'

/**
 * The frames of a stream, for a program: who is a client like others, and is not asked of admission.
 * @param clientId unique in this process
 * @throws RejectedError if there is no such virtual host, or it is switched off
 */
export async function* libraryFrames(
  live: LiveService,
  name: StreamName,
  clientId: string,
  options: FramesOptions,
): AsyncGenerator<Frame, void, undefined> {
  const stream = live.registry.open(name)
  const client = { id: clientId, protocol: 'library', address: 'local' } as const
  const leave = stream.addViewer(client)
  const queue = new FrameQueue(stream, options)
  const connection = new VirtualConnection()
  connection.totals = {
    bytesReceived: 0,
    get bytesSent(): number {
      return queue.bytesTaken
    },
  }
  const request: StreamRequest = { name, client, ...NOTHING_SAID, parameters: new URLSearchParams() }
  const entry = live.clients.enter('player', request, connection)
  entry.activity.progress = queue
  entry.client.start(entry.activity, () => void queue.return())
  try {
    yield* queue
  } finally {
    leave()
    entry.client.end(entry.activity)
    connection.close()
  }
}

const NOTHING_SAID = { vhost: '', param: '', tcUrl: '', pageUrl: '' }
