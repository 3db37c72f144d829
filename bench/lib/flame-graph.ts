import type { FrameOwner, StackNode } from './stacks.ts'
import { element, escapeXml, legend, type SeriesClass, svg, text } from './svg.ts'

const WIDTH = 1200
const LEFT = 16
const TOP = 64
const ROW = 18
/** Narrower boxes are left out, pixels. */
const MIN_WIDTH = 1
/** About the width of a letter, pixels. */
const LETTER = 7.4

const OWNERS: Readonly<Record<FrameOwner, SeriesClass>> = { script: 's1', runtime: 's4', kernel: 's2' }

/**
 * Draws stacks laid over each other: a box is a function, as wide as its share of the time, standing under who called it.
 * Boxes side by side are in no order of time.
 */
export function flameGraph(title: string, root: StackNode): string {
  const parts: string[] = []
  let depth = 0
  function draw(node: StackNode, x: number, level: number): void {
    const width = (node.total / root.total) * (WIDTH - 2 * LEFT)
    if (width < MIN_WIDTH) {
      return
    }
    depth = Math.max(depth, level)
    parts.push(box(node, x, TOP + level * ROW, width, node.total / root.total))
    let childX = x
    for (const child of [...node.children.values()].sort((a, b) => b.total - a.total)) {
      draw(child, childX, level + 1)
      childX += (child.total / root.total) * (WIDTH - 2 * LEFT)
    }
  }
  draw(root, LEFT, 0)
  const names = legend(
    [
      ['our code and packages', 's1'],
      ['Node, V8, libuv', 's4'],
      ['kernel', 's2'],
    ],
    48,
  )
  return svg(title, WIDTH, TOP + (depth + 1) * ROW + 16, [names, ...parts])
}

function box(node: StackNode, x: number, y: number, width: number, share: number): string {
  const room = Math.floor((width - 6) / LETTER)
  const label = room < 3 ? '' : node.name.length <= room ? node.name : `${node.name.slice(0, room - 1)}…`
  const hint = element('title', {}, escapeXml(`${node.name}: ${(share * 100).toFixed(1)} %`))
  const size = { x, y, width: Math.max(0.5, width - 1), height: ROW - 1, rx: 2 }
  const parts = [
    element('rect', { ...size, class: `bar ${OWNERS[node.owner]}`, 'fill-opacity': 0.45 }),
    ...(label === '' ? [] : [text(label, x + 3, y + 13)]),
  ]
  return element('g', {}, hint + parts.join(''))
}
