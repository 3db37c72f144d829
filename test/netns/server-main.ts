/** A server on a machine of the lab, run by `NodeProcess`; its options come as JSON in the first argument. */
import process from 'node:process'
import { createServer } from '../../src/index.ts'
import { type LogLine, RecordingLogger } from '../support/server.ts'

/** What is asked of it: how a stream is. */
export type ServerQuestion = Readonly<{ stream: string }>

/** How it is. */
export type ServerAnswer = Readonly<{
  /** Who watches. */
  viewers: number
  isPublished: boolean
  /** Publications so far. */
  published: number
  /** Players who are no longer there. */
  playersGone: number
  /** Faults of the server. */
  faults: readonly LogLine[]
}>

const log = new RecordingLogger()
const server = await createServer({ ...JSON.parse(process.argv[2] ?? '{}'), logger: log })

process.on('message', (question: ServerQuestion) => {
  const stream = server.stream(question.stream)
  const answer: ServerAnswer = {
    viewers: stream?.viewers.size ?? 0,
    isPublished: (stream?.publication ?? null) !== null,
    published: log.withMessage('publish started').length,
    playersGone: log.withMessage('play stopped').length,
    faults: log.errors,
  }
  process.send?.(answer)
})
process.on('disconnect', () => process.exit())
process.send?.({})
