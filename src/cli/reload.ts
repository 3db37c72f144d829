import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { Command } from 'commander'
import { ServerError } from '../base/index.ts'
import { processSettingsOf } from '../control/index.ts'
import { type ConfigArguments, findConfigSource, readConfigOrTell } from './config-source.ts'
import { EXIT_FAULT, EXIT_USAGE } from './exit-codes.ts'
import { reportFailure } from './failure.ts'
import { formatReloadPlan } from './reload-text.ts'
import { askControlDoor, doorPathOf } from './service/control-door.ts'

type Arguments = ConfigArguments & { pidFile?: string; dryRun?: true }

/** The command `srs reload`: has a running server read its configuration again, or say what that would do. */
export function createReloadCommand(): Command {
  return new Command('reload')
    .description('Have the running server read its configuration again, and tell what that did.')
    .option('-c, --config <FILE>', 'the configuration, which names the pid file; default: SRS_CONFIG_FILE')
    .option('--pid-file <FILE>', 'the pid file of the server')
    .option('--dry-run', 'only tell what would be done, and who would be disconnected')
    .addHelpText(
      'after',
      `
The server is found by its pid file. SIGHUP does the same; then only the log tells what was done.
Exit code: 0; 2 if the configuration can't be used: then nothing has changed.

Examples:
  srs reload -c srs.conf --dry-run
  srs reload -c srs.conf`,
    )
    .action((_given: Arguments, command: Command) => run(command.optsWithGlobals<Arguments>()))
}

async function run(given: Arguments): Promise<void> {
  await reportFailure('srs reload', async () => {
    const pidFile = given.pidFile ?? (await configuredPidFile(given))
    if (pidFile === null) {
      process.exitCode = EXIT_USAGE
      return
    }
    const answer = await askControlDoor(doorPathOf(pidFile), given.dryRun === true ? 'GET' : 'POST')
    if (answer === null) {
      await explainAbsence(pidFile)
      process.exitCode = EXIT_FAULT
    } else if ('plan' in answer) {
      process.stdout.write(formatReloadPlan(answer.plan))
    } else {
      process.stderr.write(`${answer.faults}srs reload: nothing has changed\n`)
      process.exitCode = EXIT_USAGE
    }
  })
}

/** The pid file that the configuration names; null if it has faults, which were told. */
async function configuredPidFile(given: Arguments): Promise<string | null> {
  const source = findConfigSource(given)
  if (source === null) {
    throw new ServerError('ERR_CONFIGURATION', 'say which server: -c FILE, or --pid-file FILE')
  }
  const read = await readConfigOrTell(source)
  if (read === null) {
    return null
  }
  const { pidFile } = processSettingsOf(read.config, { inContainer: false })
  if (pidFile === null) {
    throw new ServerError('ERR_CONFIGURATION', 'the configuration names no pid file: send its process SIGHUP')
  }
  return pidFile
}

async function explainAbsence(pidFile: string): Promise<void> {
  const pid = await readFile(pidFile, 'utf8').catch(() => null)
  const hint = pid === null ? 'there is no such file' : `if process ${pid.trim()} is one, send it SIGHUP`
  process.stderr.write(`srs reload: no server of the pid file '${pidFile}' answers: ${hint}\n`)
}
