import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Amf0Value,
  decodeAmf0,
  encodeAmf0,
  type FlvTag,
  FlvTagReader,
  FlvTagType,
} from '../../src/media/index.ts'
import { MessageType } from '../../src/rtmp/index.ts'
import { startTool } from '../support/ffmpeg.ts'
import { FramehashParser, readPackets } from '../support/packets.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, startServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

const fileScope = new FileScope()
let source: string
let tags: FlvTag[]
beforeAll(async () => {
  const inputs = [...videoInput('160x90'), ...audioInput]
  source = await makeFlv(await mediaFolder(fileScope), 'text', [...inputs, ...h264({ gop: 25 }), ...aac], 6)
  tags = []
  new FlvTagReader().push(await readFile(source), (tag) => tags.push(tag))
})
afterAll(() => fileScope.clean())

/** Sends the file, with a text behind every tenth picture; @returns the times of the texts. */
function send(publisher: RtmpClient, each: readonly FlvTag[]): number[] {
  const texts: number[] = []
  let pictures = 0
  for (const { type, timestampMs, body } of each) {
    if (type === FlvTagType.audio) {
      publisher.sendAudio(timestampMs, body)
    } else if (type === FlvTagType.script) {
      publisher.sendData(timestampMs, body)
    } else {
      publisher.sendVideo(timestampMs, body)
      pictures++
      if (pictures % 10 === 0) {
        texts.push(timestampMs)
        publisher.sendData(timestampMs, encodeAmf0('onTextData', { text: `${timestampMs}` }))
      }
    }
  }
  return texts
}

describe('Text data of a publisher', () => {
  it('reaches RTMP players at its time, and leaves FFmpeg its packets', async (context) => {
    const { server, rtmpUrl } = await startServer(context)
    const publisher = await RtmpClient.connect(rtmpUrl)
    context.onTestFinished(() => publisher.destroy())
    await publisher.publish('live/text')
    const player = await RtmpClient.connect(rtmpUrl)
    context.onTestFinished(() => player.destroy())
    await player.play('live/text')
    const parsers = { v: new FramehashParser(), a: new FramehashParser() }
    const outputs = [(text: string) => parsers.v.push(text), (text: string) => parsers.a.push(text)]
    const framehash = ['-c', 'copy', '-flush_packets', '1', '-f', 'framehash', '-hash', 'md5']
    const ffmpeg = startTool(
      context,
      'ffmpeg',
      [
        '-v',
        'error',
        '-copyts',
        '-i',
        `${rtmpUrl}/live/text`,
        '-map',
        '0:v',
        ...framehash,
        'pipe:1',
        '-map',
        '0:a',
        ...framehash,
        'pipe:3',
      ],
      { outputs },
    )
    await waitFor('both players', () => server.stream('live/text')?.viewers.size === 2)
    const texts = send(publisher, tags)
    expect(texts.length).toBeGreaterThan(10)
    const isText = ({ type, payload }: { type: number; payload: Uint8Array }): boolean =>
      type === MessageType.dataAmf0 && decodeAmf0(payload)[0] === 'onTextData'
    await waitFor('the texts', () => player.messages.filter(isText).length === texts.length)
    const received = player.messages.filter(isText)
    const said = received.map(({ payload }) => (decodeAmf0(payload)[1] as { text: Amf0Value }).text)
    expect(said).toEqual(texts.map(String))
    const shift = Number(received[0]?.timestamp) - Number(texts[0])
    expect(received.map(({ timestamp }) => timestamp - shift)).toEqual(texts)
    for (const track of ['v', 'a'] as const) {
      const sent = await readPackets(source, track, {})
      await waitFor(
        `all packets (${track}); ${ffmpeg.stderr}`,
        () => parsers[track].packets.length === sent.length,
      )
      expect(parsers[track].packets.map(({ hash }) => hash)).toEqual(sent.map(({ hash }) => hash))
    }
    expect(ffmpeg.stderr).toBe('')
  })
})
