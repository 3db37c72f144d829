import type { Argument, Statement } from '../statement.ts'

/** A block of a vhost, and the name of a directive in it. */
type Target = readonly [block: string, name: string]

/** Directives of a vhost that stand in a block of it today. */
const MOVED: ReadonlyMap<string, Target> = new Map<string, Target>([
  ...into('play', [
    'time_jitter',
    'mix_correct',
    'atc',
    'atc_auto',
    'mw_latency',
    'gop_cache',
    'gop_cache_max_frames',
    'queue_length',
    'send_min_interval',
    'reduce_sequence_header',
  ]),
  ...into('cluster', ['mode', 'origin', 'token_traverse', 'vhost', 'debug_srs_upnode']),
  ['publish_1stpkt_timeout', ['publish', 'firstpkt_timeout']],
  ['publish_normal_timeout', ['publish', 'normal_timeout']],
])

/** Blocks of a vhost that are gone, and where their directives are today. */
const DISSOLVED: ReadonlyMap<string, Readonly<Record<string, Target>>> = new Map<
  string,
  Readonly<Record<string, Target>>
>([
  ['mr', { enabled: ['publish', 'mr'], latency: ['publish', 'mr_latency'] }],
  ['nack', { enabled: ['rtc', 'nack'], no_copy: ['rtc', 'nack_no_copy'] }],
  ['twcc', { enabled: ['rtc', 'twcc'] }],
])

/** Directives of a vhost that had words in 2014 and are blocks today: the block and the name of these words in it. */
const WORDS_TO_BLOCKS: ReadonlyMap<string, Target> = new Map<string, Target>([
  ['refer', ['refer', 'all']],
  ['refer_play', ['refer', 'play']],
  ['refer_publish', ['refer', 'publish']],
  ['forward', ['forward', 'destination']],
])

/** Old forms and today's, for the documentation; `vhost.` stands for any vhost. */
export const OLD_FORMS: readonly (readonly [old: string, today: string])[] = [
  ['log_dir', 'ff_log_dir'],
  ['http_stream { }', 'http_server { }'],
  ...[...MOVED].map(([old, to]) => [`vhost.${old}`, `vhost.${to.join('.')}`] as const),
  ...[...WORDS_TO_BLOCKS].map(
    ([old, to]) => [`vhost.${old} A B;`, `vhost.${to[0]} { enabled on; ${to[1]} A B; }`] as const,
  ),
  ...[...DISSOLVED].flatMap(([block, names]) =>
    Object.entries(names).map(([name, to]) => [`vhost.${block}.${name}`, `vhost.${to.join('.')}`] as const),
  ),
  ['vhost.http { }', 'vhost.http_static { }'],
  ['vhost.rtc.aac transcode', 'vhost.rtc.rtmp_to_rtc on'],
  ['vhost.rtc.bframe keep', 'vhost.rtc.keep_bframe on'],
  ['srt_server.tlpkdrop', 'srt_server.tlpktdrop'],
]

/** Names that only old forms have. */
export const OLD_NAMES: readonly string[] = [
  ...MOVED.keys(),
  ...DISSOLVED.keys(),
  ...WORDS_TO_BLOCKS.keys(),
  'log_dir',
  'http_stream',
  'http',
  'tlpkdrop',
]

/** Gives old forms of directives the form that today's have, from 2014 on; whatever is none stays as it is. */
export function modernize(statements: readonly Statement[]): readonly Statement[] {
  return statements.map((statement) => {
    const { name, block } = statement
    if (block === null) {
      return name === 'log_dir' ? { ...statement, name: 'ff_log_dir' } : statement
    }
    switch (name) {
      case 'http_stream':
        return { ...statement, name: 'http_server' }
      case 'vhost':
        return { ...statement, block: modernizeVhost(block) }
      case 'srt_server':
        return { ...statement, block: renameIn(block, 'tlpkdrop', 'tlpktdrop') }
      default:
        return statement
    }
  })
}

function modernizeVhost(statements: readonly Statement[]): readonly Statement[] {
  const vhost = new VhostBuilder()
  for (const statement of statements) {
    const { name, args, block } = statement
    const moved = MOVED.get(name)
    const dissolved = DISSOLVED.get(name)
    const toBlock = WORDS_TO_BLOCKS.get(name)
    if (block === null && moved !== undefined) {
      vhost.addTo(moved[0], { ...statement, name: moved[1] })
    } else if (block !== null && dissolved !== undefined) {
      for (const inner of block) {
        const to = Object.hasOwn(dissolved, inner.name) ? dissolved[inner.name] : undefined
        vhost.addTo(to?.[0] ?? name, to === undefined ? inner : { ...inner, name: to[1] })
      }
    } else if (block === null && toBlock !== undefined && args.length > 0) {
      vhost.addTo(toBlock[0], switchOn(statement))
      vhost.addTo(toBlock[0], { ...statement, name: toBlock[1] })
    } else if (name === 'http') {
      vhost.add({ ...statement, name: 'http_static' })
    } else if (name === 'rtc' && block !== null) {
      vhost.add({ ...statement, block: block.map(modernizeRtc) })
    } else {
      vhost.add(statement)
    }
  }
  return vhost.statements
}

/** Gathers the statements of a vhost; what moves into a block goes behind what stands there, which therefore counts. */
class VhostBuilder {
  readonly #own: Statement[] = []
  readonly #moved = new Map<string, Statement[]>()

  get statements(): readonly Statement[] {
    const rest = new Map(this.#moved)
    const own = this.#own.map((statement) => {
      const { name, block } = statement
      const more = rest.get(name)
      if (block === null || more === undefined) {
        return statement
      }
      rest.delete(name)
      return { ...statement, block: [...block, ...withoutRepeats(more, block)] }
    })
    const blocks = [...rest].flatMap(([name, block]): readonly Statement[] => {
      const [first] = block
      return first === undefined
        ? []
        : [{ name, place: first.place, args: [], block: withoutRepeats(block, []) }]
    })
    return [...own, ...blocks]
  }

  add(statement: Statement): void {
    this.#own.push(statement)
  }

  addTo(block: string, statement: Statement): void {
    const before = this.#moved.get(block)
    if (before === undefined) {
      this.#moved.set(block, [statement])
    } else {
      before.push(statement)
    }
  }
}

/** `enabled on` comes with every old form that had no such word: once is enough, and what was written counts. */
function withoutRepeats(moved: readonly Statement[], written: readonly Statement[]): readonly Statement[] {
  let isSaid = written.some(({ name }) => name === 'enabled')
  return moved.filter(({ name }) => {
    const repeats = name === 'enabled' && isSaid
    isSaid ||= name === 'enabled'
    return !repeats
  })
}

function switchOn({ place }: Statement): Statement {
  const on: Argument = { text: 'on', place }
  return { name: 'enabled', place, args: [on], block: null }
}

function modernizeRtc(statement: Statement): Statement {
  const [word] = statement.args
  if (statement.name === 'aac' && word?.text === 'transcode') {
    return { ...statement, name: 'rtmp_to_rtc', args: [{ ...word, text: 'on' }] }
  }
  if (statement.name === 'bframe' && word?.text === 'keep') {
    return { ...statement, name: 'keep_bframe', args: [{ ...word, text: 'on' }] }
  }
  return statement
}

function renameIn(statements: readonly Statement[], from: string, to: string): readonly Statement[] {
  return statements.map((statement) => (statement.name === from ? { ...statement, name: to } : statement))
}

/** Directives that keep their names within a block. */
function into(block: string, names: readonly string[]): readonly (readonly [string, Target])[] {
  return names.map((name) => [name, [block, name]])
}
