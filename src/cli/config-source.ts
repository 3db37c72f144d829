import process from 'node:process'
import { ServerError } from '../base/index.ts'
import {
  type Environment,
  formatFaults,
  listEnvironmentNames,
  type ReadConfig,
  ROOT_ROWS,
  readConfig,
} from '../control/index.ts'

/** Arguments about the configuration, as they were written. */
export type ConfigArguments = Readonly<{
  /** The file. */
  config?: string
  /** The environment alone, without any file. */
  envOnly?: boolean
}>

/** Where a configuration is: in a file, or in the environment alone. */
export type ConfigSource = Readonly<{ path: string | null }>

/**
 * Where the configuration is; null if none was asked for. What was typed counts before the environment.
 * @throws ServerError ERR_CONFIGURATION if both a file and no file are asked for
 */
export function findConfigSource(
  { config, envOnly = false }: ConfigArguments,
  environment: Environment = process.env,
): ConfigSource | null {
  if (config !== undefined && envOnly) {
    throw new ServerError('ERR_CONFIGURATION', '-c reads a file, and -e reads none: give one of them')
  }
  if (config !== undefined) {
    return { path: config }
  }
  if (envOnly || environment.SRS_ENV_ONLY === 'on') {
    return { path: null }
  }
  const path = environment.SRS_CONFIG_FILE ?? ''
  return path === '' ? null : { path }
}

/** Reads a configuration; its faults are told on standard error, with their lines. */
export async function readConfigOrTell({ path }: ConfigSource): Promise<ReadConfig | null> {
  const read = await readConfig(path, process.env)
  const { faults, sources } = read
  if (faults.length === 0) {
    return read
  }
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
  process.stderr.write(`${formatFaults(faults, sources)}srs: ${nameOf(path)} has ${count}\n`)
  return null
}

/** The configuration's name, for people. */
export function nameOf(path: string | null): string {
  return path ?? 'the environment'
}

/** Variables that would override directives, if there were a configuration. */
export function idleVariables(environment: Environment = process.env): readonly string[] {
  return listEnvironmentNames(ROOT_ROWS).filter((name) => (environment[name] ?? '') !== '')
}
