import process from 'node:process'
import { Command } from 'commander'
import { ServerError } from '../base/index.ts'
import { configToJson, formatFaults, writeConfig } from '../control/index.ts'
import {
  type ConfigArguments,
  type ConfigSource,
  findConfigSource,
  nameOf,
  readConfigOrTell,
} from './config-source.ts'
import { EXIT_USAGE } from './exit-codes.ts'
import { reportFailure } from './failure.ts'

type Arguments = ConfigArguments & { json?: boolean; showSecrets?: boolean }

/** The command `srs config`: prints the configuration in force, and where each value is from. */
export function createConfigCommand(): Command {
  return new Command('config')
    .description('Print the configuration in force, each value with where it is from.')
    .option('-c, --config <FILE>', 'the file; default: SRS_CONFIG_FILE')
    .option('-e, --env-only', 'the environment alone, without any file')
    .option('--json', 'as JSON')
    .option('--show-secrets', 'passwords, keys and the like as they are, in place of ***')
    .addHelpText(
      'after',
      `
Exit code: 0; 2 if the configuration has faults, which are told.

Examples:
  srs config -c srs.conf
  SRS_LISTEN=1936 srs config -e --json`,
    )
    .action((_given: Arguments, command: Command) => run(command.optsWithGlobals<Arguments>()))
}

async function run(given: Arguments): Promise<void> {
  await reportFailure('srs config', async () => {
    const source = findConfigSource(given)
    if (source === null) {
      throw new ServerError(
        'ERR_CONFIGURATION',
        'say which configuration: -c FILE, or -e for the environment',
      )
    }
    const read = await readConfigOrTell(source)
    if (read === null) {
      process.exitCode = EXIT_USAGE
      return
    }
    const { config } = read
    const { json = false, showSecrets = false } = given
    process.stdout.write(
      json
        ? `${JSON.stringify(configToJson(config, { showSecrets }), null, 2)}\n`
        : writeConfig(config, { showSecrets }),
    )
  })
}

/**
 * `srs -t`: says whether a configuration can be used; the exit code says it, too.
 * @throws ServerError ERR_CONFIGURATION if there is none
 */
export async function testConfig(source: ConfigSource | null): Promise<void> {
  if (source === null) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      '-t tests a configuration: say which with -c FILE, or -e for the environment',
    )
  }
  const read = await readConfigOrTell(source)
  if (read === null) {
    process.exitCode = EXIT_USAGE
    return
  }
  process.stdout.write(formatFaults(read.notices))
  process.stdout.write(`srs: ${nameOf(source.path)} can be used\n`)
}
