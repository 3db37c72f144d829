import { checkDestination } from '../../../delivery/index.ts'
import { AddressList, parseListenAddress } from '../../../net/index.ts'
import { describeNumber, type NumberForm, readNumber, roundToThousandths, type Unit } from './numbers.ts'
import type { KindName, KindValues, ValueRow } from './row.ts'

/** What words gave: a value, or which word is wrong and what was expected in its place. */
export type Reading<Value> =
  | Readonly<{ ok: true; value: Value }>
  | Readonly<{ ok: false; at: number; expected: string; hint?: string }>

/** How the words of a kind are read and written. */
type Kind<Value> = Readonly<{
  /** What is expected, for messages and the documentation. */
  describe(row: ValueRow): string
  /** Reads at least one word. */
  read(words: readonly string[], row: ValueRow): Reading<Value>
  /** The words that give this value. */
  write(value: Value): readonly string[]
}>

const KINDS: { readonly [Name in KindName]: Kind<KindValues[Name]> } = {
  'on-off': {
    describe: () => 'on or off',
    read: readOnOff,
    write: (value) => [value ? 'on' : 'off'],
  },
  integer: number('none', true, 1),
  number: number('none', false, 1),
  milliseconds: number('milliseconds', false, 1),
  seconds: number('seconds', false, 1000),
  bytes: number('bytes', true, 1),
  word: {
    describe: ({ words = [] }) => listWords(words, 'or'),
    read: (words, row) => one(words, row, (word) => ((row.words ?? []).includes(word) ? word : null)),
    write: (value) => [value],
  },
  text: text('a text'),
  path: text('a path'),
  url: single('a URL, e.g. http://127.0.0.1:8085/path', isUrl),
  texts: list('one text or more', () => true),
  urls: list('one URL or more, e.g. http://127.0.0.1:8085/path', isUrl),
  endpoints: list(
    'PORT, IP:PORT, [IPV6]:PORT or unix:/PATH, one or more, e.g. 1935 or 127.0.0.1:1935',
    isEndpoint,
  ),
  hosts: list('HOST or HOST:PORT, one or more, e.g. 192.168.1.2:1935', isHost),
  destinations: list(
    'HOST, HOST:PORT, rtmp://HOST/APP/STREAM or the same with rtmps://, one or more, e.g. 192.168.1.2:1935',
    (word) => passes(() => checkDestination(word)),
  ),
  networks: list('IP addresses and networks, e.g. 192.0.2.1 or 10.0.0.0/8', isNetwork),
  words: {
    describe: ({ words = [] }) => `one or more of ${listWords(words, 'and')}`,
    read: (words, row) => each(words, row, (word) => (row.words ?? []).includes(word)),
    write: (value) => value,
  },
  permissions: {
    describe: () => 'permissions in octal, e.g. 660',
    read: (words, row) =>
      one(words, row, (word) => (/^0?[0-7]{3}$/.test(word) ? Number.parseInt(word, 8) : null)),
    write: (value) => [value.toString(8).padStart(3, '0')],
  },
  'access-rule': {
    describe: () => 'publish or play, and all, an IP address or a network, e.g. publish 10.0.0.0/8',
    read: readAccessRule,
    write: ({ action, address }) => [action, address],
  },
  key: {
    describe: () => 'the name of a key and its secret, of 16 characters at least',
    read: readKey,
    write: ({ id, secret }) => [id, secret],
  },
}

/** What a row's words are to be: 'on or off'. */
export function describeValue(row: ValueRow): string {
  return KINDS[row.kind].describe(row)
}

/** Reads the words behind a directive. */
export function readValue(words: readonly string[], row: ValueRow): Reading<unknown> {
  if (words.length === 0) {
    // SRS's grammar drops empty quotes: a text that is empty has no word at all.
    return row.kind === 'text' || row.kind === 'path' ? done('') : wrong(0, describeValue(row))
  }
  return KINDS[row.kind].read(words, row)
}

/** The words that give a row's value. */
export function writeValue(value: unknown, row: ValueRow): readonly string[] {
  const kind = KINDS[row.kind] as Kind<unknown>
  return kind.write(value)
}

function done<Value>(value: Value): Reading<Value> {
  return { ok: true, value }
}

