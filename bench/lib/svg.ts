/**
 * A small writer of SVG charts that need no script and no font, and are readable in light and dark: a picture in a page
 * follows the reader's colour scheme by itself.
 */

/** Colours by role. Each series keeps its colour in every chart, whatever else is shown. */
const STYLE = `
  .surface { fill: #fcfcfb }
  .rule { stroke: #d5d4cf }
  .ink { fill: #0b0b0b }
  .soft { fill: #52514e }
  .s1 { color: #2a78d6 }
  .s2 { color: #eb6834 }
  .s3 { color: #1baf7a }
  .s4 { color: #898781 }
  .bar { fill: currentColor }
  .range { stroke: currentColor; stroke-width: 2 }
  .dot { fill: currentColor; stroke: #fcfcfb; stroke-width: 2 }
  text { font: 12px system-ui, sans-serif }
  .title { font-size: 15px; font-weight: 600 }
  .group { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .surface { fill: #1a1a19 }
    .rule { stroke: #3d3c39 }
    .ink { fill: #ffffff }
    .soft { fill: #c3c2b7 }
    .s1 { color: #3987e5 }
    .s2 { color: #d95926 }
    .s3 { color: #199e70 }
    .dot { stroke: #1a1a19 }
  }`

/** Class names of the series' colours, in the order that legends have them. */
export const SERIES_CLASSES = ['s1', 's2', 's3', 's4'] as const

/** One series' colour. */
export type SeriesClass = (typeof SERIES_CLASSES)[number]

/** Attributes of an element. */
type Attributes = Readonly<Record<string, string | number>>

/** One element; text is escaped, numbers are cut to two places. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? Number(value.toFixed(2)) : escapeXml(value)}"`,
  )
  return `<${name}${written.join('')}${content === '' ? '/>' : `>${content}</${name}>`}`
}

/** A line of text; `anchor` is where `x` is: at its start, middle or end. */
export function text(
  content: string,
  x: number,
  y: number,
  className = 'ink',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  return element('text', { x, y, class: className, 'text-anchor': anchor }, escapeXml(content))
}

/** A line of the axes. */
export function rule(x1: number, y1: number, x2: number, y2: number): string {
  return element('line', { class: 'rule', x1, y1, x2, y2 })
}

/** A whole picture. */
export function svg(title: string, width: number, height: number, parts: readonly string[]): string {
  const body = [
    element('title', {}, escapeXml(title)),
    element('style', {}, STYLE),
    element('rect', { class: 'surface', width, height, rx: 8 }),
    text(title, 16, 26, 'ink title'),
    ...parts,
  ]
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height }
  return `${element('svg', { ...attributes, role: 'img' }, `\n${body.join('\n')}\n`)}\n`
}

/** The series' names with their colours, in one line. */
export function legend(names: readonly (readonly [name: string, series: SeriesClass])[], y: number): string {
  let x = 16
  return names
    .map(([name, series]) => {
      const parts = [
        element('rect', { class: `bar ${series}`, x, y: y - 9, width: 10, height: 10, rx: 2 }),
        text(name, x + 15, y, 'soft'),
      ]
      x += 34 + name.length * 6.6
      return parts.join('')
    })
    .join('\n')
}

/** Text as it stands in XML. */
export function escapeXml(content: string): string {
  return content.replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`)
}

/** From values to places. */
export type Scale = Readonly<{
  /** Where a value is drawn. */
  place(value: number): number
  /** Round values to name on the axis. */
  ticks: readonly number[]
}>

/** Evenly from 0 to a round value that is not below `largest`. */
export function linearScale(largest: number, from: number, to: number): Scale {
  const raw = (largest > 0 ? largest : 1) / 4
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power
  const end = Math.ceil(largest / step - 1e-9) * step || step
  const count = Math.round(end / step)
  return {
    place: (value) => from + ((to - from) * value) / end,
    ticks: Array.from({ length: count + 1 }, (_none, index) => Number((index * step).toPrecision(12))),
  }
}

/** By powers of ten, from one not above `smallest` to one not below `largest`. Values are more than 0. */
export function logScale(smallest: number, largest: number, from: number, to: number): Scale {
  const low = Math.floor(Math.log10(smallest) + 1e-9)
  const high = Math.max(low + 1, Math.ceil(Math.log10(largest) - 1e-9))
  return {
    place: (value) => from + ((to - from) * (Math.log10(value) - low)) / (high - low),
    ticks: Array.from({ length: high - low + 1 }, (_none, index) => 10 ** (low + index)),
  }
}
