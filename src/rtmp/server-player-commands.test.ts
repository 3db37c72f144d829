import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeMessage } from '../../test/support/describe-message.ts'
import type { RtmpClient } from '../../test/support/rtmp-client.ts'
import { liveTcpHandles, type RecordingPlayback, RtmpSessions } from '../../test/support/rtmp-sessions.ts'
import type { Amf0Value } from '../media/index.ts'
import { encodeCommand, MessageType, toAmf3Command } from './index.ts'

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
    await expect.poll(liveTcpHandles, { interval: 1 }).toEqual([])
  })

  function playback(index = 0): RecordingPlayback {
    const found = sessions.playbacks[index]
    if (found === undefined) {
      throw new Error(`there is no playback ${index}`)
    }
    return found
  }

  /** Sends a command on the player's message stream; what the server answered, up to the answer to a last call. */
  async function say(name: string, values: readonly Amf0Value[], transactionId = 0): Promise<string[]> {
    await client.call('_settle', [null])
    const from = client.messages.length
    client.command(name, values, client.streamId, transactionId)
    await client.call('_settle', [null])
    return client.messages.slice(from, -1).map(describeMessage)
  }

  const START = 'audio true video true'

  it.each(['pause', 'pauseRaw'])('that sends %s is paused and told so, then plays on', async (name) => {
    await client.play('live/demo')
    expect(await say(name, [null, true, 1000], 7)).toEqual([
      'onStatus NetStream.Pause.Notify on 1',
      'UserControl 1 1',
    ])
    expect(playback().changes).toEqual([START, 'pause'])
    expect(await say(name, [null, false, 1000], 8)).toEqual([
      'onStatus NetStream.Unpause.Notify on 1',
      'UserControl 0 1',
    ])
    expect(playback().changes).toEqual([START, 'pause', 'unpause'])
    const [pause, unpause] = client.commands.filter(({ args }) =>
      JSON.stringify(args).includes('ause.Notify'),
    )
    // As SRS says it: neither details nor clientid.
    expect(pause?.args).toEqual([
      { level: 'status', code: 'NetStream.Pause.Notify', description: 'Paused stream.' },
    ])
    expect(unpause?.args).toEqual([
      { level: 'status', code: 'NetStream.Unpause.Notify', description: 'Unpaused stream.' },
    ])
    expect(playback().stops).toEqual([])
  })

  it('has what is sent before a pause before its status, and what comes after an unpause behind it', async () => {
    await client.play('live/demo')
    const { output } = playback()
    const media = (): boolean =>
      output.sink.write(Buffer.from('06000001000001080100 0000af'.replaceAll(' ', ''), 'hex'))
    media()
    client.command('pause', [null, true, 0], 1)
    await client.waitForStatus('NetStream.Pause.Notify')
    client.command('pause', [null, false, 0], 1)
    await client.waitForStatus('NetStream.Unpause.Notify')
    media()
    await client.waitForMedia(2)
    expect(client.messages.slice(-6).map(describeMessage)).toEqual([
      'audio 1 on 1',
      'onStatus NetStream.Pause.Notify on 1',
      'UserControl 1 1',
      'onStatus NetStream.Unpause.Notify on 1',
      'UserControl 0 1',
      'audio 1 on 1',
    ])
  })

  it('is refused to seek, and plays on', async () => {
    await client.play('live/demo')
    expect(await say('seek', [null, 5000], 9)).toEqual(['onStatus NetStream.Seek.Failed on 1'])
    expect(client.statuses.at(-1)).toMatchObject({ level: 'error', streamId: 1 })
    expect(playback().stops).toEqual([])
    expect(playback().changes).toEqual([START])
  })

  it('may switch audio and video off, and is told when they come again', async () => {
    await client.play('live/demo')
    expect(await say('receiveVideo', [null, false])).toEqual([])
    expect(await say('receiveAudio', [null, false])).toEqual([])
    const on = ['onStatus NetStream.Seek.Notify on 1', 'onStatus NetStream.Play.Start on 1']
    expect(await say('receiveVideo', [null, true])).toEqual(on)
    expect(await say('receiveVideo', [null, true])).toEqual([])
    expect(await say('receiveAudio', [null, true])).toEqual(on)
    expect(playback().changes).toEqual([
      START,
      'audio true video false',
      'audio false video false',
      'audio false video true',
      'audio false video true',
      START,
    ])
  })

  it('may say before play that it wants no video', async () => {
    const id = await client.createStream()
    client.command('receiveVideo', [null, false], id)
    client.command('play', [null, 'demo'], id)
    await client.waitForStatus('NetStream.Play.Start')
    expect(playback().changes).toEqual(['audio true video false'])
  })

  it.each(['pause', 'pauseRaw', 'seek'])(
    'that plays nothing has %s answered as any other call',
    async (name) => {
      await client.createStream()
      expect(await say(name, [null, true, 0], 9)).toEqual(['_result 9 null'])
    },
  )

  it.each([
    [[null, 'demo', -2, 1500, true], 1500],
    [[null, 'demo', 0, 0, false], null],
    [[null, 'demo', -1000, -1], null],
    [[null, 'demo', 'x', 'y', 'z'], null],
    [[null, 'demo'], null],
  ])('with the arguments %j has a duration of %s', async (values, durationMs) => {
    const id = await client.createStream()
    client.command('play', values as Amf0Value[], id)
    await client.waitForStatus('NetStream.Play.Start')
    expect(playback().output.durationMs).toBe(durationMs)
    expect(client.statuses.map(({ code }) => code).filter((code) => code.startsWith('NetStream'))).toEqual([
      'NetStream.Play.Reset',
      'NetStream.Play.Start',
    ])
  })

  it('that pauses by closeStream may play and publish again on its connection', async () => {
    await client.play('live/demo')
    expect(await say('closeStream', [null])).toEqual([])
    expect(playback().stops).toEqual(['the client sent closeStream'])
    client.command('play', [null, 'demo'], client.streamId)
    await sessions.until('it plays again', () => sessions.playbacks[1]?.starts === 1)
    await say('closeStream', [null])
    client.command('publish', [null, 'mine', 'live'], client.streamId)
    await client.waitForStatus('NetStream.Publish.Start')
    expect(sessions.playbacks.map(({ stops }) => stops.length)).toEqual([1, 1])
  })

  it.each([
    ['getStreamLength', [null, 'demo'], ['_result 5 null']],
    ['_checkbw', [null], ['_result 5 null']],
    // A player such as JW's plays once the second of these has come.
    ['FCSubscribe', [null, 'demo'], ['_result 5 null', 'onFCSubscribe NetStream.Play.Start']],
    ['FCUnsubscribe', [null, 'demo'], ['_result 5 null']],
  ])('has %s answered', async (name, values, answers) => {
    expect(await say(name, values, 5)).toEqual(answers)
  })

  it('that sends all its commands at once is answered in order', async () => {
    const from = client.messages.length
    client.command('createStream', [null], 0, 2)
    client.command('_checkbw', [null], 0, 3)
    client.command('getStreamLength', [null, 'demo'], 0, 4)
    client.command('play', [null, 'demo', -2000], 1, 5)
    client.command('pause', [null, true, 0], 1, 6)
    client.command('closeStream', [null], 1, 0)
    client.command('play', [null, 'other'], 1, 7)
    await sessions.until('the second plays', () => sessions.playbacks[1]?.starts === 1)
    await client.call('_settle', [null])
    expect(
      client.messages
        .slice(from, -1)
        .map(describeMessage)
        .filter((text) => !text.startsWith('onBW')),
    ).toEqual([
      '_result 2 1',
      '_result 3 null',
      '_result 4 null',
      'UserControl 0 1',
      'onStatus NetStream.Play.Reset on 1',
      'onStatus NetStream.Play.Start on 1',
      'data |RtmpSampleAccess true true on 1',
      'onStatus NetStream.Pause.Notify on 1',
      'UserControl 1 1',
      'UserControl 0 1',
      'onStatus NetStream.Play.Reset on 1',
      'onStatus NetStream.Play.Start on 1',
      'data |RtmpSampleAccess true true on 1',
    ])
  })
})