function wrong(at: number, expected: string, hint?: string): Reading<never> {
  return { ok: false, at, expected, ...(hint === undefined ? {} : { hint }) }
}

/** Reads a single word; null from `read` says that it is not right. */
function one<Value>(
  words: readonly string[],
  row: ValueRow,
  read: (word: string) => Value | null,
): Reading<Value> {
  if (words.length > 1) {
    return wrong(1, `one value: ${describeValue(row)}`)
  }
  const value = read(words[0] ?? '')
  return value === null ? wrong(0, describeValue(row)) : done(value)
}

function each(
  words: readonly string[],
  row: ValueRow,
  isRight: (word: string) => boolean,
): Reading<readonly string[]> {
  const at = words.findIndex((word) => !isRight(word))
  return at < 0 ? done(words) : wrong(at, describeValue(row))
}

/** @param factor how many of what the value counts one of the unit is */
function number(unit: Unit, whole: boolean, factor: number): Kind<number> {
  const form = ({ min = 0, max }: ValueRow): NumberForm => ({ unit, whole, min, max })
  const isEndless = ({ zeroIsEndless }: ValueRow, value: number) => zeroIsEndless === true && value === 0
  return {
    describe: (row) => describeNumber(form(row)),
    read: (words, row) =>
      one(words, row, (word) => {
        const value = readNumber(word, form(row))
        return value === null
          ? null
          : isEndless(row, value)
            ? Number.POSITIVE_INFINITY
            : roundToThousandths(value * factor)
      }),
    write: (value) => [value === Number.POSITIVE_INFINITY ? '0' : String(value / factor)],
  }
}

function text(description: string): Kind<string> {
  return single(description, () => true)
}

function single(description: string, isRight: (word: string) => boolean): Kind<string> {
  return {
    describe: () => description,
    read: (words, row) => one(words, row, (word) => (isRight(word) ? word : null)),
    write: (value) => [value],
  }
}

function list(description: string, isRight: (word: string) => boolean): Kind<readonly string[]> {
  return {
    describe: () => description,
    read: (words, row) => each(words, row, isRight),
    write: (value) => value,
  }
}

function readOnOff(words: readonly string[], row: ValueRow): Reading<boolean> {
  const [word = ''] = words
  const meant = /^(true|yes|1|enabled?)$/i.test(word)
    ? 'on'
    : /^(false|no|0|disabled?)$/i.test(word)
      ? 'off'
      : word.toLowerCase()
  if (words.length === 1 && word !== 'on' && word !== 'off' && (meant === 'on' || meant === 'off')) {
    return wrong(0, describeValue(row), `write ${meant}`)
  }
  return one(words, row, (given) => (given === 'on' ? true : given === 'off' ? false : null))
}

function readAccessRule(words: readonly string[], row: ValueRow): Reading<KindValues['access-rule']> {
  const [action, address = ''] = words
  if (action !== 'publish' && action !== 'play') {
    return wrong(0, describeValue(row))
  }
  if (words.length !== 2 || !(address === 'all' || isNetwork(address))) {
    return wrong(
      Math.min(words.length - 1, address === 'all' || isNetwork(address) ? 2 : 1),
      describeValue(row),
    )
  }
  return done({ action, address })
}

function readKey(words: readonly string[], row: ValueRow): Reading<KindValues['key']> {
  const [id = '', secret = ''] = words
  return words.length === 2 ? done({ id, secret }) : wrong(Math.min(words.length - 1, 2), describeValue(row))
}

function isUrl(word: string): boolean {
  // Variables such as [app] stand in URLs for other programs; a host in brackets is an IPv6 address.
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s/]/i.test(word)
}

function isEndpoint(word: string): boolean {
  return passes(() => parseListenAddress(word))
}

function isHost(word: string): boolean {
  const [, port] = /^(?:\[[0-9a-f:.]+\]|[^\s:[\]/]+)(?::(\d{1,5}))?(?:\?.*)?$/i.exec(word) ?? [null, '-1']
  return port === undefined || (Number(port) > 0 && Number(port) <= 65_535)
}

function isNetwork(word: string): boolean {
  return passes(() => new AddressList([word], 'address'))
}

function passes(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

/** "full, zero or off" */
function listWords(words: readonly string[], conjunction: string): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`
}
