import type { VariableValues } from './values.ts'

/** What comes from the clock, by the name of its variable. */
const TIMES: Readonly<Record<string, (time: Date, utc: boolean) => string>> = {
  2006: (time, utc) => padded(utc ? time.getUTCFullYear() : time.getFullYear(), 4),
  '01': (time, utc) => padded((utc ? time.getUTCMonth() : time.getMonth()) + 1, 2),
  '02': (time, utc) => padded(utc ? time.getUTCDate() : time.getDate(), 2),
  15: (time, utc) => padded(utc ? time.getUTCHours() : time.getHours(), 2),
  '04': (time, utc) => padded(utc ? time.getUTCMinutes() : time.getMinutes(), 2),
  '05': (time, utc) => padded(utc ? time.getUTCSeconds() : time.getSeconds(), 2),
  999: (time) => padded(time.getMilliseconds(), 3),
  timestamp: (time) => String(time.getTime()),
}

const NAMES = ['vhost', 'app', 'stream', 'engine', 'param', 'url', 'tcUrl', 'swfUrl', 'pageUrl'] as const

const VARIABLE = new RegExp(`\\[(${[...NAMES, 'port', ...Object.keys(TIMES)].join('|')})\\]`)

/** A variable whose value somebody chose: a publisher, or for `vhost` and `engine` who wrote the configuration. */
export type NamedVariable = (typeof NAMES)[number]

/** A part of a template. */
export type TemplatePiece =
  /** As written by whom the server belongs to. */
  | Readonly<{ text: string; variable: null }>
  /** What a variable stands for, raw. */
  | Readonly<{ text: string; variable: NamedVariable }>

/**
 * Takes a template apart and looks its variables up, once: a value that looks like a variable is not one. Times and the port, which
 * are but digits, become text. What stands in brackets and is no variable stays.
 */
export function fillTemplate(template: string, values: VariableValues): TemplatePiece[] {
  const time = new Date(values.time)
  return template.split(VARIABLE).map((text, index) => {
    if (index % 2 === 0) {
      return { text, variable: null }
    }
    const variable = NAMES.find((name) => name === text)
    if (variable !== undefined) {
      return { text: values[variable], variable }
    }
    return { text: TIMES[text]?.(time, values.utc) ?? String(values.port), variable: null }
  })
}

/** The variables of a template, each as often as it stands there, with the text in front of it. */
export function variablesOf(template: string): { variable: string; before: string }[] {
  const parts = template.split(VARIABLE)
  return parts.flatMap((variable, index) => {
    const before = parts.slice(0, index).map((part, at) => (at % 2 === 0 ? part : `[${part}]`))
    return index % 2 === 0 ? [] : [{ variable, before: before.join('') }]
  })
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
