import { afterEach, describe, expect, it } from 'vitest'
import { flvTag } from '../../test/support/flv.ts'
import { RtmpSessions } from '../../test/support/rtmp-sessions.ts'
import { MessageType } from './chunk/index.ts'
import { decodeControlValue } from './message/index.ts'
import { defaultRtmpSessionOptions, type RtmpVhostOptions } from './server-options.ts'

const FOR_EVER = { firstMediaTimeoutMs: 0, mediaTimeoutMs: 0 }

describe('an RTMP session', () => {
  let sessions: RtmpSessions
  /** What virtual hosts say other than the defaults. */
  let vhosts: Record<string, Partial<RtmpVhostOptions>>

  async function listen(given: typeof vhosts): Promise<void> {
    vhosts = given
    const vhostOptions = (vhost: string): RtmpVhostOptions => ({
      ...defaultRtmpSessionOptions,
      ...vhosts[vhost],
    })
    sessions = await RtmpSessions.listen({}, {}, vhostOptions)
  }

  afterEach(() => sessions.close())

  function chunkSizesOf(messages: Awaited<ReturnType<RtmpSessions['client']>>['messages']): number[] {
    return messages
      .filter(({ type }) => type === MessageType.setChunkSize)
      .map(({ payload }) => decodeControlValue(payload))
  }

  it('has the chunk size of the virtual host in tcUrl, whatever virtual host is played then', async () => {
    await listen({ a: { chunkSize: 1000 }, b: { chunkSize: 2000 } })
    const client = await sessions.client({ connectObject: { tcUrl: 'rtmp://a/live' } })
    await client.play('live/demo?vhost=b')
    expect(chunkSizesOf(client.messages)).toEqual([1000])
    expect(sessions.playbacks[0]?.output.chunkSize).toBe(1000)
    expect(sessions.playbacks[0]?.request.vhost).toBe('b')
    const other = await sessions.client({ connectObject: { tcUrl: 'rtmp://a/live?vhost=b' } })
    await other.play('live/demo')
    expect(chunkSizesOf(other.messages)).toEqual([2000])
  })

  it('waits for media as long as the virtual host of what is published says', async () => {
    await listen({ a: FOR_EVER, b: { firstMediaTimeoutMs: 80, mediaTimeoutMs: 0 } })
    const patient = await sessions.client({ connectObject: { tcUrl: 'rtmp://b/live' } })
    await patient.publish('live/one?vhost=a')
    const hasty = await sessions.client({ connectObject: { tcUrl: 'rtmp://a/live' } })
    await hasty.publish('live/two?vhost=b')
    await hasty.closed
    expect(patient.open).toBe(true)
    await sessions.until('the reason is logged', () =>
      sessions.log.some(({ fields }) => fields.reason === 'nothing came from the client for 80 ms'),
    )
  })

  it('is as patient as the most patient of what is published on it', async () => {
    await listen({ a: FOR_EVER, b: { firstMediaTimeoutMs: 50 } })
    const both = await sessions.client()
    await both.publish('live/one?vhost=b')
    await both.publish('live/two?vhost=a')
    const alone = await sessions.client()
    await alone.publish('live/three?vhost=b')
    await alone.closed
    expect(both.open).toBe(true)
  })

  it('takes other time-outs for what is published already when it is told to, and leaves others be', async () => {
    await listen({ a: FOR_EVER })
    const publisher = await sessions.client()
    await publisher.publish('live/one?vhost=a')
    publisher.sendVideo(0, flvTag.key(0).body)
    const idle = await sessions.client()
    await idle.connectApp('live')
    await sessions.until('the media', () => sessions.receivers[0]?.media.length === 1)
    vhosts = { a: { mediaTimeoutMs: 60 } }
    // Told again and again, it does not begin anew.
    const again = setInterval(() => {
      for (const session of sessions.sessions) {
        session.update()
      }
    }, 5)
    await publisher.closed
    clearInterval(again)
    expect(idle.open).toBe(true)
  })
})
