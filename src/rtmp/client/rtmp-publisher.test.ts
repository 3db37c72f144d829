import { describe, expect, it, onTestFinished } from 'vitest'
import { RtmpSessions } from '../../../test/support/rtmp-sessions.ts'
import { answerAll, type Script, ScriptedRtmpServer } from '../../../test/support/scripted-rtmp-server.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { ClosedError, LimitError, RejectedError, TimeoutError } from '../../base/index.ts'
import { decodeAmf0, encodeAmf0 } from '../../media/index.ts'
import {
  encodeAcknowledgement,
  type MediaPacket,
  RtmpPublisher,
  type RtmpPublisherOptions,
} from '../index.ts'

const scope = { onTestFinished }
const FRAME: MediaPacket = { kind: 'video', timestamp: 0, body: Uint8Array.of(0x17, 1, 0, 0, 0, 1) }
const CLOSED = new ClosedError('the stream is no longer published: the connection is closed')

async function publish(
  script: Script = {},
  options: RtmpPublisherOptions = {},
): Promise<{ server: ScriptedRtmpServer; publisher: RtmpPublisher }> {
  const server = await ScriptedRtmpServer.listen(scope, script)
  const publisher = await RtmpPublisher.publish(server.url, options)
  onTestFinished(() => publisher.close())
  return { server, publisher }
}

/** A server that answers as usual, but for one command. */
function except(name: string, onCommand: NonNullable<Script['onCommand']>): Script {
  return {
    onCommand: (command, peer) => (command.name === name ? onCommand : answerAll)(command, peer),
  }
}

/** A server that reads nothing more once there is a publisher. */
const DEAF = except('publish', (command, peer) => {
  answerAll(command, peer)
  peer.socket.pause()
})

/** Closes, and waits until the server has read it all. */
async function finish(publisher: RtmpPublisher, server: ScriptedRtmpServer): Promise<void> {
  await publisher.close()
  await waitFor('the end', () => server.openSockets === 0)
}

/** Sends until the server takes no more. */
function fill(publisher: RtmpPublisher): void {
  const body = new Uint8Array(1_000_000)
  for (let sent = 0; publisher.send({ kind: 'video', timestamp: sent, body }); sent++) {
    expect(sent).toBeLessThan(1000)
  }
}

