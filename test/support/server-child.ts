/**
 * A server in a process of its own, so that its memory can be measured. Run by `server-process.ts` with `--expose-gc`;
 * the options come as JSON in the first argument.
 */
import process from 'node:process'
import { createServer } from '../../src/index.ts'
import { RecordingLogger } from './server.ts'
import type { ChildAnswer, ChildQuestion } from './server-process.ts'

const log = new RecordingLogger()
const server = await createServer({ ...JSON.parse(process.argv[2] ?? '{}'), logger: log })

process.on('message', (question: ChildQuestion) => {
  void answer(question)
})
process.on('disconnect', () => process.exit())
send({ rtmpUrl: server.rtmpUrl, httpUrl: server.httpUrl })

async function answer(question: ChildQuestion): Promise<void> {
  if (question === 'close') {
    await server.close()
    process.disconnect()
    return
  }
  if (typeof question === 'object') {
    send(await server.reload(question.reload))
    return
  }
  globalThis.gc?.()
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  send({ rssBytes: rss, usedBytes: heapUsed + arrayBuffers, resources: resources(), log: log.lines })
}

function resources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

function send(message: ChildAnswer): void {
  process.send?.(message)
}
