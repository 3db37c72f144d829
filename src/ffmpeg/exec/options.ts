/** Programs that run while a stream is published. */
export type ExecOptions = Readonly<{
  /**
   * Each a program and its arguments, with `[vhost]`, `[app]`, `[stream]`, `[param]`, `[url]`, `[tcUrl]`, `[swfUrl]`, `[pageUrl]`, `[port]` and
   * times in them; `> FILE`, `1> FILE` and `2> FILE` put what it writes behind what is in a file. Default: none. SRS: exec.publish.
   */
  publish: readonly (readonly string[])[]
}>

/** The defaults of `ExecOptions`. */
export const defaultExecOptions: ExecOptions = { publish: [] }
