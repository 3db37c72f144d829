import { randomBytes } from 'node:crypto'
import { type StreamName, type StreamRequest, streamKey } from '../../live/index.ts'
import type { AccessAction } from './options.ts'

/** The length of a pass, bytes; it is written in twice as many hexadecimal digits. */
const PASS_BYTES = 16

/** Lets a program of this server in. */
export type ProgramPass = Readonly<{
  /** What it shows: the parameter `srs_pass` of its address. */
  word: string
  /** Good from now on: the program is being started. Idempotent. */
  open(): void
  /** Good no more: the program has ended. Idempotent. */
  close(): void
}>

/**
 * The passes of programs that this server runs, such as FFmpeg, in place of the tokens and the like that a virtual host demands: each for
 * one program, one stream and one role, only while that program lives, and for clients of this machine alone: users of it may see a pass in
 * the list of processes, and give it away.
 */
export class ProgramPasses {
  /** What each lets in to, by its word. */
  readonly #open = new Map<string, string>()
  readonly #isOwnAddress: (address: string) => boolean

  /** @param isOwnAddress whether an address is one of this machine */
  constructor(isOwnAddress: (address: string) => boolean) {
    this.#isOwnAddress = isOwnAddress
  }

  /** Makes a pass that nobody can guess; it is not good yet. */
  issue(action: AccessAction, name: StreamName): ProgramPass {
    const word = randomBytes(PASS_BYTES).toString('hex')
    return {
      word,
      open: () => this.#open.set(word, placeOf(action, name)),
      close: () => this.#open.delete(word),
    }
  }

  /** Whether who asks shows a pass for that. */
  admits(action: AccessAction, { pass, name, client }: StreamRequest): boolean {
    const isGood = pass !== undefined && this.#open.get(pass) === placeOf(action, name)
    return isGood && this.#isOwnAddress(client.address)
  }
}

function placeOf(action: AccessAction, name: StreamName): string {
  return `${action} ${streamKey(name)}`
}
