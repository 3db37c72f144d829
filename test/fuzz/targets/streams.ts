import { isDeepStrictEqual } from 'node:util'
import { type FlvTag, FlvTagReader } from '../../../src/media/index.ts'
import {
  ChunkReader,
  ClientHandshake,
  type HandshakeKind,
  MAX_PARTIAL_MESSAGE_BYTES,
  type Message,
  ServerHandshake,
} from '../../../src/rtmp/index.ts'
import { encodeMessages, rawChunks } from '../generators/chunks.ts'
import { flvFile } from '../generators/flv.ts'
import { clientHandshake, clientSession } from '../generators/session.ts'
import type { Random } from '../lib/random.ts'
import { checkCuts, Finding, kindOf, readPieces, type StreamOutcome, type Target } from '../lib/target.ts'

const HANDSHAKE_BYTES = 3073

/** Parsers that get their bytes in pieces. */
export const streamTargets: readonly Target[] = [
  {
    name: 'handshake-server',
    generate: (random) => Buffer.concat([clientHandshake(random), random.bytes(random.small(50))]),
    check: (input) => checkHandshake(input, () => new ServerHandshake({ time: 7, fillRandom })),
  },
  {
    name: 'handshake-client',
    generate: serverHandshake,
    check: (input) => {
      const kinds: HandshakeKind[] = ['simple', 'digest-first', 'key-first']
      const kind = kinds[(input.at(-1) ?? 0) % kinds.length] ?? 'simple'
      return checkHandshake(input, () => new ClientHandshake({ kind, time: 7, fillRandom }))
    },
  },
  {
    name: 'chunk',
    generate: (random) =>
      random.oneIn(3) ? clientSession(random).subarray(HANDSHAKE_BYTES) : rawChunks(random),
    check: checkChunks,
  },
  { name: 'flv', generate: flvFile, check: checkFlv },
]

function fillRandom(bytes: Uint8Array): void {
  bytes.fill(0x5a)
}

/** S0, S1 and S2 as this server gives them. */
function serverHandshake(random: Random): Uint8Array {
  const fill = (bytes: Uint8Array): void => bytes.set(random.bytes(bytes.length))
  const { send } = new ServerHandshake({ time: random.uint32(), fillRandom: fill }).push(
    clientHandshake(random),
  )
  return Buffer.concat([send ?? new Uint8Array(0), random.bytes(random.small(50))])
}

function checkHandshake(input: Uint8Array, begin: () => ServerHandshake | ClientHandshake): string {
  let kind = ''
  const { results, refusal } = checkCuts(input, (pieces) => {
    const handshake = begin()
    const sent: Uint8Array[] = []
    const rests: Uint8Array[] = []
    let done = false
    const outcome = readPieces(
      pieces,
      (piece) => {
        const step = handshake.push(piece)
        rests.push(step.rest.slice())
        done = step.done
        if (step.send !== null) {
          sent.push(step.send.slice())
        }
      },
      [],
    )
    kind = `${handshake.kind} ${done}`
    return { results: [Buffer.concat(sent), Buffer.concat(rests), kind], refusal: outcome.refusal }
  })
  if (refusal === null && results[2]?.toString().endsWith('true') !== input.length >= HANDSHAKE_BYTES) {
    throw new Finding(`done or not after ${input.length} bytes: ${kind}`)
  }
  return refusal === null ? kind : kindOf(refusal)
}

function checkChunks(input: Uint8Array): string {
  const { results, refusal } = checkCuts(input, (pieces) => readChunks(pieces, false))
  const lent = checkCuts(input, (pieces) => readChunks(pieces, true))
  if (!isDeepStrictEqual(lent.results, results) || lent.refusal?.message !== refusal?.message) {
    throw new Finding('with lent payloads the messages differ')
  }
  for (const { payload, timestamp, streamId, chunkStreamId } of results) {
    const inRange = [timestamp, streamId].every(
      (value) => Number.isInteger(value) && value >= 0 && value <= 0xffffffff,
    )
    if (!inRange || payload.length === 0 || chunkStreamId < 2 || chunkStreamId > 65_599) {
      throw new Finding(`message out of range: ${JSON.stringify({ timestamp, streamId, chunkStreamId })}`)
    }
  }
  if (results.reduce((sum, { payload }) => sum + payload.length, 0) > input.length) {
    throw new Finding('more payload than there were bytes')
  }
  if (refusal === null) {
    checkWrittenAgain(results)
  }
  const types = [...new Set(results.map(({ type }) => type))].sort().slice(0, 6).join()
  return refusal === null ? `messages ${types}` : kindOf(refusal)
}

/** What was read is written and read again; chunk sizes and aborts act upon what follows and are left out. */
function checkWrittenAgain(messages: readonly Message[]): void {
  const plain = messages.filter(({ type }) => type !== 1 && type !== 2)
  const again = readChunks([encodeMessages(plain)], false)
  const same = (a: Message, b: Message | undefined): boolean =>
    b !== undefined &&
    Buffer.compare(a.payload, b.payload) === 0 &&
    (['type', 'streamId', 'timestamp', 'chunkStreamId'] as const).every((key) => a[key] === b[key])
  if (plain.length > 64 || again.refusal?.code === 'ERR_LIMIT') {
    return
  }
  if (again.refusal !== null || !plain.every((message, index) => same(message, again.results[index]))) {
    throw new Finding(`written and read again, the messages differ: ${again.refusal?.message ?? ''}`)
  }
}

function readChunks(pieces: readonly Uint8Array[], lendsMedia: boolean): StreamOutcome<Message> {
  const messages: Message[] = []
  const reader = new ChunkReader((message) =>
    messages.push(lendsMedia ? { ...message, payload: Buffer.from(message.payload) } : message),
  )
  reader.lendsMedia = lendsMedia
  const total = pieces.reduce((sum, { length }) => sum + length, 0)
  if (total > MAX_PARTIAL_MESSAGE_BYTES) {
    throw new Error('the input is longer than this target is made for')
  }
  return readPieces(pieces, (piece) => reader.push(piece), messages)
}

function checkFlv(input: Uint8Array): string {
  const { results, refusal } = checkCuts(input, (pieces) => {
    const tags: FlvTag[] = []
    const reader = new FlvTagReader()
    return readPieces(pieces, (piece) => reader.push(piece, (tag) => tags.push(tag)), tags)
  })
  return refusal === null ? `tags ${Math.min(5, results.length)}` : kindOf(refusal)
}
