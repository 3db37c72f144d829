import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/base/index.ts'
import { readCorpus } from './lib/corpus.ts'
import { TargetFuzzer } from './lib/fuzzer.ts'
import { attempt, checkCuts, Finding, readPieces, type Target } from './lib/target.ts'
import { TARGETS } from './targets/index.ts'

/** Inputs of each target in every run of the tests; the long runs are `npm run fuzz`. */
const INPUTS = 100
const SEED = 20_261_126

describe.each(TARGETS)('$name', (target) => {
  beforeAll(async () => target.start?.())
  afterAll(async () => target.stop?.())

  it('takes every input of the corpus, crashers among them', async () => {
    const fuzzer = new TargetFuzzer(target, SEED)
    const corpus = readCorpus(target.name)
    expect(corpus.length).toBeGreaterThan(0)
    for (const { path, bytes } of corpus) {
      expect(await fuzzer.judge(bytes), path).toBeNull()
    }
  })

  it(`takes ${INPUTS} inputs that are nearly right`, async () => {
    const fuzzer = new TargetFuzzer(target, SEED)
    for (let i = 0; i < INPUTS; i++) {
      const input = fuzzer.next()
      expect(await fuzzer.judge(input), Buffer.from(input).toString('base64')).toBeNull()
    }
    expect(fuzzer.kinds).toBeGreaterThan(1)
  })
})

describe('the fuzzer', () => {
  const target = (check: Target['check']): Target => ({
    name: 'none',
    generate: (random) => random.bytes(10),
    check,
  })

  async function judge(check: Target['check']): Promise<unknown> {
    const fuzzer = new TargetFuzzer(target(check), 1)
    return (await fuzzer.judge(fuzzer.next()))?.error ?? null
  }

  it('finds a parser that throws what is no ProtocolError', async () => {
    const error = await judge(() => `${attempt(() => new Uint8Array(-1)).value}`)
    expect(error).toBeInstanceOf(Finding)
  })

  it('takes a refusal for an answer', async () => {
    const refuse = (): never => {
      throw new ProtocolError('no')
    }
    expect(await judge(() => `${attempt(refuse).refusal}`)).toBeNull()
  })

  it('finds a push parser that depends on how its bytes are cut', async () => {
    const error = await judge((input) => {
      const { results } = checkCuts(input, (pieces) => {
        const lengths: number[] = []
        return readPieces(pieces, (piece) => lengths.push(piece.length), lengths)
      })
      return `${results}`
    })
    expect(error).toBeInstanceOf(Finding)
  })

  it('finds a push parser that keeps memory that is not its own', async () => {
    const error = await judge((input) => {
      const { results } = checkCuts(input, (pieces) => {
        const kept: Uint8Array[] = []
        readPieces(pieces, (piece) => kept.push(piece), [])
        return { results: [Buffer.concat(kept).toString('hex')], refusal: null }
      })
      return `${results}`
    })
    expect(error).toBeInstanceOf(Finding)
  })

  it('finds what takes more CPU time than it may', async () => {
    const fuzzer = new TargetFuzzer(
      target(() => 'done'),
      1,
      -1,
    )
    const error = (await fuzzer.judge(fuzzer.next()))?.error
    expect(String(error)).toMatch(/took \d+ ms of CPU time/)
  })

  it('makes the same inputs of the same seed', () => {
    const make = (): string[] => {
      const fuzzer = new TargetFuzzer(
        target(() => ''),
        7,
      )
      return Array.from({ length: 5 }, () => Buffer.from(fuzzer.next()).toString('hex'))
    }
    expect(make()).toEqual(make())
  })
})
