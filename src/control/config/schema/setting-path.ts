import type { KindName, KindValues } from './row.ts'

/** Settings that stand in an object of their own; lists and single values are none. */
type Groups<Settings> = Exclude<Settings, undefined | null | boolean | number | string | readonly unknown[]>

/** The names, joined by dots, of all settings in `Settings` that take a `Value`: 'broadcast.gopCache'. */
type SettingPath<Settings, Value> = {
  [Name in keyof Settings & string]:
    | ([Value] extends [Exclude<Settings[Name], undefined>] ? Name : never)
    | (Groups<Settings[Name]> extends infer Inner extends object
        ? `${Name}.${SettingPath<Inner, Value>}`
        : never)
}[keyof Settings & string]

/** What a setting must take; all do where a test compares the words of a list with those of the setting. */
type ValueOfKind<Kind extends KindName> = Kind extends 'word' | 'words' ? never : KindValues[Kind]

/** What rows with words must be if what they become is a setting in `Settings`. */
type CheckedValueRow<Settings> = {
  [Kind in KindName]:
    | Readonly<{ kind: Kind; repeatable?: never; to?: SettingPath<Settings, ValueOfKind<Kind>> }>
    | Readonly<{ kind: Kind; repeatable: true; to?: SettingPath<Settings, readonly ValueOfKind<Kind>[]> }>
}[KindName]

/** Rows whose settings are there, and take what the rows give. For the compiler alone. */
export type CheckedRows<Settings> = Readonly<
  Record<
    string,
    | CheckedValueRow<Settings>
    | Readonly<{ kind: 'block'; rows: CheckedRows<Settings> }>
    | Readonly<{ kind: 'pairs' }>
  >
>

/** The names, joined by dots, of all settings that hold a value, of every form that `Settings` may have. */
export type SettingLeaf<Settings> = Settings extends unknown
  ? {
      [Name in keyof Settings & string]: [Groups<Settings[Name]>] extends [never]
        ? Name
        : `${Name}.${SettingLeaf<Groups<Settings[Name]>>}`
    }[keyof Settings & string]
  : never

/** The settings that rows become by their `to`. */
export type SettingsOfRows<R> = {
  [Name in keyof R]: R[Name] extends { kind: 'block'; rows: infer Inner }
    ? SettingsOfRows<Inner>
    : R[Name] extends { to: infer Path }
      ? Path
      : never
}[keyof R]
