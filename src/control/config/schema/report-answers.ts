import { type AnyBlock, type AnyNode, type AnyValued, describeOrigin } from './config.ts'
import { isBlock, isPairs } from './directives.ts'
import type { Findings } from './findings.ts'
import { writeValue } from './kinds.ts'
import { defaultValue } from './read-config.ts'
import type { Answer, BlockRow, Row, Rows, ValueRow } from './row.ts'
import { isOff } from './settings-tree.ts'

/**
 * Tells of every directive that is given and has no effect: because it means nothing here, or is of a later release. A value
 * that says what holds anyway is not told, nor is a block that is off; of a block one notice is enough.
 */
export function reportAnswers(rows: Rows, values: AnyBlock['values'], findings: Findings): void {
  new AnswerReport(rows, findings).reportIn(rows, values, '', 'works')
}

class AnswerReport {
  readonly #root: Rows
  readonly #findings: Findings

  constructor(root: Rows, findings: Findings) {
    this.#root = root
    this.#findings = findings
  }

  /** @param where the blocks round it, for the notice: 'vhost.' */
  reportIn(rows: Rows, values: AnyBlock['values'], where: string, outer: Answer): void {
    for (const [name, row] of Object.entries(rows)) {
      const node = values[name]
      const answer = row.answer ?? outer
      if (node === undefined) {
        continue
      }
      if (!isBlock(row)) {
        this.#reportValue(row, name, node, where, answer)
        continue
      }
      for (const block of Array.isArray(node) ? (node as readonly AnyBlock[]) : [node as AnyBlock]) {
        if (isOff(block)) {
          continue
        }
        if (answer === 'works') {
          this.reportIn(row.rows, block.values, `${where}${name}.`, answer)
        } else if (this.#says(row, block)) {
          this.#tell(`${where}${name}`, block, answer)
        }
      }
    }
  }

  #reportValue(row: Row, name: string, node: AnyNode, where: string, answer: Answer): void {
    if (answer === 'works' || isPairs(row) || isBlock(row) || !('value' in node)) {
      return
    }
    if (this.#differs(row, name, node)) {
      this.#tell(`${where}${name}`, node, answer)
    }
  }

  /** Whether a block, or one within it, says anything that does not hold anyway. */
  #says(row: BlockRow, block: AnyBlock): boolean {
    return Object.entries(row.rows).some(([name, inner]) => {
      const node = block.values[name]
      if (node === undefined) {
        return false
      }
      if (Array.isArray(node)) {
        return node.length > 0
      }
      return isBlock(inner)
        ? this.#says(inner, node as AnyBlock)
        : !isPairs(inner) && this.#differs(inner, name, node as AnyValued)
    })
  }

  #differs(row: ValueRow, name: string, { value, origin }: AnyValued): boolean {
    if (origin.from === 'default') {
      return false
    }
    const otherwise = defaultValue(row, this.#root, name)
    return otherwise === null || writeValue(value, row).join(' ') !== writeValue(otherwise, row).join(' ')
  }

  #tell(path: string, { origin }: Pick<AnyValued, 'origin'>, answer: Exclude<Answer, 'works'>): void {
    const why =
      'later' in answer
        ? `has no effect yet: ${answer.later} will come with a later release`
        : `has no effect here: ${answer.notHere}`
    const place = origin.from === 'file' ? origin.place : null
    const from = origin.from === 'environment' ? `${describeOrigin(origin)}: ` : ''
    this.#findings.notice(place, `${from}${path} ${why}`)
  }
}
