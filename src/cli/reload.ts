import process from 'node:process'
import { Command } from 'commander'
import { ServerError } from '../base/index.ts'
import { SRS_CODES } from '../control/index.ts'
import type { ReloadPlan } from '../server/index.ts'
import { EXIT_USAGE } from './exit-codes.ts'
import { printableJson } from './printable.ts'
import { formatReloadPlan } from './reload-text.ts'
import { explain } from './remote/api-client.ts'
import { ask } from './remote/commands.ts'
import { REMOTE_HELP, type RemoteArguments, withRemoteOptions } from './remote/find-server.ts'

type Arguments = RemoteArguments & { dryRun?: true; json?: true }

/** The command `srs reload`: has a running server read its configuration again, or say what that would do. */
export function createReloadCommand(): Command {
  return withRemoteOptions(
    new Command('reload').description(
      'Have the running server read its configuration again, and tell what that did.',
    ),
  )
    .option('--dry-run', 'only tell what would be done, and who would be disconnected')
    .option('--json', 'the plan as JSON')
    .addHelpText(
      'after',
      `
SIGHUP does the same; then only the log tells what was done. If the configuration can't be used (exit code 2), nothing has changed.
${REMOTE_HELP}

Examples:
  srs reload -c srs.conf --dry-run
  srs reload -c srs.conf`,
    )
    .action((_given: Arguments, command: Command) =>
      ask('srs reload', command.optsWithGlobals<Arguments>(), async (client, { dryRun, json }) => {
        const answer = await client.ask(dryRun === true ? 'GET' : 'POST', '/api/v1/reload')
        if (answer.code === SRS_CODES.configInvalid) {
          process.stderr.write(`${explain(answer).trimEnd()}\nsrs reload: nothing has changed\n`)
          process.exitCode = EXIT_USAGE
          return
        }
        if (answer.code !== 0) {
          throw new ServerError('ERR_CONNECTION', `${client.name} does not reload: ${explain(answer)}`)
        }
        const plan = answer.data as ReloadPlan
        process.stdout.write(json === true ? printableJson(plan) : formatReloadPlan(plan))
      }),
    )
}
