import { shorten } from '../tokens.ts'
import { listDirectives, pathOf } from './directives.ts'
import { nearestName } from './nearest.ts'
import type { Rows } from './row.ts'

/**
 * Why a name means nothing where it stands, and what may have been meant: the nearest name of the block, or the blocks that know
 * it.
 * @param blocks the blocks around it, outermost first
 * @param rows what may stand in that block
 * @param root what may stand in the file
 */
export function explainUnknown(name: string, blocks: readonly string[], rows: Rows, root: Rows): string {
  const shown = shorten(name)
  const where = blocks.length === 0 ? 'outside of all blocks' : `in '${blocks.at(-1)}'`
  const elsewhere = [
    ...new Set(
      listDirectives(root)
        .filter((directive) => directive.name === name && directive.row.since !== '2014 only')
        .map((directive) => directive.blocks.join('.')),
    ),
  ]
  const places = elsewhere
    .slice(0, MAX_PLACES)
    .map((each) => (each === '' ? 'outside of all blocks' : `in '${each}'`))
  const nearest = nearestName(name, Object.keys(rows))
  if (places.length > 0) {
    return `'${shown}' means nothing ${where}: expected it ${places.join(' or ')}`
  }
  if (nearest !== null) {
    return `'${shown}' is no directive ${where}: did you mean '${nearest}'?`
  }
  const farther = nearestName(name, new Set(listDirectives(root).map((directive) => directive.name)))
  const known = listDirectives(root).find((directive) => directive.name === farther)
  if (known !== undefined) {
    const there = known.blocks.length === 0 ? `'${known.name}', outside of all blocks` : `'${pathOf(known)}'`
    return `'${shown}' is no directive ${where}: did you mean ${there}?`
  }
  const names = Object.keys(rows)
  const some = names.slice(0, MAX_NAMES).join(', ')
  return `'${shown}' is no directive ${where}: expected one such as ${some}`
}

/** Places that are told of a directive that stands in the wrong one. */
const MAX_PLACES = 3
/** Names that are told where nothing is like the one that is not known. */
const MAX_NAMES = 6
