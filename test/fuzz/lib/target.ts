import { isDeepStrictEqual } from 'node:util'
import { ProtocolError } from '../../../src/base/index.ts'
import { Random } from './random.ts'

/** Something that takes bytes from strangers. */
export interface Target {
  /** One word; also the name of its folder in the corpus. */
  readonly name: string
  /** Makes an input that is nearly right. */
  generate(random: Random): Uint8Array
  /**
   * Gives the input to what is tested and judges what it does; depends on nothing but the input.
   * @returns what it did, in a few words: an input that brings something new is kept as a seed
   * @throws Finding, or anything else, if it did wrong
   */
  check(input: Uint8Array): string | Promise<string>
  /** Before the first input. */
  start?(): Promise<void>
  /** After the last one. Throws if something is wrong by now, or is left behind. */
  stop?(): Promise<void>
}

/** What is tested did something it must not do. */
export class Finding extends Error {}

/** What came of parsing: a value, or the refusal. */
export type Outcome<T> = Readonly<{ value: T; refusal: null } | { value: null; refusal: ProtocolError }>

/**
 * Parses; a refusal is an answer like another.
 * @throws Finding if anything but a `ProtocolError` with its code is thrown
 */
export function attempt<T>(parse: () => T): Outcome<T> {
  try {
    return { value: parse(), refusal: null }
  } catch (error) {
    return { value: null, refusal: refusalOf(error) }
  }
}

/** What is thrown by a parser, if it may be thrown. */
export function refusalOf(error: unknown): ProtocolError {
  if (error instanceof ProtocolError && (error.code === 'ERR_PROTOCOL' || error.code === 'ERR_LIMIT')) {
    return error
  }
  throw new Finding(`threw what is no ProtocolError: ${error}`, { cause: error })
}

/** A refusal without its numbers, as what an input did. */
export function kindOf({ code, message }: ProtocolError): string {
  return `${code} ${message.replace(/'[^']*'/g, "''").replace(/0x[0-9a-f]+|\d+/gi, '#')}`
}

/** What a push parser made of some pieces, up to its first refusal. */
export type StreamOutcome<T> = Readonly<{ results: readonly T[]; refusal: ProtocolError | null }>

/** Bytes of an input that are handed over one at a time, at a random place; what is before and behind is in one piece. */
const MAX_BYTE_BY_BYTE = 600

/**
 * Hands an input to new parsers whole, byte by byte and cut at random.
 * @param read hands pieces to a new parser, one after another
 * @throws Finding if they differ in what they give
 */
export function checkCuts<T>(
  input: Uint8Array,
  read: (pieces: readonly Uint8Array[]) => StreamOutcome<T>,
): StreamOutcome<T> {
  const whole = read([input])
  const random = Random.of(input)
  const cuts = random.list(1 + random.small(20), () => random.below(input.length + 1))
  compare('random cuts', whole, read(cutAt(input, cuts)))
  const at = random.below(input.length)
  const [from, to] = [
    Math.max(0, at - MAX_BYTE_BY_BYTE / 2),
    Math.min(input.length, at + MAX_BYTE_BY_BYTE / 2),
  ]
  const bytes = Array.from({ length: to - from }, (_, index) => from + index)
  compare('byte by byte', whole, read(cutAt(input, [...bytes, to])))
  return whole
}

/** Hands pieces to a push parser, each in memory that is overwritten afterwards, as a socket's is. */
export function readPieces<T>(
  pieces: readonly Uint8Array[],
  push: (piece: Uint8Array) => void,
  results: readonly T[],
): StreamOutcome<T> {
  const longest = pieces.reduce((most, { length }) => Math.max(most, length), 0)
  const slab = new Uint8Array(longest)
  for (const [index, piece] of pieces.entries()) {
    slab.set(piece)
    const { refusal } = attempt(() => push(slab.subarray(0, piece.length)))
    if (refusal !== null) {
      return { results, refusal }
    }
    slab.fill(0xee + index)
  }
  return { results, refusal: null }
}

function cutAt(input: Uint8Array, cuts: number[]): Uint8Array[] {
  const ends = [...cuts.sort((a, b) => a - b), input.length]
  return ends.map((end, index) => input.subarray(ends[index - 1] ?? 0, end))
}

function compare<T>(how: string, whole: StreamOutcome<T>, cut: StreamOutcome<T>): void {
  const [wholeRefusal, cutRefusal] = [whole.refusal?.message ?? null, cut.refusal?.message ?? null]
  if (wholeRefusal !== cutRefusal) {
    throw new Finding(`whole: ${wholeRefusal}; ${how}: ${cutRefusal}`)
  }
  if (!isDeepStrictEqual(whole.results, cut.results)) {
    throw new Finding(
      `whole and ${how} give different results (${whole.results.length}, ${cut.results.length})`,
    )
  }
}
