import { readCorpus } from './corpus.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'
import type { Target } from './target.ts'

/** CPU time from which on an input counts as one that hangs its reader, ms. */
export const MAX_INPUT_MS = 1_000

/** Inputs kept as seeds because they brought something new; later ones take the place of random ones. */
const MAX_KEPT_INPUTS = 400
/** Different outcomes that are told apart; what is new after so many is new in its texts and numbers only. */
const MAX_KINDS = 2_000

/** Something found, and with what. */
export type FoundInput = Readonly<{ target: string; input: Uint8Array; error: unknown }>

/** Makes inputs for one target and judges them. */
export class TargetFuzzer {
  readonly target: Target
  readonly #random: Random
  readonly #maxInputMs: number
  readonly #seeds: readonly Uint8Array[]
  readonly #kept: Uint8Array[] = []
  readonly #seen = new Set<string>()
  #inputs = 0
  #milliseconds = 0

  /**
   * @param seed the same seed makes the same inputs from the same corpus
   * @param maxInputMs CPU time that one input may take, ms
   */
  constructor(target: Target, seed: number, maxInputMs: number = MAX_INPUT_MS) {
    this.target = target
    this.#maxInputMs = maxInputMs
    this.#random = new Random(seed ^ Random.of(Buffer.from(target.name)).uint32())
    this.#seeds = readCorpus(target.name).map(({ bytes }) => bytes)
  }

  /** Inputs judged so far. */
  get inputs(): number {
    return this.#inputs
  }

  /** Time spent on them, ms. */
  get milliseconds(): number {
    return this.#milliseconds
  }

  /** How many different things inputs did, as far as they are told apart. */
  get kinds(): number {
    return this.#seen.size
  }

  /** The next input: one that is nearly right, or one that is a changed other. */
  next(): Uint8Array {
    const random = this.#random
    const others = [...this.#seeds, ...this.#kept]
    const fresh = others.length === 0 || random.oneIn(2)
    const base = fresh ? this.target.generate(random) : random.pick(others)
    // A plain array: slices of a Buffer share its memory.
    return new Uint8Array(fresh && random.oneIn(3) ? base : mutate(base, random, others))
  }

  /** Judges an input; null if all is well. */
  async judge(input: Uint8Array): Promise<FoundInput | null> {
    const start = performance.now()
    const cpuBefore = process.cpuUsage()
    try {
      const pending = this.target.check(input)
      const kind = typeof pending === 'string' ? pending : await pending
      const { user, system } = process.cpuUsage(cpuBefore)
      if ((user + system) / 1000 > this.#maxInputMs) {
        throw new Error(`took ${Math.round((user + system) / 1000)} ms of CPU time`)
      }
      this.#keepIfNew(kind, input)
      return null
    } catch (error) {
      return { target: this.target.name, input, error }
    } finally {
      this.#inputs++
      this.#milliseconds += performance.now() - start
    }
  }

  #keepIfNew(kind: string, input: Uint8Array): void {
    if (this.#seen.size >= MAX_KINDS || this.#seen.has(kind) || input.length === 0) {
      return
    }
    this.#seen.add(kind)
    if (this.#kept.length < MAX_KEPT_INPUTS) {
      this.#kept.push(input)
    } else {
      this.#kept[this.#random.below(MAX_KEPT_INPUTS)] = input
    }
  }
}
