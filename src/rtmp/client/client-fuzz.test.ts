import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import {
  answerAll,
  type ScriptedPeer,
  ScriptedRtmpServer,
} from '../../../test/support/scripted-rtmp-server.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { ServerError } from '../../base/index.ts'
import { type Amf0Value, encodeAmf0 } from '../../media/index.ts'
import { type Message, MessageType, RtmpPlayer } from '../index.ts'

const TYPES = [...Object.values(MessageType), 0, 99]

/** What a server that means no good may put into a command: names that are known, and values of every kind. */
const names = fc.constantFrom(
  '_result',
  '_error',
  'onStatus',
  'close',
  'onBWDone',
  'onMetaData',
  'onPlayStatus',
)
const words = fc.constantFrom('status', 'error', 'NetStream.Play.Start', 'NetStream.Play.Stop', '')
const scalars: fc.Arbitrary<Amf0Value> = fc.oneof(
  words,
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
)
const objects = fc.record({
  level: scalars,
  code: scalars,
  description: scalars,
  ex: scalars,
  tcUrl: scalars,
})
const commands = fc
  .tuple(names, fc.integer({ min: -1, max: 5 }), fc.array(fc.oneof(scalars, objects), { maxLength: 4 }))
  .map(([name, transactionId, values]) => encodeAmf0(name, transactionId, ...values))
const messages: fc.Arbitrary<Message> = fc.record({
  type: fc.constantFrom(...TYPES),
  streamId: fc.nat({ max: 3 }),
  timestamp: fc.nat({ max: 0xffffffff }),
  chunkStreamId: fc.integer({ min: 2, max: 400 }),
  payload: fc.oneof(commands, fc.uint8Array({ minLength: 1, maxLength: 40 })),
})
/** Messages as they are, and bytes that are none. */
const attacks = fc.array(fc.oneof({ weight: 4, arbitrary: messages }, fc.uint8Array({ maxLength: 30 })), {
  maxLength: 12,
})

it('whatever a server sends, a player plays on, ends or throws an error with a code, and closes', async () => {
  let attack: readonly (Message | Uint8Array)[] = []
  let attackedCommand = ''
  const strike = (peer: ScriptedPeer): void => {
    for (const part of attack) {
      if (part instanceof Uint8Array) {
        peer.write(part)
      } else {
        peer.send(part)
      }
    }
    peer.socket.end()
  }
  const server = await ScriptedRtmpServer.listen(
    { onTestFinished },
    {
      onCommand: (command, peer) => {
        if (command.name === attackedCommand) {
          strike(peer)
        } else {
          answerAll(command, peer)
        }
      },
    },
  )
  await fc.assert(
    fc.asyncProperty(attacks, fc.constantFrom('connect', 'createStream', 'play'), async (parts, command) => {
      attack = parts
      attackedCommand = command
      try {
        const player = await RtmpPlayer.play(server.url, { answerTimeoutMs: 5000 })
        for await (const { body } of player) {
          expect(body.length).toBeGreaterThan(0)
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ServerError)
      }
    }),
    { numRuns: 80 },
  )
  await waitFor('all connections are closed', () => server.openSockets === 0)
})
