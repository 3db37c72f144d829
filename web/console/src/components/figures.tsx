import type { ComponentChildren, JSX } from 'preact'
import type { Quantity } from '../format.ts'
import type { Level } from '../health.ts'

/** A number with its unit, set apart: numbers below each other are aligned. */
export function Figure({ value, unit }: Quantity): JSX.Element {
  return (
    <span class="figure">
      {value}
      {unit !== '' && <span class="unit">{`\u00a0${unit}`}</span>}
    </span>
  )
}

/** A number that is looked at first. */
export function Tile(props: {
  label: string
  quantity: Quantity
  note?: ComponentChildren
  tone?: 1 | 2
}): JSX.Element {
  return (
    <div class="card tile" data-tone={props.tone}>
      <dt>{props.label}</dt>
      <dd>
        <Figure {...props.quantity} />
        <span class="tile-note">{props.note ?? '\u00a0'}</span>
      </dd>
    </div>
  )
}

/** Tiles in a row, as many as there is room for. */
export function Tiles(props: { of: 'server' | 'stream'; children: ComponentChildren }): JSX.Element {
  return <dl class={props.of === 'stream' ? 'tiles tiles-stream' : 'tiles'}>{props.children}</dl>
}

/** A word on how well something does; the colour only underlines it. */
export function Verdict({ level, children }: { level: Level; children: ComponentChildren }): JSX.Element {
  return (
    <span class="verdict" data-level={level}>
      <span class="dot" aria-hidden="true" />
      <span>{children}</span>
    </span>
  )
}
