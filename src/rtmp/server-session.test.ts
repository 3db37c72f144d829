import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeMessage } from '../../test/support/describe-message.ts'
import { liveTcpHandles, RtmpSessions } from '../../test/support/rtmp-sessions.ts'
import { RejectedError, SERVER_NAME, VERSION } from '../base/index.ts'
import { Amf0EcmaArray, type Amf0Object, encodeAmf0 } from '../media/index.ts'
import {
  encodeAcknowledgement,
  encodeCapabilities,
  encodeSetBufferLength,
  encodeUserControl,
  encodeWindowAcknowledgementSize,
  MessageType,
  noRtmpCapabilities,
  serverCapabilities,
  UserControlEvent,
} from './index.ts'

describe('RtmpServerSession', () => {
  let sessions: RtmpSessions

  beforeEach(async () => {
    sessions = await RtmpSessions.listen()
  })

  afterEach(async () => {
    await sessions.close()
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  it('answers connect in the order that OBS and older players need', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    await client.waitForCommand(({ name }) => name === 'onBWDone')
    expect(client.messages.map(describeMessage)).toEqual([
      'WindowAcknowledgementSize 2500000',
      'SetPeerBandwidth 2500000',
      'SetChunkSize 60000',
      '_result 1 NetConnection.Connect.Success',
      'onBWDone',
    ])
    expect(client.messages.map(({ chunkStreamId }) => chunkStreamId)).toEqual([2, 2, 2, 3, 3])
    expect(client.messages[1]?.payload[4]).toBe(2) // limit type: dynamic
  })

  it('says in the result of connect what SRS says', async () => {
    const client = await sessions.client({ connectObject: { objectEncoding: 3 } })
    const { object, args } = await client.call('connect', [
      { tcUrl: `${sessions.url}/live`, objectEncoding: 3 },
    ])
    expect(object).toEqual({ fmsVer: 'FMS/3,5,3,888', capabilities: 127, mode: 1 })
    expect(args).toEqual([
      {
        level: 'status',
        code: 'NetConnection.Connect.Success',
        description: 'Connection succeeded',
        objectEncoding: 3,
        data: new Amf0EcmaArray({
          version: '3,5,3,888',
          srs_sig: 'SRS',
          srs_server: SERVER_NAME,
          srs_license: 'MIT',
          srs_version: VERSION,
          srs_server_ip: '127.0.0.1',
          srs_pid: process.pid,
          srs_id: 'test-1',
        }),
      },
    ])
  })

  it('tells the handlers what the client said in connect', async () => {
    const client = await sessions.client()
    const tcUrl = 'rtmp://vhost.example:1935/live/sub?token=1'
    await client.call('connect', [
      {
        tcUrl,
        pageUrl: 'http://page.example/',
        swfUrl: 'http://page.example/a.swf',
        flashVer: 'LNX 9,0',
        app: 'other',
        fourCcList: ['hvc1'],
      },
    ])
    const [request] = sessions.connects
    expect({ ...request, parameters: request?.parameters.toString() }).toEqual({
      connectionId: 'test-1',
      address: '127.0.0.1',
      tcUrl,
      app: 'live/sub',
      namedApp: 'other',
      vhost: 'vhost.example',
      parameters: 'token=1',
      pageUrl: 'http://page.example/',
      swfUrl: 'http://page.example/a.swf',
      flashVersion: 'LNX 9,0',
      capabilities: { ...noRtmpCapabilities, announced: true, fourCcs: new Set(['hvc1']) },
      objectEncoding: 0,
      relayTrail: [],
    })
  })

  it('says what it takes of Enhanced RTMP to clients that announced something, and to no others', async () => {
    const properties = async (announced: Amf0Object) => {
      const client = await sessions.client()
      return (await client.call('connect', [{ tcUrl: 'rtmp://host/live', ...announced }])).object
    }
    const fms = { fmsVer: 'FMS/3,5,3,888', capabilities: 127, mode: 1 }
    expect(await properties({ fourCcList: ['hvc1'] })).toEqual({
      ...fms,
      ...encodeCapabilities(serverCapabilities),
    })
    expect(await properties({ capsEx: 0 })).toHaveProperty('capsEx')
    expect(await properties({ videoCodecs: 252 })).toEqual(fms)
  })

  it('takes properties of the wrong type in connect for missing ones', async () => {
    const client = await sessions.client()
    const odd = { pageUrl: 1, flashVer: null, objectEncoding: '3', srs_relay_trail: 5 }
    const { args } = await client.call('connect', [{ tcUrl: 'rtmp://host/live', ...odd }])
    expect(args).toMatchObject([{ objectEncoding: 0 }])
    expect(sessions.connects).toMatchObject([{ pageUrl: '', flashVersion: '', relayTrail: [] }])
  })

  it('takes commands in AMF3 messages', async () => {
    const client = await sessions.client()
    const payload = Buffer.concat([Uint8Array.of(0), encodeAmf0('connect', 1, { tcUrl: 'rtmp://h/live' })])
    client.send({ type: MessageType.commandAmf3, streamId: 0, timestamp: 0, chunkStreamId: 3, payload })
    await client.waitForCommand(({ name }) => name === '_result')
    expect(sessions.connects).toHaveLength(1)
  })

  it.each(['simple', 'digest-first', 'key-first'] as const)('shakes hands: %s', async (handshake) => {
    const client = await sessions.client({ handshake })
    await client.connectApp('live')
    const [line] = sessions.log
    expect(line).toEqual({ level: 'debug', message: 'handshake done', fields: { handshake } })
  })

  it('closes on a connect without tcUrl, and logs why', async () => {
    const client = await sessions.client()
    client.command('connect', [{ app: 'live' }])
    await client.closed
    expect(await sessions.untilClosed()).toMatchObject({
      level: 'warn',
      fields: { code: 'ERR_PROTOCOL', reason: 'connect has no tcUrl: the client must say rtmp://host/app' },
    })
    expect(client.messages).toEqual([])
    expect(sessions.connects).toEqual([])
  })

  it.each([[null], [{ tcUrl: 1 }], ['text']])(
    'closes on a connect with %j in place of an object',
    async (object) => {
      const client = await sessions.client()
      client.command('connect', [object])
      await client.closed
      expect((await sessions.untilClosed()).fields.code).toBe('ERR_PROTOCOL')
    },
  )

  it('closes on a tcUrl that is none', async () => {
    const client = await sessions.client()
    client.command('connect', [{ tcUrl: 'live' }])
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe(
      "tcUrl 'live' is not a URL such as rtmp://host/app",
    )
  })

  it.each(['createStream', 'publish', 'play', 'releaseStream', 'deleteStream', 'whatever'])(
    'closes on %s before connect',
    async (name) => {
      const client = await sessions.client()
      client.command(name, [null, 'demo'])
      await client.closed
      expect((await sessions.untilClosed()).fields.reason).toBe(`command '${name}' before connect`)
    },
  )

  it('closes on a second connect', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    client.command('connect', [{ tcUrl: `${sessions.url}/live` }])
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe('connect was sent a second time')
    expect(sessions.connects).toHaveLength(1)
  })

  it('closes on a second connect that is sent while the first is being admitted', async () => {
    const client = await sessions.client()
    client.command('connect', [{ tcUrl: `${sessions.url}/live` }])
    client.command('connect', [{ tcUrl: `${sessions.url}/live` }])
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe('connect was sent a second time')
    expect(sessions.connects).toHaveLength(1)
  })

  it('answers calls it does not know, if an answer is expected', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    client.command('_checkbw', [null], 0, 0)
    const { args, object } = await client.call('getStreamLength', [null, 'demo'])
    expect([object, args]).toEqual([null, [null]])
    expect(client.commands.map(({ name }) => name)).toEqual(['_result', 'onBWDone', '_result'])
  })

  it('answers pings with the same value', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    const from = client.messages.length
    client.send(encodeUserControl(UserControlEvent.setBufferLength, 1))
    client.send(encodeUserControl(UserControlEvent.pingRequest, 0xfedcba98))
    const answer = await client.waitFor('a pong', ({ type }) => type === MessageType.userControl, from)
    expect(describeMessage(answer)).toBe(`UserControl 7 ${0xfedcba98}`)
  })

  it('acknowledges half the window the client asked for, from the first byte on', async () => {
    const client = await sessions.client()
    await client.publish('live/demo')
    client.send(encodeWindowAcknowledgementSize(100_000))
    const sent = 3073 + 50_000
    client.sendVideo(0, new Uint8Array(50_000))
    const first = await client.waitFor(
      'an acknowledgement',
      ({ type }) => type === MessageType.acknowledgement,
    )
    const value = Number(describeMessage(first).split(' ')[1])
    expect(value).toBeGreaterThanOrEqual(50_000)
    for (let i = 0; i < 3; i++) {
      await client.call('_settle', [null])
    }
    expect(client.messages.filter(({ type }) => type === MessageType.acknowledgement)).toHaveLength(1)
    client.sendVideo(40, new Uint8Array(100_000))
    const isLater = (text: string): boolean =>
      Number(text.match(/^Acknowledgement (\d+)/)?.[1] ?? 0) > sent + 50_000
    await client.waitFor('another acknowledgement', (message) => isLater(describeMessage(message)))
  })

  it('ignores acknowledgements, aborts, bandwidths and unknown types of message', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    const control = { streamId: 0, timestamp: 0, chunkStreamId: 2 }
    client.send(encodeAcknowledgement(1))
    client.send({ ...control, type: MessageType.setPeerBandwidth, payload: Uint8Array.of(0, 1, 2, 3, 2) })
    client.send({ ...control, type: MessageType.setPeerBandwidth, payload: Uint8Array.of(0, 1, 2, 3) })
    client.send({ ...control, type: MessageType.abort, payload: Uint8Array.of(0, 0, 0, 9) })
    client.send({ ...control, type: MessageType.aggregate, payload: Uint8Array.of(1) })
    client.send({ ...control, type: 99, payload: Uint8Array.of(1) })
    expect(await client.createStream()).toBe(1)
  })

  it('answers a Set Peer Bandwidth that changes the window with the window', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    const from = client.messages.length
    const limit = { streamId: 0, timestamp: 0, chunkStreamId: 2, type: MessageType.setPeerBandwidth }
    client.send({ ...limit, payload: Uint8Array.of(0, 1, 0, 0, 0) })
    client.send({ ...limit, payload: Uint8Array.of(0, 1, 0, 0, 0) })
    client.send({ ...limit, payload: Uint8Array.of(0, 2, 0, 0, 1) })
    client.send({ ...limit, payload: Uint8Array.of(0, 0, 128, 0, 1) })
    await client.call('_settle', [null])
    expect(
      client.messages
        .slice(from)
        .map(describeMessage)
        .filter((text) => text.startsWith('Window')),
    ).toEqual(['WindowAcknowledgementSize 65536', 'WindowAcknowledgementSize 32768'])
  })

  it('notes how much a player buffers', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    client.send(encodeSetBufferLength(1, 3000))
    await client.call('_settle', [null])
    expect(sessions.log).toContainEqual({
      level: 'debug',
      message: 'user control',
      fields: { event: UserControlEvent.setBufferLength, value: 1, bufferLengthMs: 3000 },
    })
  })

  it('uses the chunk sizes that either side announced', async () => {
    const other = await RtmpSessions.listen({}, { chunkSize: 200 })
    try {
      const client = await other.client({ chunkSize: 1 })
      await client.publish('live/demo')
      client.setChunkSize(100_000)
      const body = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251)
      client.sendVideo(0, body)
      const [receiver] = other.receivers
      await other.until('the video came', () => receiver?.media.length === 1)
      expect(Buffer.compare(receiver?.media[0]?.payload ?? new Uint8Array(0), body)).toBe(0)
      expect(client.messages.map(describeMessage)).toContain('SetChunkSize 200')
    } finally {
      await other.close()
    }
  })

  it('rejects a connect with the reason, then closes', async () => {
    const other = await RtmpSessions.listen({
      connect: async () => {
        throw new RejectedError('no such vhost')
      },
    })
    try {
      const client = await other.client()
      await expect(client.connectApp('live')).rejects.toThrow(/NetConnection.Connect.Rejected.*no such vhost/)
      await client.closed
      expect(client.messages.map(describeMessage)).toEqual(['_error 1 NetConnection.Connect.Rejected'])
      expect(await other.untilClosed()).toMatchObject({
        level: 'warn',
        fields: { code: 'ERR_REJECTED', reason: 'no such vhost' },
      })
    } finally {
      await other.close()
    }
  })

  it('says nothing of its own faults to the client, and logs them as errors', async () => {
    const fault = new TypeError('a fault')
    const other = await RtmpSessions.listen({
      connect: async () => {
        throw fault
      },
    })
    try {
      const client = await other.client()
      client.command('connect', [{ tcUrl: 'rtmp://host/live' }])
      await client.closed
      expect(client.messages).toEqual([])
      expect(await other.untilClosed()).toMatchObject({ level: 'error', fields: { error: fault } })
    } finally {
      await other.close()
    }
  })

  it('counts bytes, and logs an ordinary end as information', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    await client.waitForCommand(({ name }) => name === 'onBWDone')
    await client.end()
    expect(await sessions.untilClosed()).toMatchObject({
      level: 'info',
      message: 'connection closed',
      fields: { reason: 'the client closed the connection', bytesSent: client.bytesReceived },
    })
  })

  it('logs a reset as information', async () => {
    const client = await sessions.client()
    await client.connectApp('live')
    await client.reset()
    const line = await sessions.untilClosed()
    expect(line.level).toBe('info')
    expect(String(line.fields.reason)).toContain('ECONNRESET')
  })

  it('ends when told to, after what it has sent, and at once', async () => {
    const first = await sessions.client()
    await first.connectApp('live')
    sessions.sessions[0]?.close('maintenance')
    sessions.sessions[0]?.close('again')
    expect(await first.closed).toBeNull()
    expect(await sessions.untilClosed()).toMatchObject({ level: 'info', fields: { reason: 'maintenance' } })
    const second = await sessions.client()
    await second.connectApp('live')
    sessions.sessions[1]?.destroy('gone')
    await second.closed
    expect(await sessions.untilClosed()).toMatchObject({ level: 'info', fields: { reason: 'gone' } })
  })
})
