import type { AnyBlock, AnyNode, AnyValued } from './config.ts'
import { isBlock } from './directives.ts'
import type { Rows } from './row.ts'

/** A tree of settings that grows by paths such as 'broadcast.gopCache'. */
export type SettingsTree = { [name: string]: unknown }

/**
 * Puts what was written into the settings that the rows name. What nobody wrote is left to the defaults of the modules, and
 * a block that is off says nothing.
 * @param leaveOut directives that are not looked at
 */
export function applyRows(
  rows: Rows,
  values: AnyBlock['values'],
  tree: SettingsTree,
  leaveOut: readonly string[] = [],
): void {
  for (const [name, row] of Object.entries(rows)) {
    const node = values[name]
    if (node === undefined || leaveOut.includes(name)) {
      continue
    }
    if (isBlock(row)) {
      if (!Array.isArray(node) && !isOff(node as AnyBlock)) {
        applyRows(row.rows, (node as AnyBlock).values, tree)
      }
    } else if ('to' in row && row.to !== undefined) {
      const value = givenValue(node)
      if (value !== undefined) {
        putSetting(tree, row.to, value)
      }
    }
  }
}

/** Puts a value at a path. */
export function putSetting(tree: SettingsTree, path: string, value: unknown): void {
  const names = path.split('.')
  const last = names.pop() ?? ''
  let group = tree
  for (const name of names) {
    // The compiler has checked the rows: a path goes through objects alone, which were made here.
    group[name] ??= {}
    group = group[name] as SettingsTree
  }
  group[last] = value
}

/** Whether a block says of itself that it is off. */
export function isOff({ values }: AnyBlock): boolean {
  const { enabled } = values
  return enabled !== undefined && 'value' in enabled && enabled.value === false
}

/** What was written; undefined if nothing was. */
function givenValue(node: AnyNode): unknown {
  if ('value' in node) {
    return node.origin.from === 'default' ? undefined : node.value
  }
  const list = node as readonly AnyValued[]
  return list.length === 0 ? undefined : list.map(({ value }) => value)
}