describe('A client that speaks AMF3', () => {
  let sessions: RtmpSessions

  beforeEach(async () => {
    sessions = await RtmpSessions.listen()
  })

  afterEach(async () => {
    await sessions.close()
  })

  it('is answered in AMF3 messages where it asks in them, and in AMF0 ones where it does not', async () => {
    const client = await sessions.client({ connectObject: { objectEncoding: 3 } })
    await client.connectApp('live')
    expect(client.commands[0]?.args).toMatchObject([{ objectEncoding: 3 }])
    const ask = (name: string, id: number, values: readonly Amf0Value[], streamId = 0): void =>
      client.send(toAmf3Command(encodeCommand(name, id, values, streamId)))
    ask('createStream', 2, [null])
    ask('play', 3, [null, 'demo'], 1)
    ask('pause', 4, [null, true, 0], 1)
    await client.waitForStatus('NetStream.Pause.Notify')
    await client.call('_settle', [null])
    const commands = client.messages.filter(
      ({ type }) => type === MessageType.commandAmf0 || type === MessageType.commandAmf3,
    )
    expect(commands.map((message) => `${message.type} ${describeMessage(message)}`)).toEqual([
      '20 _result 1 NetConnection.Connect.Success',
      '20 onBWDone',
      '17 _result 2 1',
      '17 onStatus NetStream.Play.Reset on 1',
      '17 onStatus NetStream.Play.Start on 1',
      '17 onStatus NetStream.Pause.Notify on 1',
      '20 _result 2 null',
    ])
    expect(
      commands
        .filter(({ type }) => type === MessageType.commandAmf3)
        .every(({ payload }) => payload[0] === 0),
    ).toBe(true)
  })
})
