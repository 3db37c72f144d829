import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hex, toHex } from '../../test/support/chunks.ts'
import { describeMessage } from '../../test/support/describe-message.ts'
import type { RtmpClient } from '../../test/support/rtmp-client.ts'
import { liveTcpHandles, type RecordingReceiver, RtmpSessions } from '../../test/support/rtmp-sessions.ts'

/*
 * Encoders that other servers refused, by what their users reported. None of them could be recorded: the bytes are built by
 * hand, after the logs and messages in the issues that are named. The reports are public; of the ATEM Mini nobody has
 * published more than that its connections end (PeerTube#5586, OvenMediaEngine#366), so its test is that of its kind: a
 * hardware encoder that speaks FMLE's dialect and leaves the chunk size at 128.
 */

/** A string as AMF0 has it for a property's name, or behind the marker 02. */
function text(value: string): string {
  return `${Buffer.byteLength(value).toString(16).padStart(4, '0')}${toHex(Buffer.from(value))}`
}

/** A type 0 chunk at time 0 on chunk stream `id` (one byte), whole. */
function chunk(id: number, type: string, streamId: number, payload: string | Uint8Array): Uint8Array {
  const body = typeof payload === 'string' ? hex(payload) : payload
  const length = body.length.toString(16).padStart(6, '0')
  return Buffer.concat([hex(`0${id.toString(16)} 000000 ${length} ${type} 0${streamId}000000`), body])
}

const TC_URL = `${text('tcUrl')} 02 ${text('rtmp://host/live')}`
const CONNECT = `02 ${text('connect')} 00 3ff0000000000000`

