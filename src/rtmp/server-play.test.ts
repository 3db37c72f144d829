import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeMessage } from '../../test/support/describe-message.ts'
import type { RtmpClient } from '../../test/support/rtmp-client.ts'
import { liveTcpHandles, type RecordingPlayback, RtmpSessions } from '../../test/support/rtmp-sessions.ts'

describe('A player', () => {
  let sessions: RtmpSessions
  let client: RtmpClient

  beforeEach(async () => {
    sessions = await RtmpSessions.listen()
    client = await sessions.client()
    await client.connectApp('live')
  })

  afterEach(async () => {
    await sessions.close()
    expect(sessions.playbacks.map(({ stops }) => stops.length)).toEqual(sessions.playbacks.map(() => 1))
    expect(sessions.playbacks.map(({ starts }) => starts)).toEqual(sessions.playbacks.map(() => 1))
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  function playback(index = 0): RecordingPlayback {
    const found = sessions.playbacks[index]
    if (found === undefined) {
      throw new Error(`there is no playback ${index}`)
    }
    return found
  }

  const started = (id: number): string[] => [
    `UserControl 0 ${id}`,
    `onStatus NetStream.Play.Reset on ${id}`,
    `onStatus NetStream.Play.Start on ${id}`,
    `data |RtmpSampleAccess true true on ${id}`,
  ]

  /** Waits for the answer to a last call, so that all before it is answered. */
  async function settle(): Promise<void> {
    await client.call('_settle', [null])
  }

  it('is told StreamBegin, Reset, Start and |RtmpSampleAccess, then gets media', async () => {
    const id = await client.createStream()
    const from = client.messages.length
    client.command('play', [null, 'demo', -2000], id)
    await sessions.until('playback began', () => sessions.playbacks[0]?.starts === 1)
    await settle()
    const messages = client.messages.slice(from, -1)
    expect(messages.map(describeMessage)).toEqual(started(1))
    expect(messages.map(({ chunkStreamId }) => chunkStreamId)).toEqual([2, 5, 5, 5])
    expect(client.statuses.slice(-2)).toMatchObject([
      { level: 'status', description: 'Playing and resetting stream.' },
      { level: 'status', description: 'Started playing stream.' },
    ])
    expect(client.commands.at(-2)?.args).toMatchObject([{ details: 'stream', clientid: 'ASAICiss' }])
  })

  it('has its output on the connection’s sink, with the chunk size announced and its message stream', async () => {
    await client.createStream()
    await client.play('live/demo?token=1')
    const { output, request } = playback()
    expect(output).toMatchObject({ chunkSize: 60_000, streamId: 2 })
    expect(request.path).toBe('live/demo')
    expect(request.parameters.get('token')).toBe('1')
    const from = client.messages.length
    output.sink.write(Buffer.from('06 000001 000001 08 02000000 af'.replaceAll(' ', ''), 'hex'))
    await client.waitForMedia(1)
    expect(client.messages.slice(from).map(describeMessage)).toEqual(['audio 1 on 2'])
  })

  it('that closes its stream may play another on it', async () => {
    await client.play('live/one')
    client.command('closeStream', [null], client.streamId)
    const from = client.messages.length
    client.command('play', [null, 'two'], client.streamId)
    await sessions.until('the second playback began', () => sessions.playbacks[1]?.starts === 1)
    await settle()
    expect(client.messages.slice(from, -1).map(describeMessage)).toEqual(started(1))
    expect(playback(0).stops).toEqual(['the client sent closeStream'])
    expect(playback(1).stops).toEqual([])
  })

  it('that plays again on its message stream stops what it played there', async () => {
    await client.play('live/one')
    client.command('play', [null, 'two'], client.streamId)
    await sessions.until('the second playback began', () => sessions.playbacks[1]?.starts === 1)
    expect(playback(0).stops).toEqual(['the client sent play again'])
  })

  it('that deletes its stream is stopped, and told nothing', async () => {
    await client.play('live/demo')
    await settle()
    const from = client.messages.length
    client.command('deleteStream', [null, client.streamId])
    client.command('deleteStream', [null, 9])
    client.command('deleteStream', [null, 'x'])
    await settle()
    expect(client.messages.slice(from, -1)).toEqual([])
    expect(playback().stops).toEqual(['the client sent deleteStream'])
  })

  it('is stopped once when its connection ends', async () => {
    await client.play('live/demo')
    await client.end()
    await sessions.untilClosed()
    expect(playback().stops).toEqual(['the client closed the connection'])
  })

  it('is stopped once when its handler closes the connection', async () => {
    await client.play('live/demo')
    playback().connection.close('the stream ended')
    await client.closed
    await sessions.untilClosed()
    expect(playback().stops).toEqual(['the stream ended'])
  })

  it('may play several streams on one connection, and publish beside them', async () => {
    await client.play('live/one')
    await client.play('live/two')
    await client.publish('live/three')
    expect(sessions.playbacks.map(({ output }) => output.streamId)).toEqual([1, 2])
    expect(client.streamId).toBe(3)
    client.command('deleteStream', [null, 1])
    await settle()
    expect(sessions.playbacks.map(({ stops }) => stops.length)).toEqual([1, 0])
    expect(sessions.receivers.map(({ ends }) => ends.length)).toEqual([0])
  })

  it('that begins to publish on its message stream plays there no more', async () => {
    await client.play('live/one')
    client.command('publish', [null, 'two', 'live'], client.streamId)
    await client.waitForStatus('NetStream.Publish.Start')
    expect(playback().stops).toEqual(['the client sent publish again'])
  })

  it('may play without createStream', async () => {
    const from = client.messages.length
    client.command('play', [null, 'demo'], 1)
    await client.waitForStatus('NetStream.Play.Start', from)
    expect(playback().output.streamId).toBe(1)
  })

  it('without a stream name is closed', async () => {
    client.command('play', [null], 1)
    await client.closed
    expect((await sessions.untilClosed()).fields.reason).toBe('play has no stream name')
  })
})
