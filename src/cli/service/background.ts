import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { ServerError, toError } from '../../base/index.ts'
import type { ProcessSettings } from '../../control/index.ts'
import { EXIT_FAULT } from '../exit-codes.ts'
import { parseReport, type StartReport } from './report.ts'

/** The descriptor at which the process in the background finds the pipe to report through. */
const REPORT_PIPE = 3

/**
 * Starts this very command again, in a session of its own that no terminal ends, and waits until it listens or has failed. A process
 * of Node.js cannot be forked as a C program can: its threads would be missing in the copy.
 * @returns what it reported
 * @throws ServerError ERR_CONFIGURATION if the log file cannot be written
 */
export async function startInBackground(settings: ProcessSettings): Promise<StartReport> {
  // What Node.js itself says when a process crashes belongs into the log as well.
  const errors = openErrors(settings)
  const args = [...process.execArgv, ...process.argv.slice(1), `--report-pipe=${REPORT_PIPE}`]
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'ignore', errors ?? 'inherit', 'pipe'],
  })
  if (errors !== null) {
    closeSync(errors)
  }
  const forward = (signal: NodeJS.Signals): boolean => child.kill(signal)
  process.on('SIGINT', forward)
  process.on('SIGTERM', forward)
  const report = parseReport(await text(child.stdio[REPORT_PIPE] as Readable))
  process.off('SIGINT', forward)
  process.off('SIGTERM', forward)
  if (report === null) {
    return { exitCode: EXIT_FAULT, text: `srs: ${await describeEnd(child, settings)}\n` }
  }
  child.unref()
  return report.exitCode === 0
    ? { ...report, text: `${report.text}${describeBackground(child, settings)}` }
    : report
}

function openErrors({ log, workDirectory }: ProcessSettings): number | null {
  if (log.target === 'console') {
    return null
  }
  const path = resolve(workDirectory, log.file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'a')
  } catch (error) {
    const message = `the log file '${log.file}' cannot be written: ${toError(error).message}`
    throw new ServerError('ERR_CONFIGURATION', message, { cause: error })
  }
}

async function describeEnd(child: ChildProcess, { log }: ProcessSettings): Promise<string> {
  const [code, signal] = await (child.exitCode === null && child.signalCode === null
    ? once(child, 'exit')
    : [child.exitCode, child.signalCode])
  const how = signal === null ? `with ${code}` : `by ${signal}`
  const where = log.target === 'file' ? `; its log '${log.file}' may say why` : ''
  return `the process in the background ended ${how} before it listened${where}`
}

function describeBackground({ pid }: ChildProcess, { log, pidFile }: ProcessSettings): string {
  const files = [
    ...(log.target === 'file' ? [`its log is ${log.file}`] : []),
    ...(pidFile === null ? [] : [`its number stands in ${pidFile}`]),
  ]
  return `  It runs in the background as process ${[pid, ...files].join(', ')}. End it with: kill ${pid}\n`
}
