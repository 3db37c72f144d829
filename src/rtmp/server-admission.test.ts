import { afterEach, describe, expect, it } from 'vitest'
import { describeMessage } from '../../test/support/describe-message.ts'
import type { RtmpClient } from '../../test/support/rtmp-client.ts'
import { gate, liveTcpHandles, RtmpSessions } from '../../test/support/rtmp-sessions.ts'
import { ProtocolError, RejectedError } from '../base/index.ts'
import {
  encodeUserControl,
  MAX_MESSAGE_BYTES_BEFORE_PUBLISH,
  MAX_WAITING_MESSAGE_BYTES,
  MessageType,
  type RtmpSessionOptions,
  UserControlEvent,
} from './index.ts'

const VIDEO = { type: MessageType.video, streamId: 1, chunkStreamId: 6, payload: Uint8Array.of(0x17, 1) }

describe('While admission is awaited', () => {
  let sessions: RtmpSessions
  let decision = gate()

  afterEach(async () => {
    decision.open()
    await sessions.close()
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  /** A client whose `action` waits for `decision`; all it has to say is sent at once. */
  async function pipeline(
    action: 'publish' | 'play',
    options: Partial<RtmpSessionOptions> = {},
  ): Promise<RtmpClient> {
    decision = gate()
    sessions = await RtmpSessions.listen({ [action]: () => decision.opened }, options)
    const client = await sessions.client()
    client.command('connect', [{ tcUrl: `${sessions.url}/live` }], 0, 1)
    client.command('FCPublish', [null, 'demo'], 0, 2)
    client.command('createStream', [null], 0, 3)
    client.command(action, [null, 'demo'], 1, 4)
    client.send({ ...VIDEO, timestamp: 1 })
    client.send(encodeUserControl(UserControlEvent.pingRequest, 7))
    client.command('_checkbw', [null], 0, 5)
    client.send({ ...VIDEO, timestamp: 2 })
    await sessions.until('admission was asked', () => sessions.asked.includes(action))
    await client.waitForCommand(({ name, transactionId }) => name === '_result' && transactionId === 3)
    return client
  }

  const BEFORE = [
    'WindowAcknowledgementSize 2500000',
    'SetPeerBandwidth 2500000',
    'SetChunkSize 60000',
    '_result 1 NetConnection.Connect.Success',
    'onBWDone',
    '_result 2 undefined',
    '_result 3 1',
  ]

  it('no start status is sent, and nothing that follows is answered', async () => {
    const client = await pipeline('publish')
    // Another connection is served meanwhile; by then the first would have been, too.
    const other = await sessions.client()
    await other.connectApp('live')
    expect(client.messages.map(describeMessage)).toEqual(BEFORE)
    decision.open()
    await client.waitForCommand(({ transactionId }) => transactionId === 5)
    expect(client.messages.slice(BEFORE.length).map(describeMessage)).toEqual([
      'onFCPublish NetStream.Publish.Start on 1',
      'onStatus NetStream.Publish.Start on 1',
      'UserControl 7 7',
      '_result 5 null',
    ])
  })

  it('media that the publisher sends already is kept for its receiver', async () => {
    await pipeline('publish')
    expect(sessions.receivers).toEqual([])
    decision.open()
    await sessions.until('the media came', () => sessions.receivers[0]?.media.length === 2)
    expect(sessions.receivers[0]?.media.map(({ timestamp }) => timestamp)).toEqual([1, 2])
  })

  it('a publisher that sends much is not read from, and loses nothing', async () => {
    const client = await pipeline('publish')
    const body = Uint8Array.from({ length: MAX_WAITING_MESSAGE_BYTES * 3 }, (_, i) => i % 256)
    for (let i = 3; i < 203; i++) {
      client.send({ ...VIDEO, timestamp: i, payload: body })
    }
    const other = await sessions.client()
    await other.connectApp('live')
    await other.call('_settle', [null])
    // One read that was under way, of 64 KiB at most; the rest stays with the kernel and the client.
    expect(sessions.bytesRead(0)).toBeLessThan(200_000)
    decision.open()
    await sessions.until('the media came', () => sessions.receivers[0]?.media.length === 202)
    const times = sessions.receivers[0]?.media.map(({ timestamp }) => timestamp)
    expect(times).toEqual(Array.from({ length: 202 }, (_, i) => i + 1))
  })

  it('a first keyframe of any size that follows publish at once is taken when it is admitted, not before', async () => {
    decision = gate()
    sessions = await RtmpSessions.listen({ publish: () => decision.opened })
    const client = await sessions.client()
    const keyframe = {
      ...VIDEO,
      timestamp: 1,
      payload: Buffer.alloc(MAX_MESSAGE_BYTES_BEFORE_PUBLISH * 4, 0x17),
    }
    client.command('connect', [{ tcUrl: `${sessions.url}/live` }], 0, 1)
    client.command('publish', [null, 'demo'], 1, 2)
    client.send(keyframe)
    await sessions.until('admission was asked', () => sessions.asked.includes('publish'))
    decision.open()
    await sessions.until('the media came', () => sessions.receivers[0]?.media.length === 1)
    expect(keyframe.payload.equals(sessions.receivers[0]?.media[0]?.payload ?? new Uint8Array(0))).toBe(true)
    client.command('closeStream', [null], 1)
    client.send(keyframe)
    await client.call('_settle', [null])
    expect(client.open).toBe(true)
  })

  it.each(['publish', 'play'] as const)(
    'a refusal of %s is told with its reason, then the connection ends',
    async (action) => {
      const client = await pipeline(action)
      decision.refuse(new RejectedError('the token is wrong'))
      await client.closed
      const code = action === 'publish' ? 'NetStream.Publish.BadName' : 'NetStream.Play.Failed'
      expect(client.messages.map(describeMessage)).toEqual([...BEFORE, `onStatus ${code} on 1`])
      expect(client.statuses).toEqual([
        { name: 'onStatus', code, level: 'error', description: 'the token is wrong', streamId: 1 },
      ])
      expect([...sessions.receivers, ...sessions.playbacks]).toEqual([])
      expect(await sessions.untilClosed()).toMatchObject({
        level: 'warn',
        fields: { code: 'ERR_REJECTED', reason: 'the token is wrong' },
      })
    },
  )

  it('a stream name that is none is told, too', async () => {
    const client = await pipeline('play')
    decision.refuse(new ProtocolError('that names no stream'))
    await client.closed
    expect(client.statuses).toMatchObject([{ level: 'error', description: 'that names no stream' }])
  })

  it('a fault of the server is not told, and ends the connection', async () => {
    const client = await pipeline('publish')
    decision.refuse(new TypeError('a secret'))
    await client.closed
    expect(client.statuses).toEqual([])
    expect(await sessions.untilClosed()).toMatchObject({ level: 'error' })
  })

  it('one who leaves is noticed at once, however long the answer takes', async () => {
    const client = await pipeline('publish')
    await client.destroy()
    expect((await sessions.untilClosed()).fields.reason).toBe('the client closed the connection')
  })

  it.each(['end', 'destroy', 'reset'] as const)(
    'a publisher that leaves (%s) has its receiver told, once',
    async (how) => {
      const client = await pipeline('publish')
      await (how === 'end' ? client.destroy() : client[how]())
      decision.open()
      await sessions.untilClosed()
      expect(sessions.receivers).toHaveLength(1)
      expect(sessions.receivers[0]?.ends).toMatchObject([{ code: 'disconnected' }])
    },
  )

  it('a player that leaves has its playback stopped, once', async () => {
    const client = await pipeline('play')
    await client.destroy()
    decision.open()
    await sessions.untilClosed()
    expect(sessions.playbacks).toHaveLength(1)
    expect(sessions.playbacks[0]?.stops).toHaveLength(1)
  })

  it.each(['publish', 'play'] as const)(
    'a connection that the server ends has no start status, and its %s is ended when it comes',
    async (action) => {
      const client = await pipeline(action)
      sessions.sessions[0]?.close('the server is closing')
      await client.closed
      await sessions.untilClosed()
      decision.open()
      await sessions.until(
        'it was admitted',
        () => sessions.receivers.length + sessions.playbacks.length === 1,
      )
      const left = 'the client left before it was admitted'
      await expect
        .poll(() => [sessions.receivers[0]?.ends, sessions.playbacks[0]?.stops], { interval: 1 })
        .toEqual(
          action === 'publish' ? [[{ code: 'disconnected', message: left }], undefined] : [undefined, [left]],
        )
      expect(sessions.playbacks.map(({ starts }) => starts)).toEqual(action === 'play' ? [0] : [])
      expect(client.messages.map(describeMessage)).toEqual(BEFORE)
    },
  )

  it('an admission that takes longer than setupTimeoutMs ends the connection', async () => {
    const client = await pipeline('publish', { setupTimeoutMs: 250 })
    await client.closed
    expect((await sessions.untilClosed()).fields).toMatchObject({
      code: 'ERR_TIMEOUT',
      reason: 'no publish or play within 250 ms (setupTimeoutMs)',
    })
  })
})
