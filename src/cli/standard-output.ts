import process from 'node:process'
import { EXIT_FAULT } from './exit-codes.ts'

/**
 * Ends a command whose output nobody takes: in silence if its reader has had enough (`srs streams | head -1`), else with a line on
 * standard error, such as for a full disk. Unheard, either would end the process by a stack trace.
 * @param name what the line begins with, e.g. 'srs streams'
 */
export function endWithOutput(name: string): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.stderr.write(`${name}: standard output can't be written: ${error.message}\n`)
      process.exitCode = EXIT_FAULT
    }
    process.exit()
  })
}
