/** A place in a configuration file. */
export type Place = Readonly<{
  /** The file as the user named it. */
  file: string
  /** Line, from 1. */
  line: number
  /** Column in UTF-16 units, from 1. */
  column: number
}>

/** A word behind a directive's name. */
export type Argument = Readonly<{
  /** Its text, without quotes. */
  text: string
  /** Where it begins. */
  place: Place
}>

/** One directive as written: `name argument argument;` or `name argument { ... }`. */
export type Statement = Readonly<{
  /** The directive, e.g. 'listen'. */
  name: string
  /** Where the name begins. */
  place: Place
  /** What follows the name. */
  args: readonly Argument[]
  /** What stands between the braces; null if there are none. */
  block: readonly Statement[] | null
}>

/** Something wrong with a configuration, in words for the one who wrote it. */
export type ConfigFault = Readonly<{
  /** Where; null if it is the configuration as a whole, or the environment. */
  place: Place | null
  /** What is wrong and what was expected; ends without a full stop. */
  message: string
}>
