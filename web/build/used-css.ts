/** A rule or a declaration of a style sheet: what stands before `{`, and what is within; `null` for a statement without a block. */
type Part = Readonly<{ prelude: string; body: string | null }>

/** A custom property of Bootstrap with its value, in which strings may hold any character. */
const DECLARATION = /(?<=[{;]\s*)(--bs-[\w-]+)\s*:(?:"[^"]*"|'[^']*'|[^;{}"'])*;?/g
const CONDITIONAL = /^@(media|supports|layer|container)\b/

/**
 * Leaves of a style sheet what a page can use: rules whose classes are all among `words`, and of the custom properties that begin
 * with `--bs-` those that what is left reads. Rules without classes stay.
 * @param words every word of the page's sources: a class that is put together from parts is not found
 */
export function keepUsed(css: string, words: ReadonlySet<string>): string {
  let kept = keepRules(css.replace(/\/\*[\s\S]*?\*\//g, ''), words)
  for (;;) {
    const read = new Set([...kept.matchAll(/var\((--bs-[\w-]+)/g)].map(([, name]) => name))
    const fewer = kept.replace(DECLARATION, (declaration, name) => (read.has(name) ? declaration : ''))
    if (fewer === kept) {
      return kept
    }
    kept = fewer
  }
}

function keepRules(css: string, words: ReadonlySet<string>): string {
  const kept: string[] = []
  for (const { prelude, body } of partsOf(css)) {
    if (body === null) {
      kept.push(`${prelude};`)
    } else if (CONDITIONAL.test(prelude)) {
      const inner = keepRules(body, words)
      kept.push(inner.trim() === '' ? '' : `${prelude}{${inner}}`)
    } else if (prelude.startsWith('@')) {
      const name = prelude.split(/\s+/)[1] ?? ''
      kept.push(!prelude.startsWith('@keyframes') || words.has(name) ? `${prelude}{${body}}` : '')
    } else {
      const selectors = splitSelectors(prelude).filter((selector) => isUsed(selector, words))
      kept.push(selectors.length === 0 ? '' : `${selectors.join(',')}{${body}}`)
    }
  }
  return kept.filter((rule) => rule !== '').join('\n')
}

function isUsed(selector: string, words: ReadonlySet<string>): boolean {
  return [...selector.matchAll(/\.([\w-]+)/g)].every(([, name = '']) => words.has(name))
}

/** At commas that are not within parentheses, as in `:not(a, b)`. */
function splitSelectors(prelude: string): string[] {
  return prelude.split(/,(?![^(]*\))/).map((selector) => selector.trim())
}

/** The parts at the outermost level; strings, such as drawings in `url("data:...")`, may hold any character. */
function partsOf(css: string): Part[] {
  const parts: Part[] = []
  let depth = 0
  let start = 0
  let open = 0
  let quote = ''
  for (let at = 0; at < css.length; at++) {
    const character = css.charAt(at)
    if (quote !== '') {
      quote = character === quote ? '' : quote
    } else if (character === '"' || character === "'") {
      quote = character
    } else if (character === '{') {
      open = depth === 0 ? at : open
      depth++
    } else if (character === '}') {
      depth--
      if (depth === 0) {
        parts.push({ prelude: css.slice(start, open).trim(), body: css.slice(open + 1, at) })
        start = at + 1
      }
    } else if (character === ';' && depth === 0) {
      parts.push({ prelude: css.slice(start, at).trim(), body: null })
      start = at + 1
    }
  }
  return parts
}
