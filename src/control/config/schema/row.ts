/** What the values of a kind are once they are read. Times are milliseconds, whatever the unit in the file. */
export type KindValues = Readonly<{
  /** `on` or `off`. */
  'on-off': boolean
  /** A whole number. */
  integer: number
  /** A number, with or without a fraction. */
  number: number
  /** A time that a plain number gives in milliseconds. */
  milliseconds: number
  /** A time that a plain number gives in seconds. */
  seconds: number
  /** A size; `k`, `m` and `g` may follow. */
  bytes: number
  /** One of the row's words. */
  word: string
  /** Any text; may be empty. */
  text: string
  /** A path of a file or a folder, perhaps with variables. */
  path: string
  /** An address that begins with a scheme. */
  url: string
  /** Texts, one or more. */
  texts: readonly string[]
  /** URLs, one or more. */
  urls: readonly string[]
  /** Where to listen: `PORT`, `IP:PORT`, `[IPV6]:PORT` or `unix:/PATH`, one or more. */
  endpoints: readonly string[]
  /** Other machines: `HOST` or `HOST:PORT`, one or more. */
  hosts: readonly string[]
  /** Where streams are sent: `HOST`, `HOST:PORT` or `rtmp://HOST/APP/STREAM`, one or more. */
  destinations: readonly string[]
  /** IP addresses and networks, one or more. */
  networks: readonly string[]
  /** Words of the row's list, one or more. */
  words: readonly string[]
  /** Permission bits of a file, in octal. */
  permissions: number
  /** `publish` or `play`, and `all`, an address or a network. */
  'access-rule': Readonly<{ action: 'publish' | 'play'; address: string }>
  /** The name of a key, and its secret. */
  key: Readonly<{ id: string; secret: string }>
}>

/** How the words behind a directive are read. */
export type KindName = keyof KindValues

/** What becomes of a directive here: it works, it means nothing to this server, or a later release will do it. */
export type Answer = 'works' | Readonly<{ notHere: string }> | Readonly<{ later: string }>

/**
 * What of a directive's words is not for everybody to see: all of it (of a key, what is behind its name), or what an address has in its
 * path, e.g. a stream key.
 */
export type SecretPart = 'value' | 'path'

/** What is known of every directive. */
type RowBase = Readonly<{
  /**
   * The SRS that brought it: '2014' for 0.9.9 and all since, '2014 only' for what today's SRS refuses, a version of SRS, or
   * 'here' for what only this server has.
   */
  since: string
  /** What it does: one sentence for the documentation. */
  says: string
  /** Its answer; that of the block around it if left out. */
  answer?: Answer
  /**
   * What of it is hidden where a configuration is shown. Default: nothing but what is a secret wherever it stands, e.g. the password or
   * the token in a URL.
   */
  secret?: SecretPart
}>

/** A directive with words behind it. */
export type ValueRow = RowBase &
  Readonly<{
    /** How the words are read. */
    kind: KindName
    /** The least number, in the file's unit. Default 0. */
    min?: number
    /** The greatest number, in the file's unit. */
    max?: number
    /** What a `word` or `words` may be. */
    words?: readonly string[]
    /** What holds without it, as it would be written; the setting's own default if it has `to`. */
    default?: string
    /** What holds without it, if no value says that. */
    unset?: string
    /** It may stand more than once. */
    repeatable?: true
    /** 0 stands for no limit: the value is Infinity. */
    zeroIsEndless?: true
    /** Without it the directive of that name outside of all blocks holds. */
    inherits?: true
    /** A variable of the environment that overrides it, besides the one that its name gives. */
    variable?: string
    /** The setting it becomes, from the settings of the server or of the vhost. */
    to?: string
  }>

/** A directive with directives in braces behind it. */
export type BlockRow = RowBase &
  Readonly<{
    kind: 'block'
    /** What the words before the brace are, if there may be some. */
    names?: Readonly<{
      /** As the documentation writes them, e.g. 'NAME...'. */
      says: string
      /** How many there must be. */
      min: number
      /** How many there may be. */
      max: number
    }>
    /** It may stand more than once. */
    repeatable?: true
    /** The words of the one that is there where none is written. */
    implied?: readonly string[]
    /** What may stand in it. */
    rows: Rows
  }>

/** A block whose names are free: options for another program. */
export type PairsRow = RowBase & Readonly<{ kind: 'pairs' }>

/** One directive. */
export type Row = ValueRow | BlockRow | PairsRow

/** Directives by name, in the order of the documentation. */
export type Rows = Readonly<Record<string, Row>>