describe('An encoder that others refused', () => {
  let sessions: RtmpSessions
  let client: RtmpClient

  beforeEach(async () => {
    sessions = await RtmpSessions.listen()
    client = await sessions.client({ chunkSize: 4096 })
  })

  afterEach(async () => {
    await sessions.close()
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  async function receiver(): Promise<RecordingReceiver> {
    await sessions.until('it publishes', () => sessions.receivers.length === 1)
    const [found] = sessions.receivers
    if (found === undefined) {
      throw new Error('nobody publishes')
    }
    return found
  }

  it('announces its codecs in a strict array: fourCcList (mediamtx#3188: "unsupported marker 0x0a")', async () => {
    const fourCcs = ['av01', 'vp09', 'hvc1'].map((fourCc) => `02 ${text(fourCc)}`).join('')
    client.write(
      chunk(3, '14', 0, `${CONNECT} 03 ${TC_URL} ${text('fourCcList')} 0a 00000003 ${fourCcs} 000009`),
    )
    await client.waitForCommand(({ name }) => name === 'onBWDone')
    expect(sessions.connects[0]?.capabilities.fourCcs).toEqual(new Set(['av01', 'vp09', 'hvc1']))
  })

  it('has null for its pages, and a slash behind the application (log of Node-Media-Server#88)', async () => {
    const tcUrl = `${text('tcUrl')} 02 ${text('rtmp://192.168.1.11:1935/live/')}`
    client.write(
      chunk(3, '14', 0, `${CONNECT} 03 ${tcUrl} ${text('swfUrl')} 05 ${text('pageUrl')} 05 000009`),
    )
    await client.waitForCommand(({ name }) => name === 'onBWDone')
    expect(sessions.connects).toMatchObject([{ app: 'live', pageUrl: '' }])
  })

  it('sends a value of AMF3 in an AMF0 command (Node-Media-Server#2: "Unknown field 17")', async () => {
    // 11: AMF3 follows; 0a 0b 01: a dynamic object; tcUrl as an AMF3 string; 01: its end.
    const object = `11 0a 0b 01 0b ${toHex(Buffer.from('tcUrl'))} 06 21 ${toHex(Buffer.from('rtmp://host/live'))} 01`
    client.write(chunk(3, '14', 0, `${CONNECT} ${object}`))
    await client.waitForCommand(({ name }) => name === 'onBWDone')
    expect(sessions.connects).toMatchObject([{ app: 'live' }])
  })

  it('connects by a message of type 17: AMF0 behind a zero byte (Flash with objectEncoding 3)', async () => {
    client.write(
      chunk(3, '11', 0, `00 ${CONNECT} 03 ${TC_URL} ${text('objectEncoding')} 00 4008000000000000 000009`),
    )
    await client.waitForCommand(({ name }) => name === 'onBWDone')
    expect(sessions.connects).toMatchObject([{ objectEncoding: 3 }])
    expect(
      client.messages.filter(({ chunkStreamId }) => chunkStreamId === 3).map(({ type }) => type),
    ).toEqual([17, 17])
  })

  it.each([
    ['64, in two bytes (nginx-rtmp#246: "in chunk stream too big")', '00 00', '80 00', 64],
    ['320, in three bytes', '01 00 01', '81 00 01', 320],
    ['65 599, the last there is', '01 ff ff', '81 ff ff', 65_599],
    ['64, in three bytes, as nobody needs to', '01 00 00', '81 00 00', 64],
  ])('sends media on chunk stream %s', async (_name, first, second, id) => {
    await client.publish('live/demo')
    // Type 0: time 1000, two bytes of video; then type 2: 40 ms later.
    client.write(hex(`${first} 0003e8 000002 09 01000000 1701  ${second} 000028 2701`))
    const { media } = await receiver()
    await sessions.until('both came', () => media.length === 2)
    expect(media.map(describeMessage)).toEqual(['video 1000 on 1', 'video 1040 on 1'])
    expect(media.map(({ chunkStreamId }) => chunkStreamId)).toEqual([id, id])
  })

  it('announces chunks of 128 MiB (joy4#88, vdk#16: "too big RTMP chunk size:134217728")', async () => {
    await client.publish('live/demo')
    client.write(chunk(2, '01', 0, '08000000'))
    const body = new Uint8Array(200_000).fill(7)
    client.write(Buffer.concat([hex('04 000000 030d40 09 01000000'), body]))
    const { media } = await receiver()
    await sessions.until('it came', () => media.length === 1)
    expect(media[0]?.payload).toHaveLength(200_000)
  })

  it('only says createStream and publish, and what follows in one go (log of nginx-rtmp#246)', async () => {
    const publish = `02 ${text('publish')} 00 0000000000000000 05 02 ${text('demo')} 02 ${text('live')}`
    client.write(
      Buffer.concat([
        chunk(3, '14', 0, `${CONNECT} 03 ${TC_URL} 000009`),
        chunk(3, '14', 0, `02 ${text('createStream')} 00 4000000000000000 05`),
        chunk(8, '14', 1, publish),
        chunk(4, '09', 1, '1700'),
      ]),
    )
    const { media, request } = await receiver()
    await sessions.until('media came', () => media.length === 1)
    await client.waitForStatus('NetStream.Publish.Start')
    expect(request.path).toBe('live/demo')
    expect(client.messages.map(describeMessage).filter((each) => each.includes(' on 1'))).toEqual([
      'onStatus NetStream.Publish.Start on 1',
    ])
  })

  it('speaks FMLE’s dialect in chunks of 128 bytes, as hardware such as the ATEM Mini', async () => {
    client.write(chunk(2, '01', 0, '00000080'))
    const flash = `${text('flashVer')} 02 ${text('FMLE/3.0 (compatible; FMSc/1.0)')}`
    const type = `${text('type')} 02 ${text('nonprivate')}`
    const app = `${text('app')} 02 ${text('live')}`
    const connect = hex(
      `${CONNECT} 03 ${app} ${type} ${flash} ${TC_URL} ${text('swfUrl')} 02 ${text('rtmp://host/live')} 000009`,
    )
    expect(connect.length).toBeGreaterThan(128)
    const header = `03 000000 0000${connect.length.toString(16)} 14 00000000`
    client.write(Buffer.concat([hex(header), connect.subarray(0, 128), hex('c3'), connect.subarray(128)]))
    client.write(chunk(3, '14', 0, `02 ${text('releaseStream')} 00 4000000000000000 05 02 ${text('demo')}`))
    client.write(chunk(3, '14', 0, `02 ${text('FCPublish')} 00 4008000000000000 05 02 ${text('demo')}`))
    client.write(chunk(3, '14', 0, `02 ${text('createStream')} 00 4010000000000000 05`))
    client.write(
      chunk(4, '14', 1, `02 ${text('publish')} 00 4014000000000000 05 02 ${text('demo')} 02 ${text('live')}`),
    )
    await client.waitForStatus('NetStream.Publish.Start')
    expect(client.messages.map(describeMessage).slice(-5)).toEqual([
      '_result 2 undefined',
      '_result 3 undefined',
      '_result 4 1',
      'onFCPublish NetStream.Publish.Start on 1',
      'onStatus NetStream.Publish.Start on 1',
    ])
  })

  it('publishes past 2^32 ms (Node-Media-Server#117: 4295078169 written to 32 bits)', async () => {
    await client.publish('live/demo')
    // Type 0 with an extended timestamp of 2^32 - 40, then type 1 deltas of 40 and 110 873 ms.
    client.write(hex('04 ffffff 000002 08 01000000 ffffffd8 af01'))
    client.write(hex('44 000028 000002 08 af01  44 01b119 000002 08 af01'))
    const { media } = await receiver()
    await sessions.until('all came', () => media.length === 3)
    expect(media.map(({ timestamp }) => timestamp)).toEqual([2 ** 32 - 40, 0, 4_295_078_169 - 2 ** 32])
  })
})
