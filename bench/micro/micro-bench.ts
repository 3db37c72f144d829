/** Something small that is done again and again. */
export type MicroBench = Readonly<{
  /** What it does; with the file's name it is unique. */
  name: string
  /** Media that one run handles, seconds: the cost of a stream is the time of a run divided by it. */
  mediaSeconds?: number
  /** Does it once. What it returns is thrown away, but not before the compiler thinks that somebody wants it. */
  run(): unknown
}>

/** How long one run took. */
export type MicroResult = Readonly<{
  /** As in the bench. */
  name: string
  /** The median, microseconds. */
  microseconds: number
  /** As in the bench. */
  mediaSeconds: number | null
}>
