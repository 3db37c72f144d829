import process from 'node:process'
import { loadConfig } from '../load-config.ts'
import { type BuiltConfig, buildConfig, isDirective } from './build-config.ts'
import type { Environment } from './environment.ts'

/** A configuration that was read, and the texts of its files. */
export type ReadConfig = BuiltConfig &
  Readonly<{
    /** The texts of the files by the names that places have, to show the lines of faults. */
    sources: ReadonlyMap<string, string>
  }>

/**
 * Reads a configuration file, what it includes, and the variables that override it. Never throws: what is wrong is told in
 * `faults`.
 * @param path as the user named it; null for the environment alone
 * @param cwd what relative paths of files count from. Default: the working directory
 */
export async function readConfig(
  path: string | null,
  environment: Environment = {},
  cwd: string = process.cwd(),
): Promise<ReadConfig> {
  if (path === null) {
    return { ...buildConfig([], environment), sources: new Map() }
  }
  const { statements, faults, sources } = await loadConfig(path, { isDirective, cwd })
  const built = buildConfig(statements, environment)
  // What could not be read may be what the schema misses: a file that is not there lacks no `listen`.
  const found = statements.length === 0 && faults.length > 0 ? [] : built.faults
  return { ...built, faults: [...faults, ...found], sources }
}
