import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { expect, it } from 'vitest'
import { CORPUS, readCorpus } from './corpus.ts'

it('an input that never ends is saved, and its process ended', async (context) => {
  context.onTestFinished(() => rmSync(join(CORPUS, 'hanging'), { recursive: true }))
  const program = join(import.meta.dirname, 'hanging-program.ts')
  const child = spawn(execPath, [program], { stdio: 'ignore' })
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  expect(readCorpus('hanging').map(({ bytes }) => bytes)).toEqual([Uint8Array.of(1, 2, 3)])
})
