import { once } from 'node:events'
import { open } from 'node:fs/promises'
import process from 'node:process'
import { ServerError, toError } from '../base/index.ts'
import type { RecordingOutput } from './flv-recording.ts'

/** An output that is open. */
export type OpenOutput = RecordingOutput & Readonly<{ close(): Promise<void> }>

/**
 * Opens a file for writing, in place of what is there.
 * @param path '-' is standard output
 * @throws ServerError ERR_MEDIA_FILE if that can't be done
 */
export async function openOutput(path: string): Promise<OpenOutput> {
  if (path === '-') {
    // Told by `write`; unheard, it would end the process.
    process.stdout.on('error', () => {})
    return standardOutput
  }
  const file = await open(path, 'w').catch((cause: unknown) => {
    const { message } = toError(cause)
    throw new ServerError('ERR_MEDIA_FILE', `${path} can't be written: ${message}`, { cause })
  })
  return {
    // Unlike `write`, it goes on until all of it is written.
    write: (bytes) => file.appendFile(bytes),
    overwrite: async (position, bytes) => {
      await file.write(bytes, 0, bytes.length, position)
    },
    close: () => file.close(),
  }
}

const standardOutput: OpenOutput = {
  overwrite: null,
  async write(bytes) {
    const { stdout } = process
    if (stdout.errored !== null) {
      throw stdout.errored
    }
    if (!stdout.write(bytes)) {
      await once(stdout, 'drain')
    }
  },
  async close() {},
}
