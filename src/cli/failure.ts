import process from 'node:process'
import { ServerError, toError } from '../base/index.ts'
import { EXIT_FAULT, EXIT_USAGE } from './exit-codes.ts'

/** Runs a command; what it throws is told in a line on standard error, and by the exit code. */
export async function reportFailure(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    process.stderr.write(`${name}: ${toError(error).message}\n`)
    const isUsage = error instanceof ServerError && error.code === 'ERR_CONFIGURATION'
    process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAULT
  }
}
