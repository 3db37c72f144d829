import type { ServerSettings } from '../../settings/index.ts'
import { ConfigurationError } from '../configuration-error.ts'
import type { Environment } from './environment.ts'
import { readConfig } from './read-config-file.ts'
import { settingsOf } from './settings-of.ts'

/**
 * What a configuration file of SRS says, as options for `createServer`. What it says of the process (background, pid file, log) is
 * left out: that is the program's own.
 * @param path the file
 * @param environment variables that override directives, e.g. `process.env`. Default: none
 * @throws ConfigurationError with all that is wrong with it
 */
export async function readSettings(path: string, environment: Environment = {}): Promise<ServerSettings> {
  const { config, faults } = await readConfig(path, environment)
  if (faults.length > 0) {
    throw new ConfigurationError(faults)
  }
  return settingsOf(config)
}
