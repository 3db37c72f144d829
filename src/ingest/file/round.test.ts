import { expect, it } from 'vitest'
import { FlvTagType } from '../../media/index.ts'
import type { FileTag, MediaFile } from './media-file.ts'
import { Round } from './round.ts'

/** A file that never ends. */
class EndlessFile implements MediaFile {
  readonly warnings: readonly string[] = []
  taken = 0
  readonly #stepMs: number
  readonly #bytes: number

  constructor(stepMs: number, bytes: number) {
    this.#stepMs = stepMs
    this.#bytes = bytes
  }

  async *tags(): AsyncGenerator<FileTag, void, undefined> {
    const body = new Uint8Array(this.#bytes)
    for (;;) {
      const positionMs = this.taken++ * this.#stepMs
      yield { type: FlvTagType.video, body, sequenceHeader: false, positionMs, durationMs: null }
    }
  }

  async close(): Promise<void> {}
}

it.each([
  ['a second', 40, 1000, 26],
  ['8 MiB', 1, 1024 * 1024, 8],
  ['5000 tags, however small and of whatever time', 0, 1, 5000],
])('a round reads no more ahead than %s', async (_, stepMs, bytes, tags) => {
  const file = new EndlessFile(stepMs, bytes)
  const round = new Round(file)
  await round.readAhead()
  expect(file.taken).toBe(tags)
  await round.close()
})
