import process from 'node:process'
import { Command, InvalidArgumentError } from 'commander'
import { DEFAULT_CHECK_TIMEOUT_MS, listProbes, runCheck } from '../check/index.ts'
import { describeCheck, describeProbe } from './check-text.ts'
import { EXIT_FAULT, EXIT_INTERRUPTED, EXIT_USAGE } from './exit-codes.ts'
import { reportFailure } from './failure.ts'
import { untilInterrupted } from './interruption.ts'

type Arguments = { only?: string[]; timeout: number; json?: boolean; list?: boolean }

/** The command `srs check`: asks an RTMP server one question after another and tells what it did. */
export function createCheckCommand(): Command {
  return new Command('check')
    .description('Check how an RTMP server of yours follows the standard and what clients need.')
    .argument('[URL]', 'rtmp://host/app; a query goes with every stream name: rtmp://host/app?token=1')
    .option('--only <ID,...>', 'probes or groups of them: handshake,chunk.abort', splitIds)
    .option('--timeout <MS>', 'how long anything is waited for, ms', parseTimeout, DEFAULT_CHECK_TIMEOUT_MS)
    .option('--json', 'the report as JSON')
    .option('--list', 'list the probes, and ask nothing')
    .addHelpText(
      'after',
      `
Exit code: 0 if no probe failed, 1 if one did; 2 if an option can't be used or nothing answers at the address.

Examples:
  srs check rtmp://localhost/live
  srs check --only handshake,chunk --json rtmp://localhost/live`,
    )
    .action((url: string | undefined, given: Arguments) => run(url, given))
}

async function run(url: string | undefined, given: Arguments): Promise<void> {
  if (given.list === true) {
    process.stdout.write(
      listProbes()
        .map(({ id, title }) => `${id.padEnd(30)} ${title}\n`)
        .join(''),
    )
    return
  }
  if (url === undefined) {
    process.stderr.write('srs check: which server? Give its URL, e.g. rtmp://localhost/live\n')
    process.exitCode = EXIT_USAGE
    return
  }
  await reportFailure('srs check', () => untilInterrupted((signal) => check(url, given, signal)))
}

async function check(url: string, given: Arguments, signal: AbortSignal): Promise<void> {
  const { only, timeout: timeoutMs, json = false } = given
  const options = { url, timeoutMs, signal, ...(only === undefined ? {} : { only }) }
  const report = await runCheck(options, (result) => {
    if (!json) {
      process.stdout.write(`${describeProbe(result)}\n`)
    }
  })
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `\n${describeCheck(report)}\n`)
  process.exitCode = signal.aborted ? EXIT_INTERRUPTED : report.counts.fail === 0 ? 0 : EXIT_FAULT
}

function splitIds(text: string): string[] {
  return text.split(',').filter((id) => id !== '')
}

function parseTimeout(text: string): number {
  if (!/^[1-9]\d{1,5}$/.test(text)) {
    throw new InvalidArgumentError('It must be milliseconds, 10 to 999999.')
  }
  return Number(text)
}
