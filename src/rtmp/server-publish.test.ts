import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeMessage } from '../../test/support/describe-message.ts'
import type { RtmpClient } from '../../test/support/rtmp-client.ts'
import { liveTcpHandles, type RecordingReceiver, RtmpSessions } from '../../test/support/rtmp-sessions.ts'
import { encodeAmf0 } from '../media/index.ts'
import { MAX_MESSAGE_STREAMS, type Message, MessageType } from './index.ts'

const METADATA = encodeAmf0('@setDataFrame', 'onMetaData', { width: 640 })

describe('A publisher', () => {
  let sessions: RtmpSessions
  let client: RtmpClient
  let afterConnect = 0

  beforeEach(async () => {
    sessions = await RtmpSessions.listen()
    client = await sessions.client()
    await client.connectApp('live')
    await client.waitForCommand(({ name }) => name === 'onBWDone')
    afterConnect = client.messages.length
  })

  afterEach(async () => {
    await sessions.close()
    expect(sessions.receivers.map(({ ends }) => ends.length)).toEqual(sessions.receivers.map(() => 1))
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  /** What the server said since connect was answered. */
  function told(): string[] {
    return client.messages.slice(afterConnect).map(describeMessage)
  }

  /** Waits for the answer to a last call, so that all before it is answered. */
  async function settle(): Promise<void> {
    await client.call('_settle', [null])
  }

  function receiver(index = 0): RecordingReceiver {
    const found = sessions.receivers[index]
    if (found === undefined) {
      throw new Error(`there is no receiver ${index}`)
    }
    return found
  }

  function media(messages: readonly Message[]): string[] {
    return messages.map(describeMessage)
  }

  it('as FMLE, OBS and FFmpeg do it is told in their order', async () => {
    client.command('releaseStream', [null, 'demo'], 0, 2)
    client.command('FCPublish', [null, 'demo'], 0, 3)
    client.command('createStream', [null], 0, 4)
    client.command('_checkbw', [null], 0, 5)
    client.command('publish', [null, 'demo', 'live'], 1, 6)
    await client.waitForStatus('NetStream.Publish.Start')
    expect(told()).toEqual([
      '_result 2 undefined',
      '_result 3 undefined',
      '_result 4 1',
      '_result 5 null',
      'onFCPublish NetStream.Publish.Start on 1',
      'onStatus NetStream.Publish.Start on 1',
    ])
    expect(client.commands.at(-1)?.args).toEqual([
      {
        level: 'status',
        code: 'NetStream.Publish.Start',
        description: 'Started publishing stream.',
        clientid: 'ASAICiss',
      },
    ])
    expect(client.messages.slice(-2).map(({ chunkStreamId }) => chunkStreamId)).toEqual([5, 5])
  })

  it('as Flash does it is told without onFCPublish', async () => {
    client.command('createStream', [null], 0, 2)
    client.command('publish', [null, 'demo', 'live'], 1, 0)
    await client.waitForStatus('NetStream.Publish.Start')
    expect(told()).toEqual(['_result 2 1', 'onStatus NetStream.Publish.Start on 1'])
  })

  it('as Haivision does it, createStream before FCPublish, is told with onFCPublish', async () => {
    client.command('_checkbw', [null], 0, 2)
    client.command('createStream', [null], 0, 3)
    client.command('FCPublish', [null, 'demo'], 0, 4)
    client.command('publish', [null, 'demo'], 1, 5)
    await client.waitForStatus('NetStream.Publish.Start')
    expect(told()).toEqual([
      '_result 2 null',
      '_result 3 1',
      '_result 4 undefined',
      'onFCPublish NetStream.Publish.Start on 1',
      'onStatus NetStream.Publish.Start on 1',
    ])
  })

  it('has media of a message stream it never created handed over, as long as it publishes on one only', async () => {
    await client.publish('live/one')
    const body = Uint8Array.of(0x17)
    client.send({ type: MessageType.video, streamId: 0, timestamp: 1, chunkStreamId: 6, payload: body })
    await sessions.until('media came', () => receiver().media.length === 1)
    await client.publish('live/two')
    client.send({ type: MessageType.video, streamId: 9, timestamp: 2, chunkStreamId: 6, payload: body })
    client.sendVideo(3, body)
    await sessions.until('media came', () => receiver(1).media.length === 1)
    expect(media(receiver(0).media)).toEqual(['video 1'])
    expect(media(receiver(1).media)).toEqual(['video 3 on 2'])
  })

  it('has its media handed over as it came: video, audio and data of its message stream', async () => {
    await client.createStream() // 1: nothing is published on it
    client.sendVideo(0, Uint8Array.of(0x17, 0)) // before publish: ignored
    await client.publish('live/demo')
    client.sendData(0, METADATA)
    client.sendVideo(40, Uint8Array.of(0x17, 0, 0, 0, 0, 1))
    client.sendAudio(50, Uint8Array.of(0xaf, 1))
    client.send({
      type: MessageType.dataAmf3,
      streamId: 2,
      timestamp: 60,
      chunkStreamId: 8,
      payload: METADATA,
    })
    client.send({ type: MessageType.video, streamId: 1, timestamp: 0, chunkStreamId: 9, payload: METADATA })
    client.sendVideo(0xffffffff, Uint8Array.of(0x27))
    await sessions.until('the last video came', () => receiver().media.length === 5)
    expect(media(receiver().media)).toEqual([
      'data @setDataFrame onMetaData {} on 2',
      'video 40 on 2',
      'audio 50 on 2',
      'type 15',
      'video 4294967295 on 2',
    ])
    expect(receiver().media[1]?.payload).toEqual(Buffer.from([0x17, 0, 0, 0, 0, 1]))
  })

  it('is read on, after each read as late as its receiver lets it be', async () => {
    await client.publish('live/demo')
    let asked = 0
    Object.defineProperty(receiver(), 'mayBeLateMs', {
      get: () => {
        asked++
        return 10
      },
    })
    for (let sent = 1; sent <= 3; sent++) {
      client.sendVideo(sent, Uint8Array.of(0x27))
      await sessions.until('media came', () => receiver().media.length === sent)
    }
    await sessions.until('it was asked about the last one, too', () => asked >= 3)
  })

  it('has aggregate messages handed over as they come', async () => {
    await client.publish('live/demo')
    const payload = Uint8Array.of(1)
    client.send({ type: MessageType.aggregate, streamId: 1, timestamp: 5, chunkStreamId: 6, payload })
    await sessions.until('it came', () => receiver().media.length === 1)
    expect(receiver().media).toMatchObject([{ type: MessageType.aggregate, timestamp: 5 }])
  })

  it('asks for application and stream, with the parameters of both, the stream name’s first', async () => {
    const other = await sessions.client()
    await other.connectApp('/a/b/?token=1&x=1')
    const id = await other.createStream()
    other.command('publish', [null, 'demo?token=2', 'live'], id)
    await other.waitForStatus('NetStream.Publish.Start')
    const { request } = receiver()
    expect(request.path).toBe('a/b/demo')
    expect(request.parameters.get('token')).toBe('2')
    expect(request.parameters.get('x')).toBe('1')
    expect(request.connect.connectionId).toBe('test-2')
  })

  it('with FCUnpublish is told in the order of SRS, and may publish again', async () => {
    await client.publish('live/demo')
    const from = client.messages.length
    client.command('FCUnpublish', [null, 'demo'], 0, 20)
    await client.waitForStatus('NetStream.Unpublish.Success', from)
    expect(client.messages.slice(from).map(describeMessage)).toEqual([
      'onFCUnpublish NetStream.Unpublish.Success on 1',
      '_result 20 undefined',
      'onStatus NetStream.Unpublish.Success on 1',
    ])
    expect(receiver().ends).toEqual([{ code: 'unpublished', message: 'the client sent FCUnpublish' }])
    client.sendVideo(0, Uint8Array.of(0x27)) // a straggler: ignored
    await client.publish('live/again')
    client.sendVideo(0, Uint8Array.of(0x17))
    await sessions.until('media of the second came', () => receiver(1).media.length === 1)
    expect(receiver(1).request.path).toBe('live/again')
    expect(receiver(0).media).toEqual([])
  })

  it('with FCUnpublish that publishes nothing gets the result alone', async () => {
    client.command('FCUnpublish', [null, 'demo'], 0, 20)
    await settle()
    expect(told()).toEqual(['_result 20 undefined', '_result 2 null'])
  })

  it.each([
    ['deleteStream', (): unknown => client.command('deleteStream', [null, 1])],
    ['closeStream', (): unknown => client.command('closeStream', [null], 1)],
  ])('with %s is told once that it is over', async (name, stop) => {
    await client.publish('live/demo')
    const from = client.messages.length
    stop()
    stop()
    await settle()
    expect(client.messages.slice(from, -1).map(describeMessage)).toEqual([
      'onStatus NetStream.Unpublish.Success on 1',
    ])
    expect(receiver().ends).toEqual([{ code: 'unpublished', message: `the client sent ${name}` }])
  })

  it('that only closes the connection is disconnected', async () => {
    await client.publish('live/demo')
    await client.end()
    await sessions.untilClosed()
    expect(receiver().ends).toEqual([{ code: 'disconnected', message: 'the client closed the connection' }])
  })

  it('that says everything an encoder says at its end is unpublished, not disconnected', async () => {
    await client.publish('live/demo')
    client.command('FCUnpublish', [null, 'demo'])
    client.command('deleteStream', [null, 1])
    await client.end()
    await sessions.untilClosed()
    expect(receiver().ends).toMatchObject([{ code: 'unpublished' }])
  })

  it('that publishes again on its message stream ends what it published there', async () => {
    await client.publish('live/one')
    client.command('publish', [null, 'two', 'live'], client.streamId)
    await sessions.until('the second is admitted', () => sessions.receivers.length === 2)
    expect(receiver(0).ends).toEqual([{ code: 'unpublished', message: 'the client sent publish again' }])
    client.sendVideo(0, Uint8Array.of(0x17))
    await sessions.until('media came', () => receiver(1).media.length === 1)
    expect(receiver(0).media).toEqual([])
  })

  it.each([0, 5, MAX_MESSAGE_STREAMS])(
    'may publish on message stream %i that it never created',
    async (id) => {
      client.command('publish', [null, 'demo', 'live'], id)
      await client.waitForStatus('NetStream.Publish.Start')
      client.send({
        type: MessageType.video,
        streamId: id,
        timestamp: 7,
        chunkStreamId: 6,
        payload: METADATA,
      })
      await sessions.until('media came', () => receiver().media.length === 1)
      expect(told()).toEqual([`onStatus NetStream.Publish.Start${id === 0 ? '' : ` on ${id}`}`])
    },
  )

  it('may not make up message stream ids as it likes', async () => {
    client.command('publish', [null, 'demo', 'live'], MAX_MESSAGE_STREAMS + 1)
    await client.closed
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_PROTOCOL',
      reason: 'publish on message stream 17, which was never created',
    })
    expect(sessions.receivers).toEqual([])
  })

  it('has MAX_MESSAGE_STREAMS message streams, and no more', async () => {
    const ids: number[] = []
    for (let i = 0; i < MAX_MESSAGE_STREAMS; i++) {
      ids.push(await client.createStream())
    }
    expect(ids).toEqual(Array.from({ length: MAX_MESSAGE_STREAMS }, (_, i) => i + 1))
    client.command('deleteStream', [null, 3])
    expect(await client.createStream()).toBe(3)
    client.command('createStream', [null])
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe(
      'more than MAX_MESSAGE_STREAMS (16) message streams on one connection',
    )
  })

  it('may have several streams on one connection, each with its own media and end', async () => {
    await client.publish('live/one')
    await client.publish('live/two')
    expect(client.streamId).toBe(2)
    const body = Uint8Array.of(0x17)
    for (const streamId of [2, 1, 2]) {
      client.send({ type: MessageType.video, streamId, timestamp: 0, chunkStreamId: 6, payload: body })
    }
    await sessions.until('media came', () => receiver(1).media.length === 2)
    client.command('deleteStream', [null, 1])
    await client.waitForStatus('NetStream.Unpublish.Success')
    expect(media(receiver(0).media)).toEqual(['video 0 on 1'])
    expect(receiver(0).ends).toMatchObject([{ code: 'unpublished' }])
    expect(receiver(1).ends).toEqual([])
    await client.destroy()
    await sessions.untilClosed()
    expect(receiver(1).ends).toMatchObject([{ code: 'disconnected' }])
  })

  it('is ended by FCUnpublish on the stream it names', async () => {
    await client.publish('live/one?token=1')
    await client.publish('live/two')
    const from = client.messages.length
    client.command('FCUnpublish', [null, 'one?token=1'], 0, 30)
    await settle()
    expect(client.messages.slice(from, -1).map(describeMessage)).toEqual([
      'onFCUnpublish NetStream.Unpublish.Success on 1',
      '_result 30 undefined',
      'onStatus NetStream.Unpublish.Success on 1',
    ])
  })

  it.each(['other', null])('is ended by FCUnpublish (%j) on all its streams', async (name) => {
    await client.publish('live/one')
    await client.publish('live/two')
    const from = client.messages.length
    client.command('FCUnpublish', [null, name], 0, 30)
    await settle()
    expect(client.messages.slice(from, -1).map(describeMessage)).toEqual([
      'onFCUnpublish NetStream.Unpublish.Success on 1',
      'onFCUnpublish NetStream.Unpublish.Success on 2',
      '_result 30 undefined',
      'onStatus NetStream.Unpublish.Success on 1',
      'onStatus NetStream.Unpublish.Success on 2',
    ])
  })

  it('is closed by its handler, and told nothing more', async () => {
    await client.publish('live/demo')
    const from = client.messages.length
    receiver().connection.close('another took over')
    expect(await client.closed).toBeNull()
    expect(client.messages.slice(from)).toEqual([])
    expect(await sessions.untilClosed()).toMatchObject({ fields: { reason: 'another took over' } })
    expect(receiver().ends).toEqual([{ code: 'disconnected', message: 'another took over' }])
  })

  it.each([[[null]], [[null, 1]], [[]]])('without a stream name (%j) is closed', async (values) => {
    client.command('publish', values, 1)
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe('publish has no stream name')
  })
})
