import type { ServerSettings } from '../../../settings/index.ts'
import { formatFault } from '../../format-faults.ts'
import { parseStatements } from '../../parse-statements.ts'
import { buildConfig, isDirective } from '../build-config.ts'
import type { Environment } from '../environment.ts'
import type { Config } from '../schema.ts'
import { settingsOf } from '../settings-of.ts'

/** What became of a text. */
export type Built = Readonly<{ config: Config; faults: string[]; notices: string[] }>

/** Builds the configuration of a file `srs.conf`; what the parser has against it is among the faults. */
export function build(text: string, environment: Environment = {}): Built {
  const parsed = parseStatements(text, 'srs.conf', { isDirective })
  const { config, faults, notices } = buildConfig(parsed.statements, environment)
  return {
    config,
    faults: [...parsed.faults, ...faults].map(formatFault),
    notices: notices.map(formatFault),
  }
}

/**
 * The configuration of a text without faults.
 * @throws Error with the faults if there are some
 */
export function configOf(text: string, environment: Environment = {}): Config {
  const { config, faults } = build(text, environment)
  if (faults.length > 0) {
    throw new Error(faults.join('\n'))
  }
  return config
}

/** The settings of a text without faults. */
export function settingsOfText(text: string, environment: Environment = {}): ServerSettings {
  return settingsOf(configOf(text, environment))
}

/** The text of a configuration whose default vhost has these directives. */
export function inVhost(text: string): string {
  return `listen 1935;\nvhost __defaultVhost__ {\n${text}\n}`
}
