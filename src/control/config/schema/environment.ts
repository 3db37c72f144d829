import { isBlock, isValue } from './directives.ts'
import type { Findings } from './findings.ts'
import { nearestName } from './nearest.ts'
import type { Rows, ValueRow } from './row.ts'

/** Variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the command itself reads: the file, and whether there is none. */
const COMMAND_NAMES: readonly string[] = ['SRS_CONFIG_FILE', 'SRS_ENV_ONLY']

/** Kubernetes gives every container the addresses of a service that is called srs by names such as these. */
const OTHERS = /^SRS_(SERVICE_(HOST|PORT)|PORT)(_|$)/

/**
 * The names of the variable that overrides a directive, the one that counts first; none if the block around it has no
 * variables.
 * @param prefix that of the block, e.g. 'SRS_VHOST_HLS'
 */
export function environmentNames(
  prefix: string | null,
  name: string,
  { variable }: ValueRow,
): readonly string[] {
  if (prefix === null) {
    return []
  }
  const upper = name.toUpperCase()
  const full = `${prefix}_${upper}`
  // SRS_LOG_LEVEL stands for SRS_SRS_LOG_LEVEL.
  const names = prefix === ENVIRONMENT_PREFIX && upper.startsWith('SRS_') ? [upper, full] : [full]
  return variable === undefined ? names : [...names, variable]
}

/** What all names begin with. */
export const ENVIRONMENT_PREFIX = 'SRS'

/** The prefix of the variables of a block's directives; null if it has none: blocks that may stand more than once, but vhosts. */
export function blockPrefix(prefix: string | null, name: string, repeatable: boolean): string | null {
  return prefix === null || (repeatable && name !== 'vhost') ? null : `${prefix}_${name.toUpperCase()}`
}

/** All names of variables that override directives. */
export function listEnvironmentNames(
  rows: Rows,
  prefix: string | null = ENVIRONMENT_PREFIX,
): readonly string[] {
  return Object.entries(rows).flatMap(([name, row]) => {
    if (isBlock(row)) {
      return listEnvironmentNames(row.rows, blockPrefix(prefix, name, row.repeatable === true))
    }
    return isValue(row) && row.repeatable !== true ? environmentNames(prefix, name, row) : []
  })
}

/** The first of the variables that is set, with its words; empty ones are not set. */
export function readEnvironment(
  environment: Environment,
  names: readonly string[],
): Readonly<{ name: string; text: string }> | null {
  for (const name of names) {
    const text = environment[name]?.trim() ?? ''
    if (text !== '') {
      return { name, text }
    }
  }
  return null
}

/** Tells of variables that look as if they were for this server, and override nothing. */
export function reportUnknownVariables(rows: Rows, environment: Environment, findings: Findings): void {
  const known = new Set([...COMMAND_NAMES, ...listEnvironmentNames(rows)])
  for (const [name, text = ''] of Object.entries(environment)) {
    if (!name.startsWith(`${ENVIRONMENT_PREFIX}_`) || known.has(name) || OTHERS.test(name) || text === '') {
      continue
    }
    const nearest = nearestName(name, known)
    const hint = nearest === null ? '' : `; did you mean ${nearest}?`
    findings.notice(null, `environment ${name}: no directive has this variable${hint}`)
  }
}
