import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { saveCrasher } from './corpus.ts'

const { shared, hangMs } = workerData as { shared: SharedArrayBuffer; hangMs: number }
const header = new Int32Array(shared, 0, 4)

let last = Atomics.load(header, 0)
setInterval(() => {
  const now = Atomics.load(header, 0)
  if (now === last && now > 0) {
    const name = Buffer.from(new Uint8Array(shared, 16, 32).slice())
      .toString()
      .replace(/\0+$/, '')
    const input = new Uint8Array(shared, 48, header[1] ?? 0).slice()
    const path = saveCrasher(name, input)
    // The main thread hangs, so that nothing written through it would come out.
    writeSync(2, `\nHANG in ${name}: more than ${hangMs} ms with one input, saved as ${path}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
  last = now
}, hangMs)
