/** Something small that is done again and again. */
export type MicroBench = Readonly<{
  /** What it does; with the file's name it is unique. */
  name: string
  /** Media that one run handles, seconds: the cost of a stream is the time of a run divided by it. */
  mediaSeconds?: number
  /**
   * It takes a good part of a millisecond: told is the processor time of the process, collections of garbage included, which other programs
   * don't add to. Default false.
   */
  isLong?: boolean
  /** Done before each run of one that `isLong`, and not counted. Default: nothing. */
  before?(): void
  /**
   * Does it once; if that gives a promise, until it resolves. What it returns is thrown away, but not before the compiler thinks that
   * somebody wants it.
   */
  run(): unknown
}>

/** How long one run took. */
export type MicroResult = Readonly<{
  /** As in the bench. */
  name: string
  /** The median, or the processor time of long ones; microseconds. */
  microseconds: number
  /** As in the bench. */
  mediaSeconds: number | null
}>