describe('RtmpPublisher', () => {
  it('publishes as encoders do, and unpublishes so', async () => {
    const { server, publisher } = await publish()
    await publisher.write(FRAME)
    await finish(publisher, server)
    expect(await publisher.closed).toBeNull()
    expect(server.peer.commandNames).toEqual([
      'connect',
      'releaseStream',
      'FCPublish',
      'createStream',
      'publish',
      'FCUnpublish',
      'deleteStream',
    ])
    expect(server.peer.commands[4]).toMatchObject({ args: ['demo', 'live'], streamId: 1 })
    expect(server.peer.commands[6]?.args).toEqual([1])
    expect(new Set(server.peer.commands.map(({ transactionId }) => transactionId)).size).toBe(7)
  })

  it('sends every packet with its time and body, over 2^24 and 2^32 too', async () => {
    const { server, publisher } = await publish()
    const times = [0, 40, 80, 0xffffff, 0x1000000, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 40]
    const packets = times.flatMap((timestamp, index): MediaPacket[] => [
      { kind: 'video', timestamp, body: new Uint8Array(70_000).fill(index) },
      { kind: 'audio', timestamp, body: Uint8Array.of(0xaf, 1, index) },
    ])
    for (const packet of packets) {
      await publisher.write(packet)
    }
    expect([publisher.packetsSent, publisher.bytesSent]).toEqual([18, 9 * 70_003])
    await finish(publisher, server)
    const got = server.peer.media.map(({ type, timestamp, payload }) => ({
      kind: type === 9 ? 'video' : 'audio',
      timestamp,
      body: payload,
    }))
    expect(got.length).toBe(packets.length)
    for (const [index, { kind, timestamp, body }] of packets.entries()) {
      expect(got[index]).toMatchObject({ kind, timestamp: timestamp % 2 ** 32 })
      expect(Buffer.compare(got[index]?.body ?? new Uint8Array(), body)).toBe(0)
    }
  })

  it('sends metadata as @setDataFrame, and other data as it is', async () => {
    const { server, publisher } = await publish()
    const metadata = encodeAmf0('onMetaData', { width: 640 })
    const text = encodeAmf0('onTextData', { text: 'hello' })
    await publisher.write({ kind: 'data', timestamp: 0, body: metadata })
    await publisher.write({ kind: 'data', timestamp: 0, body: text })
    await finish(publisher, server)
    const values = server.peer.media.map(({ payload }) => decodeAmf0(payload))
    expect(values).toMatchObject([
      ['@setDataFrame', 'onMetaData', { width: 640 }],
      ['onTextData', { text: 'hello' }],
    ])
  })

  it('does not mind errors about releaseStream and FCPublish', async () => {
    const { publisher } = await publish({
      onCommand: (command, peer) =>
        command.name === 'releaseStream' || command.name === 'FCPublish'
          ? peer.answer(command, [null, { level: 'error', code: 'NetConnection.Call.Failed' }], '_error')
          : answerAll(command, peer),
    })
    await publisher.write(FRAME)
  })

  it('is refused with the words of the server, and leaves nothing behind', async () => {
    const server = await ScriptedRtmpServer.listen(
      scope,
      except('publish', (_, peer) => peer.status('NetStream.Publish.BadName', 'error')),
    )
    await expect(RtmpPublisher.publish(server.url)).rejects.toMatchObject({
      message: 'the server refused publish: NetStream.Publish.BadName: says NetStream.Publish.BadName',
      refusal: { command: 'publish', status: 'NetStream.Publish.BadName', redirect: null },
    })
    await waitFor('the end', () => server.openSockets === 0)
  })

  it('is told the reason of our own server', async () => {
    const sessions = await RtmpSessions.listen({
      publish: () => Promise.reject(new RejectedError('not today')),
    })
    onTestFinished(() => sessions.close())
    await expect(RtmpPublisher.publish(`${sessions.url}/live/demo`)).rejects.toThrow(
      /the server refused publish: NetStream\.Publish\.BadName: .*not today/,
    )
    await sessions.untilClosed()
  })

  it('gives up a server that does not answer publish', async () => {
    const script = except('publish', () => {})
    await expect(publish(script, { answerTimeoutMs: 400 })).rejects.toEqual(
      new TimeoutError('no answer to publish within 400 ms (answerTimeoutMs)'),
    )
  })

  it('shows when the server takes no more, and waits until it does', async () => {
    const { server, publisher } = await publish(DEAF)
    fill(publisher)
    let ready = false
    const waiting = publisher.ready().then(() => {
      ready = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(ready).toBe(false)
    server.peer.socket.resume()
    await waiting
    expect(publisher.send(FRAME)).toBe(true)
    await publisher.ready()
  })

  it('gives up a server that takes nothing, and tells whoever waits', async () => {
    const { publisher } = await publish(DEAF, { stallTimeoutMs: 50 })
    fill(publisher)
    const stalled = new TimeoutError('the server did not take what was sent within 50 ms (stallTimeoutMs)')
    await expect(publisher.ready()).rejects.toEqual(stalled)
    expect(await publisher.closed).toEqual(stalled)
    await expect(publisher.write(FRAME)).rejects.toEqual(stalled)
    expect(publisher.send(FRAME)).toBe(false)
  })

  it('tells a writer that the server ended the stream', async () => {
    const { server, publisher } = await publish()
    server.peer.status('NetStream.Publish.BadName', 'error')
    const error = await publisher.closed
    expect(error).toMatchObject({ refusal: { command: 'to go on', status: 'NetStream.Publish.BadName' } })
    await expect(publisher.write(FRAME)).rejects.toBe(error)
  })

  it('takes nothing after its end, its own or the server’s', async () => {
    const ended = await publish()
    await ended.publisher.close()
    await expect(ended.publisher.write(FRAME)).rejects.toEqual(CLOSED)
    const left = await publish()
    left.server.peer.socket.end()
    expect(await left.publisher.closed).toBeNull()
    await expect(left.publisher.ready()).rejects.toEqual(CLOSED)
  })

  it('loses nothing at its end, though the server reads late and answers early', async () => {
    const { server, publisher } = await publish(DEAF)
    const body = new Uint8Array(50_000)
    for (let sent = 0; sent < 10; sent++) {
      await publisher.write({ kind: 'video', timestamp: sent, body })
    }
    const closing = publisher.close()
    // What the server says now must not make the system drop what is on its way.
    for (let turn = 0; turn < 20; turn++) {
      server.peer.send(encodeAcknowledgement(turn))
      await new Promise((resolve) => setImmediate(resolve))
    }
    server.peer.socket.resume()
    await closing
    await waitFor('the end', () => server.openSockets === 0)
    expect(server.peer.media).toHaveLength(10)
    expect(server.peer.commandNames.at(-1)).toBe('deleteStream')
  })

  it('closes a connection to a server that takes nothing, all the same', async () => {
    const { server, publisher } = await publish(DEAF)
    fill(publisher)
    const closing = publisher.close()
    expect(publisher.close()).toBe(closing)
    server.peer.socket.destroy()
    await closing
  })

  it('sends no body and no time that RTMP has no room for', async () => {
    const { publisher } = await publish()
    expect(() => publisher.send({ ...FRAME, body: new Uint8Array(2 ** 24) })).toThrow(
      new LimitError('MAX_FLV_BODY_BYTES', 2 ** 24 - 1, 2 ** 24),
    )
    for (const timestamp of [-1, 0.5, Number.NaN]) {
      expect(() => publisher.send({ ...FRAME, timestamp })).toThrow(RangeError)
    }
  })
})
