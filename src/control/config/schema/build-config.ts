import type { ConfigFault, Statement } from '../statement.ts'
import type { AnyBlock } from './config.ts'
import { checkTogether } from './cross-checks.ts'
import { listDirectives } from './directives.ts'
import { type Environment, reportUnknownVariables } from './environment.ts'
import { Findings } from './findings.ts'
import { modernize, OLD_NAMES } from './modernize.ts'
import { readStatements } from './read-config.ts'
import { reportAnswers } from './report-answers.ts'
import { reportHidden } from './report-hidden.ts'
import { ROOT_ROWS } from './rows/root.ts'
import type { Config } from './schema.ts'

/** A configuration, and what there is to say about it. */
export type BuiltConfig = Readonly<{
  /** In force, if there are no faults. */
  config: Config
  /** All that makes it unusable, in the order of the file. */
  faults: readonly ConfigFault[]
  /** What its writer should know: directives without effect, or given twice, and variables that mean nothing. */
  notices: readonly ConfigFault[]
}>

/**
 * Makes a configuration of what a file says, in the words of 2014 or of today, and of the variables that override it.
 * Without any vhost the default one is there.
 */
export function buildConfig(statements: readonly Statement[], environment: Environment = {}): BuiltConfig {
  const findings = new Findings()
  // Those of the process are looked up at each access: that is slow for many vhosts.
  const variables = Object.fromEntries(
    Object.entries(environment).filter(([name]) => name.startsWith('SRS_')),
  )
  const config = readStatements(ROOT_ROWS, modernize(statements), variables, findings)
  reportUnknownVariables(ROOT_ROWS, variables, findings)
  checkTogether(config, findings)
  reportHidden(ROOT_ROWS, config.values as AnyBlock['values'], findings)
  reportAnswers(ROOT_ROWS, config.values as AnyBlock['values'], findings)
  return { config, faults: inOrder(findings.faults), notices: inOrder(findings.notices) }
}

/** Whether a word is the name of a directive of any block, in any era. */
export function isDirective(name: string): boolean {
  return NAMES.has(name)
}

const NAMES: ReadonlySet<string> = new Set([
  ...listDirectives(ROOT_ROWS).map(({ name }) => name),
  ...OLD_NAMES,
])

function inOrder(faults: readonly ConfigFault[]): readonly ConfigFault[] {
  return faults.toSorted(({ place: a }, { place: b }) => {
    if (a === null || b === null) {
      return Number(a === null) - Number(b === null)
    }
    return a.file === b.file ? a.line - b.line || a.column - b.column : 0
  })
}
