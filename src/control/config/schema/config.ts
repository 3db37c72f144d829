import { formatPlace } from '../format-faults.ts'
import type { Place } from '../statement.ts'
import type { KindName, KindValues } from './row.ts'

/** Where a value comes from. */
export type Origin =
  | Readonly<{ from: 'file'; place: Place }>
  | Readonly<{ from: 'environment'; name: string }>
  | Readonly<{ from: 'default' }>

/** A value and where it comes from. */
export type Valued<Value> = Readonly<{
  /** As it is in force. */
  value: Value
  /** Where it is from. */
  origin: Origin
}>

/** A block that is in force, whether it was written or not. */
export type Block<Rows> = Readonly<{
  /** The words before the brace. */
  names: readonly string[]
  /** Where it begins; the default if nobody wrote it. */
  origin: Origin
  /** What stands in it, and the defaults of what doesn't. */
  values: Readonly<{ [Name in keyof Rows]: NodeOf<Rows[Name]> }>
}>

/** Options for another program, in their order. */
export type Pair = Readonly<{ name: string; words: readonly string[]; origin: Origin }>

/** What a row's directive becomes. */
export type NodeOf<R> = R extends { kind: 'block'; rows: infer Inner }
  ? R extends { repeatable: true }
    ? readonly Block<Inner>[]
    : Block<Inner>
  : R extends { kind: 'pairs' }
    ? readonly Pair[]
    : R extends { kind: infer Kind extends KindName }
      ? R extends { repeatable: true }
        ? readonly Valued<KindValues[Kind]>[]
        : Valued<ValueOf<R, Kind>>
      : never

/** Null only where nothing says what holds without the directive. */
type ValueOf<R, Kind extends KindName> = R extends { kind: 'word'; words: readonly (infer Word)[] }
  ? Word | NullWithoutDefault<R>
  : KindValues[Kind] | NullWithoutDefault<R>

type NullWithoutDefault<R> = R extends { default: string } ? never : null

/** The same without the rows' types, for what goes over all rows. */
export type AnyValued = Valued<unknown>

/** The same without the rows' types. */
export type AnyNode = AnyValued | AnyBlock | readonly AnyValued[] | readonly AnyBlock[] | readonly Pair[]

/** The same without the rows' types. */
export type AnyBlock = Readonly<{
  /** The words before the brace. */
  names: readonly string[]
  /** Where it begins. */
  origin: Origin
  /** What stands in it. */
  values: Readonly<Record<string, AnyNode>>
}>

/** The origin of what nobody wrote. */
export const DEFAULT_ORIGIN: Origin = { from: 'default' }

/** `srs.conf:3:5`, `environment SRS_LISTEN` or `default`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.from) {
    case 'file':
      return formatPlace(origin.place)
    case 'environment':
      return `environment ${origin.name}`
    case 'default':
      return 'default'
  }
}
